//! `audit --fix last-applied`: strips the annotation of client-side apply from each Secret, by a patch of metadata alone.

use std::collections::BTreeMap;

use crate::cluster::{PAGE, PatchError, Scope, explain_change};
use crate::commands::change::DryRun;
use crate::commands::everywhere::Everywhere;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::output::{self, Format};
use crate::plaintext::wire::{LAST_APPLIED, LastApplied, Metadata, metadata_patch};
use crate::plan::Target;
use crate::report::{AuditFix, Stripped};
use crate::ui::Failures;

use super::AuditArgs;

/// How often others may write in between before we give up.
const TRIES: usize = 20;
/// How many Secrets are named before one is asked.
const NAMED: usize = 20;

/// A Secret whose annotation goes.
struct Step {
    target: Target,
    metadata: Metadata,
}

/// Runs `audit --fix`.
pub(super) async fn run(args: &AuditArgs, ctx: &Context) -> Result<Outcome> {
    if matches!(args.output, Format::Sarif | Format::Html) {
        return Err(Error::usage("`-o sarif` and `-o html` are for findings, and `--fix` shows what was mended")
            .hint("use -o json, or leave --fix out"));
    }
    let (steps, left_out) = find(args, ctx).await?;
    left_out.say(ctx);
    let dry_run = args.fix.dry_run;
    let mut report = AuditFix::default();
    if dry_run == DryRun::Client {
        steps.iter().for_each(|step| report.add(&step.target, Stripped::WouldBe));
        return end(&report, args, ctx).and_then(|outcome| left_out.end(args.strict, outcome));
    }
    if steps.is_empty() {
        return end(&report, args, ctx).and_then(|outcome| left_out.end(args.strict, outcome));
    }
    if !confirm(&steps, args, ctx).await? {
        return Ok(Outcome::Declined);
    }
    let mut failures = Failures::default();
    let task = ctx.ui.task("stripping annotations");
    for (index, Step { target, metadata }) in steps.iter().enumerate() {
        task.count(index);
        match strip(target, metadata, dry_run == DryRun::Server, ctx).await {
            Ok(result) => report.add(target, result),
            Err(error) => {
                report.add(target, Stripped::Failed);
                failures.push(error);
            }
        }
    }
    drop(task);
    end(&report, args, ctx)?;
    failures.end().and_then(|outcome| left_out.end(args.strict, outcome))
}

async fn find(args: &AuditArgs, ctx: &Context) -> Result<(Vec<Step>, crate::commands::everywhere::LeftOut)> {
    let namespace = ctx.kubecontext().await?.namespace().clone();
    let scope = Scope {
        namespace: (!args.all_namespaces).then(|| namespace.clone()),
        labels: args.selector.clone(),
        fields: None,
        page: PAGE,
    };
    let place = ctx.target("any".parse()?).await?;
    let task = ctx.ui.task("looking for annotations");
    let (mut steps, mut count) = (Vec::new(), 0);
    let mut walk = Everywhere::new(scope, namespace, ctx);
    while let Some(page) = walk.next().await? {
        count += page.items.len();
        task.count(count);
        let found = page.items.into_iter().map(|outline| outline.metadata).filter(holds_values);
        steps.extend(found.filter_map(|metadata| {
            let (name, namespace) = (metadata.name.parse().ok()?, metadata.namespace.parse().ok()?);
            Some(Step { target: Target { name, namespace, ..place.clone() }, metadata })
        }));
    }
    Ok((steps, walk.left_out().clone()))
}

/// An annotation without values is left to `kubectl apply`, which needs it.
fn holds_values(metadata: &Metadata) -> bool {
    matches!(metadata.annotations.last_applied, Some(LastApplied::Values(_) | LastApplied::Unreadable))
}

async fn confirm(steps: &[Step], args: &AuditArgs, ctx: &Context) -> Result<bool> {
    if args.fix.dry_run == DryRun::None {
        ctx.confirm_protected().await?;
    }
    if args.fix.yes || args.fix.dry_run == DryRun::Server {
        return Ok(true);
    }
    if !ctx.ui.has_terminal() {
        return Err(Error::refused(format!("{} were not changed", counted(steps.len())))
            .because("nobody is there to confirm")
            .hint("add --yes"));
    }
    let context = steps.first().map(|step| step.target.context.as_str()).unwrap_or_default();
    ctx.ui.say(&format!("strip {LAST_APPLIED} from {}, context {context}", counted(steps.len())));
    for Step { target, .. } in steps.iter().take(NAMED) {
        ctx.ui.say(&format!("  secret/{} in namespace {}", target.name, target.namespace));
    }
    if steps.len() > NAMED {
        ctx.ui.say(&format!("  and {} more", steps.len() - NAMED));
    }
    ctx.ui.say("The next client-side `kubectl apply` writes it again: use `kubectl apply --server-side`.");
    ctx.ui.confirm("Go on?")
}

/// Takes the annotation away. What others change in between is kept: only the annotation is in the patch.
async fn strip(target: &Target, first: &Metadata, dry_run: bool, ctx: &Context) -> Result<Stripped> {
    let cluster = ctx.cluster().await?;
    let gone = BTreeMap::from([(LAST_APPLIED.to_owned(), None)]);
    let mut version = first.resource_version.clone();
    for _ in 0..TRIES {
        let body = metadata_patch(&first.uid, &version, &BTreeMap::new(), &gone);
        let error = match cluster.patch(target, body, &[], dry_run).await {
            Ok(_) if dry_run => return Ok(Stripped::WouldBe),
            Ok(_) => return Ok(Stripped::Done),
            Err(PatchError::Refused(error)) => return Err(error),
            Err(PatchError::Conflict) => None,
            Err(PatchError::Open(error)) => Some(error),
        };
        let now = cluster.find(target).await;
        match (now, error) {
            (Ok(Some(now)), _) if now.object.metadata.uid != first.uid => return Ok(Stripped::Gone),
            (Ok(Some(now)), _) if !holds_values(&now.object.metadata) => return Ok(Stripped::Done),
            (Ok(Some(now)), None) => version = now.object.metadata.resource_version,
            (Ok(Some(now)), Some(error)) if now.object.metadata.resource_version == version => {
                return Err(explain_change(&error, "patch", target));
            }
            (Ok(None), _) => return Ok(Stripped::Gone),
            (_, Some(_)) => return Err(open(target)),
            (Err(error), None) => return Err(error),
        }
    }
    Err(Error::new(
        ErrorKind::Cluster,
        format!("secret `{}` in namespace `{}` changes faster than it can be written", target.name, target.namespace),
    )
    .hint("run the command again"))
}

fn open(target: &Target) -> Error {
    let Target { name, namespace, .. } = target;
    Error::new(
        ErrorKind::Unfinished,
        format!("it is not known whether the annotation of secret `{name}` in namespace `{namespace}` is gone"),
    )
    .hint(format!("look again with: kubectl secretsafe audit --rule last-applied -n {namespace}"))
}

fn end(report: &AuditFix, args: &AuditArgs, ctx: &Context) -> Result<Outcome> {
    let format = (!matches!(args.output, Format::Table)).then_some(&args.output);
    if report.is_empty() && format.is_none() {
        ctx.ui.tell("Nothing to mend.");
    }
    output::write(report, format)?;
    if report.any_done() {
        ctx.ui.note("the values were readable in the annotation: rotate them");
        ctx.ui.note("the next client-side `kubectl apply` writes it again: use `kubectl apply --server-side`");
    }
    Ok(Outcome::Done)
}

fn counted(count: usize) -> String {
    if count == 1 { "1 secret".to_owned() } else { format!("{count} secrets") }
}
