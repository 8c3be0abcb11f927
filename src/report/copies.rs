//! `SecretCopyList`: where copies of Secrets went, or would go, and what became of each.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::names::KeyName;
use crate::output::{Cell, Look, Report, Section, Table};
use crate::plan::{Change, Extent, Target, Verb};

use super::API_VERSION;
use super::failure::FailureView;

/// What became of all copies.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretCopyList {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretCopyList::KIND))]
    kind: &'static str,
    /// The copies, in the order of the plan.
    items: Vec<CopyView>,
}

/// What became of one copy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CopyView {
    /// Where the values are from.
    source: Place,
    /// Where they go.
    target: Place,
    /// How it ended.
    result: CopyResult,
    /// The keys that were copied; empty if it is not known yet which.
    keys: Vec<KeyName>,
    /// The copy's uid.
    uid: Option<String>,
    /// The random id of the write.
    op: Option<String>,
    /// Why nothing was copied.
    error: Option<FailureView>,
}

/// One Secret, somewhere.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Place {
    /// The context.
    context: String,
    /// The namespace.
    namespace: String,
    /// The Secret.
    name: String,
}

/// How one copy ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CopyResult {
    /// Made.
    Created,
    /// A Secret that existed has the values now.
    Configured,
    /// It would be made.
    WouldCreate,
    /// A Secret that exists would get the values.
    WouldConfigure,
    /// Nothing was copied.
    Failed,
}

impl CopyView {
    /// A copy that is only planned.
    pub(crate) fn planned(source: &Target, target: &Target, result: CopyResult, keys: &[KeyName]) -> Self {
        Self {
            source: Place::of(source),
            target: Place::of(target),
            result,
            keys: keys.to_vec(),
            uid: None,
            op: None,
            error: None,
        }
    }

    /// A copy that was tried.
    pub(crate) fn done(source: &Target, target: &Target, outcome: &Result<Change, Error>) -> Self {
        match outcome {
            Err(error) => Self::failed(source, target, error),
            Ok(change) => {
                let result = match (change.verb, change.extent) {
                    (Verb::Created, Extent::Stored) => CopyResult::Created,
                    (Verb::Created, Extent::ServerDryRun) => CopyResult::WouldCreate,
                    (_, Extent::Stored) => CopyResult::Configured,
                    (_, Extent::ServerDryRun) => CopyResult::WouldConfigure,
                };
                let uid = (change.extent == Extent::Stored).then(|| change.uid.clone());
                Self { uid, op: Some(change.op.clone()), ..Self::planned(source, target, result, &change.keys) }
            }
        }
    }

    /// A copy that failed, or would.
    pub(crate) fn failed(source: &Target, target: &Target, error: &Error) -> Self {
        Self { error: Some(FailureView::of(error)), ..Self::planned(source, target, CopyResult::Failed, &[]) }
    }

    fn row(&self, contexts: bool) -> Vec<Cell> {
        let plain = |text: &str| Cell::new(text, Look::Plain);
        let (text, look) = match (&self.result, &self.error) {
            (_, Some(error)) => (error.row(), Look::Warning),
            (CopyResult::Created, _) => ("created".to_owned(), Look::Plain),
            (CopyResult::Configured, _) => ("configured".to_owned(), Look::Plain),
            (CopyResult::WouldCreate, _) => ("would be created".to_owned(), Look::Faint),
            (CopyResult::WouldConfigure, _) => ("would be configured".to_owned(), Look::Faint),
            (CopyResult::Failed, None) => ("failed".to_owned(), Look::Warning),
        };
        let mut row = if contexts { vec![plain(&self.target.context)] } else { Vec::new() };
        row.extend([
            plain(&self.target.namespace),
            Cell::new(self.target.name.as_str(), Look::Strong),
            plain(&if self.keys.is_empty() { "-".to_owned() } else { self.keys.len().to_string() }),
            Cell::new(text, look),
        ]);
        row
    }
}

impl Place {
    fn of(target: &Target) -> Self {
        Self { context: target.context.clone(), namespace: target.namespace.to_string(), name: target.name.to_string() }
    }
}

impl SecretCopyList {
    /// Puts the copies together.
    pub(crate) fn new(items: Vec<CopyView>) -> Self {
        Self { api_version: API_VERSION, kind: Self::KIND, items }
    }
}

impl Report for SecretCopyList {
    const KIND: &'static str = "SecretCopyList";

    fn summary(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&self) -> Table {
        let contexts = self.items.iter().any(|item| item.target.context != item.source.context);
        let mut header = if contexts { vec!["CONTEXT"] } else { Vec::new() };
        header.extend(["NAMESPACE", "NAME", "KEYS", "RESULT"]);
        let rows = self.items.iter().map(|item| item.row(contexts)).collect();
        Table { sections: vec![Section { title: Vec::new(), header, rows }] }
    }

    fn names(&self) -> Vec<String> {
        let done = self.items.iter().filter(|item| item.error.is_none());
        done.map(|item| format!("secret/{}", item.target.name)).collect()
    }
}
