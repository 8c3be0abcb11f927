//! Rotations that keep old values somewhere, and two-phase ones (docs/rotation.md): what a crash may interrupt
//! anywhere, and `--resume` or `--abort` brings to an end.
//!
//! Two phases: old and new values go into a pending Secret, which is listed on the target; the hook changes the
//! credential where it lives; the target is changed; workloads restart; the pending Secret goes.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::names::KeyName;
use crate::plaintext::SecretValue;
use crate::plaintext::wire::Metadata;
use crate::plan::record::{Author, Provenance};
use crate::plan::rollout::{Ended, Restarted};
use crate::plan::{PlannedEdit, Target, Verb};
use crate::process::fault;

use super::change::{Looked, Restarts, Safety, check_ended};

mod commit;
mod hook;
mod interrupted;
mod kept;
mod old;
mod pending;
mod resume;
mod undo;

pub(crate) use kept::place as version_place;
pub(crate) use resume::{Resume, abort, resume};

use interrupted::Interrupted;
use old::Old;
use pending::Pending;
use undo::{Undoing, undo};

/// Values of keys.
type Values = BTreeMap<KeyName, SecretValue>;

/// A rotation that keeps old values somewhere.
#[derive(Debug)]
pub(crate) struct Rotation<'a> {
    /// The Secret.
    pub(crate) target: &'a Target,
    /// As it was looked at.
    pub(crate) looked: &'a Looked,
    /// What happens to its keys.
    pub(crate) plan: &'a [PlannedEdit],
    /// For each key, what its record will say about the source.
    pub(crate) from: &'a BTreeMap<KeyName, Provenance>,
    /// Who writes.
    pub(crate) author: &'a Author,
    /// What it is called.
    pub(crate) verb: Verb,
    /// What is done for old values.
    pub(crate) safety: &'a Safety,
    /// What happens to workloads.
    pub(crate) restarts: &'a Restarts,
    /// Let the server check it only.
    pub(crate) dry_run: bool,
}

/// How it ended.
#[derive(Debug)]
pub(crate) struct Rotated {
    /// The object after the write.
    pub(crate) metadata: Metadata,
    /// What became of the workloads.
    pub(crate) restarted: Vec<Restarted>,
    /// What could not be cleared away behind it.
    pub(crate) left: Option<Error>,
}

impl Rotated {
    /// Fails if something is left to be done by a person.
    pub(crate) fn check(self, target: &Target) -> Result<()> {
        check_ended(&self.restarted, target)?;
        self.left.map_or(Ok(()), Err)
    }
}

