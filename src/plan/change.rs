//! What one write did: the source of the report, the Event and the log line.

use schemars::JsonSchema;
use serde::Serialize;

use crate::names::{KeyName, Namespace, SecretName};

use super::Target;

/// What was done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Verb {
    /// It was made.
    Created,
    /// Values of it were replaced.
    Rotated,
    /// Values of it were put back.
    RolledBack,
    /// Keys were added, changed, removed or renamed.
    Updated,
    /// It is now as was asked for.
    Configured,
    /// It was as was asked for.
    Unchanged,
}

impl Verb {
    /// Returns the word that stands in the first line of stdout, as kubectl writes it.
    pub(crate) fn past(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Rotated => "rotated",
            Self::RolledBack => "rolled back",
            Self::Updated => "updated",
            Self::Configured => "configured",
            Self::Unchanged => "unchanged",
        }
    }

    /// Returns the reason of the Event.
    pub(crate) fn event_reason(self) -> &'static str {
        match self {
            Self::Created => "SecretCreated",
            Self::Rotated => "SecretRotated",
            Self::RolledBack => "SecretRolledBack",
            Self::Updated | Self::Configured | Self::Unchanged => "SecretUpdated",
        }
    }
}

/// How far a write went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Extent {
    /// It is stored.
    Stored,
    /// The server checked it and stored nothing.
    ServerDryRun,
}

/// What one write did.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change {
    /// What was done.
    pub(crate) verb: Verb,
    /// The Secret.
    pub(crate) name: SecretName,
    /// Its namespace.
    pub(crate) namespace: Namespace,
    /// Its uid, as the server said it.
    pub(crate) uid: String,
    /// The keys that were written.
    pub(crate) keys: Vec<KeyName>,
    /// The random id of this write, which is also in the record of each key.
    pub(crate) op: String,
    /// How far it went.
    pub(crate) extent: Extent,
}

impl Change {
    /// Says what a write did; with `dry_run` the server only checked it.
    pub(crate) fn new(
        verb: Verb,
        target: &Target,
        uid: &str,
        keys: Vec<KeyName>,
        op: impl Into<String>,
        dry_run: bool,
    ) -> Self {
        Self {
            verb,
            name: target.name.clone(),
            namespace: target.namespace.clone(),
            uid: uid.to_owned(),
            keys,
            op: op.into(),
            extent: if dry_run { Extent::ServerDryRun } else { Extent::Stored },
        }
    }
}
