//! Candidates out of the cluster: names of Secrets and of namespaces, from rows without any object.

use std::collections::BTreeSet;

use clap_complete::engine::CompletionCandidate;

use crate::cli::GlobalArgs;
use crate::names::{Namespace, SecretName};
use crate::plaintext::wire::Row;

use super::contexts;
use super::line::Line;

/// Offers the Secrets of the namespace.
pub(super) fn secrets(line: &Line, current: &str) -> Vec<CompletionCandidate> {
    let prefix = ["secret/", "secrets/"].into_iter().find(|kind| current.starts_with(kind)).unwrap_or_default();
    offer(&rows(line, line.global().clone()), prefix, current)
}

/// Offers the namespaces: those of the cluster, and those that the kubeconfig names if we may not list them.
pub(super) fn namespaces(line: &Line, current: &str) -> Vec<CompletionCandidate> {
    offer_namespaces(line, line.global().clone(), "", current)
}

/// Offers `[CONTEXT:][NAMESPACE/]NAME`: Secrets here, then those of what is written before.
pub(super) fn elsewhere(line: &Line, current: &str) -> Vec<CompletionCandidate> {
    let mut global = line.global().clone();
    let (context, rest) = match current.rsplit_once(':') {
        Some((context, rest)) => (format!("{context}:"), rest),
        None => (String::new(), current),
    };
    if let Some(name) = context.strip_suffix(':') {
        (global.context, global.namespace) = (Some(name.to_owned()), None);
    }
    if let Some((namespace, _)) = rest.split_once('/') {
        global.namespace = namespace.parse().ok();
        return offer(&rows(line, global), &format!("{context}{namespace}/"), current);
    }
    let mut found = offer(&rows(line, global.clone()), &context, current);
    let slash = |candidate: CompletionCandidate| {
        let mut text = candidate.get_value().to_owned();
        text.push("/");
        CompletionCandidate::new(text)
    };
    found.extend(offer_namespaces(line, global, &context, current).into_iter().map(slash));
    if context.is_empty() {
        found.extend(named_contexts(line, current));
    }
    found
}

/// Offers `[CONTEXT:]NAMESPACE`: a name of its own is for who makes the copy.
pub(super) fn places(line: &Line, current: &str) -> Vec<CompletionCandidate> {
    let mut global = line.global().clone();
    let Some((context, _)) = current.rsplit_once(':') else {
        let mut found = namespaces(line, current);
        found.extend(named_contexts(line, current));
        return found;
    };
    (global.context, global.namespace) = (Some(context.to_owned()), None);
    offer_namespaces(line, global, &format!("{context}:"), current)
}

fn named_contexts(line: &Line, current: &str) -> impl Iterator<Item = CompletionCandidate> {
    let name = |candidate: &CompletionCandidate| format!("{}:", candidate.get_value().to_string_lossy());
    contexts::contexts(line, current).into_iter().map(move |context| CompletionCandidate::new(name(&context)))
}

/// Returns the rows of the Secrets in the namespace of `global`, as many as came in time.
pub(super) fn rows(line: &Line, global: GlobalArgs) -> Vec<(SecretName, Row)> {
    let mut found = Vec::new();
    line.ask(global, async |ctx| {
        let namespace = ctx.kubecontext().await?.namespace().clone();
        ctx.cluster().await?.secret_rows(&namespace, &mut found).await
    });
    // A name that Kubernetes would not accept is not from a Kubernetes (requirement S14).
    found.into_iter().filter_map(|row| Some((row.name.parse().ok()?, row))).collect()
}

fn offer(rows: &[(SecretName, Row)], prefix: &str, current: &str) -> Vec<CompletionCandidate> {
    let fits = rows.iter().map(|(name, row)| (format!("{prefix}{name}"), row));
    fits.filter(|(text, _)| text.starts_with(current))
        .map(|(text, row)| CompletionCandidate::new(text).help(Some(describe(row).into())))
        .collect()
}

fn describe(row: &Row) -> String {
    let kind = row.kind.as_deref().unwrap_or_default();
    match row.count {
        Some(1) => format!("{kind}, 1 key"),
        Some(count) => format!("{kind}, {count} keys"),
        None => kind.to_owned(),
    }
}

fn offer_namespaces(line: &Line, global: GlobalArgs, prefix: &str, current: &str) -> Vec<CompletionCandidate> {
    let mut found = Vec::new();
    line.ask(global, async |ctx| ctx.cluster().await?.namespace_rows(&mut found).await);
    let listed = found.into_iter().filter_map(|row| row.name.parse().ok());
    let mut names: BTreeSet<Namespace> = listed.collect();
    if prefix.is_empty() {
        names.extend(contexts::namespaces(line));
    }
    let texts = names.iter().map(|name| format!("{prefix}{name}"));
    texts.filter(|text| text.starts_with(current)).map(CompletionCandidate::new).collect()
}
