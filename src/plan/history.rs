//! What is known of the past of a Secret, put into one order. Pure.
//!
//! Each source says something of its own sort: our records the last write of each key, managedFields who has set it and
//! by when, notes and kept versions what rotations did, Events the last hour or so. Most of it is a claim (requirement S17):
//! whoever may change the Secret can write it. One more source is one more function here, and one more word of [`Basis`].

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::log::{Deed, Ended};
use crate::names::KeyName;
use crate::plaintext::wire::Metadata;

use super::age::{FIELD_MANAGER, last_change};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum What {
    /// The Secret was made.
    Created,
    /// This program wrote the key.
    Written,
    /// A manager had set the keys by then.
    Set,
    /// Keys were replaced, and their old values kept.
    VersionKept,
    /// A rotation began, and has not ended.
    RotationBegan,
    /// A rotation began, and is being put back.
    PuttingBack,
    /// This program left an Event.
    Event,
    /// This user ran a command on this machine.
    Logged,
}

/// What it is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Basis {
    /// The object's creation, as the server dates it.
    Creation,
    /// The record that this program left on the object.
    Record,
    /// The API server's managedFields.
    ManagedFields,
    /// The notes of rotations on the object.
    Note,
    /// An Event about the object.
    Event,
    /// The local log of this machine.
    Log,
}

impl Basis {
    /// Returns the word for it, as in JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Creation => "creation",
            Self::Record => "record",
            Self::ManagedFields => "managedFields",
            Self::Note => "note",
            Self::Event => "event",
            Self::Log => "log",
        }
    }
}

/// One line of the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// When.
    pub(crate) time: Timestamp,
    /// Whether it is the time of what happened; if not, it happened then or before.
    pub(crate) exact: bool,
    /// What happened.
    pub(crate) what: What,
    /// The keys; none where it is not known which.
    pub(crate) keys: Vec<KeyName>,
    /// The user, as the server once named them to this program: a claim.
    pub(crate) user: Option<String>,
    /// The field manager, a name that clients choose: a claim.
    pub(crate) manager: Option<String>,
    /// What it is known from.
    pub(crate) basis: Basis,
    /// The time and what happened are claims as well: others than the API server can have written them.
    pub(crate) claim: bool,
    /// It contradicts what the server knows.
    pub(crate) not_trusted: bool,
    /// What else is known of it.
    #[serde(flatten)]
    pub(crate) details: Details,
}

/// What is known of some entries only.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Details {
    /// The scheme of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) source: Option<String>,
    /// How often this program has written the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    pub(crate) writes: Option<u64>,
    /// The number of the version, for `rollback --to`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    pub(crate) version: Option<u64>,
    /// The reason of the Event.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) reason: Option<&'static str>,
    /// The command.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) action: Option<String>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Ended")]
    pub(crate) result: Option<Ended>,
    /// How often the Event was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    pub(crate) count: Option<u64>,
}

/// An Event of ours, without its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// When it was seen last.
    pub(crate) time: Timestamp,
    /// Its reason.
    pub(crate) reason: &'static str,
    /// How often.
    pub(crate) count: u64,
}

/// A line of the local log about the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Noted {
    /// When, by the clock of this machine.
    pub(crate) time: Timestamp,
    /// What it says.
    pub(crate) deed: Deed,
}

/// Puts together what is known, the newest first; of one key only, if one is named.
pub(crate) fn timeline(
    metadata: &Metadata,
    events: &[Seen],
    log: Vec<Noted>,
    key: Option<&KeyName>,
    now: Timestamp,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = created(metadata).into_iter().collect();
    entries.extend(records(metadata, now));
    entries.extend(managers(metadata, now));
    entries.extend(rotations(metadata));
    entries.extend(events.iter().map(event));
    entries.extend(log.into_iter().map(noted));
    // Both times come from the same server, in whole seconds.
    let latest = now.saturating_add(SignedDuration::from_secs(2)).unwrap_or(now);
    for entry in &mut entries {
        // Without the server's time nothing is known to be in the future.
        // The clock of this machine is another one.
        entry.not_trusted |=
            entry.claim && entry.basis != Basis::Log && now > Timestamp::UNIX_EPOCH && entry.time > latest;
    }
    if let Some(key) = key {
        entries.retain(|entry| entry.what == What::Created || entry.keys.contains(key));
        entries.iter_mut().for_each(|entry| entry.keys.retain(|name| name == key));
    }
    entries.sort_by(|left, right| {
        let place = |entry: &Entry| (entry.time, entry.basis, entry.details.version);
        place(right).cmp(&place(left)).then_with(|| left.keys.cmp(&right.keys))
    });
    entries
}

