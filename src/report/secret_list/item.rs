//! One Secret of a list: what is known of it, and what is found about it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::names::{KeyName, Namespace, SecretName};
use crate::plaintext::wire::{Metadata, Outline};
use crate::plan::age::{ChangedAt, last_change};
use crate::plan::ages::{self, Oldest};
use crate::plan::companions::previous_of;
use crate::plan::findings::{Asked, Finding};
use crate::plan::owner::{self, Marks, Verdict};
use crate::plan::stale::{self, Staleness};

use super::super::pending::PendingView;
use super::super::secret_view::ViewMetadata;
use super::super::{API_VERSION, Ranked, Word};
use super::due::{DueState, DueView};

/// The type of Secrets that hold a certificate.
const TLS: &str = "kubernetes.io/tls";

/// One Secret, as far as metadata tells.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretSummary {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretSummary::KIND))]
    kind: &'static str,
    /// Its metadata.
    pub(super) metadata: ViewMetadata,
    /// The Secret's type.
    #[serde(rename = "type")]
    pub(super) secret_type: String,
    /// How many keys it has.
    pub(super) key_count: usize,
    /// The keys whose names are known.
    pub(super) keys: Vec<SummaryKey>,
    /// Keys whose names cannot be known without reading values.
    pub(super) more_keys: usize,
    /// The key that was not changed for the longest time.
    pub(super) oldest_key: Option<OldestKey>,
    /// Who looks after it, if somebody does.
    pub(super) owner: Option<SummaryOwner>,
    /// A rotation that is not finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "PendingView")]
    pub(super) pending_rotation: Option<PendingView>,
    /// Old values that stay beside new ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) open_slots: Vec<OpenSlot>,
    /// The field managers that own keys: claims.
    pub(super) managers: BTreeSet<String>,
    /// How it stands to its policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "DueView")]
    pub(super) due: Option<DueView>,
    /// Its certificate, where somebody asked for those that expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "CertificateView")]
    pub(super) certificate: Option<CertificateView>,
    /// What was found, of what was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
    /// What was asked for and cannot be known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<Finding>,
    #[serde(skip)]
    has_record: bool,
    #[serde(skip)]
    pub(super) now: Timestamp,
}

/// What is public of a certificate, and matters here.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CertificateView {
    /// When it expires; `null` if it cannot be read.
    pub(super) not_after: Option<Timestamp>,
}

/// One key.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SummaryKey {
    /// The key.
    pub(super) name: KeyName,
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
pub(super) struct OldestKey {
    /// The key.
    pub(super) name: KeyName,
    /// When it was changed.
    pub(super) changed_at: ChangedAt,
    /// Another key, whose age is less well known, may be older.
    pub(super) may_be_older: bool,
}

/// An old value that stays beside the new one, until `rotate --finish`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OpenSlot {
    /// The key that has a new value.
    key: KeyName,
    /// Since when.
    pub(super) since: Timestamp,
}

/// Who looks after a Secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct SummaryOwner {
    /// The tool or object.
    pub(in crate::report) who: String,
    /// Whether it will undo what others change.
    reverts: bool,
}

impl SecretSummary {
    const KIND: &'static str = "SecretSummary";

