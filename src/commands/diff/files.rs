//! `diff -f`: manifests of Secrets, and SecretSources, against those of the cluster. A file starts no program and picks
//! no server, of SecretSources only what may be named in a file is asked; where its Secrets may be, is the user's choice (requirement S2).

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures::stream::{self, StreamExt};

use crate::commands::desired::{Desired, Rules};
use crate::commands::manifests::{self, Found, InFile, Use, Wanted};
use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::log::Verdict;
use crate::output::{self, Format};
use crate::plaintext::compare;
use crate::plaintext::wire::{LAST_APPLIED, LiveSecret};
use crate::plan::{Target, record};
use crate::report::{SecretDiff, SecretDiffList, Side, Status};
use crate::sources::{Allowed, AllowedInFile, Shared};
use crate::ui::Failures;

use super::{key_diff, sources, status, union};

/// How many Secrets are fetched at the same time.
const AT_ONCE: usize = 8;

/// Where manifests are, and how they are read.
#[derive(clap::Args, Debug)]
pub(super) struct FileArgs {
    /// File or folder of manifests, or - for stdin, to compare with the cluster; may be repeated
    #[arg(short, long, value_name = "FILE|FOLDER|-", conflicts_with_all = ["name", "keys", "with"])]
    filename: Vec<PathBuf>,

    /// With -f, go into the folders of a folder too
    #[arg(short = 'R', long, requires = "filename")]
    recursive: bool,

    /// With -f, compare each Secret in the namespace that its manifest names, whatever -n says
    #[arg(short = 'A', long, requires = "filename")]
    all_namespaces: bool,

    /// With -f: source that SecretSources may name, as SCHEME or SCHEME:PATTERN, such as 'keychain:team/*'; may be
    /// repeated
    #[arg(long, value_name = "SCHEME[:PATTERN]", requires = "filename")]
    allow_source: Vec<AllowedInFile>,
}

impl FileArgs {
    /// Tells whether files are to be compared.
    pub(super) fn is_given(&self) -> bool {
        !self.filename.is_empty()
    }
}

/// A Secret as a file wants it, made ready.
enum Ready {
    /// With its values.
    Values(InFile),
    /// With where they come from.
    Sources(Box<Desired>),
}

/// What the files are for.
const USE: Use = Use { typed: "diff -f", done: "compared" };

/// Runs `diff -f`.
pub(super) async fn run(args: &FileArgs, format: &Format, ctx: &Context) -> Result<Outcome> {
    // All files are read before anything is sent.
    let found = manifests::read_all(&args.filename, args.recursive, USE, ctx)?;
    let others = found.others;
    let place = ctx.target("any".parse()?).await?;
    let wanted = ready(found, &place, args, ctx)?;
    wanted.iter().for_each(|(target, _)| ctx.journal.about(target, []));
    ctx.journal.judge_one_by_one();
    let comparing = ctx.ui.task("comparing");
    let diffs = wanted.iter().map(|(target, wanted)| compare_one(target, wanted, ctx));
    let diffs: Vec<Result<SecretDiff>> = stream::iter(diffs).buffered(AT_ONCE).collect().await;
    drop(comparing);
    let (mut items, mut failures) = (Vec::new(), Failures::default());
    for diff in diffs {
        match diff {
            Ok(item) => items.push(item),
            Err(error) => failures.push(error),
        }
    }
    let report = SecretDiffList::new(items, others);
    if !report.is_empty() || wanted.is_empty() {
        output::write(&report, Some(format))?;
    }
    let outcome = if report.is_different() { Outcome::Differences } else { Outcome::Done };
    failures.end().map(|_| outcome)
}

/// Says for each Secret where it is looked for; of SecretSources each source must be one that a file may name.
fn ready(found: Found, place: &Target, args: &FileArgs, ctx: &Context) -> Result<Vec<(Target, Ready)>> {
    let in_files = args.allow_source.iter().chain(&ctx.config.allow_sources).cloned().collect();
    let rules = Rules { in_files, allowed: &Allowed::default(), any_namespace: args.all_namespaces };
    let shared = Shared::default();
    let one = |wanted| match wanted {
        Wanted::Values(wanted) => Ok((manifests::target(&wanted, place, args.all_namespaces)?, Ready::Values(wanted))),
        Wanted::Sources(spec) => {
            let desired = Desired::of(spec, place, &rules, &shared)?;
            Ok((desired.target.clone(), Ready::Sources(Box::new(desired))))
        }
    };
    found.wanted.into_iter().map(one).collect()
}

async fn compare_one(target: &Target, wanted: &Ready, ctx: &Context) -> Result<SecretDiff> {
    let live = ctx.cluster().await?.secret_if_any(target).await?;
    let diff = match wanted {
        Ready::Values(wanted) => with_live(target, wanted, live.as_ref()),
        Ready::Sources(desired) => sources::with_live(desired, live.as_ref(), ctx).await?,
    };
    let outcome = if diff.is_different() { Outcome::Differences } else { Outcome::Done };
    ctx.journal.end(target, Verdict::with(outcome.exit_code())).await;
    Ok(diff)
}

/// Keys are compared as a whole. Of labels and annotations only those that the file names: others write theirs too.
fn with_live(target: &Target, wanted: &InFile, live: Option<&LiveSecret>) -> SecretDiff {
    let InFile { manifest, file } = wanted;
    let none = BTreeMap::new();
    let values = live.map_or(&none, |live| &live.values);
    let rows = union(values, &manifest.values)
        .into_iter()
        .map(|key| key_diff(key, values.get(key), manifest.values.get(key)))
        .collect();
    let no_labels = BTreeMap::new();
    let labels = live.map_or(&no_labels, |live| &live.metadata.labels);
    let no_annotations = BTreeMap::new();
    let annotations = live.map_or(&no_annotations, |live| &live.annotations);
    let ours = |name: &&String| name.as_str() != LAST_APPLIED && !name.starts_with(record::PREFIX);
    let labels = manifest.labels.iter().map(|(name, text)| {
        let status = match labels.get(name) {
            None => Status::Added,
            Some(there) if compare::is_text(text, there) => Status::Same,
            Some(_) => Status::Changed,
        };
        (name.clone(), status)
    });
    let annotations = manifest
        .annotations
        .keys()
        .filter(ours)
        .map(|name| (name.clone(), status(annotations.get(name), manifest.annotations.get(name), compare::same)));
    let diff = SecretDiff::of_file(Side::of(target), rows, file, manifest.document, live.is_none())
        .with_names(labels.collect(), annotations.collect());
    let Some(live) = live else { return diff };
    let diff = match &manifest.secret_type {
        Some(wanted) => diff.with_type(live.secret_type.clone(), wanted.clone()),
        None => diff,
    };
    match manifest.immutable {
        Some(wanted) => diff.with_immutable(live.immutable, wanted),
        None => diff,
    }
}
