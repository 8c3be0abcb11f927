//! The pending Secret: made first, listed on the target, deleted last.

use std::collections::BTreeMap;

use crate::cluster::{CreateError, PatchError};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::names::KeyName;
use crate::plaintext::SecretValue;
use crate::plaintext::wire::{Edits, LiveSecret, Metadata, PatchDraft, SecretDraft, secret_create, secret_patch};
use crate::plan::Target;
use crate::plan::companions::{
    COMPANION, Companion, KEPT, NOTE, Note, PENDING_TYPE, new_key, old_key, pending_name, previous, written,
};
use crate::process::fault;

use super::{Rotation, Values, kept};

/// How often others may write in between before we give up.
const TRIES: usize = 20;

/// A pending Secret that exists.
#[derive(Debug)]
pub(super) struct Pending {
    /// The note that lists it.
    pub(super) note: Note,
    /// What it says of itself.
    pub(super) companion: Companion,
}

/// Addresses the pending Secret of a target.
pub(super) fn place(target: &Target) -> Result<Target> {
    let name = pending_name(&target.name).ok_or_else(|| {
        Error::usage(format!("the name of secret `{}` leaves no room for that of its pending Secret", target.name))
            .hint("rotate it without --hook and --rollback-on-failure")
    })?;
    Ok(Target { name, ..target.clone() })
}

impl Pending {
    /// Makes it. That there is none yet is the lock: of two rotations at the same time, one gets it.
    pub(super) async fn begin(
        rotation: &Rotation<'_>,
        old: &Values,
        new: &Values,
        seen: &Metadata,
        ctx: &Context,
    ) -> Result<Self> {
        let place = place(rotation.target)?;
        // The second slots of the plan are made from the first ones.
        let keys: Vec<KeyName> =
            rotation.plan.iter().map(|edit| &edit.name).filter(|key| new.contains_key(*key)).cloned().collect();
        let scheme = |key: &KeyName| rotation.from.get(key).map(|from| from.scheme.clone()).unwrap_or_default();
        let companion = Companion {
            v: 1,
            op: rotation.author.op.clone(),
            of: seen.uid.clone(),
            version: seen.resource_version.clone(),
            keys: keys.iter().map(|key| (key.clone(), scheme(key))).collect(),
            keep_previous: rotation.safety.keep_previous,
            history: rotation.safety.history,
        };
        let draft = SecretDraft {
            name: place.name.clone(),
            namespace: place.namespace.clone(),
            secret_type: PENDING_TYPE.to_owned(),
            // Nobody can change what is to come back.
            immutable: true,
            labels: BTreeMap::new(),
            annotations: BTreeMap::from([(COMPANION.to_owned(), written(&companion))]),
        };
        let mut values: BTreeMap<KeyName, &SecretValue> = BTreeMap::new();
        for key in &keys {
            values.extend(old.get(key).and_then(|value| Some((old_key(key)?, value))));
            values.extend(new.get(key).and_then(|value| Some((new_key(key)?, value))));
        }
        let names: Vec<KeyName> = values.keys().cloned().collect();
        let body = secret_create(&draft, values.iter().map(|(key, value)| (key, *value)));
        let created = ctx
            .cluster()
            .await?
            .try_create(&place, body, &names, &rotation.author.op, rotation.dry_run)
            .await
            .map_err(|error| match error {
                CreateError::Exists => taken(rotation.target, &place),
                CreateError::Refused(error) => error.because("nothing was changed"),
            })?;
        let note = Note {
            v: 1,
            uid: created.uid,
            op: rotation.author.op.clone(),
            at: rotation.author.at,
            by: rotation.author.by.clone(),
            keys,
            hook: rotation.safety.hook.is_some(),
            restart: rotation.restarts.mode,
            undo: false,
        };
        Ok(Self { note, companion })
    }

    /// Lists it on the target: from here on it counts.
    pub(super) async fn list(&self, target: &Target, seen: &Metadata, ctx: &Context) -> Result<Metadata> {
        let note = BTreeMap::from([(NOTE.to_owned(), Some(written(&self.note)))]);
        let is_ours = |metadata: &Metadata| is_listed(metadata, &self.note);
        annotate(target, &note, seen, &is_ours, &|newer| check_free(newer, target), ctx).await
    }

    /// Deletes one that was never listed.
    pub(super) async fn discard(&self, target: &Target, ctx: &Context) -> Result<()> {
        ctx.cluster().await?.delete_companion(&place(target)?, &self.note.uid).await
    }

    /// Ends the rotation: the pending Secret goes, and then its note; versions that are too many go as well.
    pub(super) async fn end(
        &self,
        target: &Target,
        metadata: Metadata,
        ctx: &Context,
    ) -> Result<(Metadata, Option<Error>)> {
        end(target, &self.note, metadata, self.companion.history, ctx)
            .await
            .map_err(|error| left(&error, target, self.note.hook))
    }
}

/// Deletes what the note lists, and takes the note away. `history` is how many versions stay; 0 for all.
pub(super) async fn end(
    target: &Target,
    note: &Note,
    metadata: Metadata,
    history: u64,
    ctx: &Context,
) -> Result<(Metadata, Option<Error>)> {
    fault::point("before-delete");
    ctx.cluster().await?.delete_companion(&place(target)?, &note.uid).await?;
    fault::point("after-delete");
    let mut annotations = BTreeMap::from([(NOTE.to_owned(), None)]);
    let (list, excess) = kept::pruned(&metadata, history);
    if let Some(list) = list {
        annotations.insert(KEPT.to_owned(), Some(written(&list)));
    }
    let is_gone = |metadata: &Metadata| !metadata.annotations.names.contains(NOTE);
    let metadata = annotate(target, &annotations, &metadata, &is_gone, &|_| Ok(()), ctx).await?;
    Ok((metadata, kept::delete(target, &excess, ctx).await))
}

