//! Which context, cluster and user of the kubeconfig the flags choose.
//!
//! What was typed behind a flag is never repeated.

use kube::config::{AuthInfo, Cluster, Context, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext};

use crate::cli::{GlobalArgs, given};
use crate::error::{Error, Result};
use crate::names::nearest;

/// What a connection is called that flags alone describe.
const NO_CONTEXT: &str = "none";

/// Finds the context; an address given as a flag needs none.
pub(super) fn context(kubeconfig: &Kubeconfig, global: &GlobalArgs) -> Result<(String, Context)> {
    let name = given(&global.context).or_else(|| given(&kubeconfig.current_context));
    let Some(name) = name else {
        if given(&global.connection.server).is_some() || given(&global.connection.cluster).is_some() {
            return Ok((NO_CONTEXT.to_owned(), Context::default()));
        }
        return Err(known_contexts(Error::usage("the kubeconfig has no current context"), kubeconfig)
            .hint("pass --context NAME, or type: kubectl config use-context NAME"));
    };
    let found = kubeconfig.contexts.iter().find(|c| c.name == name).and_then(|c| c.context.clone());
    Ok((name.to_owned(), found.ok_or_else(|| unknown_context(kubeconfig, global))?))
}

/// Finds the cluster that a flag or the context names.
pub(super) fn cluster(kubeconfig: &Kubeconfig, context: &Context, global: &GlobalArgs) -> Result<Cluster> {
    let flag = given(&global.connection.cluster);
    let name = flag.unwrap_or(&context.cluster);
    match kubeconfig.clusters.iter().find(|c| c.name == name).and_then(|c| c.cluster.clone()) {
        Some(cluster) => Ok(cluster),
        None if flag.is_some() => Err(Error::usage("the cluster given with --cluster is not in the kubeconfig")
            .hint("see which there are: kubectl config get-clusters")),
        // Without an address this ends as "its cluster has no server URL".
        None => Ok(Cluster::default()),
    }
}

/// Finds the user, with words for it. Refuses one that is not there (kube would go on without a login) or
/// that logs in by a way that kubectl itself has dropped.
pub(super) fn user(
    kubeconfig: &Kubeconfig,
    context: &Context,
    context_name: &str,
    global: &GlobalArgs,
) -> Result<(AuthInfo, String)> {
    let flag = given(&global.connection.user);
    let Some(name) = flag.or_else(|| given(&context.user)) else {
        return Ok((AuthInfo::default(), "the user".to_owned()));
    };
    let Some(info) = kubeconfig.auth_infos.iter().find(|a| a.name == name).and_then(|a| a.auth_info.clone()) else {
        return Err(if flag.is_some() {
            Error::usage("the user given with --user is not in the kubeconfig")
                .hint("see which there are: kubectl config get-users")
        } else {
            Error::usage(format!("the user of context `{context_name}` is not in the kubeconfig"))
                .hint(format!("name another: kubectl config set-context {context_name} --user=NAME"))
        });
    };
    if info.auth_provider.is_some() {
        return Err(Error::usage(format!(
            "the user of context `{context_name}` logs in with `auth-provider`, which kubectl has dropped"
        ))
        .hint("use a credential plugin (`exec`) instead; your cluster's tool can write one"));
    }
    Ok((info, format!("user `{name}`")))
}

/// Puts what was chosen into a kubeconfig of its own, for kube to read.
pub(super) fn alone(name: &str, context: Context, cluster: Cluster, user: AuthInfo) -> Kubeconfig {
    let named = || name.to_owned();
    Kubeconfig {
        contexts: vec![NamedContext {
            name: named(),
            context: Some(Context { cluster: named(), user: Some(named()), ..context }),
            ..NamedContext::default()
        }],
        clusters: vec![NamedCluster { name: named(), cluster: Some(cluster), ..NamedCluster::default() }],
        auth_infos: vec![NamedAuthInfo { name: named(), auth_info: Some(user), ..NamedAuthInfo::default() }],
        ..Kubeconfig::default()
    }
}

/// Does not repeat what was typed behind `--context`.
fn unknown_context(kubeconfig: &Kubeconfig, global: &GlobalArgs) -> Error {
    let message = match &global.context {
        Some(_) => "the context given with --context is not in the kubeconfig",
        None => "the current context is not in the kubeconfig",
    };
    let names = kubeconfig.contexts.iter().map(|context| context.name.as_str());
    let meant = global.context.as_deref().and_then(|typed| nearest(typed, names));
    let error = Error::usage(message);
    let error = meant.into_iter().fold(error, |error, name| error.hint(format!("did you mean --context {name}?")));
    known_contexts(error, kubeconfig)
}

fn known_contexts(error: Error, kubeconfig: &Kubeconfig) -> Error {
    let names: Vec<&str> = kubeconfig.contexts.iter().take(10).map(|c| c.name.as_str()).collect();
    if names.is_empty() { error } else { error.hint(format!("known contexts: {}", names.join(", "))) }
}
