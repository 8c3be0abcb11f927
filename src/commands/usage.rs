//! `usage`: who uses a Secret, how, and when each sees a new value; no value is fetched.

use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::names::SecretName;
use crate::output::{self, Format};
use crate::report::SecretUsage;

use super::pick;

/// Show who uses a Secret, and who needs a restart to see a new value
///
/// Looks at Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs, CronJobs, Pods, ServiceAccounts and Ingresses of the
/// namespace: environment variables, volumes, image pull secrets, certificates. Pods of a workload that is listed are
/// not listed again. Kinds that this user may not list are named.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe usage db
  kubectl secretsafe usage db -n prod -o json")]
pub(crate) struct UsageArgs {
    /// Name of the Secret; without one, pick from a list
    name: Option<SecretName>,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: Format,
}

/// Runs `usage`.
pub(crate) async fn run(args: UsageArgs, ctx: &Context) -> Result<Outcome> {
    let name = match pick::secret(args.name, "usage NAME", ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    let target = ctx.target(name).await?;
    let task = ctx.ui.task("looking for consumers");
    let cluster = ctx.cluster().await?;
    // A name that is misspelt has no consumers either, and should not be taken for one that nobody uses.
    let (exists, consumers) = tokio::join!(cluster.find(&target), cluster.consumers(&target));
    drop(task);
    let consumers = consumers?;
    match exists {
        Ok(Some(_)) => {}
        Ok(None) if consumers.found.is_empty() => {
            cluster.describe(&target).await?;
        }
        Ok(None) => ctx.ui.warn(&format!("there is no secret `{}` in namespace `{}`", target.name, target.namespace)),
        // Who may not look at the Secret may still look at workloads.
        Err(_) => {}
    }
    if !consumers.not_listed.is_empty() {
        ctx.ui.warn(&format!("this user may not list {}: there may be more", consumers.not_listed.join(", ")));
    }
    let report = SecretUsage::new(&target, consumers);
    if report.is_empty() && matches!(args.output, Format::Table) {
        ctx.ui.tell(&format!("Nothing in namespace {} is known to use secret {}.", target.namespace, target.name));
    }
    output::write(&report, Some(&args.output))?;
    Ok(Outcome::Done)
}
