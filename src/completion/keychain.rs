//! Candidates out of the OS keychain: names of our own service's entries, never their values.

use clap_complete::engine::CompletionCandidate;

use crate::keychain::{Keychain, own_service};

use super::line::Line;

/// Offers `SERVICE/ACCOUNT`, of the service that is written or of ours.
pub(super) fn entries(line: &Line, current: &str) -> Vec<CompletionCandidate> {
    let service = current.split_once('/').map_or(own_service(), |(service, _)| service);
    if service.is_empty() {
        return Vec::new();
    }
    let found = line.ask(line.global().clone(), async |ctx| Keychain::open(ctx).await?.list(service).await);
    let entries = found.unwrap_or_default().into_iter().filter(|entry| !entry.is_note());
    let texts = entries.map(|entry| entry.to_string());
    texts.filter(|text| text.starts_with(current)).map(CompletionCandidate::new).collect()
}
