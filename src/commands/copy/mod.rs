//! `copy`: Secrets to other namespaces and clusters, value by value inside the wall.

use crate::cluster::{Pages, Scope};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::log::Verdict;
use crate::names::{KeyName, SecretName};
use crate::output::{self, Format};
use crate::report::{CopyResult, CopyView, SecretCopyList};

use super::change::DryRun;
use super::pick;

mod destination;
mod plan;
mod write;

use destination::{Clusters, Matching, To};
use plan::{Planned, Rules, Source, Step, plan};
pub(super) use write::LABELS;
use write::{Along, Load, write_all};

/// More places than these are counted in the question, not named one by one.
const NAMED: usize = 20;

/// Copy Secrets to other namespaces and clusters, without showing a value
///
/// Values go from one connection to the other and nowhere else. A Secret that exists already is left alone, unless
/// you pass --apply: then it gets the keys of the copy, and keeps its others. One place that fails does not stop the
/// others. Of the labels only those that say what a thing is go along, of the annotations none, unless you name them.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe copy registry --to team-a --to team-b
  kubectl secretsafe copy db --to other-cluster:prod/db --keys password
  kubectl secretsafe copy wildcard-tls --all-namespaces-matching 'team-*' --apply --yes
  kubectl secretsafe copy -l app=web --to staging --dry-run=client")]
pub(crate) struct CopyArgs {
    /// Names of the Secrets; without one, pick from a list
    #[arg(value_name = "NAME", conflicts_with = "selector")]
    names: Vec<SecretName>,

    /// Labels to select the Secrets by, such as app=web,tier!=test
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Place to copy to; may be repeated
    #[arg(long, value_name = "[CONTEXT:]NAMESPACE[/NAME]", required_unless_present = "all_namespaces_matching")]
    to: Vec<To>,

    /// Copy to all namespaces that match, such as 'team-*'; may be repeated
    #[arg(long, value_name = "[CONTEXT:]PATTERN")]
    all_namespaces_matching: Vec<Matching>,

    /// Copy these keys only
    #[arg(long, value_name = "KEY,...", value_delimiter = ',')]
    keys: Vec<KeyName>,

    /// Update Secrets that exist: they get the keys of the copy, and keep their others
    #[arg(long)]
    apply: bool,

    /// Label that goes along; may be repeated
    #[arg(long, value_name = "NAME")]
    label: Vec<String>,

    /// Annotation that goes along, unless it holds a value; may be repeated
    #[arg(long, value_name = "NAME")]
    annotation: Vec<String>,

    /// Change Secrets even though a controller or GitOps tool will undo it
    #[arg(long)]
    override_owner: bool,

    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,

    /// Only show what would be done: client reads no value, server has the copies checked
    #[arg(long, value_name = "none|client|server", num_args = 0..=1, require_equals = true, default_value = "none", default_missing_value = "client", hide_possible_values = true)]
    dry_run: DryRun,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: Format,
}

/// Runs `copy`.
pub(crate) async fn run(args: CopyArgs, ctx: &Context) -> Result<Outcome> {
    check_along(&args.annotation, "--annotation")?;
    check_along(&args.label, "--label")?;
    let names = match names(&args, ctx).await? {
        Ok(names) => names,
        Err(outcome) => return Ok(outcome),
    };
    if names.len() > 1 && args.to.iter().any(To::is_renamed) {
        return Err(Error::usage("several Secrets cannot be copied to one name").hint("write --to NAMESPACE alone"));
    }
    let clusters = Clusters::new(ctx, &args.to, &args.all_namespaces_matching);
    let mut copies = Vec::new();
    let looking = ctx.ui.task("looking at the places");
    for name in names {
        let target = ctx.target(name).await?;
        ctx.journal.about(&target, &args.keys);
        let source = Source::look(target, &args.keys, ctx).await?;
        let places = clusters.places(&source.target, &args.to, &args.all_namespaces_matching).await?;
        let rules = Rules { apply: args.apply, override_owner: args.override_owner };
        let planned = plan(&source, places, rules, &looking).await;
        copies.push((source, planned));
    }
    drop(looking);
    if copies.iter().all(|(_, planned)| planned.is_empty()) {
        return nothing("No namespace matches.", args.output, ctx);
    }
    if args.dry_run == DryRun::Client {
        return show_plan(&copies, &args);
    }
    if !confirm(&copies, &args, ctx).await? {
        return Ok(Outcome::Declined);
    }
    let (rows, failures) = carry(copies, &args, ctx).await;
    output::write(&SecretCopyList::new(rows), Some(&args.output))?;
    end(&failures)
}

/// The Secrets that are named, selected or picked.
async fn names(args: &CopyArgs, ctx: &Context) -> Result<pick::Picked<Vec<SecretName>>> {
    let Some(selector) = &args.selector else {
        if args.names.is_empty() {
            return Ok(pick::secret(None, "copy NAME --to NAMESPACE", ctx).await?.map(|name| vec![name]));
        }
        return Ok(Ok(args.names.clone()));
    };
    let namespace = ctx.kubecontext().await?.namespace().clone();
    let scope = Scope { labels: Some(selector.clone()), ..Scope::of(&namespace) };
    let mut pages = Pages::new(ctx.cluster().await?, scope);
    let mut names = Vec::new();
    while let Some(page) = pages.next().await? {
        let found = page.items.iter().filter(|outline| !outline.is_machinery());
        names.extend(found.filter_map(|outline| outline.metadata.name.parse().ok()));
    }
    if names.is_empty() {
        let text = format!("No secrets found in {namespace} namespace.");
        return nothing(&text, args.output.clone(), ctx).map(Err);
    }
    Ok(Ok(names))
}

