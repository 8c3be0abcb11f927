//! `SecretRotationList`: what `rotate --due` did, or would do.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::names::KeyName;
use crate::output::{Cell, Look, Report, Section, Table};
use crate::plan::Target;
use crate::plan::age::ChangedAt;
use crate::plan::rollout::Restarted;
use crate::plan::span::Span;
use crate::plan::spoken;

use super::API_VERSION;
use super::failure::FailureView;
use super::restarts::RestartView;

/// One Secret with keys that are due.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretRotation {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretRotation::KIND))]
    kind: &'static str,
    /// Its namespace.
    namespace: String,
    /// Its name.
    name: String,
    /// Its uid.
    uid: String,
    /// The keys that are due.
    keys: Vec<DueKey>,
    /// How it ended.
    result: RotationResult,
    /// The random id of the write.
    op: Option<String>,
    /// What became of the workloads that use it.
    restarts: Vec<RestartView>,
    /// Why it failed.
    error: Option<FailureView>,
}

/// A key that is due, why, and where its next value comes from.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DueKey {
    /// The key.
    pub(crate) name: KeyName,
    /// How old it may become.
    pub(crate) every: Span,
    /// When it was changed, what that rests on, and whether it is exact.
    pub(crate) changed_at: ChangedAt,
    /// Since when it is due; where the change is not exact, at the latest.
    pub(crate) due_since: Timestamp,
    /// The source; `null` if it is refused.
    pub(crate) source: Option<String>,
}

/// How the rotation of one Secret ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum RotationResult {
    /// The keys have new values.
    Rotated,
    /// They would get them.
    WouldRotate,
    /// They have none, or what was to follow did not go well.
    Failed,
    /// It was not begun, because enough others had failed.
    NotStarted,
}

/// What one rotation did.
#[derive(Debug)]
pub(crate) struct Rotated {
    /// The id of the write.
    pub(crate) op: String,
    /// What became of the workloads.
    pub(crate) restarted: Vec<Restarted>,
    /// The server only checked it.
    pub(crate) dry_run: bool,
    /// What did not go well behind the write.
    pub(crate) error: Option<Error>,
}

impl SecretRotation {
    /// The kind of one line of `-o jsonl`.
    pub(super) const KIND: &'static str = "SecretRotation";

    /// One that would be done.
    pub(crate) fn planned(target: &Target, uid: &str, keys: &[DueKey]) -> Self {
        Self {
            api_version: API_VERSION,
            kind: Self::KIND,
            namespace: target.namespace.to_string(),
            name: target.name.to_string(),
            uid: uid.to_owned(),
            keys: keys.to_vec(),
            result: RotationResult::WouldRotate,
            op: None,
            restarts: Vec::new(),
            error: None,
        }
    }

    /// One that was done.
    pub(crate) fn done(self, rotated: &Rotated) -> Self {
        let result = match (&rotated.error, rotated.dry_run) {
            (Some(_), _) => RotationResult::Failed,
            (None, true) => RotationResult::WouldRotate,
            (None, false) => RotationResult::Rotated,
        };
        Self {
            result,
            op: Some(rotated.op.clone()),
            restarts: rotated.restarted.iter().map(RestartView::of).collect(),
            error: rotated.error.as_ref().map(FailureView::of),
            ..self
        }
    }

    /// One that failed.
    pub(crate) fn failed(self, error: &Error) -> Self {
        Self { result: RotationResult::Failed, error: Some(FailureView::of(error)), ..self }
    }

    /// One that was not begun.
    pub(crate) fn not_started(self) -> Self {
        Self { result: RotationResult::NotStarted, ..self }
    }

    /// Tells whether it did not go well.
    pub(crate) fn has_failed(&self) -> bool {
        self.result == RotationResult::Failed
    }

    /// Tells whether it has new values, and all went well.
    pub(crate) fn is_rotated(&self) -> bool {
        self.result == RotationResult::Rotated
    }

    fn names(&self) -> Vec<Cell> {
        vec![Cell::new(self.namespace.as_str(), Look::Plain), Cell::new(self.name.as_str(), Look::Strong)]
    }

