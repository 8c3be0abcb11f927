//! Writes a change, and finds out what became of it when the answer says less than done.

use std::collections::BTreeMap;

use crate::cluster::{PatchError, explain_change};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::names::KeyName;
use crate::plaintext::wire::{Edits, Metadata, secret_patch};
use crate::plan::edit::{changed_by, draft};
use crate::plan::record::{Author, MAX_RECORDS, Provenance};
use crate::plan::{EditKind, PlannedEdit, Target, Verb};
use crate::process::fault;

use super::look::Looked;
use super::show::change;

/// How often others may write in between before we give up; each time somebody else got on.
const TRIES: usize = 20;

/// One change, ready to be written.
#[derive(Debug)]
pub(crate) struct Write<'a> {
    /// The Secret.
    pub(crate) target: &'a Target,
    /// What happens to its keys.
    pub(crate) plan: &'a [PlannedEdit],
    /// The values.
    pub(crate) edits: &'a Edits,
    /// For each key, what its record will say about the source.
    pub(crate) from: &'a BTreeMap<KeyName, Provenance>,
    /// Who writes.
    pub(crate) author: &'a Author,
    /// What the Event and the report call it.
    pub(crate) verb: Verb,
    /// Let the server check it only.
    pub(crate) dry_run: bool,
    /// Never read the Secret.
    pub(crate) write_only: bool,
    /// What else is part of it.
    pub(crate) beside: &'a Beside,
}

/// What is written beside values: by a careful rotation, or by `apply`.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// Annotations of ours, to set or to remove.
    pub(crate) annotations: BTreeMap<String, Option<String>>,
    /// Labels, to set or to remove.
    pub(crate) labels: BTreeMap<String, Option<String>>,
    /// Makes it impossible to change the Secret again.
    pub(crate) seals: bool,
    /// The uid of the pending Secret that must still be listed: if it is not, somebody has ended the rotation.
    pub(crate) pending: Option<String>,
    /// The Secret as it was seen last, if that is newer than the first look.
    pub(crate) seen: Option<Metadata>,
}

impl Beside {
    fn check(&self, newer: &Metadata, target: &Target) -> Result<()> {
        let Some(uid) = &self.pending else { return Ok(()) };
        if newer.annotations.pending.as_ref().is_some_and(|note| note.uid == *uid && !note.undo) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Cluster,
            format!(
                "the rotation of secret `{}` in namespace `{}` was ended by somebody else",
                target.name, target.namespace
            ),
        )
        .hint(format!("look at it with: kubectl secretsafe view {} -n {}", target.name, target.namespace)))
    }
}

/// Writes the change and leaves an Event.
///
/// A conflict is looked into: if none of our keys changed in between, the patch is made anew for the
/// newer version. If one did, that is said and nothing is written.
pub(crate) async fn write(write: &Write<'_>, looked: &Looked, ctx: &Context) -> Result<Metadata> {
    let metadata = store(write, write.beside.seen.as_ref().unwrap_or(looked.metadata()), ctx).await?;
    if !write.dry_run {
        let done = change(write.verb, write.target, &metadata, write.plan, write.author.op.clone(), false);
        ctx.cluster().await?.record_event(&done, looked.now()).await;
    }
    Ok(metadata)
}