/// Says to a person that there is nothing to copy; a program gets a list of nothing.
fn nothing(text: &str, format: Format, ctx: &Context) -> Result<Outcome> {
    match format {
        Format::Table | Format::Wide => ctx.ui.tell(text),
        format => output::write(&SecretCopyList::new(Vec::new()), Some(&format))?,
    }
    Ok(Outcome::Done)
}

/// What this program writes about a key, and what `kubectl apply` keeps, never goes along.
pub(super) fn check_along(names: &[String], flag: &str) -> Result<()> {
    let own = |name: &str| name.split('/').next().is_some_and(|prefix| prefix.ends_with("secretsafe.dev"));
    if names.iter().any(|name| own(name) || name == "kubectl.kubernetes.io/last-applied-configuration") {
        return Err(Error::usage(format!("`{flag}` names something that belongs to the original only"))
            .because("records, policies and the configuration that `kubectl apply` keeps are not copied")
            .hint("leave it out"));
    }
    Ok(())
}

type Copies<'a> = Vec<(Source, Vec<Planned<'a>>)>;

fn show_plan(copies: &Copies<'_>, args: &CopyArgs) -> Result<Outcome> {
    let mut rows = Vec::new();
    let mut failures = Vec::new();
    for (source, planned) in copies {
        for Planned { target, step, .. } in planned {
            rows.push(match step {
                Step::Create => CopyView::planned(&source.target, target, CopyResult::WouldCreate, &source.keys),
                Step::Update(_) => CopyView::planned(&source.target, target, CopyResult::WouldConfigure, &source.keys),
                Step::Fail(error) => {
                    failures.push(error.clone());
                    CopyView::failed(&source.target, target, error)
                }
            });
        }
    }
    output::write(&SecretCopyList::new(rows), Some(&args.output))?;
    end(&failures)
}

/// Asks for the names of protected contexts, then whether to go on.
async fn confirm(copies: &Copies<'_>, args: &CopyArgs, ctx: &Context) -> Result<bool> {
    let wanted = || copies.iter().flat_map(|(source, planned)| planned.iter().map(move |copy| (source, copy)));
    let wanted = || wanted().filter(|(_, copy)| !matches!(copy.step, Step::Fail(_)));
    // Values that leave a protected cluster matter as much as those that come into one, and another API server gets
    // them in its dry run too.
    if wanted().any(|(source, copy)| source.target.fingerprint != copy.target.fingerprint) {
        ctx.confirm_protected().await?;
    }
    if args.dry_run == DryRun::None {
        for (_, copy) in wanted() {
            copy.ctx.confirm_protected().await?;
        }
    }
    let count = wanted().count();
    if args.yes || args.dry_run == DryRun::Server || count == 0 {
        return Ok(true);
    }
    if !ctx.ui.has_terminal() {
        return Err(Error::refused("nothing was copied").because("nobody is there to confirm").hint("add --yes"));
    }
    for (source, copy) in wanted().take(NAMED) {
        let (from, to) = (&source.target, &copy.target);
        let context = if from.context == to.context { String::new() } else { format!(", context {}", to.context) };
        let (verb, lost) = match copy.step {
            Step::Update(_) => ("configure", ": old values of these keys will be gone"),
            _ => ("create", ""),
        };
        ctx.ui.say(&format!(
            "  {verb} secret/{} in namespace {}{context} from {}/{}{lost}",
            to.name, to.namespace, from.namespace, from.name
        ));
    }
    if count > NAMED {
        ctx.ui.say(&format!("  and {} more; --dry-run=client lists them all", count - NAMED));
    }
    ctx.ui.confirm("Go on?")
}

/// Reads each Secret once and writes its copies.
async fn carry(copies: Copies<'_>, args: &CopyArgs, ctx: &Context) -> (Vec<CopyView>, Vec<Error>) {
    let along = Along { labels: &args.label, annotations: &args.annotation };
    let task = ctx.ui.task("copying");
    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    for (source, planned) in copies {
        let nothing_to_do = planned.iter().all(|copy| matches!(copy.step, Step::Fail(_)));
        let load = if nothing_to_do { Load::nothing() } else { Load::read(&source, along, ctx).await };
        let done = match load {
            Ok(load) => write_all(&load, planned, args.dry_run == DryRun::Server, &task).await,
            Err(error) => planned.into_iter().map(|copy| (copy.target, Err(error.clone()))).collect(),
        };
        for (target, outcome) in done {
            let verdict = outcome.as_ref().map_or_else(|error| Verdict::failed(error.kind()), |_| Verdict::DONE);
            ctx.journal.about(&target, &source.keys);
            ctx.journal.end(&target, verdict).await;
            rows.push(CopyView::done(&source.target, &target, &outcome));
            failures.extend(outcome.err());
        }
    }
    (rows, failures)
}

/// One summary: how many failed, why, and the exit code of the worst.
fn end(failures: &[Error]) -> Result<Outcome> {
    let worst = failures.iter().max_by_key(|error| error.kind().exit_code());
    let Some(worst) = worst else { return Ok(Outcome::Done) };
    if let [only] = failures {
        return Err(only.clone());
    }
    // Not the number of copies: several may have failed for one reason, which is then said once.
    let kind = if worst.kind() == ErrorKind::Usage { ErrorKind::Cluster } else { worst.kind() };
    let mut error = Error::new(kind, format!("{} copies failed", failures.len()));
    let mut hints: Vec<&String> = Vec::new();
    for hint in failures.iter().flat_map(|failure| failure.hints()) {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    for hint in hints.into_iter().take(3) {
        error = error.hint(hint);
    }
    Err(error)
}