/// Tells whether the note of an object is this one, whatever it says about undoing.
pub(super) fn is_listed(metadata: &Metadata, note: &Note) -> bool {
    metadata.annotations.pending.as_ref().is_some_and(|listed| listed.uid == note.uid)
}

fn check_free(newer: &Metadata, target: &Target) -> Result<()> {
    if !newer.annotations.names.contains(NOTE) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Cluster,
        format!("somebody else has just begun or ended a rotation of secret `{}`", target.name),
    )
    .because("nothing was changed")
    .hint(format!("look at it with: kubectl secretsafe view {} -n {}", target.name, target.namespace)))
}

/// Sets or removes annotations of ours on the target, and changes nothing else.
pub(super) async fn annotate(
    target: &Target,
    annotations: &BTreeMap<String, Option<String>>,
    first: &Metadata,
    is_done: &(dyn Fn(&Metadata) -> bool + Sync),
    check: &(dyn Fn(&Metadata) -> Result<()> + Sync),
    ctx: &Context,
) -> Result<Metadata> {
    let cluster = ctx.cluster().await?;
    let mut current = first.clone();
    for _ in 0..TRIES {
        let draft = PatchDraft {
            uid: current.uid.clone(),
            resource_version: current.resource_version.clone(),
            annotations: annotations.clone(),
            labels: BTreeMap::new(),
            seals: false,
        };
        match cluster.patch(target, secret_patch(&draft, &Edits::new()), &[], false).await {
            Ok(metadata) => return Ok(metadata),
            Err(PatchError::Refused(error)) => return Err(error),
            // Whether the answer was lost or somebody else was first: it shows on the object, and to write it twice is
            // to write it once.
            Err(PatchError::Conflict | PatchError::Open(_)) => {
                let newer = cluster.describe_for_change(target, false).await?.object.metadata;
                if newer.uid != first.uid {
                    return Err(anew(target));
                }
                if is_done(&newer) {
                    return Ok(newer);
                }
                check(&newer)?;
                current = newer;
            }
        }
    }
    Err(Error::new(ErrorKind::Cluster, format!("secret `{}` changes faster than it can be written", target.name))
        .hint("run the command again"))
}

/// Says that the object is another one by now, and what that means for its values.
pub(super) fn anew(target: &Target) -> Error {
    Error::new(ErrorKind::Cluster, format!("secret `{}` was deleted and made anew", target.name))
        .because("nothing was changed on the new one")
        .hint("look at it, and run the command again")
}

/// Says whose lock it is.
fn taken(target: &Target, place: &Target) -> Error {
    let Target { name, namespace, .. } = target;
    Error::refused(format!("a pending Secret of secret `{name}` in namespace `{namespace}` exists already"))
        .because("another rotation is under way, or was interrupted; nothing was changed")
        .hint(format!("see what it is: kubectl secretsafe view {} -n {namespace} --metadata-only", place.name))
        .hint(format!("if nobody is at it: kubectl secretsafe rotate {name} -n {namespace} --abort"))
}

/// Says that a rotation is not at its end, and both ways on from there.
pub(super) fn left(error: &Error, target: &Target, hook: bool) -> Error {
    let Target { name, namespace, .. } = target;
    let message = format!("the rotation of secret `{name}` in namespace `{namespace}` is not finished");
    let unfinished = Error::new(ErrorKind::Unfinished, message).because(error.message());
    let unfinished = error.causes().iter().fold(unfinished, |all, cause| all.because(cause));
    let hook = if hook { " --hook …" } else { "" };
    unfinished
        .because("old and new values are in its pending Secret")
        .hint(format!("go on with it: kubectl secretsafe rotate {name} -n {namespace} --resume{hook}"))
        .hint(format!("put the old values back: kubectl secretsafe rotate {name} -n {namespace} --abort{hook}"))
}

/// Takes a pending Secret apart, into old and new values; one that lacks what its note says is nobody's.
pub(super) fn taken_apart(live: LiveSecret, note: &Note, target: &Target) -> Result<(Companion, Values, Values)> {
    let LiveSecret { metadata, secret_type, values, .. } = live;
    let (old, new) = divide(values, &note.keys);
    match metadata.annotations.companion {
        Some(companion) if secret_type == PENDING_TYPE && companion.op == note.op && new.len() == note.keys.len() => {
            Ok((companion, old, new))
        }
        _ => Err(Error::refused(format!(
            "the pending Secret of secret `{}` does not hold what its note says",
            target.name
        ))
        .because("it was not made by a rotation of this program; nothing was changed")
        .hint(format!(
            "look at it: kubectl secretsafe view {}.secretsafe-pending -n {}",
            target.name, target.namespace
        ))),
    }
}

fn divide(mut values: Values, keys: &[KeyName]) -> (Values, Values) {
    let (mut old, mut new) = (Values::new(), Values::new());
    for key in keys {
        old.extend(old_key(key).and_then(|name| values.remove(&name)).map(|value| (key.clone(), value)));
        new.extend(new_key(key).and_then(|name| values.remove(&name)).map(|value| (key.clone(), value)));
    }
    (old, new)
}

/// The second slot of a key, if the rotation makes one.
pub(super) fn slot(companion: &Companion, key: &KeyName) -> Option<KeyName> {
    previous(key).filter(|_| companion.keep_previous)
}
