//! Says how to go on when a rotation is cut off by a signal: whoever presses ctrl-C must not have to guess.

use crate::context::Context;
use crate::plan::Target;
use crate::ui::Ui;

/// Speaks when it is dropped before the rotation has ended.
#[derive(Debug)]
pub(super) struct Interrupted {
    ui: Ui,
    target: Target,
    hook: bool,
    ended: bool,
}

impl Interrupted {
    /// Begins to watch.
    pub(super) fn watch(target: &Target, hook: bool, ctx: &Context) -> Self {
        Self { ui: ctx.ui.clone(), target: target.clone(), hook, ended: false }
    }

    /// The rotation came to an end that is reported by itself.
    pub(super) fn ended(mut self) {
        self.ended = true;
    }
}

impl Drop for Interrupted {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let Target { name, namespace, .. } = &self.target;
        let hook = if self.hook { " --hook …" } else { "" };
        self.ui.warn(&format!("the rotation of secret `{name}` in namespace `{namespace}` is not finished"));
        self.ui.hint(&format!("go on with it: kubectl secretsafe rotate {name} -n {namespace} --resume{hook}"));
        self.ui
            .hint(&format!("put the old values back: kubectl secretsafe rotate {name} -n {namespace} --abort{hook}"));
    }
}
