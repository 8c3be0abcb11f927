//! Kept versions: one immutable Secret for what one rotation replaced, listed on the target.

use std::collections::BTreeMap;

use crate::cluster::CreateError;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::names::KeyName;
use crate::plaintext::wire::{Metadata, SecretDraft, secret_create};
use crate::plan::Target;
use crate::plan::companions::{COMPANION, Companion, KEPT_TYPE, Kept, Version, version_name, written};

use super::{Rotation, Values};

/// How many numbers that something else has taken are passed over.
const TRIES: u64 = 50;

/// Makes the Secret that keeps the old values; returns the list as it was before, and the version.
pub(super) async fn keep(
    rotation: &Rotation<'_>,
    old: &Values,
    seen: &Metadata,
    ctx: &Context,
) -> Result<(Kept, Version)> {
    let list = seen.annotations.kept.clone().unwrap_or_default();
    let cluster = ctx.cluster().await?;
    let keys: Vec<KeyName> = old.keys().cloned().collect();
    let companion = Companion {
        v: 1,
        op: rotation.author.op.clone(),
        of: seen.uid.clone(),
        version: seen.resource_version.clone(),
        keys: BTreeMap::new(),
        keep_previous: false,
        history: 0,
    };
    for number in list.last + 1..list.last + TRIES {
        let place = place(rotation.target, number)?;
        let draft = SecretDraft {
            name: place.name.clone(),
            namespace: place.namespace.clone(),
            secret_type: KEPT_TYPE.to_owned(),
            immutable: true,
            labels: BTreeMap::new(),
            annotations: BTreeMap::from([(COMPANION.to_owned(), written(&companion))]),
        };
        let body = secret_create(&draft, old);
        match cluster.try_create(&place, body, &keys, &rotation.author.op, rotation.dry_run).await {
            Ok(made) => {
                let version =
                    Version { n: number, uid: made.uid, at: rotation.author.at, op: rotation.author.op.clone(), keys };
                return Ok((list, version));
            }
            // Left by a rotation that was cut off, or made by somebody else: it is not listed, so it is not ours.
            Err(CreateError::Exists) => ctx.ui.warn(&format!(
                "secret `{}` is in the place of a version, and is not listed on `{}`: left alone",
                place.name, rotation.target.name
            )),
            Err(CreateError::Refused(error)) => return Err(error.because("the old value could not be kept")),
        }
    }
    Err(Error::new(
        ErrorKind::Cluster,
        format!("no version of secret `{}` can be kept: {TRIES} names are taken", rotation.target.name),
    )
    .hint(format!("see what they are: kubectl secretsafe list --all-types -n {}", rotation.target.namespace)))
}

/// Addresses the Secret of a version.
pub(crate) fn place(target: &Target, number: u64) -> Result<Target> {
    let name = version_name(&target.name, number).ok_or_else(|| {
        Error::usage(format!("the name of secret `{}` leaves no room for that of a kept version", target.name))
            .hint("rotate it with --history=0")
    })?;
    Ok(Target { name, ..target.clone() })
}

/// Takes the versions out of the list that are too many; 0 leaves all. `None` if it stays as it is.
pub(super) fn pruned(metadata: &Metadata, most: u64) -> (Option<Kept>, Vec<Version>) {
    let Some(mut list) = metadata.annotations.kept.clone().filter(|_| most > 0) else { return (None, Vec::new()) };
    let excess = list.versions.len().saturating_sub(usize::try_from(most).unwrap_or(usize::MAX));
    let gone: Vec<Version> = list.versions.drain(..excess).collect();
    if gone.is_empty() { (None, gone) } else { (Some(list), gone) }
}

/// Deletes versions that are listed no more. One that stays holds values and is found by nobody: that is no good end.
pub(super) async fn delete(target: &Target, versions: &[Version], ctx: &Context) -> Option<Error> {
    let cluster = match ctx.cluster().await {
        Ok(cluster) => cluster,
        Err(error) => return Some(error),
    };
    let mut first = None;
    for version in versions {
        let deleted = match place(target, version.n) {
            Ok(place) => cluster.delete_companion(&place, &version.uid).await,
            Err(error) => Err(error),
        };
        if let Err(error) = deleted {
            let error = error.because(format!("it is an old version, and secret `{}` lists it no more", target.name));
            first = first.or(Some(error));
        }
    }
    first
}
