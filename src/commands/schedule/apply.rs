//! `schedule` itself: finds out what the policies need, checks every object with the server, asks, and applies them.

use crate::cluster::error::ClusterError;
use crate::cluster::{Cluster, asked_of};
use crate::commands::change::DryRun;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::output;
use crate::plan::schedule::{Manifest, NAMESPACE, Needs, Place, SCOPE, Schedule};

use super::wanted::Wanted;
use super::{half_way, is_ours, namespaces};

/// An object, and whether it is there already.
struct Step {
    manifest: Manifest,
    exists: bool,
}

/// Runs `schedule`.
pub(super) async fn run(wanted: Wanted, ctx: &Context) -> Result<Outcome> {
    let schedule = plan(&wanted, ctx).await?;
    let manifests = schedule.manifests();
    if wanted.dry_run == DryRun::Client {
        print(&manifests, |_| "(dry run)", &wanted)?;
        return Ok(Outcome::Done);
    }
    let cluster = ctx.cluster().await?;
    let steps = look(cluster, manifests, &schedule).await?;
    if wanted.dry_run == DryRun::None {
        ctx.confirm_protected().await?;
    }
    check(cluster, &steps, &schedule, ctx).await?;
    let manifests = || steps.iter().map(|step| step.manifest.clone()).collect::<Vec<_>>();
    if wanted.dry_run == DryRun::Server {
        print(
            &manifests(),
            |place| if exists(&steps, place) { "configured (server dry run)" } else { "created (server dry run)" },
            &wanted,
        )?;
        return Ok(Outcome::Done);
    }
    if !confirm(&steps, &schedule, &wanted, ctx).await? {
        return Ok(Outcome::Declined);
    }
    apply(cluster, &steps, ctx).await?;
    print(&manifests(), |place| if exists(&steps, place) { "configured" } else { "created" }, &wanted)?;
    Ok(Outcome::Done)
}

/// Reads the policies in scope and the file; nothing is sent but reads.
async fn plan(wanted: &Wanted, ctx: &Context) -> Result<Schedule> {
    let missing = |flag: &str| Error::usage(format!("missing: {flag}")).hint(format!("add {flag} …"));
    let cron = wanted.cron.clone().ok_or_else(|| missing("--cron"))?;
    let image = wanted.image.clone().ok_or_else(|| missing("--image"))?;
    let (only, home) = namespaces(wanted.all_namespaces, wanted.job_namespace.as_ref(), ctx).await?;
    let allow_sources = wanted.sources()?;
    let cluster = ctx.cluster().await?;
    let task = ctx.ui.task("looking for policies");
    let policies = cluster.policies(only.as_ref()).await?;
    drop(task);
    let needs = Needs::of(&policies, only.as_ref(), allow_sources.as_deref(), wanted.with_optional_rights);
    say_found(&needs, only.is_some(), ctx);
    Ok(Schedule {
        cron,
        time_zone: wanted.time_zone.as_ref().map(|zone| zone.0.clone()),
        image,
        makes_home: only.is_none() && is_missing(cluster, &home, ctx).await?,
        only,
        home,
        allow_sources,
        needs,
    })
}

fn say_found(needs: &Needs, one_namespace: bool, ctx: &Context) {
    if needs.count == 0 {
        let place = if one_namespace { " in this namespace" } else { "" };
        ctx.ui.warn(&format!(
            "there is no policy{place}: the rights are those for policies without restarts, with one version kept; run it again once there are policies"
        ));
    }
    if needs.out_of_reach > 0 {
        ctx.ui.warn(&format!(
            "{} of the allowed sources are Secrets of other namespaces, which a schedule for one namespace cannot read",
            needs.out_of_reach
        ));
    }
    if needs.unreadable > 0 {
        let them = if needs.unreadable == 1 { "one policy" } else { "policies" };
        ctx.ui.warn(&format!(
            "{} of {} policies cannot be read: {them} will be refused by each run",
            needs.unreadable, needs.count
        ));
    }
}

/// Tells whether the job's namespace is to be made; who may not look is taken to know that it is there.
async fn is_missing(cluster: &Cluster, home: &crate::names::Namespace, ctx: &Context) -> Result<bool> {
    let place = Place { kind: &NAMESPACE, namespace: None, name: home.to_string() };
    match cluster.find_object(&place).await {
        Ok(found) => Ok(found.is_none()),
        Err(error) if error.code() == Some(403) => {
            ctx.ui.note(&format!("this user may not look at namespace `{home}`, which is taken to be there"));
            Ok(false)
        }
        Err(error) => Err(error.explain(&asked_of("get", &place))),
    }
}

/// Looks what is there already: what others made, or what is for another scope, is not taken over.
async fn look(cluster: &Cluster, manifests: Vec<Manifest>, schedule: &Schedule) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for manifest in manifests {
        let place = &manifest.place;
        let found = match cluster.find_object(place).await {
            // Who may not look may still apply; what the server says then decides.
            Err(error) if error.code() == Some(403) => None,
            Err(error) if error.code() == Some(404) => None,
            found => found.map_err(|error| error.explain(&asked_of("get", place)))?,
        };
        if let Some(found) = &found {
            if !is_ours(found) {
                return Err(Error::refused(format!("{place} is there already, and not made by this program"))
                    .because("nothing was changed")
                    .hint("delete it if nobody needs it, or keep the schedule in another namespace"));
            }
            if found.labels.get(SCOPE).is_some_and(|scope| scope != schedule.scope()) {
                return Err(Error::refused(format!("{place} belongs to a schedule of another scope"))
                    .because("one for a namespace and one for all namespaces cannot share their account")
                    .hint("remove that one first, with `kubectl secretsafe schedule remove -n NAMESPACE`, or -A for all namespaces")
                    .hint("or give the one for all namespaces a namespace of its own: --job-namespace NAMESPACE"));
            }
        }
        steps.push(Step { exists: found.is_some(), manifest });
    }
    Ok(steps)
}

