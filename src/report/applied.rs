//! `SecretApplyList`: what `apply -f` did, or would do, document by document.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::names::KeyName;
use crate::output::{Cell, Look, Report, Section, Table};
use crate::plan::Target;

use super::API_VERSION;
use super::failure::FailureView;

/// What became of all documents.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretApplyList {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretApplyList::KIND))]
    kind: &'static str,
    /// How many Secrets were made or changed, or would be.
    changed: usize,
    /// How many were as the files want them.
    unchanged: usize,
    /// How many could not be made so.
    failed: usize,
    /// How many objects of other kinds are in the files.
    others: usize,
    /// The documents, in the order of the files.
    items: Vec<ApplyView>,
    #[serde(skip)]
    dry_run: Option<&'static str>,
}

/// What became of one document.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApplyView {
    /// The Secret.
    name: String,
    /// Its namespace.
    namespace: String,
    /// The file.
    file: String,
    /// The document in it, from 1.
    document: usize,
    /// How it ended.
    result: ApplyResult,
    /// The keys of the document, and those that are pruned.
    keys: Vec<ApplyKey>,
    /// What else was changed, or would be.
    beside: Vec<BesideKeys>,
    /// The random id of the write.
    op: Option<String>,
    /// Why it failed.
    error: Option<FailureView>,
}

/// How one document ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ApplyResult {
    /// The Secret was made.
    Created,
    /// It was changed.
    Configured,
    /// It was as the document wants it.
    Unchanged,
    /// It would be made.
    WouldCreate,
    /// It would be changed.
    WouldConfigure,
    /// Its values would be compared, and changed if they differ; only with `--dry-run=client`.
    WouldCompare,
    /// It could not be made so.
    Failed,
}

/// What becomes of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApplyKey {
    /// The key.
    pub(crate) name: KeyName,
    /// What becomes of it.
    pub(crate) change: KeyChange,
    /// Where its value comes from; absent for one that goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) source: Option<String>,
}

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum KeyChange {
    /// It is new.
    Add,
    /// It gets another value.
    Replace,
    /// It goes.
    Remove,
    /// It stays.
    Keep,
    /// Its value is compared, and replaced if it differs; in a plan only.
    Compare,
}

/// What is changed beside keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum BesideKeys {
    /// Labels.
    Labels,
    /// Annotations.
    Annotations,
    /// The policy.
    Policy,
    /// It can never be changed again.
    Immutable,
}

impl KeyChange {
    /// Returns the word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Replace => "replace",
            Self::Remove => "remove",
            Self::Keep => "keep",
            Self::Compare => "compare",
        }
    }
}

impl BesideKeys {
    /// Returns the word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Annotations => "annotations",
            Self::Policy => "policy",
            Self::Immutable => "immutable",
        }
    }
}

impl ApplyView {
    /// Says what became of a document, or would.
    pub(crate) fn new(
        target: &Target,
        (file, document): (&str, usize),
        result: ApplyResult,
        keys: Vec<ApplyKey>,
        beside: Vec<BesideKeys>,
    ) -> Self {
        Self {
            name: target.name.to_string(),
            namespace: target.namespace.to_string(),
            file: file.to_owned(),
            document,
            result,
            keys,
            beside,
            op: None,
            error: None,
        }
    }

    /// Adds the id of the write.
    pub(crate) fn with_op(self, op: String) -> Self {
        Self { op: Some(op), ..self }
    }

    /// Says that it failed.
    pub(crate) fn failed(target: &Target, place: (&str, usize), error: &Error) -> Self {
        let view = Self::new(target, place, ApplyResult::Failed, Vec::new(), Vec::new());
        Self { error: Some(FailureView::of(error)), ..view }
    }

    fn row(&self) -> Vec<Cell> {
        let changes = self.keys.iter().filter(|key| key.change != KeyChange::Keep);
        let mut words: Vec<String> = changes.map(|key| format!("{} {}", key.change.word(), key.name)).collect();
        words.extend(self.beside.iter().map(|beside| beside.word().to_owned()));
        let (text, look) = match (&self.error, self.result) {
            (Some(error), _) => (error.row(), Look::Warning),
            (None, ApplyResult::Unchanged) => (self.result.word().to_owned(), Look::Faint),
            (None, _) => (self.result.word().to_owned(), Look::Plain),
        };
        vec![
            Cell::new(self.namespace.as_str(), Look::Plain),
            Cell::new(self.name.as_str(), Look::Strong),
            Cell::new(text, look),
            Cell::new(if words.is_empty() { "-".to_owned() } else { words.join(", ") }, Look::Plain),
        ]
    }
}

impl ApplyResult {
    fn word(self) -> &'static str {
        match self {
            Self::Created | Self::WouldCreate => "created",
            Self::Configured | Self::WouldConfigure => "configured",
            Self::Unchanged => "unchanged",
            Self::WouldCompare => "compared",
            Self::Failed => "failed",
        }
    }
}

impl SecretApplyList {
    /// Puts the documents together; `dry_run` is what people read behind each.
    pub(crate) fn new(items: Vec<ApplyView>, others: usize, dry_run: Option<&'static str>) -> Self {
        let count = |wanted: &[ApplyResult]| items.iter().filter(|item| wanted.contains(&item.result)).count();
        let (unchanged, failed) = (count(&[ApplyResult::Unchanged]), count(&[ApplyResult::Failed]));
        let changed = items.len() - unchanged - failed;
        Self { api_version: API_VERSION, kind: Self::KIND, changed, unchanged, failed, others, items, dry_run }
    }
}

impl Report for SecretApplyList {
    const KIND: &'static str = "SecretApplyList";

    fn summary(&self) -> Vec<String> {
        let done = self.items.iter().filter(|item| item.error.is_none());
        let dry_run = self.dry_run.map(|text| format!(" ({text})")).unwrap_or_default();
        done.map(|item| format!("secret/{} {}{dry_run}", item.name, item.result.word())).collect()
    }

    fn table(&self) -> Table {
        let rows = self.items.iter().map(ApplyView::row).collect();
        Table {
            sections: vec![Section { title: Vec::new(), header: vec!["NAMESPACE", "NAME", "RESULT", "CHANGES"], rows }],
        }
    }

    fn names(&self) -> Vec<String> {
        let done = self.items.iter().filter(|item| item.error.is_none());
        done.map(|item| format!("secret/{}", item.name)).collect()
    }
}
