//! `schedule remove`: deletes what `schedule` made, the job first, and nothing of others.

use crate::cluster::{Cluster, asked_of};
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::Namespace;
use crate::output;
use crate::plan::schedule::{Place, SCOPE, places, scope};

use super::{half_way, is_ours, namespaces};

/// Remove a schedule: the job, the account and its rights
///
/// Policies stay, and so do Secrets and the job's namespace. Only what `schedule` made is deleted.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe schedule remove -n prod
  kubectl secretsafe schedule remove -A --job-namespace secretsafe --yes")]
pub(super) struct RemoveArgs {
    /// Remove the schedule for all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,

    /// Namespace of its account and job [default: secretsafe]
    #[arg(long, value_name = "NAMESPACE", requires = "all_namespaces")]
    job_namespace: Option<Namespace>,

    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,
}

/// Runs `schedule remove`.
pub(super) async fn run(args: RemoveArgs, ctx: &Context) -> Result<Outcome> {
    let (only, home) = namespaces(args.all_namespaces, args.job_namespace.as_ref(), ctx).await?;
    let cluster = ctx.cluster().await?;
    let found = look(cluster, only.as_ref(), &home, ctx).await?;
    if found.is_empty() {
        ctx.ui.tell("There is no such schedule.");
        return Ok(Outcome::Done);
    }
    ctx.confirm_protected().await?;
    if !confirm(&found, args.yes, ctx)? {
        return Ok(Outcome::Declined);
    }
    let task = ctx.ui.task("deleting");
    let mut done: Vec<String> = Vec::new();
    for (place, uid) in &found {
        task.count(done.len());
        cluster.begin_with(place).await?;
        match cluster.delete_object(place, uid).await {
            Ok(true) => done.push(format!("{place} deleted")),
            Ok(false) => ctx.ui.note(&format!("{place} was gone already")),
            Err(error) => {
                let explained = error.explain(&asked_of("delete", place));
                if done.is_empty() && !error.outcome_is_open() {
                    return Err(explained.because("nothing was deleted"));
                }
                output::say(&done)?;
                return Err(half_way("the schedule is removed in part only", &done, &explained));
            }
        }
    }
    drop(task);
    output::say(&done)?;
    if args.all_namespaces {
        ctx.ui.note(&format!("namespace `{home}` is left; if nothing else is in it: kubectl delete namespace {home}"));
    }
    Ok(Outcome::Done)
}

/// Finds what is there, in the order in which it goes; says what is not there, and what is not ours.
async fn look(
    cluster: &Cluster,
    only: Option<&Namespace>,
    home: &Namespace,
    ctx: &Context,
) -> Result<Vec<(Place, String)>> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for place in places(only, home).into_iter().rev() {
        match cluster.find_object(&place).await.map_err(|error| error.explain(&asked_of("get", &place)))? {
            None => missing.push(place.to_string()),
            Some(object) if !is_ours(&object) => {
                ctx.ui.warn(&format!("{place} was not made by this program, and stays"))
            }
            Some(object) if object.labels.get(SCOPE).is_some_and(|label| label != scope(only)) => {
                ctx.ui.warn(&format!("{place} belongs to a schedule of another scope, and stays"));
            }
            Some(object) => found.push((place, object.uid)),
        }
    }
    if !found.is_empty() && !missing.is_empty() {
        ctx.ui.note(&format!("not there: {}", missing.join(", ")));
    }
    Ok(found)
}

fn confirm(found: &[(Place, String)], yes: bool, ctx: &Context) -> Result<bool> {
    if yes {
        return Ok(true);
    }
    if !ctx.ui.has_terminal() {
        return Err(Error::refused("nothing was deleted").because("nobody is there to confirm").hint("add --yes"));
    }
    for (place, _) in found {
        let inside = place.namespace.as_ref().map(|name| format!(" in namespace {name}")).unwrap_or_default();
        ctx.ui.say(&format!("  delete {place}{inside}"));
    }
    ctx.ui.confirm("Go on?")
}
