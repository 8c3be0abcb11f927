//! Candidates for keys: names out of managedFields, from a request that carries no value.

use std::collections::BTreeSet;

use clap_complete::engine::CompletionCandidate;

use crate::names::{KeyName, SecretName};

use super::cluster_names;
use super::line::Line;
use super::sources;

/// Offers the keys of the Secret that is named earlier on the line.
pub(super) fn keys(line: &Line, current: &str) -> Vec<CompletionCandidate> {
    let Some(name) = line.name() else { return Vec::new() };
    // Several keys can share one source: `user,password=…`.
    let before = current.rsplit_once(',').map_or("", |(before, _)| before);
    let prefix = if before.is_empty() { String::new() } else { format!("{before},") };
    let named = |key: &KeyName| line.has_key(key) || before.split(',').any(|named| named == key.as_str());
    let left = known(line, name).into_iter().filter(|key| !named(key)).map(|key| format!("{prefix}{key}"));
    left.filter(|text| text.starts_with(current)).map(CompletionCandidate::new).collect()
}

/// Offers keys, and behind `NAME/` those of another Secret; what stands behind `KEY=` is free.
pub(super) fn lent(line: &Line, current: &str) -> Vec<CompletionCandidate> {
    match current {
        _ if current.contains('=') => Vec::new(),
        _ if current.contains('/') => of_any(line, current),
        _ => keys(line, current),
    }
}

/// Offers keys, and behind `KEY=` the sources.
pub(super) fn with_source(line: &Line, current: &str) -> Vec<CompletionCandidate> {
    let Some((key, source)) = current.split_once('=') else { return keys(line, current) };
    sources::sources(line, source).into_iter().map(|found| found.add_prefix(format!("{key}="))).collect()
}

/// Offers `NAME/`, and behind it the keys of that Secret.
pub(super) fn of_any(line: &Line, current: &str) -> Vec<CompletionCandidate> {
    let Some((name, _)) = current.split_once('/') else {
        let rows = cluster_names::rows(line, line.global().clone());
        let texts = rows.iter().map(|(name, _)| format!("{name}/"));
        return texts.filter(|text| text.starts_with(current)).map(CompletionCandidate::new).collect();
    };
    let Ok(secret) = name.parse() else { return Vec::new() };
    let texts = known(line, &secret).into_iter().map(|key| format!("{name}/{key}"));
    texts.filter(|text| text.starts_with(current)).map(CompletionCandidate::new).collect()
}

fn known(line: &Line, name: &SecretName) -> BTreeSet<KeyName> {
    let found = line.ask(line.global().clone(), async |ctx| {
        let target = ctx.target(name.clone()).await?;
        Ok(ctx.cluster().await?.describe(&target).await?.object.metadata.known_keys())
    });
    found.unwrap_or_default()
}
