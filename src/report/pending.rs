//! A rotation that is not finished, and kept versions, as the notes on their Secret tell it: claims.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::names::KeyName;
use crate::plan::companions::{Note, Version};
use crate::plan::spoken;

/// A rotation that is not finished.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PendingView {
    /// When it began.
    since: Timestamp,
    /// Who began it: a claim.
    by: Option<String>,
    /// Its keys.
    keys: Vec<KeyName>,
    /// A hook changes the credential where it lives.
    hook: bool,
    /// It is being put back.
    undo: bool,
}

impl PendingView {
    /// Makes it from the note.
    pub(crate) fn of(note: &Note) -> Self {
        Self { since: note.at, by: note.by.clone(), keys: note.keys.clone(), hook: note.hook, undo: note.undo }
    }

    /// Says it in a line.
    pub(crate) fn described(&self, now: Timestamp) -> String {
        let keys: Vec<&str> = self.keys.iter().map(KeyName::as_str).collect();
        let by = self.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        format!(
            "{} {} ago{by}: {}{}",
            if self.undo { "it is being put back, begun" } else { "begun" },
            spoken::human(self.since, now),
            keys.join(", "),
            if self.hook { ", with a hook" } else { "" }
        )
    }
}

/// An earlier version that is kept.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VersionView {
    /// Its number, for `rollback --to`.
    pub(super) number: u64,
    /// When it was replaced.
    replaced_at: Timestamp,
    /// The keys that it has.
    keys: Vec<KeyName>,
}

impl VersionView {
    /// Makes it from the list on the Secret.
    pub(crate) fn of(version: &Version) -> Self {
        Self { number: version.n, replaced_at: version.at, keys: version.keys.clone() }
    }
}
