//! `SecretSummaryList`: what metadata tells about many Secrets.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::names::KeyName;
use crate::output::{Cell, Look, Opening};
use crate::plaintext::wire::{Metadata, Outline};
use crate::plan::age::{ChangedAt, last_change};
use crate::plan::companions::previous_of;
use crate::plan::owner::{self, Marks, Verdict};

use super::pending::PendingView;
use super::secret_view::ViewMetadata;
use super::{API_VERSION, age};

/// What opens the list.
pub(crate) const OPENING: Opening = Opening { api_version: API_VERSION, kind: SecretSummaryList::KIND };

/// What kubectl writes where there is nothing.
const NONE: &str = "<none>";

/// One Secret, as far as metadata tells.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretSummary {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretSummary::KIND))]
    kind: &'static str,
    /// Its metadata.
    metadata: ViewMetadata,
    /// The Secret's type.
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
    /// A rotation that is not finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "PendingView")]
    pending_rotation: Option<PendingView>,
    /// Old values that stay beside new ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    open_slots: Vec<OpenSlot>,
    /// The field managers that own keys: claims.
    managers: BTreeSet<String>,
    #[serde(skip)]
    now: Timestamp,
}

/// One key.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SummaryKey {
    /// The key.
    name: KeyName,
    /// When it was changed, what that rests on, and whether it is exact.
    changed_at: Option<ChangedAt>,
    /// The user of our record or the field manager: a claim that anyone with `patch` can write.
    changed_by: Option<String>,
    /// There is a record, but it contradicts what the server knows.
    record_not_trusted: bool,
}

/// The key that was not changed for the longest time.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OldestKey {
    /// The key.
    name: KeyName,
    /// When it was changed.
    changed_at: ChangedAt,
}

/// An old value that stays beside the new one, until `rotate --finish`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OpenSlot {
    /// The key that has a new value.
    key: KeyName,
    /// Since when.
    since: Timestamp,
}

/// Who looks after a Secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SummaryOwner {
    /// The tool or object.
    who: String,
    /// Whether it will undo what others change.
    reverts: bool,
}

/// The whole list. It is printed as it comes, so that no run ever holds one: this is what its document looks like.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "the schema is made from the fields, no list is")]
pub(super) struct SecretSummaryList {
    #[schemars(extend("const" = API_VERSION))]
    api_version: String,
    #[schemars(extend("const" = SecretSummaryList::KIND))]
    kind: String,
    /// The Secrets, as they come.
    items: Vec<SecretSummary>,
    #[schemars(flatten)]
    tail: ListTail,
}

impl SecretSummaryList {
    pub(super) const KIND: &'static str = "SecretSummaryList";
}

/// What stands behind the items.
#[derive(Debug, Serialize, JsonSchema)]
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
        header.extend(["NAME", "TYPE", "KEYS", "AGE", "OWNER", "FLAGS"]);
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
    const KIND: &'static str = "SecretSummary";

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
            kind: Self::KIND,
            key_count: count,
            more_keys,
            oldest_key: oldest.map(|(key, at)| OldestKey { name: key.name.clone(), changed_at: at.clone() }),
            owner: owner_of(&metadata),
            pending_rotation: metadata.annotations.pending.as_ref().map(PendingView::of),
            open_slots: known_slots(&keys, &metadata),
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

    fn is_flagged(&self) -> bool {
        self.pending_rotation.is_some() || !self.open_slots.is_empty()
    }

    /// Says what somebody has to end.
    fn flags(&self) -> impl Iterator<Item = String> {
        let pending = self.pending_rotation.as_ref().map(|_| "rotating".to_owned());
        let oldest = self.open_slots.iter().map(|slot| slot.since).min();
        pending.into_iter().chain(oldest.map(|since| format!("previous:{}", age::human(since, self.now))))
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
        row.push(Cell::new(joined(self.flags()), if self.is_flagged() { Look::Warning } else { Look::Plain }));
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

fn known_slots(keys: &[SummaryKey], metadata: &Metadata) -> Vec<OpenSlot> {
    let slot = |slot: &SummaryKey| {
        let record = metadata.record(&slot.name).filter(|_| !slot.record_not_trusted)?;
        Some(OpenSlot { key: previous_of(&slot.name, Some(&record.from))?, since: record.at })
    };
    keys.iter().filter_map(slot).collect()
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
