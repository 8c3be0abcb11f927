//! `policy show`: the rules, and what is due.

use crate::cluster::{Pages, Scope};
use crate::commands::change::Looked;
use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::names::SecretName;
use crate::output::{self, Format};
use crate::plan::policy::{LABEL, LABELLED};
use crate::report::{SecretPolicy, SecretPolicyList};

/// Show policies, and which keys are due
///
/// Without a name, all Secrets that have the label of a policy. No value is requested.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe policy show db
  kubectl secretsafe policy show -A -l team=web -o json")]
pub(crate) struct ShowArgs {
    /// Name of the Secret; without one, all that have a policy
    #[arg(conflicts_with_all = ["all_namespaces", "selector"])]
    name: Option<SecretName>,

    /// Show the policies of all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,

    /// Labels to select the Secrets by, such as app=web,tier!=test
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: Format,
}

/// Runs `policy show`.
pub(super) async fn run(args: ShowArgs, ctx: &Context) -> Result<Outcome> {
    match args.name {
        Some(name) => one(name, &args.output, ctx).await?,
        None => many(&args, ctx).await?,
    }
    Ok(Outcome::Done)
}

async fn one(name: SecretName, format: &Format, ctx: &Context) -> Result<()> {
    let target = ctx.target(name).await?;
    let found = ctx.cluster().await?.describe(&target).await?;
    let looked = Looked::listed(found.object, found.now);
    let view = view(&looked, ctx);
    if looked.metadata().annotations.policy.is_none() && matches!(format, Format::Table) {
        ctx.ui.tell(&format!("Secret {} has no policy.", target.name));
        return Ok(());
    }
    output::write(&view, Some(format))
}

async fn many(args: &ShowArgs, ctx: &Context) -> Result<()> {
    let namespace = ctx.kubecontext().await?.namespace().clone();
    let scope = scope((!args.all_namespaces).then_some(namespace), args.selector.as_deref());
    let mut pages = Pages::new(ctx.cluster().await?, scope);
    let task = ctx.ui.task("listing policies");
    let mut views = Vec::new();
    while let Some(page) = pages.next().await? {
        let now = page.now;
        views.extend(page.items.into_iter().map(|outline| view(&Looked::listed(outline, now), ctx)));
        task.count(views.len());
    }
    drop(task);
    if views.is_empty() && matches!(args.output, Format::Table) {
        ctx.ui.tell("No policies found.");
        return Ok(());
    }
    output::write(&SecretPolicyList::new(views), Some(&args.output))
}

/// What is listed: Secrets with the label of a policy.
pub(crate) fn scope(namespace: Option<crate::names::Namespace>, selector: Option<&str>) -> Scope {
    let labels = [Some(format!("{LABEL}={LABELLED}")), selector.map(str::to_owned)];
    let labels = labels.into_iter().flatten().collect::<Vec<_>>().join(",");
    Scope { namespace, labels: Some(labels), page: crate::cluster::PAGE, ..Scope::default() }
}

fn view(looked: &Looked, ctx: &Context) -> SecretPolicy {
    let metadata = looked.metadata();
    if metadata.has_unreadable_policy() {
        ctx.ui.warn(&format!(
            "the annotation of secret `{}` in namespace `{}` is no policy that can be read, and counts as none",
            metadata.name, metadata.namespace
        ));
    }
    let labelled = metadata.labels.get(LABEL).is_some_and(|text| text == LABELLED);
    if metadata.annotations.policy.is_some() && !labelled {
        ctx.ui.warn(&format!(
            "secret `{}` in namespace `{}` has no label {LABEL}={LABELLED}, so that `rotate --due` does not see it",
            metadata.name, metadata.namespace
        ));
    }
    SecretPolicy::new(metadata.annotations.policy.as_ref(), metadata, &looked.keys, looked.now())
}
