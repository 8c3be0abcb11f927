//! What a rotation does so that an old value is not lost: kept versions, a second slot, a pending Secret with
//! rollback; and the hook that changes the credential where it lives.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::cli::Timeout;
use crate::config::Restart;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::plan::companions::{new_key, old_key, pending_name, previous};
use crate::plan::{Action, EditKind, OldValue, PlannedEdit, Target};
use crate::process::child::HAS_DESCRIPTORS;
use crate::process::program;
use crate::terminal;

use super::flags::ChangeFlags;

/// Most versions that are kept.
const MOST: i64 = 20;

/// Flags about old values.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct SafetyFlags {
    /// Put the old values back if a restarted workload does not become ready; needs --restart
    #[arg(long)]
    rollback_on_failure: bool,

    /// Leave each old value in KEY.previous, until --finish
    #[arg(long)]
    keep_previous: bool,

    /// Keep so many earlier versions, each in a Secret of its own [default: the policy's, or 0]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=MOST.unsigned_abs()))]
    pub(crate) history: Option<u64>,

    #[command(flatten)]
    pub(crate) hook: HookFlags,
}

/// Flags about the hook.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct HookFlags {
    /// How long the hook may take for each key, such as 30s; 0 for no limit
    #[arg(long, value_name = "DURATION", default_value = "1m")]
    hook_timeout: Timeout,

    /// Let the hook write to the terminal; what it writes may hold values
    #[arg(long)]
    show_child_output: bool,

    /// Program that changes the credential where it lives, and its arguments; all that stands behind is the hook's
    ///
    /// It runs once for each key, before the Secret is changed, with SECRETSAFE_STEP=set, or =undo to go back. The
    /// numbers of the pipes with the values are in SECRETSAFE_OLD_FD and SECRETSAFE_NEW_FD (docs/hooks.md).
    #[arg(long, value_name = "PROGRAM [ARG]", num_args = 1.., allow_hyphen_values = true)]
    hook: Vec<OsString>,
}

/// A program that changes a credential where it lives.
#[derive(Debug, Clone)]
pub(crate) struct Hook {
    /// Its whole path.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<OsString>,
    /// How long it may take.
    pub(crate) limit: Option<Duration>,
    /// Whether its output is shown.
    pub(crate) shows: bool,
}

impl HookFlags {
    /// Finds the program.
    pub(crate) fn find(&self) -> Result<Option<Hook>> {
        let Some((name, arguments)) = self.hook.split_first() else {
            if self.show_child_output {
                return Err(Error::usage("--show-child-output is about a hook, and there is none")
                    .hint("leave it out, or name the program: --hook PROGRAM"));
            }
            return Ok(None);
        };
        if !HAS_DESCRIPTORS {
            return Err(Error::usage("--hook needs a system on which descriptors can be lent, such as Linux or macOS")
                .hint("change the credential yourself, and rotate without --hook"));
        }
        if self.show_child_output && !terminal::stderr_is_seen() {
            return Err(Error::refused("the output of a hook may hold values, and stderr is no terminal")
                .hint("leave out --show-child-output: its size and the exit code are said anyway"));
        }
        let program = program::find(name, "--hook")?;
        let (arguments, limit) = (arguments.to_vec(), self.hook_timeout.0);
        Ok(Some(Hook { program, arguments, limit, shows: self.show_child_output }))
    }
}

/// What is done for the old values of one rotation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Safety {
    /// The hook.
    pub(crate) hook: Option<Hook>,
    /// Whether the old values come back if a workload does not become ready.
    pub(crate) rollback: bool,
    /// Whether the old values stay in a second slot.
    pub(crate) keep_previous: bool,
    /// How many earlier versions are kept.
    pub(crate) history: u64,
}

