//! Rotates the Secrets, some at the same time: for each one PATCH and one Event, and no look before. Where a version is
//! kept, also one GET for the old value, and one POST.

use std::cell::Cell;

use futures::stream::{self, StreamExt};

use crate::commands::change::{Beside, Write, check_ended, write};
use crate::commands::rotation::Rotation;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::wire::Edits;
use crate::plan::Verb;
use crate::plan::record::{Author, new_op};
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

/// How one ended.
enum Ended {
    Rotated(Rotated),
    Failed(Error),
    NotStarted,
}

/// Rotates all, hands on what became of each as it is done, and returns how many were not begun.
pub(super) async fn carry_all(
    jobs: Vec<Job>,
    run: &Run,
    take: &mut impl FnMut(SecretRotation, Option<Error>) -> Result<()>,
    ctx: &Context,
) -> Result<usize> {
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
            let ended = match rotate(job, user, run.dry_run, ctx).await {
                Ok(rotated) => Ended::Rotated(rotated),
                Err(error) => Ended::Failed(error),
            };
            if matches!(ended, Ended::Failed(_) | Ended::Rotated(Rotated { error: Some(_), .. })) {
                failures.set(failures.get() + 1);
            }
            (row, ended)
        }
    });
    let mut works = std::pin::pin!(stream::iter(works).buffer_unordered(run.parallel));
    let (mut done, mut not_started) = (0, 0);
    while let Some((row, ended)) = works.next().await {
        done += 1;
        task.count(done);
        match ended {
            Ended::Rotated(mut rotated) => {
                let row = row.done(&rotated);
                take(row, rotated.error.take())?;
            }
            Ended::Failed(error) => take(row, Some(error))?,
            Ended::NotStarted => {
                not_started += 1;
                take(row.not_started(), None)?;
            }
        }
    }
    Ok(not_started)
}

/// Rotates one Secret. Its values exist from its turn to its write, and no longer.
async fn rotate(job: Job, user: Option<String>, dry_run: bool, ctx: &Context) -> Result<Rotated> {
    let Job { target, looked, sources, edits: plan, restart, safety, .. } = &job;
    let restarts = restart.plan(target, looked, false, ctx).await?;
    let allowed = Allowed::default();
    // What a generator says about each of a thousand values is for who looks for it.
    let tell = |note: &str| ctx.ui.trace(1, || note.to_owned());
    let filled = sources::fill_telling(sources, target, &looked.outline.secret_type, &allowed, ctx, tell).await?;
    fault::point("after-fill");
    let author = Author { by: user, at: looked.now(), op: new_op()? };
    let (from, verb) = (&sources.provenance(&allowed), Verb::Rotated);
    let (restarted, left) = if safety.needs_old() {
        let rotation =
            Rotation { target, looked, plan, from, author: &author, verb, safety, restarts: &restarts, dry_run };
        let rotated = rotation.run(filled, ctx).await?;
        (rotated.restarted, rotated.left)
    } else {
        let edits: Edits = filled.into_iter().map(|(key, value)| (key, Some(value))).collect();
        let beside = &Beside::default();
        let work =
            Write { target, plan, edits: &edits, from, author: &author, verb, dry_run, write_only: false, beside };
        write(&work, looked, ctx).await?;
        drop(edits);
        (if dry_run { Vec::new() } else { restarts.carry_out(looked.now(), ctx).await? }, None)
    };
    let error = check_ended(&restarted, target).err().or(left);
    Ok(Rotated { op: author.op, restarted, dry_run, error })
}