    /// Sums up what was listed.
    pub(crate) fn new(outline: Outline, now: Timestamp) -> Self {
        let Outline { metadata, secret_type, count } = outline;
        let known = metadata.known_keys();
        let more_keys = count.saturating_sub(known.len());
        let keys: Vec<SummaryKey> = known.into_iter().map(|key| summary_key(key, &metadata, now)).collect();
        let due = DueView::of(&metadata, |key| find(&keys, key), more_keys, now);
        let managers = metadata.managed_fields.iter().filter(|entry| entry.has_keys());
        Self {
            api_version: API_VERSION,
            kind: Self::KIND,
            key_count: count,
            more_keys,
            oldest_key: oldest_of(&keys, more_keys),
            owner: owner_of(&metadata),
            pending_rotation: metadata.annotations.pending.as_ref().map(PendingView::of),
            open_slots: known_slots(&keys, &metadata),
            managers: managers.map(|entry| entry.manager.clone()).collect(),
            due,
            certificate: None,
            findings: Vec::new(),
            undecided: Vec::new(),
            has_record: keys.iter().any(|key| metadata.record(&key.name).is_some() && !key.record_not_trusted),
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

    /// Returns its name and namespace, if it has a certificate that can be looked at.
    pub(crate) fn certificate_of(&self) -> Option<(SecretName, Namespace)> {
        let metadata = &self.metadata;
        // The API server names what it lists by its own rules, which are ours.
        let names = metadata.name.parse().ok().zip(metadata.namespace.parse().ok());
        names.filter(|_| self.secret_type == TLS)
    }

    /// Adds when its certificate expires, which is the one thing that metadata does not tell; `None` if it cannot be read.
    pub(crate) fn with_certificate(self, not_after: Option<Timestamp>) -> Self {
        Self { certificate: Some(CertificateView { not_after }), ..self }
    }

    /// Looks for what was asked for; `undecided` takes what cannot be known.
    pub(crate) fn judged(self, asked: &Asked) -> Self {
        let (mut found, mut undecided) = (Vec::new(), Vec::new());
        let mut take = |finding, state| match state {
            Staleness::Stale => found.push(finding),
            Staleness::Undecided => undecided.push(finding),
            Staleness::Fresh => {}
        };
        if let Some(limit) = &asked.stale {
            let created = self.metadata.creation_timestamp;
            let key = |key: &SummaryKey| stale::judge(key.changed_at.as_ref(), created, limit, self.now);
            // Of keys without a known name, nothing is known but that they are not older than their object.
            let unnamed = (self.more_keys > 0).then(|| stale::judge(None, created, limit, self.now));
            take(Finding::Stale, self.keys.iter().map(key).chain(unnamed).max().unwrap_or(Staleness::Fresh));
        }
        if asked.due {
            let state = match self.due.as_ref().map(|due| due.state) {
                Some(DueState::Due) => Staleness::Stale,
                Some(DueState::Undecided | DueState::Unreadable) => Staleness::Undecided,
                _ => Staleness::Fresh,
            };
            take(Finding::Due, state);
        }
        if let Some((within, certificate)) = asked.expiring.as_ref().zip(self.certificate.as_ref()) {
            let state = match certificate.not_after {
                Some(_) | None if self.now == Timestamp::UNIX_EPOCH => Staleness::Undecided,
                Some(at) if at <= within.after(self.now) => Staleness::Stale,
                Some(_) => Staleness::Fresh,
                None => Staleness::Undecided,
            };
            take(Finding::Expiring, state);
        }
        if asked.unmanaged && !self.is_managed() {
            take(Finding::Unmanaged, Staleness::Stale);
        }
        Self { findings: found, undecided, ..self }
    }

    /// Tells whether anything was found.
    pub(crate) fn has_findings(&self) -> bool {
        !self.findings.is_empty()
    }

    /// Returns what was found.
    pub(super) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns what cannot be known.
    pub(crate) fn undecided(&self) -> &[Finding] {
        &self.undecided
    }

    /// Tells whether this program has written it, or a tool that is known looks after it.
    pub(super) fn is_managed(&self) -> bool {
        self.owner.is_some() || self.has_record
    }

    /// Returns since when the oldest key surely did not change.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.oldest_key.as_ref().and_then(|key| key.changed_at.unchanged_since())
    }
}

impl Ranked for SecretSummary {
    fn rank(&self, word: Word) -> (u8, i64, &str, &str) {
        let at = |time: Option<Timestamp>| time.map_or(i64::MAX, Timestamp::as_second);
        let (state, time) = match (word, &self.due) {
            (Word::Age, _) => (0, at(self.oldest())),
            (Word::Due, Some(due)) => match due.state {
                DueState::Due => (0, at(due.at)),
                DueState::NotDue => (1, at(due.at)),
                _ => (2, 0),
            },
            (Word::Due, None) => (3, 0),
            (Word::Name, _) => (0, 0),
        };
        (state, time, &self.metadata.name, &self.metadata.namespace)
    }
}

fn summary_key(name: KeyName, metadata: &Metadata, now: Timestamp) -> SummaryKey {
    let change = last_change(metadata.record(&name), &metadata.owners(&name), metadata.creation_timestamp, now);
    SummaryKey { name, changed_at: change.at, changed_by: change.by, record_not_trusted: change.record_not_trusted }
}

/// Returns what is known of a key whose name is known; they are in the order of their names.
fn find<'a>(keys: &'a [SummaryKey], name: &KeyName) -> Option<Option<&'a ChangedAt>> {
    let index = keys.binary_search_by(|key| key.name.cmp(name)).ok()?;
    keys.get(index).map(|key| key.changed_at.as_ref())
}

/// Finds the key that surely was not changed for the longest time, and whether another one may be older: one with a bound
/// only, or one whose name is not known.
fn oldest_of(keys: &[SummaryKey], more_keys: usize) -> Option<OldestKey> {
    let changes: Vec<Option<&ChangedAt>> = keys.iter().map(|key| key.changed_at.as_ref()).collect();
    let Oldest { index, changed_at, may_be_older } = ages::oldest(&changes, more_keys)?;
    let name = keys.get(index)?.name.clone();
    Some(OldestKey { name, changed_at: changed_at.clone(), may_be_older })
}

fn known_slots(keys: &[SummaryKey], metadata: &Metadata) -> Vec<OpenSlot> {
    let slot = |slot: &SummaryKey| {
        let record = metadata.record(&slot.name).filter(|_| !slot.record_not_trusted)?;
        Some(OpenSlot { key: previous_of(&slot.name, Some(&record.from))?, since: record.at })
    };
    keys.iter().filter_map(slot).collect()
}

/// Names the controller by its object, and a tool that is known by its marks only by its name.
pub(in crate::report) fn owner_of(metadata: &Metadata) -> Option<SummaryOwner> {
    let controllers = metadata.controllers();
    let found = owner::find(Marks {
        controllers: &controllers,
        labels: &metadata.labels,
        annotations: &metadata.annotations.names,
    })?;
    let object = controllers.first().map(|(kind, name)| format!("{kind}/{name}"));
    Some(SummaryOwner { who: object.unwrap_or(found.who), reverts: found.verdict == Verdict::Reverts })
}
