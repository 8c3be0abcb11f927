//! Rotates the Secrets, some at the same time: for each one PATCH and one Event, and no look before. Where a version is
//! kept, also one GET for the old value, and one POST.

use std::cell::Cell;

use futures::stream::{self, StreamExt};

use crate::commands::change::{Beside, Looked, Restarts, Write, check_ended, write};
use crate::commands::rotation::Rotation;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::log::Verdict;
use crate::plaintext::wire::Edits;
use crate::plan::record::{Author, new_op};
use crate::plan::rollout::Restarted;
use crate::plan::{Target, Verb};
use crate::process::fault;
use crate::report::{Rotated, SecretRotation};
use crate::sources::{self, Allowed};

use super::job::Job;

/// How the run goes.
#[derive(Debug)]
pub(super) struct Run {
    /// The server only checks it.
    pub(super) dry_run: bool,
    /// How many at the same time.
    pub(super) parallel: usize,
    /// After how many failures no more are begun.
    pub(super) max_failures: Option<usize>,
}

/// How the writing of one ended.
enum Ended {
    Written(Box<Written>),
    Failed(Error),
    NotStarted,
}

/// One that has its new values.
struct Written {
    op: String,
    looked: Looked,
    target: Target,
    restarts: Restarts,
    /// What could not be cleared away.
    left: Option<Error>,
}

/// Takes what became of one Secret.
type Take<'a> = dyn FnMut(SecretRotation, Option<Error>) -> Result<()> + 'a;

/// Rotates all, hands on what became of each as it is done, and returns how many were not begun.
///
/// Workloads are restarted when all values are written: who uses several of the Secrets is restarted once.
pub(super) async fn carry_all(jobs: Vec<Job>, run: &Run, take: &mut Take<'_>, ctx: &Context) -> Result<usize> {
    let Some(first) = jobs.first() else { return Ok(0) };
    // Asked once; it is in the record of each key.
    let user = ctx.identity(&first.target).await?.user.clone();
    let task = ctx.ui.task("rotating");
    let failures = Cell::new(0_usize);
    let works = jobs.into_iter().map(|job| {
        let (user, failures) = (user.clone(), &failures);
        async move {
            let row = job.row();
            if run.max_failures.is_some_and(|most| failures.get() >= most) {
                return (row, Ended::NotStarted);
            }
            let target = job.target.clone();
            match rotate(job, user, run.dry_run, ctx).await {
                Ok(written) => (row, Ended::Written(Box::new(written))),
                Err(error) => {
                    ctx.journal.end(&target, Verdict::failed(error.kind())).await;
                    failures.set(failures.get() + 1);
                    (row, Ended::Failed(error))
                }
            }
        }
    });
    let mut works = std::pin::pin!(stream::iter(works).buffer_unordered(run.parallel));
    let (mut done, mut not_started, mut behind) = (0, 0, Vec::new());
    while let Some((row, ended)) = works.next().await {
        done += 1;
        task.count(done);
        match ended {
            Ended::Written(written) if !run.dry_run && !written.restarts.planned.is_empty() => {
                behind.push((row, written));
            }
            Ended::Written(written) => end(row, *written, Vec::new(), run.dry_run, take, ctx).await?,
            Ended::Failed(error) => take(row, Some(error))?,
            Ended::NotStarted => {
                not_started += 1;
                take(row.not_started(), None)?;
            }
        }
    }
    drop(task);
    restart(behind, take, ctx).await?;
    Ok(not_started)
}

/// Restarts who uses the Secrets, each workload once, and tells each Secret what became of its own.
async fn restart(behind: Vec<(SecretRotation, Box<Written>)>, take: &mut Take<'_>, ctx: &Context) -> Result<()> {
    let Some((_, first)) = behind.first() else { return Ok(()) };
    let all = Restarts::all(behind.iter().map(|(_, written)| &written.restarts));
    let restarted = all.carry_out(first.looked.now(), &first.op, ctx).await?;
    for (row, written) in behind {
        let own = restarted.iter().filter(|one| written.restarts.planned.contains(&one.workload));
        let own = own.cloned().collect();
        end(row, *written, own, false, take, ctx).await?;
    }
    Ok(())
}

async fn end(
    row: SecretRotation,
    written: Written,
    restarted: Vec<Restarted>,
    dry_run: bool,
    take: &mut Take<'_>,
    ctx: &Context,
) -> Result<()> {
    let error = check_ended(&restarted, &written.target).err().or(written.left);
    ctx.journal.end(&written.target, error.as_ref().map_or(Verdict::DONE, |error| Verdict::failed(error.kind()))).await;
    let mut rotated = Rotated { op: written.op, restarted, dry_run, error };
    let row = row.done(&rotated);
    take(row, rotated.error.take())
}

/// Writes the values of one Secret. They exist from its turn to its write, and no longer.
async fn rotate(job: Job, user: Option<String>, dry_run: bool, ctx: &Context) -> Result<Written> {
    let Job { target, looked, sources, edits: plan, restart, safety, .. } = &job;
    let restarts = restart.plan(target, looked, false, ctx).await?;
    let allowed = Allowed::default();
    ctx.journal.has(target, &looked.keys.known);
    // What a generator says about each of a thousand values is for who looks for it.
    let tell = |note: &str| ctx.ui.trace(1, || note.to_owned());
    let filled = sources::fill_telling(sources, target, &looked.outline.secret_type, &allowed, ctx, tell).await?;
    fault::point("after-fill");
    let author = Author { by: user, at: looked.now(), op: new_op()? };
    let (from, verb) = (&sources.provenance(&allowed), Verb::Rotated);
    let left = if safety.needs_old() {
        let later = &Restarts::none();
        let rotation = Rotation { target, looked, plan, from, author: &author, verb, safety, restarts: later, dry_run };
        rotation.run(filled, ctx).await?.left
    } else {
        let edits: Edits = filled.into_iter().map(|(key, value)| (key, Some(value))).collect();
        let beside = &Beside::default();
        let work =
            Write { target, plan, edits: &edits, from, author: &author, verb, dry_run, write_only: false, beside };
        write(&work, looked, ctx).await?;
        None
    };
    let Job { target, looked, .. } = job;
    Ok(Written { op: author.op, looked, target, restarts, left })
}
