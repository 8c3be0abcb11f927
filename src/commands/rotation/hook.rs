//! Runs the hook of a rotation, once for each key.

use crate::commands::change::Hook;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::names::KeyName;
use crate::plan::Target;
use crate::process::child::{HookCall, HookEnd, run_hook};
use crate::process::fault;

use super::Values;

/// What the hook is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Make the new value valid.
    Set,
    /// Make the old value valid again.
    Undo,
}

/// That it failed.
#[derive(Debug)]
pub(super) struct Failed {
    /// As the user sees it.
    pub(super) error: Error,
    /// Whether it ran at all, and so may have changed something.
    pub(super) began: bool,
}

/// Runs it for each key; ends at the first failure.
pub(super) async fn run(
    hook: &Hook,
    step: Step,
    target: &Target,
    keys: &[&KeyName],
    old: &Values,
    new: &Values,
    ctx: &Context,
) -> Result<(), Failed> {
    if hook.shows {
        ctx.ui.warn("what the hook writes is shown as it is, and may hold values");
    }
    let mut began = false;
    for key in keys {
        let call = HookCall {
            program: &hook.program,
            arguments: &hook.arguments,
            variables: vec![
                ("SECRETSAFE_STEP", (if step == Step::Set { "set" } else { "undo" }).to_owned()),
                ("SECRETSAFE_KEY", key.to_string()),
                ("SECRETSAFE_NAME", target.name.to_string()),
                ("SECRETSAFE_NAMESPACE", target.namespace.to_string()),
                ("SECRETSAFE_CONTEXT", target.context.clone()),
            ],
            old: old.get(*key),
            new: new.get(*key),
            limit: hook.limit,
            shows: hook.shows,
        };
        let _task = ctx.ui.task("running the hook");
        let end = ctx.ui.waiting(run_hook(call)).await.map_err(|error| Failed { error, began })?;
        began |= !matches!(end, HookEnd::NotStarted(_));
        explain(&end, hook, step, key, target).map_err(|error| Failed { error, began })?;
        ctx.ui.trace(1, || format!("the hook is done with key {key}"));
        fault::point("between-hooks");
    }
    Ok(())
}

fn explain(end: &HookEnd, hook: &Hook, step: Step, key: &KeyName, target: &Target) -> Result<()> {
    let wrote = |bytes: &usize| match bytes {
        0 => "and wrote nothing".to_owned(),
        1 => "and wrote 1 byte, which is not shown".to_owned(),
        bytes => format!("and wrote {bytes} bytes, which are not shown"),
    };
    let reason = match end {
        HookEnd::Done { .. } => return Ok(()),
        HookEnd::Failed { code, bytes } => format!("it ended with exit code {code}, {}", wrote(bytes)),
        HookEnd::BySignal { signal, bytes } => format!("it was ended by signal {signal}, {}", wrote(bytes)),
        HookEnd::TimedOut => {
            let seconds = hook.limit.unwrap_or_default().as_secs_f64();
            format!("it was not done after {seconds} s, and was killed with all that it had started")
        }
        HookEnd::NotStarted(why) => format!("it did not start: {why}"),
    };
    let word = if step == Step::Set { "change" } else { "put back" };
    let error = Error::new(
        ErrorKind::Cluster,
        format!("the hook did not {word} key `{key}` of secret `{}` in namespace `{}`", target.name, target.namespace),
    )
    .because(reason);
    Err(match end {
        HookEnd::TimedOut => error.hint("give it more time: --hook-timeout 5m"),
        HookEnd::NotStarted(_) => error.hint(format!("try it by itself: {}", hook.program.display())),
        _ if hook.shows => error.hint("what it wrote stands above"),
        _ => error.hint("to see what it writes, on a terminal only: add --show-child-output, before --hook"),
    })
}
