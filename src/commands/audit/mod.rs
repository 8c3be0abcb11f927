//! `audit`: what is wrong with Secrets and around them, and what mends it; values are fetched with `--deep` only.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::audit::{Auditor, ControlPlane, Extent, Judgement, Sees, Settings};
use crate::cluster::{EveryConsumer, PAGE, Pages, Rbac, Scope};
use crate::commands::fail_on::FailOn;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::names::Namespace;
use crate::output::{self, Format, FormatParser};
use crate::plan::span::Span;
use crate::report::{AuditExtent, Baselined, SarifLog, SecretAudit, audit_page};
use crate::ui::Task;

use super::change::DryRun;
use super::everywhere::{LeftOut, Places};

mod baseline;
mod choose;
mod deep;
mod fix;

/// Find what is wrong with Secrets, why it matters, and what to type about it
///
/// Ages, policies, copies of values in annotations, exposure in environments, references to nothing, who may read, how
/// the API server keeps Secrets: from metadata, workloads, roles and metrics. No value is requested, but for --deep, which
/// looks for weak, empty and repeated values, and expired certificates. Exits with 1 if anything of --fail-on or worse
/// was found.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe audit -A
  kubectl secretsafe audit -n prod --fail-on medium
  kubectl secretsafe audit -A --rule last-applied,broad-read -o json
  kubectl secretsafe audit -A --deep --skip unused,env
  kubectl secretsafe audit -A --write-baseline baseline.json
  kubectl secretsafe audit -A --baseline baseline.json -o sarif > audit.sarif
  kubectl secretsafe audit -A -o html > audit.html
  kubectl secretsafe audit -n prod --fix last-applied")]
pub(crate) struct AuditArgs {
    /// Look at all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,

    /// Labels to select Secrets by, such as app=web,tier!=test
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = choose::names())]
    rule: Vec<String>,

    /// All but these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = choose::names(), conflicts_with = "rule")]
    skip: Vec<String>,

    /// Exit with 1 if anything as bad as this is found
    #[arg(long, value_name = "SEVERITY", default_value = "high")]
    fail_on: FailOn,

    /// Fetch the Secrets and look at their values as well; they are not shown, and wiped after each
    #[arg(long)]
    deep: bool,

    /// Keys without a policy are stale when they are older
    #[arg(long, value_name = "SPAN", default_value = "365d")]
    stale: Span,

    /// Certificates that expire within this are found; with --deep
    #[arg(long, value_name = "SPAN", default_value = "30d")]
    expiring: Span,

    /// Leave out the findings in this file
    #[arg(long, value_name = "FILE", conflicts_with = "write_baseline")]
    baseline: Option<PathBuf>,

    /// Write all findings into this file, for --baseline: rules and names, nothing else
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,

    /// Exit with 5 if not everything could be looked at
    #[arg(long)]
    strict: bool,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = FormatParser::of_audit())]
    output: Format,

    #[command(flatten)]
    fix: FixFlags,
}

/// Flags of a repair.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Repair")]
struct FixFlags {
    /// Mend what this rule finds; asks first
    ///
    /// last-applied: strips the annotation, by a patch of metadata alone. The next client-side `kubectl apply` writes it
    /// again; `kubectl apply --server-side` does not. The values have been seen: rotate them.
    #[arg(long, value_name = "RULE", conflicts_with_all = ["rule", "skip", "deep", "baseline", "write_baseline"])]
    fix: Option<Fix>,

    /// Do not ask
    #[arg(short = 'y', long, requires = "fix")]
    yes: bool,

    /// Only show what would be done
    #[arg(long, value_name = "none|client|server", num_args = 0..=1, require_equals = true, default_value = "none", default_missing_value = "client", hide_possible_values = true)]
    dry_run: DryRun,
}

/// What is safe to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Fix {
    /// Strip the annotation of client-side apply
    LastApplied,
}

/// Runs `audit`.
pub(crate) async fn run(args: AuditArgs, ctx: &Context) -> Result<Outcome> {
    if args.fix.fix.is_some() {
        return fix::run(&args, ctx).await;
    }
    if args.fix.dry_run != DryRun::None {
        return Err(Error::usage("`--dry-run` is for `--fix`").hint("without --fix, audit changes nothing"));
    }
    let rules = choose::rules(&args.rule, &args.skip, args.deep)?;
    let known = args.baseline.as_deref().map(baseline::read).transpose()?;
    let settings = Settings { stale: args.stale.clone(), expiring: args.expiring.clone() };
    let mut auditor = Auditor::new(rules, settings, args.selector.is_some());
    let mut gathered = gather(&args, &mut auditor, ctx).await?;
    let Judgement { mut findings, undecided, unknown, secrets, ages } = auditor.end();
    if let Some(path) = &args.write_baseline {
        let count = baseline::write(path, &findings)?;
        let noun = if count == 1 { "finding is" } else { "findings are" };
        ctx.ui.note(&format!("{count} {noun} in the baseline; look at the file before you commit it"));
    }
    let baselined = known.map(|known| {
        let (left_out, gone) = known.take_out(&mut findings);
        Baselined { left_out, gone }
    });
    let outcome =
        if args.fail_on.fails(findings.iter().map(|finding| finding.severity)) && args.write_baseline.is_none() {
            Outcome::Differences
        } else {
            Outcome::Done
        };
    gathered.extent.secrets = secrets;
    let report = SecretAudit::new(findings, (undecided, unknown), (gathered.extent, ages), baselined);
    let report = report.shown_as(&args.output);
    show(&report, &args.output, ctx)?;
    say(&report, &gathered.left_out, ctx);
    if args.strict && !report.is_complete() {
        return Err(Error::new(ErrorKind::Cluster, "not everything could be looked at, which --strict does not allow")
            .because("what is missing is said above, and stands in the report")
            .hint("ask for the rights that docs/audit.md lists, or leave rules out with --skip"));
    }
    Ok(outcome)
}

