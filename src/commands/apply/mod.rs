//! `apply -f`: Secrets as files of SecretSources want them, however often it runs.
//!
//! Everything is read and checked before anything is sent: a file chooses no program, no server and no foreign value
//! (requirement S2). Then look, plan, ask once, fill, write; one document that fails does not stop the others.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::KeyName;
use crate::output::{self, Format};
use crate::plan::Target;
use crate::report::{ApplyView, SecretApplyList};
use crate::sources::{Allowed, AllowedInFile, Shared};
use crate::ui::Failures;

use super::allowed::AllowedFlags;
use super::change::DryRun;
use super::desired::{Desired, Rules};
use super::manifests::{Found, InFile, Use, Wanted, read_all};

mod carry;
mod plan;
mod show;

use carry::{Run, carry_all};
use plan::{Planned, look_at_all};

/// How many Secrets are looked at and written at the same time, if nobody says another number.
const AT_ONCE: u16 = 16;

/// Make Secrets what files of SecretSources say, without a value in a file
///
/// A file says which keys a Secret has and where each value comes from (docs/sources-file.md). Keys that are generated,
/// typed or piped in only have to be there; values of other sources are compared with what is stored. A second run
/// changes nothing. Nothing is written until you confirm the plan, or pass --yes.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe apply -f secrets/db.yaml
  kubectl secretsafe apply -f secrets/ -R --yes
  kubectl secretsafe apply -f secrets/ --dry-run=client
  kubectl secretsafe apply -f db.yaml --renew password
  kubectl secretsafe apply -f db.yaml --allow-source 'keychain:team/*'")]
pub(crate) struct ApplyArgs {
    /// File or folder of SecretSources, or - for stdin; may be repeated
    #[arg(short, long, value_name = "FILE|FOLDER|-", required = true)]
    filename: Vec<PathBuf>,

    /// Go into the folders of a folder too
    #[arg(short = 'R', long)]
    recursive: bool,

    /// Key to give a new value although it exists; may be repeated
    #[arg(long, value_name = "KEY")]
    renew: Vec<KeyName>,

    /// Remove keys that this program has written, and that the file does not name any more
    #[arg(long)]
    prune: bool,

    /// Source that a file may name, as SCHEME or SCHEME:PATTERN, such as 'keychain:team/*'; may be repeated
    #[arg(long, value_name = "SCHEME[:PATTERN]")]
    allow_source: Vec<AllowedInFile>,

    /// Change Secrets even though a controller or GitOps tool will undo it
    #[arg(long)]
    override_owner: bool,

    /// How many Secrets are written at the same time [default: 16]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    parallel: Option<u16>,

    #[command(flatten)]
    allowed: AllowedFlags,

    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,

    /// Only show what would be done: client asks no source, server asks for values and has them checked
    #[arg(long, value_name = "none|client|server", num_args = 0..=1, require_equals = true, default_value = "none", default_missing_value = "client", hide_possible_values = true)]
    dry_run: DryRun,

