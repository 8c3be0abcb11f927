//! Candidates out of the kubeconfig: contexts, clusters, users, and the namespaces that contexts name.

use clap_complete::engine::CompletionCandidate;
use kube::config::Kubeconfig;

use crate::cluster::kubeconfig;
use crate::names::Namespace;

use super::line::Line;

/// Offers the contexts.
pub(super) fn contexts(line: &Line, current: &str) -> Vec<CompletionCandidate> {
    offer(read(line).iter().flat_map(|config| &config.contexts).map(|context| context.name.as_str()), current)
}

/// Offers the clusters.
pub(super) fn clusters(line: &Line, current: &str) -> Vec<CompletionCandidate> {
    offer(read(line).iter().flat_map(|config| &config.clusters).map(|cluster| cluster.name.as_str()), current)
}

/// Offers the users.
pub(super) fn users(line: &Line, current: &str) -> Vec<CompletionCandidate> {
    offer(read(line).iter().flat_map(|config| &config.auth_infos).map(|user| user.name.as_str()), current)
}

/// Returns the namespaces that contexts of the same cluster name: known without a request.
pub(super) fn namespaces(line: &Line) -> Vec<Namespace> {
    let Some(config) = read(line) else { return Vec::new() };
    let wanted = line.global().context.as_ref().or(config.current_context.as_ref());
    let cluster_of = |name: &String| {
        let named = config.contexts.iter().find(|context| context.name == *name)?;
        named.context.as_ref().map(|context| context.cluster.clone())
    };
    let Some(cluster) = wanted.and_then(cluster_of) else { return Vec::new() };
    let same = config.contexts.iter().filter_map(|named| named.context.as_ref());
    same.filter(|context| context.cluster == cluster)
        .filter_map(|context| context.namespace.as_ref()?.parse().ok())
        .collect()
}

fn read(line: &Line) -> Option<Kubeconfig> {
    kubeconfig::read(line.global().kubeconfig.as_deref()).ok().flatten()
}

fn offer<'a>(names: impl Iterator<Item = &'a str>, current: &str) -> Vec<CompletionCandidate> {
    names.filter(|name| name.starts_with(current)).map(CompletionCandidate::new).collect()
}
