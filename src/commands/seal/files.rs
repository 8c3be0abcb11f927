//! `seal -f`: Secrets of manifests. No Secret of the cluster is read; that a file names a namespace, does not choose it
//! (requirement S2).

use std::path::PathBuf;

use crate::commands::manifests::{self, Use};
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::output::ManifestFormat;
use crate::plaintext::render::{annotations_in, labels_in};
use crate::plan::Target;
use crate::plan::seal::Template;

use super::receiver::{Item, Receiver};
use super::wanted::Along;
use super::where_it_is;

/// What the files are for.
const USE: Use = Use { typed: "seal -f", done: "sealed" };

/// Which files.
#[derive(Debug)]
pub(super) struct Files {
    /// As they are named.
    pub(super) paths: Vec<PathBuf>,
    /// Folders of folders too.
    pub(super) recursive: bool,
    /// Whatever namespace a file names.
    pub(super) any: bool,
}

/// Runs `seal -f`.
pub(super) async fn run(
    files: &Files,
    along: Along,
    to: &Receiver,
    format: ManifestFormat,
    ctx: &Context,
) -> Result<Outcome> {
    let (found, others) = manifests::read(&files.paths, files.recursive, USE, ctx)?;
    if found.is_empty() {
        return Err(Error::usage("there is no Secret in what -f names")
            .because(format!("objects of other kinds: {others}"))
            .hint("to seal a Secret that is in the cluster: kubectl secretsafe seal NAME"));
    }
    let place = ctx.target("any".parse()?).await?;
    let mut items: Vec<Item> = Vec::new();
    let mut left = 0;
    for in_file in found {
        let target = manifests::target(&in_file, &place, files.any)?;
        if items.iter().any(|item| item.target == target) {
            return Err(Error::usage(format!("{} stands twice in the files", where_it_is(&target)))
                .hint("leave one of them out: only the last one would be applied"));
        }
        let manifest = in_file.manifest;
        if manifest.values.is_empty() {
            return Err(Error::usage(format!("{}: {} has no keys", in_file.file, where_it_is(&target)))
                .hint("leave it out, or give it values"));
        }
        let labels = labels_in(&manifest);
        let annotations = annotations_in(&manifest, |name| along.live_annotations.iter().any(|wanted| wanted == name));
        said(&target, "label", &labels.dropped, ctx);
        said(&target, "annotation", &annotations.dropped, ctx);
        left += manifest.annotations.len() - annotations.kept.len() - annotations.dropped.len();
        let mut template = Template {
            secret_type: manifest.secret_type.unwrap_or_else(|| "Opaque".to_owned()),
            immutable: manifest.immutable.unwrap_or_default(),
            labels: labels.kept,
            annotations: annotations.kept,
        };
        template.labels.extend(along.labels.clone());
        template.annotations.extend(along.annotations.clone());
        items.push(Item { target, template, values: manifest.values });
    }
    if left > 0 {
        ctx.ui.note(&format!("annotations left behind: {left}; --annotation NAME takes one along"));
    }
    items.iter().for_each(|item| ctx.journal.about(&item.target, item.values.keys()));
    let Some(trusted) = to.trusted(&place, ctx).await? else { return Ok(Outcome::Declined) };
    trusted.print(items, format)?;
    Ok(Outcome::Done)
}

fn said(target: &Target, what: &str, dropped: &[String], ctx: &Context) {
    for name in dropped {
        ctx.ui.warn(&format!(
            "{what} `{name}` of {} is left behind: it holds a value, or is not valid",
            where_it_is(target)
        ));
    }
}
