//! `diff -f`: manifests of Secrets against those of the cluster. A file starts no program, asks no source and picks no
//! server; where its Secrets may be, is the user's choice (requirement S2).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures::stream::{self, StreamExt};

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::log::Verdict;
use crate::output::{self, Format};
use crate::plaintext::parse::{MAX_FILE, Manifest, ManifestError, Problem, parse_manifests};
use crate::plaintext::wire::{LAST_APPLIED, LiveSecret};
use crate::plaintext::{SecretValue, compare};
use crate::plan::{Target, record};
use crate::report::{SecretDiff, SecretDiffList, Side, Status};
use crate::sources;
use crate::tree::Tree;
use crate::ui::Failures;

use super::{key_diff, status, union};

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
}

impl FileArgs {
    /// Tells whether files are to be compared.
    pub(super) fn is_given(&self) -> bool {
        !self.filename.is_empty()
    }
}

/// A Secret of a file.
struct Wanted {
    manifest: Manifest,
    file: String,
}

/// Runs `diff -f`.
pub(super) async fn run(args: &FileArgs, format: &Format, ctx: &Context) -> Result<Outcome> {
    let (wanted, others) = read(args, ctx)?;
    let place = ctx.target("any".parse()?).await?;
    let wanted = wanted.into_iter().map(|wanted| Ok((target(&wanted, &place, args.all_namespaces)?, wanted)));
    let wanted = wanted.collect::<Result<Vec<_>>>()?;
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

/// Reads all files before anything is sent: one that is broken ends the run.
fn read(args: &FileArgs, ctx: &Context) -> Result<(Vec<Wanted>, usize)> {
    let (mut wanted, mut others) = (Vec::new(), 0);
    let mut visit = |path: &Path, content: SecretValue| {
        let file = path.display().to_string();
        let found = parse_manifests(&content).map_err(|error| unusable(&file, &error))?;
        others += found.others;
        wanted.extend(found.secrets.into_iter().map(|manifest| Wanted { manifest, file: file.clone() }));
        Ok(())
    };
    let mut tree = Tree::new(args.recursive, MAX_FILE, &mut visit);
    for path in &args.filename {
        match path.to_str() {
            Some("-") => tree.read_stdin(sources::stdin_for("manifests")?)?,
            Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
                return Err(Error::usage("`-f` takes no URL: who serves it would choose what is compared")
                    .hint("fetch it and look at it, then type: kubectl secretsafe diff -f FILE"));
            }
            _ => tree.read(path)?,
        }
    }
    match tree.left_out() {
        0 => {}
        1 => ctx.ui.warn("1 manifest is left out, because it is a link or no regular file"),
        many => ctx.ui.warn(&format!("{many} manifests are left out, because they are links or no regular files")),
    }
    if wanted.is_empty() && others == 0 {
        return Err(Error::usage("there is no object in what -f names")
            .hint("of a folder, files that end with .yaml, .yml or .json are read; -R goes into its folders"));
    }
    Ok((wanted, others))
}

fn unusable(file: &str, error: &ManifestError) -> Error {
    let hint = match error.problem {
        Problem::Sops => format!("decrypt it into the pipe: sops decrypt {file} | kubectl secretsafe diff -f -"),
        Problem::Syntax | Problem::OddKey => {
            "a template is rendered first, such as with: helm template … | kubectl secretsafe diff -f -".to_owned()
        }
        Problem::NotQuoted => "write \"\" for an empty value, and quotes around others".to_owned(),
        Problem::Base64 => "text that is not encoded belongs into stringData".to_owned(),
        Problem::LargeFile | Problem::LargeDocument => "write smaller files, or documents apart with ---".to_owned(),
        _ => "look at that line in an editor; its text is not shown, because it can hold a value".to_owned(),
    };
    Error::usage(format!("{file} cannot be compared")).caused_by(error).hint(hint)
}

/// Where a Secret is looked for. A file that came from somebody else must not choose it: in a log of CI, `same` would
/// tell who wrote the file that they have guessed the value of any Secret that the job may read.
fn target(wanted: &Wanted, place: &Target, any: bool) -> Result<Target> {
    let manifest = &wanted.manifest;
    let namespace = manifest.namespace.as_ref().unwrap_or(&place.namespace);
    if !any && *namespace != place.namespace {
        return Err(Error::refused(format!(
            "{}, document {}: secret `{}` is for namespace `{namespace}`, not for `{}`",
            wanted.file, manifest.document, manifest.name, place.namespace
        ))
        .hint(format!("if it is meant, add -n {namespace}, or -A for what any manifest names")));
    }
    Ok(Target { namespace: namespace.clone(), name: manifest.name.clone(), ..place.clone() })
}

async fn compare_one(target: &Target, wanted: &Wanted, ctx: &Context) -> Result<SecretDiff> {
    let live = ctx.cluster().await?.secret_if_any(target).await?;
    let diff = with_live(target, wanted, live.as_ref());
    let outcome = if diff.is_different() { Outcome::Differences } else { Outcome::Done };
    ctx.journal.end(target, Verdict::with(outcome.exit_code())).await;
    Ok(diff)
}

/// Keys are compared as a whole. Of labels and annotations only those that the file names: others write theirs too.
fn with_live(target: &Target, wanted: &Wanted, live: Option<&LiveSecret>) -> SecretDiff {
    let Wanted { manifest, file } = wanted;
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
