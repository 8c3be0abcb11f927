//! `schedule`: a CronJob that applies policies, with an account that may do that and nothing else (requirement S19).

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::names::Namespace;
use crate::plan::schedule::{MANAGED_BY, MANAGER};

mod apply;
mod remove;
mod show;
mod wanted;

/// Rotate what is due by itself, with a CronJob in the cluster
///
/// Makes a service account, a role with exactly the verbs that the policies found need, a ValidatingAdmissionPolicy that
/// limits the account to Secrets with a policy and to restarts, and the CronJob. The plan lists all of it before anything is
/// made. Run it again after a policy was set or cleared: the role follows the policies. No value is read.
#[derive(clap::Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    override_usage = "kubectl secretsafe schedule --cron <EXPRESSION> --image <IMAGE> [OPTIONS]
       kubectl secretsafe schedule [OPTIONS] <COMMAND>",
    after_help = "Examples:
  kubectl secretsafe schedule --cron '0 3 * * *' -n prod --image ghcr.io/example/secretsafe@sha256:…
  kubectl secretsafe schedule --cron @daily -A --job-namespace secretsafe --image … --dry-run=client -o yaml
  kubectl secretsafe schedule show -A
  kubectl secretsafe schedule remove -n prod"
)]
pub(crate) struct ScheduleArgs {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    wanted: wanted::Wanted,
}

#[derive(Subcommand, Debug)]
enum Command {
    Show(show::ShowArgs),
    Remove(remove::RemoveArgs),
}

/// The namespace of the account and the job where they work in all namespaces.
const HOME: &str = "secretsafe";

/// Runs `schedule`.
pub(crate) async fn run(args: ScheduleArgs, ctx: &Context) -> Result<Outcome> {
    match args.command {
        Some(Command::Show(args)) => show::run(args, ctx).await,
        Some(Command::Remove(args)) => remove::run(args, ctx).await,
        None => apply::run(args.wanted, ctx).await,
    }
}

/// The namespace whose policies are meant, or none for all; and the one of the account and the job.
async fn namespaces(all: bool, job: Option<&Namespace>, ctx: &Context) -> Result<(Option<Namespace>, Namespace)> {
    if !all {
        let own = ctx.kubecontext().await?.namespace().clone();
        return Ok((Some(own.clone()), own));
    }
    let home = match job {
        Some(job) => job.clone(),
        None => HOME.parse()?,
    };
    if home.as_str() == "default" || home.as_str().starts_with("kube-") {
        return Err(Error::refused(format!(
            "namespace `{home}` is no place for an account that may read every Secret"
        ))
        .because("whoever can start a Pod there can use the account")
        .hint(format!("name one that nothing else is in, such as --job-namespace {HOME}")));
    }
    Ok((None, home))
}

/// Tells whether an object was made by `schedule`.
fn is_ours(found: &crate::cluster::FoundObject) -> bool {
    found.labels.get(MANAGED_BY).is_some_and(|manager| manager == MANAGER)
}

/// Says what stands already and what did not work: to do it again is the way on.
fn half_way(what: &str, done: &[String], error: &Error) -> Error {
    let mut half = Error::new(ErrorKind::Unfinished, what.to_owned()).because(error.message().to_owned());
    for cause in error.causes() {
        half = half.because(cause.clone());
    }
    half = half.because(format!("done so far: {}", done.join(", ")));
    error
        .hints()
        .iter()
        .fold(half, |half, hint| half.hint(hint.clone()))
        .hint("then run the same command again: what is done already is not done twice")
}
