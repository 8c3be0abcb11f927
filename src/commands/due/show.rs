//! The plan as people see it, the question, and what is left out.

use crate::commands::change::{ChangeFlags, DryRun};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::report::{SecretRotationList, Tally};
use crate::{output, report};

use super::find::Found;

/// More rows than these are counted, not shown, before the question.
const SHOWN: usize = 100;

/// Says what is not rotated because nobody knows whether it should be.
pub(super) fn say_left_out(tally: &Tally, ctx: &Context) {
    match tally.unreadable {
        0 => {}
        count => ctx.ui.warn(&format!(
            "{count} Secret{} the label of a policy and none that can be read; see which: kubectl secretsafe policy show",
            if count == 1 { " has" } else { "s have" }
        )),
    }
    match tally.keys_absent {
        0 => {}
        count => ctx.ui.warn(&format!(
            "{count} rule{} for keys that are not there; see which: kubectl secretsafe policy show",
            if count == 1 { " is" } else { "s are" }
        )),
    }
    match tally.keys_undecided {
        0 => {}
        count => ctx.ui.note(&format!(
            "{count} key{} undecided: {} age is not known well enough; once rotated by this program, it is",
            if count == 1 { " is" } else { "s are" },
            if count == 1 { "its" } else { "their" }
        )),
    }
}

/// Shows the plan and asks; without a terminal, `--yes` must have answered.
pub(super) fn confirm(found: &Found, flags: &ChangeFlags, ctx: &Context) -> Result<bool> {
    if flags.yes || flags.dry_run == DryRun::Server || found.jobs.is_empty() {
        return Ok(true);
    }
    if !ctx.ui.has_terminal() {
        return Err(Error::refused("nothing was rotated")
            .because("the old values would be gone, and nobody is there to confirm")
            .hint("add --yes; to see what it would do, add --dry-run=client"));
    }
    let rows: Vec<report::SecretRotation> = found.jobs.iter().map(super::job::Job::row).collect();
    let total = rows.len();
    let shown = SecretRotationList::planned(rows.into_iter().take(SHOWN).collect(), Tally::default(), found.now);
    for line in output::rows(&shown) {
        ctx.ui.say(&line);
    }
    if total > SHOWN {
        ctx.ui.say(&format!("and {} more; --dry-run=client lists them all", total - SHOWN));
    }
    if !found.failed.is_empty() {
        ctx.ui.say(&format!("{} more are due and cannot be rotated; the reasons follow", found.failed.len()));
    }
    let kept = found.jobs.iter().filter(|job| job.safety.history > 0).count();
    let of = |count: usize| format!("The old values of {count} Secret{}", if count == 1 { "" } else { "s" });
    if kept > 0 {
        ctx.ui.say(&format!("{} are kept as a version.", of(kept)));
    }
    if total > kept {
        ctx.ui.say(&format!("{} will be gone.", of(total - kept)));
    }
    ctx.ui.confirm("Go on?")
}
