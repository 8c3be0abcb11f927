//! What a schedule looks like from outside: the CronJob as it is now, and how its runs ended.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// A CronJob of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scheduled {
    /// Its namespace.
    pub(crate) namespace: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether it is for one namespace (`namespace`) or all (`cluster`), as its label claims.
    pub(crate) scope: Option<String>,
    /// When it runs.
    pub(crate) cron: String,
    /// In which time zone.
    pub(crate) time_zone: Option<String>,
    /// What runs.
    pub(crate) image: Option<String>,
    /// Whether it is suspended.
    pub(crate) suspended: bool,
    /// When it was last due.
    pub(crate) last_scheduled: Option<Timestamp>,
    /// When a run last went well.
    pub(crate) last_successful: Option<Timestamp>,
}

/// One Job that a CronJob made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// Its namespace.
    pub(crate) namespace: String,
    /// Its name.
    pub(crate) name: String,
    /// The CronJob that made it.
    pub(crate) made_by: String,
    /// When it was made.
    pub(crate) created: Option<Timestamp>,
    /// How it ended.
    pub(crate) result: RunResult,
    /// Kubernetes' word for the failure.
    pub(crate) reason: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RunResult {
    /// It goes on.
    Running,
    /// Everything due was rotated.
    Succeeded,
    /// Something was not; its log says what.
    Failed,
}

impl RunResult {
    /// Returns the word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}