/// Lets the server check every object before the first is stored, so that a right that is missing is found now.
async fn check(cluster: &Cluster, steps: &[Step], schedule: &Schedule, ctx: &Context) -> Result<()> {
    let task = ctx.ui.task("checking the objects");
    for (done, Step { manifest, .. }) in steps.iter().enumerate() {
        task.count(done);
        match cluster.apply_object(manifest, true).await {
            Ok(()) => {}
            // What it needs would be made just before: its namespace, or the role that it binds.
            Err(error) if error.code() == Some(404) && (schedule.makes_home || manifest.place.names_a_role()) => {}
            Err(error) => return Err(explain(&error, &manifest.place).because("nothing was changed")),
        }
    }
    Ok(())
}

/// Shows the plan and asks; for all namespaces, something has to be typed.
async fn confirm(steps: &[Step], schedule: &Schedule, wanted: &Wanted, ctx: &Context) -> Result<bool> {
    if wanted.yes {
        return Ok(true);
    }
    if !ctx.ui.has_terminal() {
        let scope = if schedule.only.is_some() {
            ""
        } else {
            ", and this token can read every Secret and change every workload"
        };
        return Err(Error::refused("nothing was made")
            .because(format!("nobody is there to confirm{scope}"))
            .hint("look at it with --dry-run=client -o yaml, then add --yes"));
    }
    let context = ctx.kubecontext().await?.name().to_owned();
    let zone = schedule.time_zone.as_ref().map(|zone| format!(" {zone}")).unwrap_or_default();
    let policies = match &schedule.only {
        Some(namespace) => format!("namespace {namespace}"),
        None => "all namespaces".to_owned(),
    };
    ctx.ui.say(&format!("rotate what is due in {policies}, context {context}, at {}{zone}:", schedule.cron.as_str()));
    for Step { manifest, exists } in steps {
        let inside = manifest.place.namespace.as_ref().map(|name| format!(" in namespace {name}")).unwrap_or_default();
        ctx.ui.say(&format!("  {} {}{inside}", if *exists { "configure" } else { "create" }, manifest.place));
    }
    ctx.ui.say(&format!("the account may, in {policies}:"));
    for right in schedule.rights() {
        ctx.ui.say(&format!("  {right}"));
    }
    if schedule.only.is_some() {
        return ctx.ui.confirm("Go on?");
    }
    ctx.ui.warn("this token can read every Secret and change every workload");
    ctx.ui.type_to_confirm("Type the name of the context to go on", &context)
}

async fn apply(cluster: &Cluster, steps: &[Step], ctx: &Context) -> Result<()> {
    let task = ctx.ui.task("applying");
    let mut done: Vec<String> = Vec::new();
    for Step { manifest, .. } in steps {
        task.count(done.len());
        cluster.begin_with(&manifest.place).await?;
        if let Err(error) = cluster.apply_object(manifest, false).await {
            let explained = explain(&error, &manifest.place);
            if done.is_empty() && !error.outcome_is_open() {
                return Err(explained.because("nothing was changed"));
            }
            let done = if done.is_empty() { vec!["perhaps this object".to_owned()] } else { done };
            return Err(half_way("the schedule is made in part only", &done, &explained));
        }
        done.push(manifest.place.to_string());
    }
    Ok(())
}

fn explain(error: &ClusterError, place: &Place) -> Error {
    let admin = "have an administrator apply it: the same command with --dry-run=client -o yaml prints it";
    let asked = asked_of("patch", place);
    match error.code() {
        Some(403) => {
            let error = error.explain(&asked);
            let error = if place.gives_rights() {
                error.because("a right can be given only by who has it, or may `escalate` and `bind`")
            } else {
                error
            };
            error.hint(admin)
        }
        Some(404) if place.is_of_admission() => {
            Error::new(ErrorKind::Cluster, format!("this cluster has no {}", place.kind.plural))
                .because("without it nothing holds the account to what it is for")
                .hint("Kubernetes 1.30 or newer has it: kubectl version")
        }
        Some(404) => {
            let namespace = place.namespace.as_deref().unwrap_or_default();
            Error::new(ErrorKind::Cluster, format!("there is no namespace `{namespace}`"))
                .hint(format!("type: kubectl create namespace {namespace}"))
        }
        Some(400 | 409 | 422) => error
            .explain(&asked)
            .hint("see what the API server says: the same command with --dry-run=client -o yaml | kubectl apply --dry-run=server -f -"),
        _ => error.explain(&asked),
    }
}

fn exists(steps: &[Step], place: &Place) -> bool {
    steps.iter().any(|step| step.exists && step.manifest.place == *place)
}

/// Prints the objects, or one line for each.
fn print(manifests: &[Manifest], said: impl Fn(&Place) -> &'static str, wanted: &Wanted) -> Result<()> {
    let Some(format) = wanted.output else {
        let lines: Vec<String> =
            manifests.iter().map(|manifest| format!("{} {}", manifest.place, said(&manifest.place))).collect();
        return output::say(&lines);
    };
    let bodies: Vec<_> = manifests.iter().map(|manifest| &manifest.body).collect();
    let names: Vec<String> = manifests.iter().map(|manifest| manifest.place.to_string()).collect();
    output::manifests(&bodies, &names, format)
}
