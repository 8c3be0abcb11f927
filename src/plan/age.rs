//! When a key was changed, and how well that is known.
//!
//! Our own record is exact, if it can be believed (requirement S17). Otherwise managedFields give a
//! bound: a manager that owns a key has set it at or before the time of its entry, so the key has
//! not changed since the earliest of them. The last resort is the creation of the object, and it bounds
//! from the other side: the key of an old object can be young.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::record::Record;

/// The name under which this program writes.
pub(crate) const FIELD_MANAGER: &str = "kubectl-secretsafe";

/// What a statement about a change rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Basis {
    /// The record that this program left on the object.
    Record,
    /// The API server's managedFields: not changed since then.
    ManagedFields,
    /// The object's creation: not before then.
    Creation,
}

impl Basis {
    /// Returns the word for it, as in JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::ManagedFields => "managedFields",
            Self::Creation => "creation",
        }
    }
}

/// When a key was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangedAt {
    /// The time.
    pub(crate) time: Timestamp,
    /// What it rests on.
    pub(crate) basis: Basis,
    /// Whether it is the time of the change. If not, the key is at least this old; by `creation`, at most.
    pub(crate) exact: bool,
}

impl ChangedAt {
    /// Returns the time since when the key surely did not change.
    pub(crate) fn unchanged_since(&self) -> Option<Timestamp> {
        (self.basis != Basis::Creation).then_some(self.time)
    }
}

/// When and by whom a key was changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LastChange {
    /// When, if anything is known.
    pub(crate) at: Option<ChangedAt>,
    /// The user of the record, or the field manager; both are claims.
    pub(crate) by: Option<String>,
    /// The record was there but cannot be believed.
    pub(crate) record_not_trusted: bool,
}

/// One manager's claim on a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner<'a> {
    /// The manager's name.
    pub(crate) manager: &'a str,
    /// When its entry was written.
    pub(crate) time: Option<Timestamp>,
    /// Whether it owns the annotation with the record of the key as well.
    pub(crate) has_record: bool,
}

/// Says when the key was changed, from what metadata tells.
///
/// `now` is the server's time; a record from the future is not believed.
pub(crate) fn last_change(
    record: Option<&Record>,
    owners: &[Owner<'_>],
    created: Option<Timestamp>,
    now: Timestamp,
) -> LastChange {
    let trusted = record.filter(|record| believable(record, owners, now));
    if let Some(record) = trusted {
        return LastChange {
            at: Some(ChangedAt { time: record.at, basis: Basis::Record, exact: true }),
            by: record.by.clone(),
            record_not_trusted: false,
        };
    }
    let earliest = owners.iter().filter_map(|owner| owner.time.map(|time| (time, owner.manager))).min();
    let (at, by) = match (earliest, created) {
        (Some((time, manager)), _) => {
            (Some(ChangedAt { time, basis: Basis::ManagedFields, exact: false }), Some(manager.to_owned()))
        }
        (None, Some(time)) => (Some(ChangedAt { time, basis: Basis::Creation, exact: false }), None),
        (None, None) => (None, None),
    };
    LastChange { at, by, record_not_trusted: record.is_some() }
}

/// A record is not believed if it is from the future, if the key or the record itself is not ours any more, or if it
/// is newer than our last write.
///
/// The API server takes a key from its owner when somebody else changes it, so a key that managedFields
/// know and do not give to us was written after our record, whatever the times say. The annotation is taken in the same
/// way from whom it was changed by. And each of our writes dates our entry anew, so a record that is newer than it was
/// written by somebody else.
fn believable(record: &Record, owners: &[Owner<'_>], now: Timestamp) -> bool {
    // Both times come from the same server, in whole seconds.
    let past = record.at <= later(now, 2);
    // These may come from two servers of one cluster.
    let ours = |owner: &Owner<'_>| {
        owner.manager == FIELD_MANAGER && owner.has_record && owner.time.is_none_or(|time| record.at <= later(time, 60))
    };
    past && (owners.is_empty() || owners.iter().any(ours))
}

fn later(time: Timestamp, seconds: i64) -> Timestamp {
    time.saturating_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::record::{Author, Provenance};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn record(time: &str) -> Record {
        let author = Author { by: Some("alice".into()), at: at(time), op: "op".into() };
        Record::first(&author, &Provenance { scheme: "prompt".into(), public_ok: false })
    }

    fn owner<'a>(manager: &'a str, time: &str) -> Owner<'a> {
        Owner { manager, time: Some(at(time)), has_record: manager == FIELD_MANAGER }
    }

    const NOW: &str = "2026-03-01T00:00:00Z";

    #[test]
    fn our_record_is_exact_even_if_we_wrote_another_key_later() {
        let change = last_change(
            Some(&record("2026-01-01T00:00:00Z")),
            &[owner(FIELD_MANAGER, "2026-02-01T00:00:00Z")],
            None,
            at(NOW),
        );
        assert_eq!(
            change.at.unwrap(),
            ChangedAt { time: at("2026-01-01T00:00:00Z"), basis: Basis::Record, exact: true }
        );
        assert_eq!(change.by.as_deref(), Some("alice"));
    }

    #[test]
    fn a_record_older_than_somebody_elses_write_is_not_trusted() {
        let change = last_change(
            Some(&record("2026-01-01T00:00:00Z")),
            &[owner("kubectl-edit", "2026-02-01T00:00:00Z")],
            None,
            at(NOW),
        );
        assert!(change.record_not_trusted);
        assert_eq!(change.at.unwrap().basis, Basis::ManagedFields);
        assert_eq!(change.by.as_deref(), Some("kubectl-edit"));
    }

    #[test]
    fn a_record_from_the_future_is_not_trusted() {
        let change = last_change(Some(&record("2027-01-01T00:00:00Z")), &[], Some(at("2026-01-01T00:00:00Z")), at(NOW));
        assert!(change.record_not_trusted);
        assert_eq!(change.at.unwrap().basis, Basis::Creation);
    }

    #[test]
    fn a_record_that_is_newer_than_our_last_write_is_not_trusted() {
        let ours = [owner(FIELD_MANAGER, "2026-01-01T00:00:00Z")];
        let change = |time| last_change(Some(&record(time)), &ours, None, at(NOW));
        assert!(!change("2026-01-01T00:01:00Z").record_not_trusted, "the clocks of two servers");
        let forged = change("2026-02-01T00:00:00Z");
        assert!(forged.record_not_trusted);
        let bound = forged.at.unwrap();
        assert_eq!((bound.time, bound.exact), (at("2026-01-01T00:00:00Z"), false));
    }

    #[test]
    fn a_record_that_somebody_else_has_changed_is_not_trusted() {
        let ours = Owner { has_record: false, ..owner(FIELD_MANAGER, "2026-01-01T00:00:00Z") };
        assert!(last_change(Some(&record("2025-01-01T00:00:00Z")), &[ours], None, at(NOW)).record_not_trusted);
    }

    #[test]
    fn the_earliest_owner_is_the_tightest_bound() {
        let owners = [owner("b", "2026-02-01T00:00:00Z"), owner("a", "2026-01-01T00:00:00Z")];
        let change = last_change(None, &owners, Some(at("2025-01-01T00:00:00Z")), at(NOW));
        let changed = change.at.unwrap();
        assert_eq!((changed.time, changed.exact), (at("2026-01-01T00:00:00Z"), false));
        assert!(!change.record_not_trusted);
    }

    #[test]
    fn nothing_known_is_nothing_said() {
        assert_eq!(last_change(None, &[], None, at(NOW)), LastChange::default());
    }
}