    /// Output format
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

/// Of more documents than these, what sources say about each value is said under -v only.
const TALKATIVE: usize = 10;

/// What was asked for, apart from files and output.
#[derive(Debug)]
struct Wishes {
    renew: Vec<KeyName>,
    prune: bool,
    override_owner: bool,
    parallel: usize,
    allowed: Allowed,
}

/// Runs `apply`.
pub(crate) async fn run(args: ApplyArgs, ctx: &Context) -> Result<Outcome> {
    let parallel = usize::from(args.parallel.unwrap_or(AT_ONCE));
    let ctx = ctx.for_many(parallel);
    let outcome = apply(args, parallel, &ctx).await?;
    ctx.end(outcome)
}

/// What the files are for.
const USE: Use = Use { typed: "apply -f", done: "applied" };

async fn apply(args: ApplyArgs, parallel: usize, ctx: &Context) -> Result<Outcome> {
    let found = read_all(&args.filename, args.recursive, USE, ctx)?;
    let others = found.others;
    let allowed: Allowed = args.allowed.into();
    let in_files = args.allow_source.iter().chain(&ctx.config.allow_sources).cloned().collect();
    let place = ctx.target("any".parse()?).await?;
    let rules = Rules { in_files, allowed: &allowed, any_namespace: false };
    let documents = ready(found, &place, &rules)?;
    check_renew(&args.renew, &documents)?;
    let wishes =
        Wishes { renew: args.renew, prune: args.prune, override_owner: args.override_owner, parallel, allowed };
    documents.iter().for_each(|desired| ctx.journal.about(&desired.target, desired.spec.stored()));
    ctx.journal.judge_one_by_one();
    if others > 0 {
        ctx.ui.note(&format!("{others} objects of other kinds are passed over: apply is for SecretSources"));
    }
    let planned = look_at_all(documents, &wishes, ctx).await;
    let mut failures = Failures::default();
    if args.dry_run == DryRun::Client {
        let rows = planned.iter().map(Planned::view).collect();
        planned.into_iter().filter_map(Planned::into_error).for_each(|error| failures.push(error));
        return end(rows, others, Some("dry run"), args.output.as_ref(), failures);
    }
    if planned.iter().any(Planned::may_write) {
        if args.dry_run == DryRun::None {
            ctx.confirm_protected().await?;
        }
        if !args.yes && args.dry_run == DryRun::None && !show::confirm(&planned, ctx)? {
            return Ok(Outcome::Declined);
        }
    }
    let (dry_run, talks) = (args.dry_run == DryRun::Server, planned.len() <= TALKATIVE);
    let run = Run { wishes: &wishes, dry_run, talks };
    let mut rows: Vec<(usize, ApplyView)> = Vec::with_capacity(planned.len());
    let mut take = |number: usize, view: ApplyView, error: Option<Error>| {
        rows.push((number, view));
        error.into_iter().for_each(|error| failures.push(error));
    };
    carry_all(planned, &run, &mut take, ctx).await?;
    rows.sort_by_key(|(number, _)| *number);
    let rows = rows.into_iter().map(|(_, view)| view).collect();
    let dry_run = run.dry_run.then_some("server dry run");
    end(rows, others, dry_run, args.output.as_ref(), failures)
}

fn end(
    rows: Vec<ApplyView>,
    others: usize,
    dry_run: Option<&'static str>,
    format: Option<&Format>,
    failures: Failures,
) -> Result<Outcome> {
    output::write(&SecretApplyList::new(rows, others, dry_run), format)?;
    failures.end()
}

/// Makes every document ready: one that may not be applied ends the run before anything is opened or sent.
fn ready(found: Found, place: &Target, rules: &Rules<'_>) -> Result<Vec<Desired>> {
    let (shared, mut seen, mut documents) = (Shared::default(), BTreeSet::new(), Vec::new());
    for one in found.wanted {
        let spec = match one {
            Wanted::Sources(spec) => spec,
            Wanted::Values(secret) => return Err(has_values(&secret)),
        };
        let named = spec.named();
        let desired = Desired::of(spec, place, rules, &shared)?;
        if !seen.insert(desired.target.name.clone()) {
            return Err(Error::usage(format!("{named}: secret `{}` is in the files twice", desired.target.name))
                .hint("put all its keys into one document"));
        }
        documents.push(desired);
    }
    if documents.is_empty() {
        return Err(Error::usage("there are no SecretSources in what -f names").hint(
            "they begin with apiVersion: secretsafe.dev/v1alpha1 and kind: SecretSources; see docs/sources-file.md",
        ));
    }
    Ok(documents)
}

fn has_values(secret: &InFile) -> Error {
    let (file, document) = (&secret.file, secret.manifest.document);
    Error::usage(format!("{file}, document {document}: a Secret with its values in a file is not applied"))
        .because("apply takes SecretSources, which say where values come from")
        .hint("to compare it with the cluster, type: kubectl secretsafe diff -f FILE")
        .hint("if the file is in Git, whoever reads that knows its values: change them")
}

fn check_renew(renew: &[KeyName], documents: &[Desired]) -> Result<()> {
    match renew.iter().find(|key| !documents.iter().any(|desired| desired.has(key))) {
        Some(key) => Err(Error::usage(format!("`--renew {key}` names a key that no document has"))
            .hint("name one of the keys in the files, or leave it out")),
        None => Ok(()),
    }
}
