//! `SecretPolicy`: how old the keys of a Secret may become, where their next values come from, and what is due.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::config::Restart;
use crate::names::KeyName;
use crate::output::{Cell, Look, Report, Section, Table};
use crate::plaintext::wire::Metadata;
use crate::plan::age::ChangedAt;
use crate::plan::due::{State, judge};
use crate::plan::edit::Keys;
use crate::plan::policy::{LABEL, LABELLED, Policy, Rule};
use crate::plan::span::Span;
use crate::plan::spoken;
use crate::sources::{PolicySource, Standing};

use super::API_VERSION;
use super::secret_view::ViewMetadata;

/// The policy of a Secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretPolicy {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretPolicy::KIND))]
    kind: &'static str,
    /// The Secret's metadata.
    metadata: ViewMetadata,
    /// The keys that have a rule.
    keys: Vec<PolicyKeyView>,
    /// Which workloads a rotation restarts; `null` if the policy does not say.
    restart: Option<Restart>,
    /// How many earlier versions a rotation keeps; `null` if there is no policy.
    history: Option<u8>,
    /// The Secret has the label by which `rotate --due` finds it.
    labelled: bool,
    /// There is an annotation, but it is no policy.
    unreadable: bool,
    /// What was just done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "PolicyResult")]
    result: Option<PolicyResult>,
    #[serde(skip)]
    now: Timestamp,
}

/// What was done to a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum PolicyResult {
    /// It is there now.
    Set,
    /// It would be.
    WouldSet,
    /// It, or a part of it, is gone.
    Cleared,
    /// It would be.
    WouldClear,
    /// It was as was asked for.
    Unchanged,
}

impl PolicyResult {
    fn words(self) -> &'static str {
        match self {
            Self::Set => "policy set",
            Self::WouldSet => "policy set (dry run)",
            Self::Cleared => "policy cleared",
            Self::WouldClear => "policy cleared (dry run)",
            Self::Unchanged => "policy unchanged",
        }
    }
}

/// The rule of one key, and how the key stands to it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PolicyKeyView {
    /// The key.
    name: KeyName,
    /// How old it may become.
    every: Span,
    /// The source, as far as it may be shown; `null` if it can never run.
    source: Option<String>,
    /// Whether the source runs.
    source_runs: SourceRuns,
    /// How the key stands to the rule.
    state: KeyState,
    /// When it was changed, what that rests on, and whether it is exact.
    changed_at: Option<ChangedAt>,
    /// When it became due or will; where the change is not exact, at the latest.
    due_at: Option<Timestamp>,
}

/// Whether a source of a policy runs (requirement S1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum SourceRuns {
    /// It does.
    Always,
    /// Where `--allow-sources` lists it.
    WhereListed,
    /// It does not.
    Never,
}

/// How a key stands to its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum KeyState {
    /// It is too old.
    Due,
    /// It is not.
    NotDue,
    /// Its age is not known well enough.
    Undecided,
    /// There is no such key.
    Absent,
}

impl SecretPolicy {
    /// Shows a policy, which need not be the one that is stored.
    pub(crate) fn new(policy: Option<&Policy>, metadata: &Metadata, keys: &Keys, now: Timestamp) -> Self {
        let rules = policy.map(|policy| &policy.keys).into_iter().flatten();
        Self {
            api_version: API_VERSION,
            kind: Self::KIND,
            metadata: ViewMetadata::from(metadata),
            keys: rules.map(|(key, rule)| PolicyKeyView::new(key, rule, metadata, keys, now)).collect(),
            restart: policy.and_then(|policy| policy.restart),
            history: policy.map(Policy::kept),
            labelled: metadata.labels.get(LABEL).is_some_and(|text| text == LABELLED),
            unreadable: metadata.has_unreadable_policy(),
            result: None,
            now,
        }
    }

    /// Adds what was done.
    pub(crate) fn with_result(self, result: PolicyResult) -> Self {
        Self { result: Some(result), ..self }
    }

    /// Returns what stands above the table.
    fn title(&self) -> Vec<Cell> {
        let plain = |text: String| Cell::new(text, Look::Plain);
        let mut title = vec![
            Cell::new(format!("secret/{}", self.metadata.name), Look::Strong),
            plain(format!("namespace {}", self.metadata.namespace)),
        ];
        if let Some(restart) = self.restart {
            title.push(plain(format!("restart {}", restart.word())));
        }
        title.extend(self.history.map(|kept| plain(format!("history {kept}"))));
        title
    }
}

