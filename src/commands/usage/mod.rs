//! `usage`: who uses Secrets, how, and when each sees a new value; no value is fetched.

use crate::cluster::EveryConsumer;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::names::SecretName;
use crate::output::{self, Format, FormatParser};
use crate::plan::consumers::Consumer;
use crate::report::SecretUsage;

use super::pick;

mod all;

/// Show who uses a Secret, and who needs a restart to see a new value
///
/// Looks at Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs, CronJobs, Pods, ServiceAccounts and Ingresses:
/// environment variables, volumes, image pull secrets, certificates. Looks at custom resources of cert-manager, Argo CD,
/// Istio, the Prometheus operator, Crossplane, External Secrets and Gateway API, at storage classes and volumes, and at those
/// that the config file names. Pods of a workload that is listed are not listed again. What this user may not list is named.
/// With --all or -A, shows all Secrets; with --unused and --dangling, those of which nothing known uses them, and
/// references that lead nowhere.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe usage db
  kubectl secretsafe usage db -n prod -o json
  kubectl secretsafe usage --all
  kubectl secretsafe usage -A --unused
  kubectl secretsafe usage -A --dangling --exit-code")]
pub(crate) struct UsageArgs {
    /// Name of the Secret; without one, pick from a list
    #[arg(conflicts_with_all = ["all", "all_namespaces", "unused", "dangling"])]
    name: Option<SecretName>,

    /// Show all Secrets of the namespace
    #[arg(long)]
    all: bool,

    /// Show all Secrets of all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,

    /// Secrets that nothing known uses
    #[arg(long)]
    unused: bool,

    /// References to Secrets or keys that do not exist
    #[arg(long)]
    dangling: bool,

    /// Exit with 5 if anything could not be listed
    #[arg(long)]
    strict: bool,

    /// Exit with 1 if anything is shown
    #[arg(long)]
    exit_code: bool,

    /// Print no header
    #[arg(long)]
    no_headers: bool,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = FormatParser::of_lists())]
    output: Format,
}

/// Runs `usage`.
pub(crate) async fn run(args: UsageArgs, ctx: &Context) -> Result<Outcome> {
    if args.all || args.all_namespaces || args.unused || args.dangling {
        return all::run(&args, ctx).await;
    }
    let name = match pick::secret(args.name.clone(), "usage NAME", ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    let target = ctx.target(name).await?;
    let task = ctx.ui.task("looking for consumers");
    let cluster = ctx.cluster().await?;
    // A name that is misspelt has no consumers either, and should not be taken for one that nobody uses.
    let (exists, consumers) = tokio::join!(cluster.find(&target), cluster.every_consumer(Some(&target.namespace)));
    drop(task);
    let EveryConsumer { users, not_listed } = consumers?;
    let found: Vec<Consumer> = users.users(&target.namespace, target.name.as_str()).cloned().collect();
    match exists {
        Ok(Some(_)) => {}
        Ok(None) if found.is_empty() => {
            cluster.describe(&target).await?;
        }
        Ok(None) => ctx.ui.warn(&format!("there is no secret `{}` in namespace `{}`", target.name, target.namespace)),
        // Who may not look at the Secret may still look at workloads.
        Err(_) => {}
    }
    say_not_listed(&not_listed, "there may be more", ctx);
    let (shown, complete) = (!found.is_empty(), not_listed.is_empty());
    let report = SecretUsage::new(&target, found, not_listed);
    if report.is_empty() && matches!(args.output, Format::Table | Format::Wide) {
        ctx.ui.tell(&format!("Nothing in namespace {} is known to use secret {}.", target.namespace, target.name));
    }
    output::write(&report, Some(&args.output))?;
    end(&args, shown, complete)
}

fn say_not_listed(not_listed: &[String], so: &str, ctx: &Context) {
    if !not_listed.is_empty() {
        ctx.ui.warn(&format!("this user may not list {}: {so}", not_listed.join(", ")));
    }
}

/// Ends with the exit code that was asked for: what could not be seen counts more than what was.
fn end(args: &UsageArgs, shown: bool, complete: bool) -> Result<Outcome> {
    if args.strict && !complete {
        return Err(Error::new(ErrorKind::Cluster, "not everything that can use a Secret could be listed")
            .because("`--strict` was asked for")
            .hint("ask for the rights to list what is named above, or leave --strict out"));
    }
    Ok(if args.exit_code && shown { Outcome::Differences } else { Outcome::Done })
}
