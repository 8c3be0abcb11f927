//! What would be done, as plain data: printable, serializable, and without a value.
//!
//! That a `Plan` derives `Serialize` proves that it holds none. Nothing here does I/O.

use schemars::JsonSchema;
use serde::Serialize;

use crate::names::{KeyName, Namespace, SecretName};

pub(crate) mod access;
pub(crate) mod age;
pub(crate) mod ages;
pub(crate) mod baseline;
mod change;
pub(crate) mod companions;
pub(crate) mod consumers;
pub(crate) mod create;
pub(crate) mod due;
pub(crate) mod edit;
pub(crate) mod export;
pub(crate) mod findings;
pub(crate) mod history;
pub(crate) mod owner;
pub(crate) mod policy;
pub(crate) mod record;
pub(crate) mod rollout;
pub(crate) mod schedule;
pub(crate) mod seal;
pub(crate) mod secret_keys;
pub(crate) mod span;
pub(crate) mod spec;
pub(crate) mod spoken;
pub(crate) mod stale;
pub(crate) mod unused;

pub(crate) use change::{Change, Extent, Verb};

/// Which Secret, where: enough to address it and to bind a keychain entry to its cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Target {
    /// The name of the kubeconfig context, or `in-cluster`.
    pub(crate) context: String,
    /// The API server's URL.
    pub(crate) server: String,
    /// First 16 hex digits of SHA-256 over server URL and CA: tells clusters of the same name apart.
    pub(crate) fingerprint: String,
    /// The namespace.
    pub(crate) namespace: Namespace,
    /// The Secret.
    pub(crate) name: SecretName,
}

/// An ordered list of steps. Each is done only if its precondition holds.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Plan {
    /// The Secret that it is about.
    pub(crate) target: Target,
    /// The steps, in order.
    pub(crate) steps: Vec<Step>,
}

/// One step of a plan.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    /// What is done.
    pub(crate) action: Action,
    /// What must be true for it to be done.
    pub(crate) precondition: Precondition,
}

/// What one step does.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(crate) enum Action {
    /// Ask the server who we are and what time it is; both go into the record.
    Identify,
    /// Make the Secret.
    #[serde(rename_all = "camelCase")]
    Create {
        /// The Secret's type.
        secret_type: String,
        /// Whether it can be changed later.
        immutable: bool,
        /// The keys, and how each is filled.
        keys: Vec<PlannedKey>,
    },
    /// Put old and new values into the pending Secret, until all is done.
    Pending,
    /// Run the hook for each key.
    Hook {
        /// The program, by its whole path.
        program: String,
    },
    /// Keep what is replaced as a version.
    KeepVersion {
        /// How many are kept.
        most: u64,
    },
    /// Change some keys and leave all others alone.
    Patch {
        /// What happens to each key.
        keys: Vec<PlannedEdit>,
    },
    /// Leave an Event beside it, if that is allowed.
    Event,
    /// Restart a workload that uses it.
    Restart {
        /// The workload.
        workload: rollout::Workload,
    },
}

/// What would happen to a key of an existing Secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlannedEdit {
    /// The key.
    pub(crate) name: KeyName,
    /// What happens to it.
    pub(crate) edit: EditKind,
    /// The source, in the words that the user wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) source: Option<String>,
    /// Where its old value goes; absent where it has none, or it will be gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OldValue")]
    pub(crate) old: Option<OldValue>,
}

impl PlannedEdit {
    /// Says what becomes of the old value, if there is one.
    pub(crate) fn fate(&self) -> Option<&'static str> {
        match self.old {
            Some(OldValue::InPrevious) => Some("the old value stays beside it"),
            Some(OldValue::InVersion) => Some("the old value is kept as a version"),
            Some(OldValue::UntilDone) => Some("the old value is kept until all is done"),
            None => self.edit.loses_value().then_some("the old value will be gone"),
        }
    }
}

/// Where an old value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum OldValue {
    /// Into the second slot, `KEY.previous`.
    InPrevious,
    /// Into a kept version.
    InVersion,
    /// Into the pending Secret, until the rotation is done.
    UntilDone,
}

/// What happens to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum EditKind {
    /// It gets another value.
    Replace,
    /// It did not exist.
    Add,
    /// It goes, with its value.
    Remove,
    /// It is kept as it is.
    Keep,
}

impl EditKind {
    /// Returns the word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Keep => "keep",
        }
    }

    /// Tells whether a value is lost by it.
    pub(crate) fn loses_value(self) -> bool {
        matches!(self, Self::Replace | Self::Remove)
    }
}

/// A key of a plan, and the source that fills it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlannedKey {
    /// The key.
    pub(crate) name: KeyName,
    /// The source, in the words that the user wrote.
    pub(crate) source: String,
}

/// What must be true for a step to be done.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(crate) enum Precondition {
    /// Nothing.
    None,
    /// There is no object of that name.
    Absent,
    /// It is still the object of this uid, in this version.
    #[serde(rename_all = "camelCase")]
    Version {
        /// The uid.
        uid: String,
        /// The resourceVersion.
        resource_version: String,
    },
    /// The step before was done.
    Previous,
}