impl SafetyFlags {
    /// Decides what is done, and refuses what does not go together.
    pub(crate) fn decide(&self, restart: Restart, waits: bool, history: u64, flags: &ChangeFlags) -> Result<Safety> {
        let safety = Safety {
            hook: self.hook.find()?,
            rollback: self.rollback_on_failure,
            keep_previous: self.keep_previous,
            history: self.history.unwrap_or(history),
        };
        if safety.rollback && (restart == Restart::Never || !waits) {
            return Err(Error::usage("--rollback-on-failure waits for restarted workloads, and none is waited for")
                .hint("add --restart=auto, and leave out --wait=false"));
        }
        if flags.write_only && safety.needs_old() {
            return Err(Error::usage("--write-only never reads the Secret, and the old value is needed")
                .hint("leave out --write-only, or the hook and what keeps old values (--history=0)"));
        }
        Ok(safety)
    }
}

impl Safety {
    /// Tells whether old values must be read.
    pub(crate) fn needs_old(&self) -> bool {
        self.is_two_phase() || self.keep_previous || self.history > 0
    }

    /// Tells whether both values are kept in a pending Secret until all is done.
    pub(crate) fn is_two_phase(&self) -> bool {
        self.hook.is_some() || self.rollback
    }

    /// Says in the plan where old values go, and adds the second slots; refuses names that would be too long, and
    /// slots that are open.
    pub(crate) fn plan(
        &self,
        edits: &mut Vec<PlannedEdit>,
        known: &dyn Fn(&KeyName) -> Option<bool>,
        target: &Target,
    ) -> Result<()> {
        let mut slots = Vec::new();
        for edit in edits.iter_mut().filter(|edit| edit.edit == EditKind::Replace) {
            edit.old = self.old_value();
            if self.is_two_phase() && (old_key(&edit.name).is_none() || new_key(&edit.name).is_none()) {
                return Err(too_long(&format!("key `{}`", edit.name), "the pending Secret"));
            }
            if self.keep_previous {
                let slot =
                    previous(&edit.name).ok_or_else(|| too_long(&format!("key `{}`", edit.name), "its second slot"))?;
                if known(&slot) == Some(true) {
                    return Err(Error::refused(format!(
                        "secret `{}` in namespace `{}` has a value in `{slot}` already",
                        target.name, target.namespace
                    ))
                    .because("the slot is open since an earlier rotation")
                    .hint(format!(
                        "when nobody uses it any more: kubectl secretsafe rotate {} {} --finish -n {}",
                        target.name, edit.name, target.namespace
                    )));
                }
                slots.push(PlannedEdit {
                    name: slot,
                    edit: EditKind::Add,
                    source: Some(format!("the old value of {}", edit.name)),
                    old: None,
                });
            }
        }
        if self.is_two_phase() && pending_name(&target.name).is_none() {
            return Err(too_long(&format!("secret `{}`", target.name), "the pending Secret"));
        }
        edits.extend(slots);
        Ok(())
    }

    fn old_value(&self) -> Option<OldValue> {
        if self.keep_previous {
            Some(OldValue::InPrevious)
        } else if self.history > 0 {
            Some(OldValue::InVersion)
        } else if self.is_two_phase() {
            Some(OldValue::UntilDone)
        } else {
            None
        }
    }

    /// Names the steps before the Secret is changed.
    pub(crate) fn steps(&self) -> Vec<Action> {
        let pending = self.is_two_phase().then_some(Action::Pending);
        let hook = self.hook.as_ref().map(|hook| Action::Hook { program: hook.program.display().to_string() });
        let version = (self.history > 0).then_some(Action::KeepVersion { most: self.history });
        pending.into_iter().chain(hook).chain(version).collect()
    }

    /// Says the same below the plan of the keys.
    pub(crate) fn say(&self, ctx: &Context) {
        if let Some(hook) = &self.hook {
            ctx.ui.say(&format!("  run {} for each key before it is changed", hook.program.display()));
        }
        if self.rollback {
            ctx.ui.say("  put the old values back if a workload does not become ready");
        }
    }
}

fn too_long(what: &str, whose: &str) -> Error {
    Error::usage(format!("the name of {what} leaves no room for the name of {whose}"))
        .hint("rotate it without --hook, --rollback-on-failure, --keep-previous")
}