fn entry(time: Timestamp, what: What, basis: Basis, claim: bool) -> Entry {
    Entry {
        time,
        exact: true,
        what,
        keys: Vec::new(),
        user: None,
        manager: None,
        basis,
        claim,
        not_trusted: false,
        details: Details::default(),
    }
}

fn created(metadata: &Metadata) -> Option<Entry> {
    Some(entry(metadata.creation_timestamp?, What::Created, Basis::Creation, false))
}

/// Keys of which a record is there: those with known names, and those that the server counts without their names, which
/// a record names unless it is too long for that.
fn recorded(metadata: &Metadata) -> BTreeSet<KeyName> {
    let named = metadata.annotations.records.keys().filter_map(|name| name.strip_prefix(super::record::PREFIX));
    let known = metadata.known_keys();
    let hashed = |name: &str| name.starts_with("sha256-");
    let more = named.filter(|name| !hashed(name)).filter_map(KeyName::checked);
    known.iter().cloned().chain(more).filter(|key| metadata.record(key).is_some()).collect()
}

fn records(metadata: &Metadata, now: Timestamp) -> Vec<Entry> {
    let one = |key: KeyName| {
        let record = metadata.record(&key)?;
        let change = last_change(Some(record), &metadata.owners(&key), metadata.creation_timestamp, now);
        let details = Details { source: Some(record.from.clone()), writes: Some(record.n), ..Details::default() };
        Some(Entry {
            keys: vec![key],
            user: record.by.clone(),
            not_trusted: change.record_not_trusted,
            details,
            ..entry(record.at, What::Written, Basis::Record, true)
        })
    };
    recorded(metadata).into_iter().filter_map(one).collect()
}

/// What each manager has set. What our own entry tells of keys with a record that is trusted, the record tells better.
fn managers(metadata: &Metadata, now: Timestamp) -> Vec<Entry> {
    let told = |key: &KeyName| {
        let record = metadata.record(key);
        let change = last_change(record, &metadata.owners(key), metadata.creation_timestamp, now);
        record.is_some() && !change.record_not_trusted
    };
    let of_one = |manager: &crate::plaintext::wire::Manager| {
        let mut keys = manager.keys();
        if manager.manager == FIELD_MANAGER {
            keys.retain(|key| !told(key));
        }
        let time = manager.time.filter(|_| !keys.is_empty())?;
        Some(Entry {
            exact: false,
            keys: keys.into_iter().collect(),
            manager: Some(manager.manager.clone()),
            ..entry(time, What::Set, Basis::ManagedFields, false)
        })
    };
    metadata.managed_fields.iter().filter_map(of_one).collect()
}

fn rotations(metadata: &Metadata) -> Vec<Entry> {
    let kept = metadata.annotations.kept.iter().flat_map(|kept| &kept.versions).map(|version| Entry {
        keys: version.keys.clone(),
        details: Details { version: Some(version.n), ..Details::default() },
        ..entry(version.at, What::VersionKept, Basis::Note, true)
    });
    let pending = metadata.annotations.pending.iter().map(|note| Entry {
        keys: note.keys.clone(),
        user: note.by.clone(),
        ..entry(note.at, if note.undo { What::PuttingBack } else { What::RotationBegan }, Basis::Note, true)
    });
    kept.chain(pending).collect()
}

fn event(seen: &Seen) -> Entry {
    let details = Details { reason: Some(seen.reason), count: Some(seen.count), ..Details::default() };
    Entry { details, ..entry(seen.time, What::Event, Basis::Event, true) }
}