impl PolicyKeyView {
    fn new(key: &KeyName, rule: &Rule, metadata: &Metadata, keys: &Keys, now: Timestamp) -> Self {
        let source = rule.source.parse::<PolicySource>();
        let runnable = source.as_ref().ok();
        let (state, changed_at, due_at) = match judge(key, &rule.every, metadata, keys, now) {
            State::Due { changed, since } => (KeyState::Due, Some(changed), Some(since)),
            State::NotDue { changed, at } => (KeyState::NotDue, Some(changed), Some(at)),
            State::Undecided { changed } => (KeyState::Undecided, changed, None),
            State::Absent => (KeyState::Absent, None, None),
        };
        Self {
            name: key.clone(),
            every: rule.every.clone(),
            source: runnable.map(PolicySource::summary),
            source_runs: match runnable.map(PolicySource::standing) {
                Some(Standing::Trusted) => SourceRuns::Always,
                Some(Standing::Listed) => SourceRuns::WhereListed,
                None => SourceRuns::Never,
            },
            state,
            changed_at,
            due_at,
        }
    }

    fn row(&self, now: Timestamp) -> Vec<Cell> {
        let plain = |text: String| Cell::new(text, Look::Plain);
        let source = self.source.as_deref().unwrap_or("-");
        let (source, look) = match self.source_runs {
            SourceRuns::Always => (source.to_owned(), Look::Plain),
            SourceRuns::WhereListed => (format!("{source}, if --allow-sources lists it"), Look::Plain),
            SourceRuns::Never => ("refused".to_owned(), Look::Warning),
        };
        let state = match (self.state, self.due_at) {
            (KeyState::Due, _) => Cell::new("due", Look::Warning),
            (KeyState::NotDue, Some(at)) => plain(format!("in {}", spoken::human(now, at))),
            (KeyState::Undecided | KeyState::NotDue, _) => Cell::new("undecided", Look::Faint),
            (KeyState::Absent, _) => Cell::new("no such key", Look::Warning),
        };
        vec![
            Cell::new(self.name.as_str(), Look::Strong),
            plain(self.every.to_string()),
            plain(self.changed_at.as_ref().map_or_else(|| "-".to_owned(), |at| spoken::bounded(at, now))),
            state,
            Cell::new(source, look),
        ]
    }
}

impl Report for SecretPolicy {
    const KIND: &'static str = "SecretPolicy";

    fn summary(&self) -> Vec<String> {
        self.result.iter().map(|result| format!("secret/{} {}", self.metadata.name, result.words())).collect()
    }

    fn table(&self) -> Table {
        let rows = self.keys.iter().map(|key| key.row(self.now)).collect();
        let header = vec!["KEY", "EVERY", "AGE", "DUE", "SOURCE"];
        Table { sections: vec![Section { title: self.title(), header, rows }] }
    }

    fn names(&self) -> Vec<String> {
        vec![format!("secret/{}", self.metadata.name)]
    }
}

/// The policies of several Secrets.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretPolicyList {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretPolicyList::KIND))]
    kind: &'static str,
    /// The policies, in the order of the list.
    items: Vec<SecretPolicy>,
}

impl SecretPolicyList {
    /// Puts them together.
    pub(crate) fn new(items: Vec<SecretPolicy>) -> Self {
        Self { api_version: API_VERSION, kind: Self::KIND, items }
    }
}

impl Report for SecretPolicyList {
    const KIND: &'static str = "SecretPolicyList";

    fn summary(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&self) -> Table {
        let of_one = |item: &SecretPolicy| -> Vec<Vec<Cell>> {
            let names = [
                Cell::new(item.metadata.namespace.as_str(), Look::Plain),
                Cell::new(item.metadata.name.as_str(), Look::Strong),
            ];
            let unreadable = || vec![Cell::new("-", Look::Plain), Cell::new("no policy can be read", Look::Warning)];
            let mut rows: Vec<Vec<Cell>> = item.keys.iter().map(|key| key.row(item.now)).collect();
            if rows.is_empty() {
                rows.push(unreadable());
            }
            rows.into_iter().map(|row| names.iter().cloned().chain(row).collect()).collect()
        };
        let rows = self.items.iter().flat_map(of_one).collect();
        let header = vec!["NAMESPACE", "NAME", "KEY", "EVERY", "AGE", "DUE", "SOURCE"];
        Table { sections: vec![Section { title: Vec::new(), header, rows }] }
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().flat_map(SecretPolicy::names).collect()
    }
}
