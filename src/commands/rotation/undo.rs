//! Puts all back: the credential where it lives, the Secret, and the workloads; then the pending Secret goes.
//!
//! Each step may be repeated, so that a crash in the middle of it is answered by doing it again.

use std::collections::BTreeMap;

use crate::commands::change::{Beside, Hook, Looked, Restarts, Write, write};
use crate::commands::set::author;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::names::KeyName;
use crate::plaintext::wire::{Edits, Metadata};
use crate::plan::age::last_change;
use crate::plan::companions::{Companion, KEPT, Note, written};
use crate::plan::{EditKind, PlannedEdit, Target, Verb};
use crate::process::fault;

use super::{Rotated, Values, commit, hook, kept, pending};

/// What is needed to put a rotation back.
#[derive(Debug)]
pub(super) struct Undoing<'a> {
    pub(super) target: &'a Target,
    pub(super) looked: &'a Looked,
    pub(super) hook: Option<&'a Hook>,
    pub(super) restarts: &'a Restarts,
}

/// Puts all back, and says what became of workloads.
pub(super) async fn undo(undoing: &Undoing<'_>, note: &Note, ctx: &Context) -> Result<Rotated> {
    let Undoing { target, looked, hook, restarts } = *undoing;
    let cluster = ctx.cluster().await?;
    let seen = cluster.describe_for_change(target, false).await?.object.metadata;
    check_listed(&seen, note, target)?;
    // Whoever else is at it sees that it is over.
    let mark = BTreeMap::from([(
        crate::plan::companions::NOTE.to_owned(),
        Some(written(&Note { undo: true, ..note.clone() })),
    )]);
    let is_marked = |metadata: &Metadata| metadata.annotations.pending.as_ref().is_some_and(|note| note.undo);
    let seen =
        pending::annotate(target, &mark, &seen, &is_marked, &|newer| check_listed(newer, note, target), ctx).await?;
    fault::point("after-undo-mark");
    let place = pending::place(target)?;
    let Some(live) = cluster.companion(&place, &note.uid).await? else { return Err(gone(target, &place)) };
    let (companion, old, new) = pending::taken_apart(live, note, target)?;
    if let Some(hook) = hook {
        let keys: Vec<&KeyName> = note.keys.iter().rev().collect();
        hook::run(hook, hook::Step::Undo, target, &keys, &old, &new, ctx).await.map_err(|failed| failed.error)?;
    }
    drop(new);
    fault::point("after-undo-hook");
    let is_stored = is_stored(&seen, note);
    // A crash behind the restore: the values are back, and nobody knows whether workloads were restarted.
    let was_restored = note.undo && note.keys.iter().any(|key| is_restored(&seen, key, note));
    let (seen, left) = if is_stored { restore(undoing, note, &companion, seen, old, ctx).await? } else { (seen, None) };
    fault::point("after-restore");
    // The way back is another restart than the way there.
    let op = format!("{} undone", note.op);
    let restarted =
        if is_stored || was_restored { restarts.carry_out(looked.now(), &op, ctx).await? } else { Vec::new() };
    let (metadata, _) = pending::end(target, note, seen, 0, ctx).await?;
    Ok(Rotated { metadata, restarted, left })
}

/// Tells whether the new values were stored: the record of a key has the id of their write.
pub(super) fn is_stored(metadata: &Metadata, note: &Note) -> bool {
    note.keys.iter().any(|key| metadata.record(key).is_some_and(|record| record.op == note.op))
}

fn is_restored(metadata: &Metadata, key: &KeyName, note: &Note) -> bool {
    metadata.record(key).is_some_and(|record| record.from == commit::RESTORED && record.at >= note.at)
}

