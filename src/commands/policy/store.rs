//! Writes a policy: a patch of one annotation and one label, which holds no value.

use std::collections::BTreeMap;

use crate::cluster::{PatchError, explain_change};
use crate::commands::change::{ChangeFlags, DryRun, Looked};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::plaintext::wire::{Metadata, Texts, WireBody, metadata_patch};
use crate::plan::Target;
use crate::plan::policy::{ANNOTATION, LABEL, LABELLED, Policy};

/// How often others may write in between before we give up.
const TRIES: usize = 20;

/// Tells whether the label says whether there is a policy.
pub(super) fn is_labelled(looked: &Looked, policy: &Option<Policy>) -> bool {
    let label = looked.metadata().labels.get(LABEL).map(String::as_str);
    if policy.is_some() { label == Some(LABELLED) } else { label.is_none() }
}

/// Writes what `change` makes of the policy that is there; made anew where somebody else wrote something else.
pub(super) async fn store(
    target: &Target,
    looked: &Looked,
    change: impl Fn(Option<&Policy>) -> Option<Policy>,
    flags: &ChangeFlags,
    ctx: &Context,
) -> Result<Metadata> {
    let cluster = ctx.cluster().await?;
    let first = looked.metadata();
    let mut current = first.clone();
    for _ in 0..TRIES {
        let after = change(current.annotations.policy.as_ref());
        let body = patch(&current, after.as_ref());
        match cluster.patch(target, body, &[], flags.dry_run == DryRun::Server).await {
            Ok(metadata) => return Ok(metadata),
            Err(PatchError::Refused(error)) => return Err(error),
            Err(PatchError::Open(error)) => {
                let found = cluster.describe_for_change(target, flags.write_only).await;
                return match found.map(|found| found.object.metadata) {
                    Ok(now) if now.uid == first.uid && now.annotations.policy == after => Ok(now),
                    Ok(now) if now.resource_version == current.resource_version => {
                        Err(explain_change(&error, "patch", target))
                    }
                    _ => Err(open(target).caused_by(&error)),
                };
            }
            Err(PatchError::Conflict) => {
                let newer = cluster.describe_for_change(target, flags.write_only).await?.object.metadata;
                if newer.uid != first.uid {
                    return Err(Error::new(
                        ErrorKind::Cluster,
                        format!("secret `{}` was deleted and made anew", target.name),
                    )
                    .hint("look at it, and run the command again"));
                }
                if newer.annotations.policy != first.annotations.policy {
                    return Err(Error::new(
                        ErrorKind::Cluster,
                        format!(
                            "the policy of secret `{}` in namespace `{}` was changed in between",
                            target.name, target.namespace
                        ),
                    )
                    .hint(format!(
                        "look at it with: kubectl secretsafe policy show {} -n {}",
                        target.name, target.namespace
                    )));
                }
                current = newer;
            }
        }
    }
    Err(Error::new(ErrorKind::Cluster, format!("secret `{}` changes faster than it can be written", target.name))
        .because(format!("{TRIES} times somebody else was first"))
        .hint("run the command again"))
}

fn patch(current: &Metadata, policy: Option<&Policy>) -> WireBody {
    let texts = |name: &str, text: Option<String>| -> Texts { BTreeMap::from([(name.to_owned(), text)]) };
    let labels = texts(LABEL, policy.map(|_| LABELLED.to_owned()));
    let annotations = texts(ANNOTATION, policy.map(Policy::to_annotation));
    metadata_patch(&current.uid, &current.resource_version, &labels, &annotations)
}

fn open(target: &Target) -> Error {
    let Target { name, namespace, .. } = target;
    Error::new(
        ErrorKind::Unfinished,
        format!("it is not known whether the policy of secret `{name}` in namespace `{namespace}` was changed"),
    )
    .hint(format!("look at it with: kubectl secretsafe policy show {name} -n {namespace}"))
}
