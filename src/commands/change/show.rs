//! Shows the plan of a change, asks, and reports what was done.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::KeyName;
use crate::output;
use crate::plaintext::facts::Facts;
use crate::plaintext::wire::Metadata;
use crate::plan::edit;
use crate::plan::rollout::Restarted;
use crate::plan::{Change, EditKind, PlannedEdit, Target, Verb};
use crate::report::{KeyView, PlanView, RestartView, SecretView};

use super::flags::{ChangeFlags, DryRun};
use super::look::Looked;
use super::restart::Restarts;
use super::safety::Safety;

/// What is about to be done.
#[derive(Debug)]
pub(crate) struct Proposal<'a> {
    /// What it is called.
    pub(crate) verb: Verb,
    /// The Secret.
    pub(crate) target: &'a Target,
    /// As it was looked at.
    pub(crate) looked: &'a Looked,
    /// What happens to its keys.
    pub(crate) edits: &'a [PlannedEdit],
    /// What is done for old values.
    pub(crate) safety: &'a Safety,
    /// What happens to workloads.
    pub(crate) restarts: &'a Restarts,
}

impl<'a> Proposal<'a> {
    /// A change of keys alone.
    pub(crate) fn of_keys(verb: Verb, target: &'a Target, looked: &'a Looked, edits: &'a [PlannedEdit]) -> Self {
        const PLAIN: &Safety = &Safety { hook: None, rollback: false, keep_previous: false, history: 0 };
        const LEFT_ALONE: &Restarts = &Restarts::none();
        Self { verb, target, looked, edits, safety: PLAIN, restarts: LEFT_ALONE }
    }
}

/// Ends a client's dry run with the plan, and asks otherwise; `None` means to go on.
pub(crate) async fn agree(proposal: &Proposal<'_>, flags: &ChangeFlags, ctx: &Context) -> Result<Option<Outcome>> {
    if flags.dry_run == DryRun::Client {
        let Proposal { verb, target, looked, edits, safety, restarts } = *proposal;
        let plan = edit::plan(target.clone(), looked.metadata(), safety.steps(), edits.to_vec(), &restarts.planned);
        output::write(&PlanView::new(verb, plan), flags.output.as_ref())?;
        return Ok(Some(Outcome::Done));
    }
    Ok(if confirm(proposal, flags, ctx).await? { None } else { Some(Outcome::Declined) })
}

/// Shows the plan on stderr and asks; without a terminal, `--yes` must have answered.
///
/// In a protected context, its name is asked for first.
async fn confirm(proposal: &Proposal<'_>, flags: &ChangeFlags, ctx: &Context) -> Result<bool> {
    let Proposal { target, edits, safety, restarts, .. } = *proposal;
    let keys = edits.iter().filter(|edit| edit.edit != EditKind::Keep).map(|edit| &edit.name);
    ctx.journal.about(target, keys);
    if flags.dry_run == DryRun::None {
        ctx.confirm_protected().await?;
    }
    let loses = edits.iter().any(|edit| edit.edit.loses_value() && edit.old.is_none());
    if flags.yes || flags.dry_run == DryRun::Server {
        return Ok(true);
    }
    if !ctx.ui.has_terminal() {
        return Err(Error::refused(format!(
            "secret `{}` in namespace `{}` was not changed",
            target.name, target.namespace
        ))
        .because(if loses {
            "the old value would be gone, and nobody is there to confirm"
        } else {
            "nobody is there to confirm"
        })
        .hint("add --yes"));
    }
    ctx.ui.say(&format!("secret/{} in namespace {}, context {}", target.name, target.namespace, target.context));
    for edit in edits {
        let source = edit.source.as_ref().map(|source| format!(" from {source}")).unwrap_or_default();
        let fate = edit.fate().map(|fate| format!(": {fate}")).unwrap_or_default();
        ctx.ui.say(&format!("  {} {}{source}{fate}", edit.edit.word(), edit.name));
    }
    safety.say(ctx);
    restarts.say(ctx);
    ctx.ui.confirm("Go on?")
}

/// What was done, for the report.
#[derive(Debug)]
pub(crate) struct Done<'a> {
    /// What it is called.
    pub(crate) verb: Verb,
    /// The object after the write.
    pub(crate) metadata: &'a Metadata,
    /// What may be said about the values that were written.
    pub(crate) facts: Vec<(KeyName, Facts)>,
    /// What happened to each key.
    pub(crate) plan: &'a [PlannedEdit],
    /// The id of the write.
    pub(crate) op: String,
    /// What became of the workloads.
    pub(crate) restarted: &'a [Restarted],
}

/// Writes the report.
pub(crate) fn finish(done: Done<'_>, target: &Target, looked: &Looked, flags: &ChangeFlags) -> Result<()> {
    let Done { verb, metadata, facts, plan, op, restarted } = done;
    let now = looked.now();
    let change = change(verb, target, metadata, plan, op, flags.dry_run == DryRun::Server);
    let mut facts: BTreeMap<KeyName, Facts> = facts.into_iter().collect();
    let rows = metadata.known_keys().into_iter();
    let rows = rows.map(|key| KeyView::new(&key, metadata, facts.remove(&key), false, now)).collect();
    let view = SecretView::new(metadata, looked.outline.secret_type.clone(), None, rows, now)
        .with_count(count_after(looked, plan))
        .with_change(change)
        .with_restarts(restarted.iter().map(RestartView::of).collect());
    output::write(&view, flags.output.as_ref())
}

/// How many keys there are after the write; the answer to it does not tell.
fn count_after(looked: &Looked, plan: &[PlannedEdit]) -> usize {
    let edits = |kind| plan.iter().filter(|edit| edit.edit == kind).count();
    (looked.outline.count + edits(EditKind::Add)).saturating_sub(edits(EditKind::Remove))
}

/// Says what a write did.
pub(super) fn change(
    verb: Verb,
    target: &Target,
    metadata: &Metadata,
    edits: &[PlannedEdit],
    op: String,
    dry_run: bool,
) -> Change {
    let touched = edits.iter().filter(|edit| edit.edit != EditKind::Keep).map(|edit| edit.name.clone()).collect();
    Change::new(verb, target, &metadata.uid, touched, op, dry_run)
}
