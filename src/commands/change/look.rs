//! Looks at a Secret before it is changed: metadata only, unless names of keys cannot be known otherwise.

use jiff::{SignedDuration, Timestamp};
use std::time::Instant;

use crate::cluster::Existing;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::wire::{Metadata, Outline};
use crate::plan::Target;
use crate::plan::companions::NOTE;
use crate::plan::edit::Keys;
use crate::plan::owner::{self, Marks, Owner, Verdict};
use crate::report::PendingView;

/// A Secret as it was looked at.
#[derive(Debug)]
pub(crate) struct Looked {
    /// What is known without a value.
    pub(crate) outline: Outline,
    /// Its keys.
    pub(crate) keys: Keys,
    seen: Timestamp,
    since: Instant,
}

impl Looked {
    /// Returns the server's time now.
    pub(crate) fn now(&self) -> Timestamp {
        let seconds = i64::try_from(self.since.elapsed().as_secs()).unwrap_or(0);
        self.seen.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(self.seen)
    }

    /// Refuses a change in the middle of a rotation.
    pub(crate) fn check_pending(&self, target: &Target) -> Result<()> {
        check_pending(self.metadata(), target, self.now())
    }

    /// Returns its metadata.
    pub(crate) fn metadata(&self) -> &Metadata {
        &self.outline.metadata
    }
}

impl Looked {
    /// Takes what was found without a value, and refuses what somebody else would undo.
    pub(crate) fn found(
        found: Existing<Outline>,
        target: &Target,
        override_owner: bool,
        ctx: &Context,
    ) -> Result<Self> {
        check_owner(&found.object.metadata, target, override_owner, ctx)?;
        check_pending(&found.object.metadata, target, found.now)?;
        Ok(Self::listed(found.object, found.now))
    }

    /// Takes what stood in a list, or is to be finished: who does so has looked at owners and rotations.
    pub(crate) fn listed(outline: Outline, now: Timestamp) -> Self {
        Self { keys: Keys::of(&outline), outline, seen: now, since: Instant::now() }
    }
}

/// Looks, and refuses what somebody else would undo.
pub(crate) async fn look(target: &Target, write_only: bool, override_owner: bool, ctx: &Context) -> Result<Looked> {
    let found = ctx.cluster().await?.describe_for_change(target, write_only).await?;
    let mut looked = Looked::found(found, target, override_owner, ctx)?;
    if !write_only {
        looked.keys = keys_of(&looked.outline, target, ctx).await?;
    }
    Ok(looked)
}

/// Finds the names of its keys: where managedFields name fewer keys than there are, the Secret itself is read, if it
/// may be.
pub(crate) async fn keys_of(outline: &Outline, target: &Target, ctx: &Context) -> Result<Keys> {
    let keys = Keys::of(outline);
    if keys.complete {
        return Ok(keys);
    }
    ctx.ui.trace(1, || "managedFields do not name every key; reading the Secret".to_owned());
    match ctx.cluster().await?.secret(target).await {
        Ok(live) => Ok(Keys { known: live.object.values.into_keys().collect(), complete: true }),
        Err(_) => Ok(keys),
    }
}

/// Refuses a change in the middle of a rotation: what comes back would not be what was there.
fn check_pending(metadata: &Metadata, target: &Target, now: Timestamp) -> Result<()> {
    if !metadata.annotations.names.contains(NOTE) {
        return Ok(());
    }
    let Target { name, namespace, .. } = target;
    let error = Error::refused(format!("a rotation of secret `{name}` in namespace `{namespace}` is not finished"));
    let Some(note) = &metadata.annotations.pending else {
        return Err(error.because(format!("its note `{NOTE}` cannot be read by this version")).hint(format!(
            "if no rotation is under way, remove it: kubectl annotate secret {name} -n {namespace} {NOTE}-"
        )));
    };
    let hook = if note.hook { " --hook …" } else { "" };
    let error = error.because(PendingView::of(note).described(now));
    let error = if note.undo {
        error
    } else {
        error.hint(format!("go on with it: kubectl secretsafe rotate {name} -n {namespace} --resume{hook}"))
    };
    Err(error.hint(format!("put the old values back: kubectl secretsafe rotate {name} -n {namespace} --abort{hook}")))
}

fn check_owner(metadata: &Metadata, target: &Target, override_owner: bool, ctx: &Context) -> Result<()> {
    let Some(owner) = owner_of(metadata, target, override_owner)? else { return Ok(()) };
    let name = &target.name;
    ctx.ui.warn(&match owner.verdict {
        Verdict::Overwrites => format!("secret `{name}` comes from {}: {}", owner.who, owner.instead),
        Verdict::Reverts => format!("secret `{name}` is managed by {}, which may undo the change", owner.who),
    });
    Ok(())
}

/// Says who else looks after it; refuses it if they would undo a change.
pub(crate) fn owner_of(metadata: &Metadata, target: &Target, override_owner: bool) -> Result<Option<Owner>> {
    let controllers = metadata.controllers();
    let marks = Marks { controllers: &controllers, labels: &metadata.labels, annotations: &metadata.annotations.names };
    match owner::find(marks) {
        Some(owner) if owner.verdict == Verdict::Reverts && !override_owner => Err(Error::refused(format!(
            "secret `{}` in namespace `{}` is managed by {}",
            target.name, target.namespace, owner.who
        ))
        .because("it would undo the change")
        .hint(owner.instead)
        .hint("to change it all the same, add --override-owner")),
        owner => Ok(owner),
    }
}
