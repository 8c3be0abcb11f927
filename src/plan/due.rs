//! Which keys are due, from what metadata tells and by the server's clock.
//!
//! A key is due if it surely is too old: by the record of its last change, or because even the bound that managedFields
//! give is past the limit. Where neither tells, it is undecided, and nothing is done.

use jiff::Timestamp;

use crate::names::KeyName;
use crate::plaintext::wire::Metadata;

use super::age::{Basis, ChangedAt, last_change};
use super::edit::Keys;
use super::span::Span;

/// How a key stands to the limit of its age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// It is too old.
    Due {
        /// When it was changed, or before.
        changed: ChangedAt,
        /// Since when it is due; since then at the latest, if the change is not exact.
        since: Timestamp,
    },
    /// It is not too old.
    NotDue {
        /// When it was changed.
        changed: ChangedAt,
        /// When it will be due.
        at: Timestamp,
    },
    /// It may be older than what is known.
    Undecided {
        /// What is known.
        changed: Option<ChangedAt>,
    },
    /// There is no such key.
    Absent,
}

/// Judges one key.
pub(crate) fn judge(key: &KeyName, every: &Span, metadata: &Metadata, keys: &Keys, now: Timestamp) -> State {
    if keys.has(key) == Some(false) {
        return State::Absent;
    }
    let change = last_change(metadata.record(key), &metadata.owners(key), metadata.creation_timestamp, now);
    weigh(change.at, every, now)
}

/// Judges a key that is there, by what is known of its last change.
pub(crate) fn weigh(changed: Option<ChangedAt>, every: &Span, now: Timestamp) -> State {
    let Some(changed) = changed else { return State::Undecided { changed: None } };
    let limit = every.after(changed.time);
    match changed.basis {
        Basis::Record if limit > now => State::NotDue { changed, at: limit },
        Basis::Record => State::Due { changed, since: limit },
        Basis::ManagedFields if limit <= now => State::Due { changed, since: limit },
        // The object can be older than the key, so that its age says nothing about that of the key.
        Basis::ManagedFields | Basis::Creation => State::Undecided { changed: Some(changed) },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const NOW: &str = "2026-06-01T00:00:00Z";

    fn metadata(record: Option<&str>, manager: &str, time: &str) -> Metadata {
        let mut annotations = serde_json::Map::new();
        if let Some(at) = record {
            let text = format!(r#"{{"v":1,"at":"{at}","from":"generate","n":1,"op":"x"}}"#);
            annotations.insert("key.secretsafe.dev/k".to_owned(), text.into());
        }
        let fields = if manager.is_empty() {
            serde_json::json!([])
        } else {
            serde_json::json!([{"manager": manager, "operation": "Update", "time": time, "fieldsV1": {"f:data": {"f:k": {}}, "f:metadata": {"f:annotations": {"f:key.secretsafe.dev/k": {}}}}}])
        };
        serde_json::from_value(serde_json::json!({"creationTimestamp": "2020-01-01T00:00:00Z",
            "annotations": annotations, "managedFields": fields}))
        .unwrap()
    }

    fn state(every: &str, metadata: &Metadata) -> String {
        let keys = Keys { known: metadata.known_keys(), complete: false };
        let state =
            judge(&KeyName::checked("k").unwrap(), &every.parse().unwrap(), metadata, &keys, NOW.parse().unwrap());
        match state {
            State::Due { since, .. } => format!("due since {since}"),
            State::NotDue { at, .. } => format!("due at {at}"),
            State::Undecided { .. } => "undecided".to_owned(),
            State::Absent => "absent".to_owned(),
        }
    }

    #[test]
    fn a_record_decides_to_the_second() {
        let ours = |at| metadata(Some(at), "kubectl-secretsafe", "2026-05-30T00:00:00Z");
        assert_eq!(state("90d", &ours("2026-03-03T00:00:00Z")), "due since 2026-06-01T00:00:00Z");
        assert_eq!(state("90d", &ours("2026-03-03T00:00:01Z")), "due at 2026-06-01T00:00:01Z");
        // From the future: not believed, and the bound does not decide.
        assert_eq!(state("90d", &ours("2027-03-03T00:00:01Z")), "undecided");
        // Somebody else has changed it since: the record is of another value.
        let other = metadata(Some("2020-03-03T00:00:00Z"), "kubectl-edit", "2026-05-30T00:00:00Z");
        assert_eq!(state("90d", &other), "undecided");
    }

    #[test]
    fn without_a_record_a_bound_decides_only_if_it_is_past() {
        let bound = |time| metadata(None, "kubectl-create", time);
        assert_eq!(state("90d", &bound("2026-01-01T00:00:00Z")), "due since 2026-04-01T00:00:00Z");
        assert_eq!(state("90d", &bound("2026-05-01T00:00:00Z")), "undecided");
        // An old object says nothing about its keys.
        assert_eq!(state("90d", &metadata(None, "", "")), "undecided");
    }

    #[test]
    fn a_key_that_is_not_there_is_not_due() {
        let metadata = metadata(Some("2020-01-01T00:00:00Z"), "", "");
        let keys = Keys { known: BTreeSet::new(), complete: true };
        let key = KeyName::checked("k").unwrap();
        let state = judge(&key, &"1d".parse().unwrap(), &metadata, &keys, NOW.parse().unwrap());
        assert_eq!(state, State::Absent);
    }
}