/// What was looked at.
struct Gathered {
    extent: AuditExtent,
    left_out: LeftOut,
}

/// Looks at everything that the rules want to see. References come before Secrets: one that is made in the meantime is
/// not called missing.
async fn gather(args: &AuditArgs, auditor: &mut Auditor, ctx: &Context) -> Result<Gathered> {
    let namespace = ctx.kubecontext().await?.namespace().clone();
    let cluster = ctx.cluster().await?;
    let task = ctx.ui.task("auditing secrets");
    let places =
        if args.all_namespaces { Places::find(&namespace, ctx).await? } else { Places::one(namespace.clone()) };
    let within = (!args.all_namespaces).then_some(&namespace);
    let (uses, access) = (auditor.wants(Sees::needs_uses), auditor.wants(|sees| matches!(sees, Sees::Access(_))));
    let plane = auditor.wants(|sees| matches!(sees, Sees::ControlPlane(_)));
    let (consumers, rbac, plane) = tokio::join!(
        async { if uses { places.consumers(cluster).await.map(Some) } else { Ok(None) } },
        async { if access { cluster.rbac_as_seen(within).await.map(Some) } else { Ok(None) } },
        async { if plane { Some(cluster.control_plane().await) } else { None } },
    );
    let (consumers, rbac) = (consumers?, rbac?);
    let scope = Scope { namespace: None, labels: args.selector.clone(), fields: None, page: PAGE };
    let Listing { at, secrets, inconsistent } = list(&places.scopes(&scope), auditor, args.deep, &task, ctx).await?;
    drop(task);
    let mut not_listed: Vec<String> = Vec::new();
    if let Some(EveryConsumer { users, not_listed: kinds }) = consumers {
        let extent = match (args.selector.is_none() && places.left_out.is_empty(), args.all_namespaces) {
            (false, _) => Extent::Part,
            (true, false) => Extent::Namespaces,
            (true, true) => Extent::Cluster,
        };
        auditor.uses(&users, kinds.is_empty(), extent);
        not_listed.extend(kinds);
    }
    if let Some(Rbac { mut policies, not_listed: kinds }) = rbac {
        auditor.access(&mut policies);
        not_listed.extend(kinds.iter().map(ToString::to_string));
    }
    if let Some((flags, metrics)) = plane {
        auditor.control_plane(&ControlPlane::of(flags, metrics.as_ref(), secrets > 0));
    }
    let left_out = places.left_out;
    let extent = AuditExtent {
        namespace: within.map(Namespace::to_string),
        deep: args.deep,
        secrets: 0,
        namespaces_left_out: left_out.count(),
        left_out: left_out.namespaces.iter().map(ToString::to_string).collect(),
        not_listed,
        inconsistent,
        at,
    };
    Ok(Gathered { extent, left_out })
}

/// What the lists of Secrets were like.
struct Listing {
    /// The server's time.
    at: Timestamp,
    /// How many there were.
    secrets: usize,
    /// A list changed while it was read.
    inconsistent: bool,
}

/// Looks at all Secrets, page by page.
async fn list(scopes: &[Scope], auditor: &mut Auditor, deep: bool, task: &Task, ctx: &Context) -> Result<Listing> {
    let mut listing = Listing { at: Timestamp::UNIX_EPOCH, secrets: 0, inconsistent: false };
    let values = if deep { Some(deep::Values::new()?) } else { None };
    for scope in scopes {
        let mut pages = Pages::new(ctx.cluster().await?, scope.clone());
        while let Some(page) = pages.next().await? {
            listing.at = page.now;
            listing.secrets += page.items.len();
            task.count(listing.secrets);
            for outline in &page.items {
                auditor.look_at(outline, page.now);
            }
            if let Some(values) = &values {
                values.look(&page, auditor, ctx).await?;
            }
        }
        listing.inconsistent |= pages.is_inconsistent();
    }
    Ok(listing)
}

fn show(report: &SecretAudit, format: &Format, ctx: &Context) -> Result<()> {
    match format {
        Format::Sarif => output::document(&SarifLog::of(report)),
        Format::Html => output::page(&audit_page(report)),
        Format::Table | Format::Wide | Format::Csv => {
            if report.is_empty() && !matches!(format, Format::Csv) {
                ctx.ui.tell("Nothing found.");
            }
            output::write(report, Some(format))
        }
        _ => output::write(report, Some(format)),
    }
}

fn say(report: &SecretAudit, left_out: &LeftOut, ctx: &Context) {
    left_out.say(ctx);
    report.missing().iter().for_each(|text| ctx.ui.warn(text));
    report.remarks().iter().for_each(|text| ctx.ui.note(text));
}