impl Rotation<'_> {
    /// Brings the new values in.
    pub(crate) async fn run(&self, new: Values, ctx: &Context) -> Result<Rotated> {
        let found = old::read(self, ctx).await?;
        old::check_size(self, &found, &new)?;
        let Old { values: old, seen, .. } = found;
        if !self.safety.is_two_phase() {
            let (metadata, left) = commit::commit(self, None, seen, old, new, ctx).await?;
            let restarted = if self.dry_run {
                Vec::new()
            } else {
                self.restarts.carry_out(self.looked.now(), &self.author.op, ctx).await?
            };
            return Ok(Rotated { metadata, restarted, left });
        }
        fault::point("before-pending");
        let pending = Pending::begin(self, &old, &new, &seen, ctx).await?;
        if self.dry_run {
            let (metadata, left) = commit::commit(self, None, seen, old, new, ctx).await?;
            return Ok(Rotated { metadata, restarted: Vec::new(), left });
        }
        fault::point("after-pending");
        let interrupted = Interrupted::watch(self.target, self.safety.hook.is_some(), ctx);
        let ended = match pending.list(self.target, &seen, ctx).await {
            Ok(noted) => self.carry_on(&pending, noted, old, new, ctx).await,
            // Nothing has happened yet but that the pending Secret was made.
            Err(error) => Err(match pending.discard(self.target, ctx).await {
                Ok(()) => error,
                Err(left) => error.because(left.message()),
            }),
        };
        interrupted.ended();
        ended
    }

    /// From the hook on: the values are in the pending Secret, and it is listed.
    async fn carry_on(
        &self,
        pending: &Pending,
        noted: Metadata,
        old: Values,
        new: Values,
        ctx: &Context,
    ) -> Result<Rotated> {
        fault::point("after-note");
        if let Some(hook) = &self.safety.hook {
            let keys: Vec<&KeyName> = pending.note.keys.iter().collect();
            if let Err(failed) = hook::run(hook, hook::Step::Set, self.target, &keys, &old, &new, ctx).await {
                drop((old, new));
                return Err(self.back_out(pending, failed.error, failed.began, ctx).await);
            }
        }
        fault::point("after-hook");
        let written = commit::commit(self, Some(pending), noted, old, new, ctx).await;
        fault::point("after-patch");
        match written {
            Ok((metadata, _)) => self.settle(pending, metadata, ctx).await,
            // Whether it is stored cannot be known now, so neither way is right.
            Err(error) if error.kind() == ErrorKind::Unfinished => {
                Err(pending::left(&error, self.target, self.safety.hook.is_some()))
            }
            Err(error) => Err(self.back_out(pending, error, true, ctx).await),
        }
    }

    /// From the restart on: the new values are stored.
    async fn settle(&self, pending: &Pending, metadata: Metadata, ctx: &Context) -> Result<Rotated> {
        let restarted = self.restarts.carry_out(self.looked.now(), &self.author.op, ctx).await?;
        fault::point("after-restart");
        let reasons: Vec<String> = restarted.iter().filter_map(trouble).collect();
        if reasons.is_empty() {
            let (metadata, left) = pending.end(self.target, metadata, ctx).await?;
            return Ok(Rotated { metadata, restarted, left });
        }
        let failed = reasons.into_iter().fold(
            Error::new(
                ErrorKind::Cluster,
                format!(
                    "workloads that use secret `{}` in namespace `{}` did not become ready",
                    self.target.name, self.target.namespace
                ),
            ),
            Error::because,
        );
        if self.safety.rollback {
            return Err(self.back_out(pending, failed, true, ctx).await);
        }
        Err(pending::left(&failed, self.target, self.safety.hook.is_some()))
    }

    /// Puts all back after a failure, and says how that went.
    async fn back_out(&self, pending: &Pending, failed: Error, began: bool, ctx: &Context) -> Error {
        let undoing = Undoing {
            target: self.target,
            looked: self.looked,
            hook: self.safety.hook.as_ref().filter(|_| began),
            restarts: self.restarts,
        };
        match undo(&undoing, &pending.note, ctx).await {
            Ok(again) => {
                let troubled: Vec<String> = again.restarted.iter().filter_map(trouble).collect();
                // The old values are back: whoever is not well now needs a look, not another write.
                let kind = if troubled.is_empty() { ErrorKind::Cluster } else { ErrorKind::Unfinished };
                let error = failed
                    .causes()
                    .iter()
                    .fold(Error::new(kind, failed.message()), |error, cause| error.because(cause));
                let error = error.because("the old values are in place again");
                let error = troubled
                    .into_iter()
                    .fold(error, |error, reason| error.because(format!("with the old values as well, {reason}")));
                failed.hints().iter().fold(error, Error::hint)
            }
            Err(error) => {
                let both = error.causes().iter().fold(failed.because(error.message()), |all, cause| all.because(cause));
                pending::left(&both, self.target, self.safety.hook.is_some())
            }
        }
    }
}

fn trouble(restarted: &Restarted) -> Option<String> {
    match &restarted.ended {
        Ended::Failed(reason) => Some(format!("{}: {reason}", restarted.workload)),
        Ended::Ready | Ended::Restarted => None,
    }
}
