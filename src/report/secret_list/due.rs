//! How the keys of a Secret stand to its policy, in one line: what is due first.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::names::KeyName;
use crate::output::{Cell, Look};
use crate::plaintext::wire::Metadata;
use crate::plan::age::{ChangedAt, last_change};
use crate::plan::due::{State, weigh};
use crate::plan::spoken;

/// How a Secret stands to its policy: by the key that is due for the longest time, or will be first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DueView {
    /// How it stands.
    pub(super) state: DueState,
    /// The key; `null` if the policy cannot be read.
    key: Option<KeyName>,
    /// Since when it is due, or when it will be; `null` if that is not known.
    pub(super) at: Option<Timestamp>,
    /// `false`: it is due since then at the latest.
    exact: bool,
}

/// How a Secret stands to its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum DueState {
    /// A key is too old.
    Due,
    /// A key may be too old: its age is not known well enough.
    Undecided,
    /// No key is too old.
    NotDue,
    /// The policy names only keys that are not there.
    Absent,
    /// There is an annotation, but it is no policy.
    Unreadable,
}

impl DueView {
    /// Judges the keys of a policy; `None` without one. `changed` tells what is known of a key that has a known name.
    pub(super) fn of<'a>(
        metadata: &Metadata,
        changed: impl Fn(&KeyName) -> Option<Option<&'a ChangedAt>>,
        more_keys: usize,
        now: Timestamp,
    ) -> Option<Self> {
        if metadata.has_unreadable_policy() {
            return Some(Self { state: DueState::Unreadable, key: None, at: None, exact: false });
        }
        let rules = metadata.annotations.policy.as_ref()?.keys.iter();
        let states = rules.map(|(key, rule)| {
            let state = match changed(key) {
                Some(changed) => weigh(changed.cloned(), &rule.every, now),
                None if more_keys == 0 => State::Absent,
                None => {
                    let change = last_change(metadata.record(key), &[], metadata.creation_timestamp, now);
                    weigh(change.at, &rule.every, now)
                }
            };
            Self::new(key, &state)
        });
        states.min_by_key(|view| (view.state, view.at))
    }

    fn new(key: &KeyName, state: &State) -> Self {
        let (state, at, exact) = match state {
            State::Due { changed, since } => (DueState::Due, Some(*since), changed.exact),
            State::NotDue { changed, at } => (DueState::NotDue, Some(*at), changed.exact),
            State::Undecided { .. } => (DueState::Undecided, None, false),
            State::Absent => (DueState::Absent, None, false),
        };
        Self { state, key: Some(key.clone()), at, exact }
    }

    /// Writes it for a table.
    pub(super) fn cell(&self, now: Timestamp) -> Cell {
        match (self.state, self.at) {
            (DueState::Due, Some(since)) => {
                let mark = if self.exact { "" } else { "≥ " };
                Cell::new(format!("since {mark}{}", spoken::human(since, now)), Look::Warning)
            }
            (DueState::NotDue, Some(at)) => Cell::new(format!("in {}", spoken::human(now, at)), Look::Plain),
            (state, _) => Cell::new(state.word(), Look::Faint),
        }
    }
}

impl DueState {
    /// Returns the word for it, as in JSON.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Undecided => "undecided",
            Self::NotDue => "notDue",
            Self::Absent => "absent",
            Self::Unreadable => "unreadable",
        }
    }
}
