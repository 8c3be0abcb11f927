//! Shows the plan of all documents, and asks once.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::report::KeyChange;

use super::plan::{Planned, State};

/// Says what is to be done, Secret by Secret, and asks whether to go on.
pub(super) fn confirm(planned: &[Planned], ctx: &Context) -> Result<bool> {
    if !ctx.ui.has_terminal() {
        return Err(Error::refused("nothing was applied").because("nobody is there to confirm").hint("add --yes"));
    }
    let mut unchanged = 0;
    for one in planned {
        let target = &one.desired.target;
        let (verb, note) = match &one.state {
            State::Failed(_) => ("cannot apply", ""),
            State::Absent => ("create", ""),
            State::There(_) if one.may_write() => ("configure", ""),
            State::There(_) => {
                unchanged += 1;
                continue;
            }
        };
        ctx.ui.say(&format!(
            "{verb} secret/{} in namespace {}, context {}{note}",
            target.name, target.namespace, target.context
        ));
        for key in one.keys.iter().filter(|key| key.change != KeyChange::Keep) {
            let source = key.source.as_ref().map(|source| format!(" from {source}")).unwrap_or_default();
            let fate = match key.change {
                KeyChange::Replace | KeyChange::Remove => ": the old value will be gone",
                KeyChange::Compare => ": if it differs, the old value will be gone",
                KeyChange::Add | KeyChange::Keep => "",
            };
            ctx.ui.say(&format!("  {} {}{source}{fate}", key.change.word(), key.name));
        }
        for beside in &one.beside {
            ctx.ui.say(&format!("  set {}", beside.word()));
        }
    }
    if unchanged > 0 {
        ctx.ui.say(&format!("{unchanged} unchanged"));
    }
    ctx.ui.confirm("Go on?")
}
