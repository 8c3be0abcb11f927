//! `diff -f` of SecretSources: what `apply -f` would change. Nobody is asked and nothing is made: a key that is to be
//! generated or typed is the same if it is there, and added if it is not.

use std::collections::BTreeMap;

use crate::commands::desired::{Asking, Desired, Mode, Outcome, values};
use crate::context::Context;
use crate::error::Result;
use crate::plaintext::wire::LiveSecret;
use crate::plaintext::{compare, facts};
use crate::plan::edit::Keys;
use crate::plan::policy::ANNOTATION;
use crate::report::{KeyDiff, SecretDiff, Side, Status};
use crate::sources::Allowed;

use super::key_diff;

/// Compares a document with what is stored. Keys that it does not name are not its business, as for `apply`.
pub(super) async fn with_live(desired: &Desired, live: Option<&LiveSecret>, ctx: &Context) -> Result<SecretDiff> {
    let known = live.map(|live| live.values.keys().cloned().collect()).unwrap_or_default();
    let keys = Keys { known, complete: true };
    let asking = Asking { allowed: &Allowed::default(), renew: &[], mode: Mode::Compare, talks: true };
    let outcomes = values(desired, &keys, live, &asking, ctx).await?;
    let rows = outcomes.iter().map(|(key, outcome)| {
        let stored = live.and_then(|live| live.values.get(key));
        match outcome {
            Outcome::Keep => key_diff(key, stored, stored),
            Outcome::Set(value) => key_diff(key, stored, Some(value)),
            Outcome::WouldSet => {
                let status = if stored.is_some() { Status::Changed } else { Status::Added };
                KeyDiff::new(key, status, stored.map(facts::of), None)
            }
        }
    });
    let there = live.map(|live| &live.metadata.labels);
    let labels = desired.labels().into_iter().map(|(name, text)| {
        let status = match there.and_then(|labels| labels.get(&name)) {
            None => Status::Added,
            Some(stored) if *stored == text => Status::Same,
            Some(_) => Status::Changed,
        };
        (name, status)
    });
    let none = BTreeMap::new();
    let texts = live.map_or(&none, |live| &live.annotations);
    let mut annotations: Vec<(String, Status)> = desired
        .spec
        .metadata
        .annotations
        .iter()
        .map(|(name, text)| {
            let status = match texts.get(name) {
                None => Status::Added,
                Some(stored) if compare::is_text(stored, text) => Status::Same,
                Some(_) => Status::Changed,
            };
            (name.clone(), status)
        })
        .collect();
    let before = live.and_then(|live| live.metadata.annotations.policy.as_ref());
    if let Some(policy) = desired.policy(before) {
        let status = match before {
            None => Status::Added,
            Some(before) if *before == policy => Status::Same,
            Some(_) => Status::Changed,
        };
        annotations.push((ANNOTATION.to_owned(), status));
    }
    let rows = rows.collect();
    let diff = SecretDiff::of_file(Side::of(&desired.target), rows, &desired.file, desired.document, live.is_none())
        .with_names(labels.collect(), annotations);
    let Some(live) = live else { return Ok(diff) };
    let diff = match &desired.spec.secret_type {
        Some(wanted) => diff.with_type(live.secret_type.clone(), wanted.clone()),
        None => diff,
    };
    Ok(match desired.spec.immutable {
        Some(wanted) => diff.with_immutable(live.immutable, wanted),
        None => diff,
    })
}
