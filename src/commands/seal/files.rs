//! `seal -f`: Secrets of manifests, and of SecretSources, whose values come from where these say. No Secret of the cluster is
//! read but by a source, and what a file names does not choose where it belongs, or what is opened (requirement S2).

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::commands::desired::{Asking, Desired, Mode, Outcome as Made, Rules, values};
use crate::commands::manifests::{self, InFile, Use, Wanted};
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::output::ManifestFormat;
use crate::plaintext::render::{annotations_in, labels_in};
use crate::plan::Target;
use crate::plan::edit::Keys;
use crate::plan::seal::Template;
use crate::process::fault;
use crate::sources::{Allowed, AllowedInFile, Shared};

use super::receiver::{Item, Receiver};
use super::wanted::Along;
use super::where_it_is;

/// What the files are for.
const USE: Use = Use { typed: "seal -f", done: "sealed" };

/// Which files, and what they may say.
#[derive(Debug)]
pub(super) struct Files {
    /// As they are named.
    pub(super) paths: Vec<PathBuf>,
    /// Folders of folders too.
    pub(super) recursive: bool,
    /// Whatever namespace a file names.
    pub(super) any: bool,
    /// Sources that a file may name.
    pub(super) sources: Vec<AllowedInFile>,
    /// What the user takes upon themselves.
    pub(super) allowed: Allowed,
}

/// A Secret of a file.
enum Prepared {
    /// With its values.
    Ready(Box<Item>),
    /// Its values come from sources.
    Sources(Box<Desired>),
}

impl Prepared {
    fn target(&self) -> &Target {
        match self {
            Self::Ready(item) => &item.target,
            Self::Sources(desired) => &desired.target,
        }
    }
}

/// Runs `seal -f`.
pub(super) async fn run(
    files: &Files,
    along: &Along,
    to: &Receiver,
    format: ManifestFormat,
    ctx: &Context,
) -> Result<Outcome> {
    let found = manifests::read_all(&files.paths, files.recursive, USE, ctx)?;
    if found.wanted.is_empty() {
        return Err(Error::usage("there is no Secret in what -f names")
            .because(format!("objects of other kinds: {}", found.others))
            .hint("to seal a Secret that is in the cluster: kubectl secretsafe seal NAME"));
    }
    let place = ctx.target("any".parse()?).await?;
    let in_files = files.sources.iter().chain(&ctx.config.allow_sources).cloned().collect();
    let rules = Rules { in_files, allowed: &files.allowed, any_namespace: files.any };
    let (shared, mut left, mut all) = (Shared::default(), 0, Vec::<Prepared>::new());
    for one in found.wanted {
        let prepared = match one {
            Wanted::Values(in_file) => {
                let target = manifests::target(&in_file, &place, files.any)?;
                Prepared::Ready(Box::new(of_manifest(in_file, target, along, &mut left, ctx)?))
            }
            Wanted::Sources(spec) => Prepared::Sources(Box::new(Desired::of(spec, &place, &rules, &shared)?)),
        };
        if all.iter().any(|other| other.target() == prepared.target()) {
            return Err(Error::usage(format!("{} stands twice in the files", where_it_is(prepared.target())))
                .hint("leave one of them out: only the last one would be applied"));
        }
        all.push(prepared);
    }
    if left > 0 {
        ctx.ui.note(&format!("annotations left behind: {left}; --annotation NAME takes one along"));
    }
    for prepared in &all {
        match prepared {
            Prepared::Ready(item) => ctx.journal.about(&item.target, item.values.keys()),
            Prepared::Sources(desired) => ctx.journal.about(&desired.target, desired.spec.stored()),
        }
    }
    let Some(trusted) = to.trusted(&place, ctx).await? else { return Ok(Outcome::Declined) };
    // What such a source gives leaves the cluster, as ciphertext.
    if all.iter().any(reads_a_secret) {
        ctx.confirm_protected().await?;
    }
    let mut items = Vec::with_capacity(all.len());
    for prepared in all {
        items.push(match prepared {
            Prepared::Ready(item) => *item,
            Prepared::Sources(desired) => fill(*desired, along, &files.allowed, ctx).await?,
        });
    }
    fault::point("after-fill");
    trusted.print(items, format)?;
    Ok(Outcome::Done)
}

fn reads_a_secret(prepared: &Prepared) -> bool {
    let Prepared::Sources(desired) = prepared else { return false };
    desired.stored.iter().chain(&desired.hidden).any(|group| group.source().scheme() == "secret")
}

fn of_manifest(in_file: InFile, target: Target, along: &Along, left: &mut usize, ctx: &Context) -> Result<Item> {
    let manifest = in_file.manifest;
    if manifest.values.is_empty() {
        return Err(Error::usage(format!("{}: {} has no keys", in_file.file, where_it_is(&target)))
            .hint("leave it out, or give it values"));
    }
    let labels = labels_in(&manifest);
    let annotations = annotations_in(&manifest, |name| along.live_annotations.iter().any(|wanted| wanted == name));
    for (what, dropped) in [("label", &labels.dropped), ("annotation", &annotations.dropped)] {
        for name in dropped {
            let said = format!("{what} `{name}` of {} is left behind", where_it_is(&target));
            ctx.ui.warn(&format!("{said}: it holds a value, or is not valid"));
        }
    }
    *left += manifest.annotations.len() - annotations.kept.len() - annotations.dropped.len();
    let mut template = Template {
        secret_type: manifest.secret_type.unwrap_or_else(|| "Opaque".to_owned()),
        immutable: manifest.immutable.unwrap_or_default(),
        labels: labels.kept,
        annotations: annotations.kept,
    };
    template.labels.extend(along.labels.clone());
    template.annotations.extend(along.annotations.clone());
    Ok(Item { target, template, values: manifest.values })
}

/// Asks the sources of a document for all of its values: what is in the cluster does not count here.
async fn fill(desired: Desired, along: &Along, allowed: &Allowed, ctx: &Context) -> Result<Item> {
    let none = Keys { known: BTreeSet::new(), complete: true };
    let asking = Asking { allowed, renew: &[], mode: Mode::Fill, talks: true };
    let made = values(&desired, &none, None, &asking, ctx).await?;
    let values = made.into_iter().map(|(key, outcome)| match outcome {
        Made::Set(value) => Ok((key, value)),
        Made::Keep | Made::WouldSet => Err(Error::bug(format!("key `{key}` was not filled"))),
    });
    let values = values.collect::<Result<_>>()?;
    let Desired { spec, target, file, document, .. } = desired;
    if spec.keys.values().any(|entry| entry.policy.is_some()) {
        ctx.ui.note(&format!(
            "{file}, document {document}: the policy is left out, because the controller would undo a rotation"
        ));
    }
    let mut template = Template {
        secret_type: spec.new_type().to_owned(),
        immutable: spec.immutable.unwrap_or_default(),
        labels: spec.metadata.labels,
        annotations: spec.metadata.annotations,
    };
    template.labels.extend(along.labels.clone());
    template.annotations.extend(along.annotations.clone());
    Ok(Item { target, template, values })
}