fn noted(noted: Noted) -> Entry {
    let Noted { time, deed } = noted;
    Entry {
        keys: deed.keys.iter().filter_map(|key| KeyName::checked(key)).collect(),
        user: deed.user.or(deed.login).or(deed.os_user),
        details: Details { action: Some(deed.action), result: Some(deed.result), ..Details::default() },
        ..entry(time, What::Logged, Basis::Log, true)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: &str = "2026-06-01T00:00:00Z";

    fn metadata() -> Metadata {
        let record =
            |at: &str| json!({"v": 1, "at": at, "by": "alice", "from": "generate", "n": 3, "op": "o"}).to_string();
        let entry = |manager: &str, time: &str, keys: &[&str]| {
            let records: serde_json::Map<_, _> =
                keys.iter().map(|key| (format!("f:key.secretsafe.dev/{key}"), json!({}))).collect();
            let keys: serde_json::Map<_, _> = keys.iter().map(|key| (format!("f:{key}"), json!({}))).collect();
            json!({"manager": manager, "operation": "Update", "time": time, "fieldsV1": {"f:data": keys, "f:metadata": {"f:annotations": records}}})
        };
        serde_json::from_value(json!({"creationTimestamp": "2026-01-01T00:00:00Z",
            "annotations": {
                "key.secretsafe.dev/ours": record("2026-03-01T00:00:00Z"),
                "key.secretsafe.dev/theirs": record("2026-02-01T00:00:00Z"),
                "key.secretsafe.dev/future": record("2027-01-01T00:00:00Z"),
                "secretsafe.dev/history": json!({"v": 1, "last": 4, "versions":
                    [{"n": 4, "uid": "u", "at": "2026-03-01T00:00:00Z", "keys": ["ours"]}]}).to_string(),
            },
            "managedFields": [entry("kubectl-secretsafe", "2026-03-01T00:00:00Z", &["ours", "future"]),
                entry("kubectl-edit", "2026-04-01T00:00:00Z", &["theirs"]),
                entry("labels-only", "2026-05-01T00:00:00Z", &[])]}))
        .unwrap()
    }

    fn told(key: Option<&str>) -> Vec<String> {
        let seen = [Seen { time: "2026-03-01T00:00:01Z".parse().unwrap(), reason: "SecretRotated", count: 1 }];
        let deed = json!({"id": "r-0", "action": "view", "result": "done", "keys": ["ours"], "login": "admin"});
        let noted =
            Noted { time: "2028-01-01T00:00:00Z".parse().unwrap(), deed: serde_json::from_value(deed).unwrap() };
        let key = key.map(|key| KeyName::checked(key).unwrap());
        let line = |entry: Entry| {
            let keys: Vec<&str> = entry.keys.iter().map(KeyName::as_str).collect();
            let who = entry.manager.or(entry.user).unwrap_or_default();
            let marks = [(!entry.exact, "<="), (entry.claim, "claim"), (entry.not_trusted, "not trusted")];
            let marks: Vec<&str> = marks.iter().filter(|(holds, _)| *holds).map(|(_, mark)| *mark).collect();
            format!("{:?} {} {who} {}", entry.what, keys.join(","), marks.join(" "))
        };
        timeline(&metadata(), &seen, vec![noted], key.as_ref(), NOW.parse().unwrap()).into_iter().map(line).collect()
    }

    #[test]
    fn the_newest_comes_first_and_claims_are_marked() {
        assert_eq!(
            told(None),
            [
                "Logged ours admin claim",
                "Written future alice claim not trusted",
                "Set theirs kubectl-edit <=",
                "Event   claim",
                "VersionKept ours  claim",
                "Set future kubectl-secretsafe <=",
                "Written ours alice claim",
                "Written theirs alice claim not trusted",
                "Created   ",
            ]
        );
    }

    #[test]
    fn of_one_key_only_what_is_known_to_be_about_it_is_told() {
        assert_eq!(
            told(Some("ours")),
            ["Logged ours admin claim", "VersionKept ours  claim", "Written ours alice claim", "Created   "]
        );
        assert_eq!(told(Some("nothing")), ["Created   "]);
    }
}
