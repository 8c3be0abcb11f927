//! `schedule show`: our CronJobs, and how they are doing.

use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::output::{self, Format};
use crate::report::ScheduleList;

/// Show the schedules and how their last runs ended
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe schedule show -n prod
  kubectl secretsafe schedule show -A -o json")]
pub(super) struct ShowArgs {
    /// Show those of all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: Format,
}

/// Runs `schedule show`.
pub(super) async fn run(args: ShowArgs, ctx: &Context) -> Result<Outcome> {
    let namespace = ctx.kubecontext().await?.namespace().clone();
    let only = (!args.all_namespaces).then_some(&namespace);
    let cluster = ctx.cluster().await?;
    let (schedules, runs) = tokio::join!(cluster.schedules(only), cluster.runs(only));
    let (schedules, runs) = (schedules?, runs?);
    if runs.is_none() && !schedules.is_empty() {
        ctx.ui.warn("this user may not list jobs: how the runs ended is not known");
    }
    let report = ScheduleList::new(schedules, runs.as_deref());
    if report.is_empty() && matches!(args.output, Format::Table) {
        ctx.ui.tell(&match only {
            Some(namespace) => format!("No schedule found in {namespace} namespace."),
            None => "No schedule found.".to_owned(),
        });
        return Ok(Outcome::Done);
    }
    output::write(&report, Some(&args.output))?;
    for (namespace, job) in report.failed() {
        ctx.ui.hint(&format!("see what failed: kubectl logs job/{job} -n {namespace}"));
    }
    Ok(Outcome::Done)
}
