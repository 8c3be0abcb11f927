//! `access`: who may read and who may change a Secret by RBAC, and the indirect ways; no value is fetched.

use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::names::SecretName;
use crate::output::{self, Format, FormatParser};
use crate::plan::access::{Query, evaluate};
use crate::report::SecretAccess;

/// Show who may read and who may change a Secret, by RBAC
///
/// Users, groups and service accounts with their verbs, the indirect ways (such as Pods, exec, tokens, impersonation),
/// and the binding that gives them. Without NAME, any Secret of the namespace. patch, delete and deletecollection are
/// reads too: the API server answers them with values. What RBAC does not know, such as webhooks, a cloud's IAM and who
/// can read etcd, is not in it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe access db
  kubectl secretsafe access -n prod -o wide
  kubectl secretsafe access db -o jsonpath='{range .items[?(@.broad==true)]}{.name}{\"\\n\"}{end}'")]
pub(crate) struct AccessArgs {
    /// Name of the Secret; without one, any Secret of the namespace
    name: Option<SecretName>,

    /// Show the control plane's own users, groups and service accounts as well
    #[arg(long)]
    all_subjects: bool,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = FormatParser::of_lists())]
    output: Format,
}

/// Runs `access`.
pub(crate) async fn run(args: AccessArgs, ctx: &Context) -> Result<Outcome> {
    let namespace = ctx.kubecontext().await?.namespace().clone();
    let task = ctx.ui.task("looking at roles and bindings");
    let cluster = ctx.cluster().await?;
    let target = match &args.name {
        Some(name) => Some(ctx.target(name.clone()).await?),
        None => None,
    };
    let exists = async {
        match &target {
            Some(target) => cluster.find(target).await.map(|found| found.is_some()),
            None => Ok(true),
        }
    };
    let (exists, rbac) = tokio::join!(exists, cluster.rbac(Some(&namespace)));
    drop(task);
    let rbac = rbac?;
    // Who may not look at the Secret may still look at roles.
    if let (Ok(false), Some(target)) = (exists, &target) {
        ctx.ui.warn(&format!(
            "there is no secret `{}` in namespace `{namespace}`: these rights are to its name",
            target.name
        ));
    }
    let query = Query { namespace: namespace.as_str(), secret: args.name.as_ref().map(SecretName::as_str) };
    let access = evaluate(&rbac.policies, &query);
    let is_table = matches!(args.output, Format::Table | Format::Wide);
    let wide = matches!(args.output, Format::Wide);
    let not_listed = rbac.not_listed.join(", ");
    let report = SecretAccess::new(&query, &access, rbac.not_listed, args.all_subjects).wide(wide);
    if report.is_empty() && is_table {
        ctx.ui.tell("RBAC gives nobody a way, as far as it is known.");
    }
    output::write(&report, Some(&args.output))?;
    if !not_listed.is_empty() {
        ctx.ui.warn(&format!("incomplete: this user may not list {not_listed}, so there may be more"));
    }
    match access.without_role {
        0 => {}
        1 => ctx.ui.note("1 binding names a role that is not there, and gives nothing until somebody makes it"),
        count => ctx.ui.note(&format!(
            "{count} bindings name roles that are not there, and give nothing until somebody makes them"
        )),
    }
    match report.hidden() {
        0 => {}
        1 => ctx.ui.note("1 subject of the control plane is hidden; --all-subjects shows it"),
        count => ctx.ui.note(&format!("{count} subjects of the control plane are hidden; --all-subjects shows them")),
    }
    if is_table && !wide && !report.is_empty() {
        ctx.ui.note(
            "patch, delete and deletecollection read too: their answers hold values; -o wide says why each way counts",
        );
    }
    ctx.ui.note(
        "RBAC only: other authorizers (webhooks, a cloud's IAM, nodes), who is in a group such as system:masters, \
         and who can read etcd or backups are not known",
    );
    Ok(Outcome::Done)
}