    /// Returns a row for each key, of what is planned.
    fn plan(&self, now: Timestamp) -> Vec<Vec<Cell>> {
        let refused = self.error.as_ref().map(FailureView::row);
        let row = |key: &DueKey| {
            let (source, look) = match &refused {
                Some(reason) => (reason.clone(), Look::Warning),
                None => (key.source.clone().unwrap_or_else(|| "-".to_owned()), Look::Plain),
            };
            let why = format!("{} old, every {}", spoken::bounded(&key.changed_at, now), key.every);
            let since = key.due_since.strftime("%Y-%m-%d %H:%M").to_string();
            let mut row = self.names();
            row.push(Cell::new(key.name.as_str(), Look::Strong));
            row.extend([why, since].map(|text| Cell::new(text, Look::Plain)));
            row.push(Cell::new(source, look));
            row
        };
        self.keys.iter().map(row).collect()
    }

    fn row(&self) -> Vec<Cell> {
        let (text, look) = match (self.result, &self.error) {
            (_, Some(error)) => (error.row(), Look::Warning),
            (RotationResult::Rotated, _) => ("rotated".to_owned(), Look::Plain),
            (RotationResult::WouldRotate, _) => ("would be rotated".to_owned(), Look::Faint),
            (RotationResult::NotStarted, _) => ("not started".to_owned(), Look::Warning),
            (RotationResult::Failed, None) => ("failed".to_owned(), Look::Warning),
        };
        let keys: Vec<&str> = self.keys.iter().map(|key| key.name.as_str()).collect();
        let mut row = self.names();
        row.push(Cell::new(keys.join(","), Look::Plain));
        row.push(Cell::new(text, look));
        row
    }
}

/// What was found and done, in numbers.
#[derive(Debug, Default, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tally {
    /// Secrets with a policy.
    pub(crate) policies: usize,
    /// Secrets whose policy cannot be read.
    pub(crate) unreadable: usize,
    /// Keys that are not due.
    pub(crate) keys_not_due: usize,
    /// Keys whose age is not known well enough.
    pub(crate) keys_undecided: usize,
    /// Keys that have a rule and are not there.
    pub(crate) keys_absent: usize,
    /// Secrets that were rotated.
    pub(crate) rotated: usize,
    /// Secrets that failed.
    pub(crate) failed: usize,
    /// Secrets that were not begun.
    pub(crate) not_started: usize,
}

/// The last line of `-o jsonl`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretRotationSummary {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretRotationSummary::KIND))]
    kind: &'static str,
    #[serde(flatten)]
    tally: Tally,
}

impl SecretRotationSummary {
    pub(super) const KIND: &'static str = "SecretRotationSummary";

    /// Makes the line.
    pub(crate) fn new(tally: Tally) -> Self {
        Self { api_version: API_VERSION, kind: Self::KIND, tally }
    }
}

/// All Secrets with keys that are due.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretRotationList {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretRotationList::KIND))]
    kind: &'static str,
    /// The Secrets, as they were done.
    items: Vec<SecretRotation>,
    #[serde(flatten)]
    tally: Tally,
    /// Since when the table says what would be done, not what was.
    #[serde(skip)]
    planned: Option<Timestamp>,
}

impl SecretRotationList {
    /// What was done.
    pub(crate) fn new(items: Vec<SecretRotation>, tally: Tally) -> Self {
        Self { api_version: API_VERSION, kind: Self::KIND, items, tally, planned: None }
    }

    /// What would be done, as it is at this time.
    pub(crate) fn planned(items: Vec<SecretRotation>, tally: Tally, now: Timestamp) -> Self {
        Self { planned: Some(now), ..Self::new(items, tally) }
    }
}

impl Report for SecretRotationList {
    const KIND: &'static str = "SecretRotationList";

    fn summary(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&self) -> Table {
        let section = match self.planned {
            Some(now) => Section {
                title: Vec::new(),
                header: vec!["NAMESPACE", "NAME", "KEY", "WHY", "DUE SINCE", "SOURCE"],
                rows: self.items.iter().flat_map(|item| item.plan(now)).collect(),
            },
            None => Section {
                title: Vec::new(),
                header: vec!["NAMESPACE", "NAME", "KEYS", "RESULT"],
                rows: self.items.iter().map(SecretRotation::row).collect(),
            },
        };
        Table { sections: vec![section] }
    }

    fn names(&self) -> Vec<String> {
        let done = self.items.iter().filter(|item| item.error.is_none() && item.result != RotationResult::NotStarted);
        done.map(|item| format!("secret/{}", item.name)).collect()
    }
}