/// Refuses keys that somebody else has changed since: what is there now is nobody's old value.
pub(super) fn check_still_ours(metadata: &Metadata, note: &Note, target: &Target, looked: &Looked) -> Result<()> {
    for key in &note.keys {
        let owners = metadata.owners(key);
        let last = last_change(metadata.record(key), &owners, metadata.creation_timestamp, looked.now());
        let ours = metadata.record(key).is_some_and(|record| record.op == note.op) && !last.record_not_trusted;
        if !ours {
            return Err(changed(key, last.by.as_deref(), target));
        }
    }
    Ok(())
}

/// Says that a key has a third value, and how a person ends the rotation.
pub(super) fn changed(key: &KeyName, by: Option<&str>, target: &Target) -> Error {
    let Target { name, namespace, .. } = target;
    Error::new(
        ErrorKind::Cluster,
        format!("key `{key}` of secret `{name}` in namespace `{namespace}` was changed while it was rotated"),
    )
    .because(format!("by {}; which value is right only a person can say", by.unwrap_or("somebody")))
    .hint(format!(
        "take the new one: kubectl secretsafe set {name} {key}=secret:{namespace}/{name}.secretsafe-pending/{key}.new"
    ))
    .hint(format!(
        "when all is right: kubectl delete secret {name}.secretsafe-pending -n {namespace}, then: kubectl secretsafe rotate {name} -n {namespace} --abort"
    ))
}

fn check_listed(metadata: &Metadata, note: &Note, target: &Target) -> Result<()> {
    if pending::is_listed(metadata, note) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Cluster,
        format!(
            "secret `{}` in namespace `{}` lists another rotation, or none any more",
            target.name, target.namespace
        ),
    )
    .because("it was made anew, or somebody has ended the rotation")
    .hint(format!("look at it with: kubectl secretsafe view {} -n {}", target.name, target.namespace)))
}

/// Says that nothing can be put back.
pub(super) fn gone(target: &Target, place: &Target) -> Error {
    Error::new(
        ErrorKind::Cluster,
        format!("secret `{}` in namespace `{}` is gone, or is another one than is listed", place.name, place.namespace),
    )
    .because("old and new values were in it, and only there")
    .hint(format!("look at what is there: kubectl secretsafe view {} -n {}", target.name, target.namespace))
}

/// Writes the old values back, byte for byte; keys that were added go, and so do second slots and the version.
async fn restore(
    undoing: &Undoing<'_>,
    note: &Note,
    companion: &Companion,
    seen: Metadata,
    mut old: Values,
    ctx: &Context,
) -> Result<(Metadata, Option<Error>)> {
    let Undoing { target, looked, .. } = *undoing;
    check_still_ours(&seen, note, target, looked)?;
    let author = author(target, looked, ctx).await?;
    let (mut edits, mut plan) = (Edits::new(), Vec::new());
    let planned = |name: &KeyName, edit| PlannedEdit { name: name.clone(), edit, source: None, old: None };
    for key in &note.keys {
        let value = old.remove(key);
        plan.push(planned(key, if value.is_some() { EditKind::Replace } else { EditKind::Remove }));
        edits.insert(key.clone(), value);
        let slot = pending::slot(companion, key);
        if let Some(slot) = slot.filter(|slot| seen.record(slot).is_some_and(|record| record.op == note.op)) {
            plan.push(planned(&slot, EditKind::Remove));
            edits.insert(slot, None);
        }
    }
    let mut beside = Beside::default();
    let mut list = seen.annotations.kept.clone().unwrap_or_default();
    let made: Vec<_> = list.versions.iter().filter(|version| version.op == note.op).cloned().collect();
    if !made.is_empty() {
        list.versions.retain(|version| version.op != note.op);
        beside.annotations.insert(KEPT.to_owned(), Some(written(&list)));
    }
    beside.seen = Some(seen);
    let back = Write {
        target,
        plan: &plan,
        edits: &edits,
        from: &commit::restored(edits.keys()),
        author: &author,
        verb: Verb::RolledBack,
        dry_run: false,
        write_only: false,
        beside: &beside,
    };
    let metadata = write(&back, looked, ctx).await?;
    Ok((metadata, kept::delete(target, &made, ctx).await))
}
