//! One Secret that is to be rotated: everything that is known before it begins.

use crate::commands::change::{Looked, RestartFlags, Safety};
use crate::plan::{PlannedEdit, Target};
use crate::report::{DueKey, SecretRotation};
use crate::sources::KeySources;

/// One Secret with keys that are due.
#[derive(Debug)]
pub(super) struct Job {
    /// The Secret.
    pub(super) target: Target,
    /// What the list told: its uid and version are the precondition of the write.
    pub(super) looked: Looked,
    /// The keys.
    pub(super) keys: Vec<DueKey>,
    /// Where their values come from.
    pub(super) sources: KeySources,
    /// What happens to each key.
    pub(super) edits: Vec<PlannedEdit>,
    /// What is done for old values.
    pub(super) safety: Safety,
    /// What happens to the workloads that use it.
    pub(super) restart: RestartFlags,
}

impl Job {
    /// Returns what the plan says.
    pub(super) fn row(&self) -> SecretRotation {
        SecretRotation::planned(&self.target, &self.looked.metadata().uid, &self.keys)
    }
}
