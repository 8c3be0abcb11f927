//! `SecretSummaryList`: what metadata tells about many Secrets.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use crate::names::KeyName;
use crate::output::{Cell, Look, Opening};
use crate::plaintext::wire::{Metadata, Outline};
use crate::plan::age::{ChangedAt, last_change};
use crate::plan::owner::{self, Marks, Verdict};

use super::secret_view::ViewMetadata;
use super::{API_VERSION, age};

/// What opens the list.
pub(crate) const OPENING: Opening = Opening { api_version: API_VERSION, kind: "SecretSummaryList" };

/// What kubectl writes where there is nothing.
const NONE: &str = "<none>";

/// One Secret, as far as metadata tells.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretSummary {
    api_version: &'static str,
    kind: &'static str,
    metadata: ViewMetadata,
    #[serde(rename = "type")]
    secret_type: String,
    /// How many keys it has.
    key_count: usize,
    /// The keys whose names are known.
    keys: Vec<SummaryKey>,
    /// Keys whose names cannot be known without reading values.
    more_keys: usize,
    /// The key that was not changed for the longest time.
    oldest_key: Option<OldestKey>,
    /// Who looks after it, if somebody does.
    owner: Option<SummaryOwner>,
    /// The field managers that own keys: claims.
    managers: BTreeSet<String>,
    #[serde(skip)]
    now: Timestamp,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryKey {
    name: KeyName,
    changed_at: Option<ChangedAt>,
    changed_by: Option<String>,
    record_not_trusted: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OldestKey {
    name: KeyName,
    changed_at: ChangedAt,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryOwner {
    /// The tool or object.
    who: String,
    /// Whether it will undo what others change.
    reverts: bool,
}

/// What stands behind the items.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListTail {
    /// Secrets that only `--all-types` shows.
    pub(crate) hidden: usize,
    /// Namespaces that this user may not list; `null` if it is not known how many.
    pub(crate) namespaces_left_out: Option<usize>,
    /// The list changed while it was read: its end is newer than its beginning.
    pub(crate) inconsistent: bool,
}

/// Which columns a table has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListColumns {
    /// The namespace first.
    pub(crate) namespace: bool,
    /// More about keys.
    pub(crate) wide: bool,
    /// The labels last.
    pub(crate) labels: bool,
}

impl ListColumns {
    /// Returns the names of the columns.
    pub(crate) fn header(self) -> Vec<&'static str> {
        let mut header = if self.namespace { vec!["NAMESPACE"] } else { Vec::new() };
        header.extend(["NAME", "TYPE", "KEYS", "AGE", "OWNER"]);
        if self.wide {
            header.extend(["OLDEST KEY", "BASIS", "MANAGERS", "KEY NAMES"]);
        }
        if self.labels {
            header.push("LABELS");
        }
        header
    }

    /// Returns how many columns are names that are never cut.
    pub(crate) fn kept(self) -> usize {
        if self.namespace { 2 } else { 1 }
    }
}

impl SecretSummary {
    /// Sums up what was listed.
    pub(crate) fn new(outline: Outline, now: Timestamp) -> Self {
        let Outline { metadata, secret_type, count } = outline;
        let known = metadata.known_keys();
        let more_keys = count.saturating_sub(known.len());
        let keys: Vec<SummaryKey> = known.into_iter().map(|key| summary_key(key, &metadata, now)).collect();
        let dated = keys.iter().filter_map(|key| key.changed_at.as_ref().map(|at| (key, at)));
        let oldest = dated.min_by_key(|(_, at)| at.time);
        let managers = metadata.managed_fields.iter().filter(|entry| entry.has_keys());
        Self {
            api_version: API_VERSION,
            kind: "SecretSummary",
            key_count: count,
            more_keys,
            oldest_key: oldest.map(|(key, at)| OldestKey { name: key.name.clone(), changed_at: at.clone() }),
            owner: owner_of(&metadata),
            managers: managers.map(|entry| entry.manager.clone()).collect(),
            metadata: ViewMetadata::from(&metadata),
            secret_type,
            keys,
            now,
        }
    }

    /// Returns `secret/NAME`.
    pub(crate) fn named(&self) -> String {
        format!("secret/{}", self.metadata.name)
    }

    /// Returns the cells of its row.
    pub(crate) fn row(&self, columns: ListColumns) -> Vec<Cell> {
        let plain = |text: String| Cell::new(text, Look::Plain);
        let metadata = &self.metadata;
        let mut row = if columns.namespace { vec![plain(metadata.namespace.clone())] } else { Vec::new() };
        row.push(Cell::new(metadata.name.as_str(), Look::Strong));
        row.push(plain(self.secret_type.clone()));
        row.push(plain(self.key_count.to_string()));
        row.push(plain(metadata.creation_timestamp.map_or_else(unknown, |time| age::human(time, self.now))));
        row.push(plain(self.owner.as_ref().map_or_else(none, |owner| owner.who.clone())));
        if columns.wide {
            row.push(plain(
                self.oldest_key.as_ref().map_or_else(unknown, |key| age::bounded(&key.changed_at, self.now)),
            ));
            let basis = self.oldest_key.as_ref().map_or("-", |key| key.changed_at.basis.word());
            row.push(plain(basis.to_owned()));
            row.push(plain(joined(self.managers.iter().cloned())));
            let more = (self.more_keys > 0).then(|| format!("{} more", self.more_keys));
            row.push(plain(joined(self.keys.iter().map(|key| key.name.to_string()).chain(more))));
        }
        if columns.labels {
            row.push(plain(joined(metadata.labels.iter().map(|(name, value)| format!("{name}={value}")))));
        }
        row
    }
}

fn summary_key(name: KeyName, metadata: &Metadata, now: Timestamp) -> SummaryKey {
    let change = last_change(metadata.record(&name), &metadata.owners(&name), metadata.creation_timestamp, now);
    SummaryKey { name, changed_at: change.at, changed_by: change.by, record_not_trusted: change.record_not_trusted }
}

/// Names the controller by its object, and a tool that is known by its marks only by its name.
fn owner_of(metadata: &Metadata) -> Option<SummaryOwner> {
    let controllers = metadata.controllers();
    let found = owner::find(Marks {
        controllers: &controllers,
        labels: &metadata.labels,
        annotations: &metadata.annotations.names,
    })?;
    let object = controllers.first().map(|(kind, name)| format!("{kind}/{name}"));
    Some(SummaryOwner { who: object.unwrap_or(found.who), reverts: found.verdict == Verdict::Reverts })
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() { none() } else { texts.join(",") }
}

fn none() -> String {
    NONE.to_owned()
}

fn unknown() -> String {
    "<unknown>".to_owned()
}