async fn store(write: &Write<'_>, first: &Metadata, ctx: &Context) -> Result<Metadata> {
    let cluster = ctx.cluster().await?;
    let keys: Vec<KeyName> = write.edits.keys().cloned().collect();
    let mut current = first.clone();
    for attempt in 0..TRIES {
        let (mut patch, dropped) = draft(&current, write.plan, write.from, write.author);
        patch.annotations.extend(write.beside.annotations.clone());
        patch.labels.clone_from(&write.beside.labels);
        patch.seals = write.beside.seals;
        let body = secret_patch(&patch, write.edits);
        fault::point("before-patch");
        match cluster.patch(write.target, body, &keys, write.dry_run).await {
            Ok(metadata) => {
                say_dropped(dropped, ctx);
                return Ok(metadata);
            }
            Err(PatchError::Refused(error)) => return Err(error),
            Err(PatchError::Conflict) => {
                let newer = cluster.describe_for_change(write.target, write.write_only).await?.object.metadata;
                if newer.written_by(&write.author.op) {
                    return Ok(newer);
                }
                check_unchanged(write, first, &newer)?;
                write.beside.check(&newer, write.target)?;
                ctx.ui.trace(1, || format!("somebody else changed other keys; try {} of {TRIES}", attempt + 2));
                current = newer;
            }
            Err(PatchError::Open(error)) => return find_out(write, &current, &error, ctx).await,
        }
    }
    Err(Error::new(ErrorKind::Cluster, format!("secret `{}` changes faster than it can be written", write.target.name))
        .because(format!("{TRIES} times somebody else was first"))
        .hint("run the command again"))
}

/// Says that records had to go.
pub(crate) fn say_dropped(records: usize, ctx: &Context) {
    if records > 0 {
        ctx.ui.warn(&format!(
            "{records} change record{} did not fit into {} KiB and went, the oldest first: of these keys only a bound of their age is known",
            if records == 1 { "" } else { "s" },
            MAX_RECORDS / 1024
        ));
    }
}

fn check_unchanged(write: &Write<'_>, first: &Metadata, newer: &Metadata) -> Result<()> {
    let target = write.target;
    if newer.uid != first.uid {
        return Err(Error::new(ErrorKind::Cluster, format!("secret `{}` was deleted and made anew", target.name))
            .hint("look at it, and run the command again"));
    }
    let Some((key, who)) = changed_by(first, newer, write.plan) else { return Ok(()) };
    Err(Error::new(
        ErrorKind::Cluster,
        format!("key `{key}` of secret `{}` in namespace `{}` was changed in between", target.name, target.namespace),
    )
    .because(format!("by {who}; nothing of this command is stored"))
    .hint(format!("look at it with: kubectl secretsafe view {} -n {}", target.name, target.namespace)))
}

/// After a patch whose answer was lost: looks whether it is stored.
async fn find_out(
    write: &Write<'_>,
    before: &Metadata,
    error: &crate::cluster::error::ClusterError,
    ctx: &Context,
) -> Result<Metadata> {
    let target = write.target;
    ctx.ui.trace(1, || format!("{error}; looking whether the change was stored all the same"));
    let open = || {
        Error::new(
            ErrorKind::Unfinished,
            format!("it is not known whether secret `{}` in namespace `{}` was changed", target.name, target.namespace),
        )
        .caused_by(error)
        .hint(format!(
            "look at it with: kubectl secretsafe view {} -n {} --metadata-only",
            target.name, target.namespace
        ))
    };
    let Ok(found) = ctx.cluster().await?.describe_for_change(target, write.write_only).await else {
        return Err(open());
    };
    let outline = found.object;
    let now = &outline.metadata;
    if now.uid != before.uid {
        return Err(open());
    }
    let removed_only = write.plan.iter().all(|edit| matches!(edit.edit, EditKind::Remove | EditKind::Keep));
    let gone = removed_only
        && write.plan.iter().all(|edit| edit.edit == EditKind::Keep || !now.known_keys().contains(&edit.name));
    if now.written_by(&write.author.op) || (gone && now.resource_version != before.resource_version) {
        return Ok(outline.metadata);
    }
    // Labels and annotations alone leave no mark of ours.
    if write.edits.is_empty() && now.resource_version != before.resource_version {
        return Err(open());
    }
    // The same version: the write never happened. A newer one without our mark on any of the keys, which
    // somebody else has not touched either: the same, because ours would have left its mark.
    if now.resource_version == before.resource_version || changed_by(before, now, write.plan).is_none() {
        return Err(explain_change(error, "patch", target));
    }
    Err(open())
}
