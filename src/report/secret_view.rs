//! `SecretView`: what may be said about a Secret and each of its values.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::names::KeyName;
use crate::output::{Cell, Look, Report, Section, Table};
use crate::plaintext::facts::{Class, Fact, Facts};
use crate::plaintext::wire::Metadata;
use crate::plan::age::{ChangedAt, LastChange, last_change};
use crate::plan::companions::previous_of;
use crate::plan::spoken;
use crate::plan::{Change, Extent};

use super::API_VERSION;
use super::pending::{PendingView, VersionView};
use super::restarts::RestartView;

/// A Secret, redacted.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretView {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretView::KIND))]
    kind: &'static str,
    /// Its metadata.
    metadata: ViewMetadata,
    /// The Secret's type.
    #[serde(rename = "type")]
    secret_type: String,
    /// Whether it may never be changed; `null` if only metadata was read, which does not tell.
    immutable: Option<bool>,
    /// Its keys.
    keys: Vec<KeyView>,
    /// Keys whose names cannot be known without reading values.
    more_keys: usize,
    /// A rotation that is not finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "PendingView")]
    pending_rotation: Option<PendingView>,
    /// Earlier versions that are kept, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    versions: Vec<VersionView>,
    /// What was just done to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Change")]
    change: Option<Change>,
    /// What became of the workloads that use it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    restarts: Vec<RestartView>,
    #[serde(skip)]
    now: Timestamp,
}

/// The metadata of a Secret; of annotations only the names, because their text can hold values.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ViewMetadata {
    /// Its name.
    pub(super) name: String,
    /// Its namespace.
    pub(super) namespace: String,
    /// Its uid.
    uid: String,
    /// Its version, as the server counts.
    resource_version: String,
    /// When it was made.
    pub(super) creation_timestamp: Option<Timestamp>,
    /// Its labels.
    pub(super) labels: BTreeMap<String, String>,
    /// The names of its annotations.
    annotation_names: Vec<String>,
}

impl From<&Metadata> for ViewMetadata {
    fn from(metadata: &Metadata) -> Self {
        Self {
            name: metadata.name.clone(),
            namespace: metadata.namespace.clone(),
            uid: metadata.uid.clone(),
            resource_version: metadata.resource_version.clone(),
            creation_timestamp: metadata.creation_timestamp,
            labels: metadata.labels.clone(),
            annotation_names: metadata.annotations.names.iter().cloned().collect(),
        }
    }
}

/// One key, and what may be said about its value.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyView {
    /// The key.
    name: KeyName,
    /// `text`, `binary` or `empty`; `null` if the value was not read.
    class: Option<Class>,
    /// The size as a bucket, such as `16-31 B`; `null` if the value was not read.
    size: Option<&'static str>,
    /// The exact size, only with `--sizes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize")]
    bytes: Option<usize>,
    /// Public parts and properties of the value; `null` if it was not read.
    facts: Option<Vec<Fact>>,
    /// When it was changed, what that rests on, and whether it is exact.
    changed_at: Option<ChangedAt>,
    /// The user of our record or the field manager: a claim that anyone with `patch` can write.
    changed_by: Option<String>,
    /// The scheme of the source, as our record claims.
    source: Option<String>,
    /// The key whose old value this is, until `rotate --finish`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "KeyName")]
    previous_of: Option<KeyName>,
    /// The text is public only because `--public-ok` said so, as our record claims.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    public_ok: bool,
    /// There is a record, but it contradicts what the server knows.
    record_not_trusted: bool,
}

impl KeyView {
    /// Makes a row from metadata, and from the facts of the value if it was read.
    pub(crate) fn new(key: &KeyName, metadata: &Metadata, facts: Option<Facts>, sizes: bool, now: Timestamp) -> Self {
        let record = metadata.record(key);
        let LastChange { at, by, record_not_trusted } =
            last_change(record, &metadata.owners(key), metadata.creation_timestamp, now);
        let source = record.filter(|_| !record_not_trusted).map(|record| record.from.clone());
        Self {
            name: key.clone(),
            previous_of: previous_of(key, source.as_deref()),
            class: facts.as_ref().map(|facts| facts.class),
            size: facts.as_ref().map(|facts| facts.size),
            bytes: facts.as_ref().filter(|_| sizes).map(Facts::exact_size),
            facts: facts.map(|facts| facts.facts),
            changed_at: at,
            changed_by: by,
            source,
            public_ok: record.is_some_and(|record| record.public_ok && !record_not_trusted),
            record_not_trusted,
        }
    }

    fn row(&self, now: Timestamp) -> Vec<Cell> {
        let class = match self.class {
            Some(Class::Text) => "text",
            Some(Class::Binary) => "binary",
            Some(Class::Empty) => "empty",
            None => "-",
        };
        let size = match (self.bytes, self.size) {
            (Some(bytes), _) => format!("{bytes} B"),
            (None, Some(size)) => size.to_owned(),
            (None, None) => "-".to_owned(),
        };
        let changed = self.changed_at.as_ref().map_or_else(|| "unknown".to_owned(), |at| spoken::bounded(at, now));
        let facts: Vec<&Fact> = self.facts.iter().flatten().collect();
        let warning = self.previous_of.is_some()
            || self.record_not_trusted
            || self.public_ok
            || facts.iter().any(|fact| fact.is_warning());
        let mut labels: Vec<String> = facts.iter().map(|fact| fact.label()).collect();
        if let Some(key) = &self.previous_of {
            labels.insert(0, format!("old value of {key}"));
        }
        if self.record_not_trusted {
            labels.push("record not trusted".to_owned());
        }
        if self.public_ok {
            labels.push("public by --public-ok".to_owned());
        }
        vec![
            Cell::new(self.name.as_str(), Look::Strong),
            Cell::new(class, Look::Plain),
            Cell::new(size, Look::Plain),
            Cell::new(changed, Look::Plain),
            Cell::new(self.changed_by.as_deref().unwrap_or("-"), Look::Plain),
            Cell::new(self.source.as_deref().unwrap_or("-"), Look::Faint),
            Cell::new(labels.join(", "), if warning { Look::Warning } else { Look::Plain }),
        ]
    }
}

impl SecretView {
    /// Makes the view of a Secret.
    pub(crate) fn new(
        metadata: &Metadata,
        secret_type: String,
        immutable: Option<bool>,
        keys: Vec<KeyView>,
        now: Timestamp,
    ) -> Self {
        Self {
            api_version: API_VERSION,
            kind: Self::KIND,
            metadata: metadata.into(),
            secret_type,
            immutable,
            keys,
            more_keys: 0,
            pending_rotation: metadata.annotations.pending.as_ref().map(PendingView::of),
            versions: metadata.annotations.kept.iter().flat_map(|kept| &kept.versions).map(VersionView::of).collect(),
            change: None,
            restarts: Vec::new(),
            now,
        }
    }

    /// Says how many keys the server counts, which may be more than have known names.
    pub(crate) fn with_count(mut self, count: usize) -> Self {
        self.more_keys = count.saturating_sub(self.keys.len());
        self
    }

    /// Says what was just done to it.
    pub(crate) fn with_change(mut self, change: Change) -> Self {
        self.change = Some(change);
        self
    }

    /// Says what became of the workloads that use it.
    pub(crate) fn with_restarts(mut self, restarts: Vec<RestartView>) -> Self {
        self.restarts = restarts;
        self
    }

    fn title(&self) -> Vec<Cell> {
        let count = self.keys.len() + self.more_keys;
        let mut cells = vec![
            Cell::new(format!("secret/{}", self.metadata.name), Look::Strong),
            Cell::new(&self.secret_type, Look::Plain),
            Cell::new(format!("namespace {}", self.metadata.namespace), Look::Faint),
            Cell::new(format!("{count} key{}", if count == 1 { "" } else { "s" }), Look::Faint),
        ];
        if let Some(created) = self.metadata.creation_timestamp {
            cells.push(Cell::new(format!("created {} ago", spoken::human(created, self.now)), Look::Faint));
        }
        if self.immutable == Some(true) {
            cells.push(Cell::new("immutable", Look::Warning));
        }
        if let Some(pending) = &self.pending_rotation {
            cells.push(Cell::new(format!("rotation not finished, {}", pending.described(self.now)), Look::Warning));
        }
        if let (Some(first), Some(last)) = (self.versions.first(), self.versions.last()) {
            let numbers = if first.number == last.number {
                first.number.to_string()
            } else {
                format!("{}-{}", first.number, last.number)
            };
            cells.push(Cell::new(format!("kept: v{numbers}"), Look::Faint));
        }
        cells
    }

    fn section(&self) -> Section {
        let mut rows: Vec<Vec<Cell>> = self.keys.iter().map(|key| key.row(self.now)).collect();
        if self.more_keys > 0 {
            let text = format!("{} more, whose names are not known without reading values", self.more_keys);
            rows.push(vec![Cell::new(text, Look::Faint)]);
        }
        Section { title: self.title(), header: vec!["KEY", "CLASS", "SIZE", "CHANGED", "BY", "SOURCE", "FACTS"], rows }
    }
}

impl Report for SecretView {
    const KIND: &'static str = "SecretView";

    fn summary(&self) -> Vec<String> {
        let Some(change) = &self.change else { return Vec::new() };
        let suffix = match change.extent {
            Extent::Stored => "",
            Extent::ServerDryRun => " (server dry run)",
        };
        let changed = format!("secret/{} {}{suffix}", self.metadata.name, change.verb.past());
        std::iter::once(changed).chain(self.restarts.iter().filter_map(RestartView::line)).collect()
    }

    fn table(&self) -> Table {
        Table { sections: vec![self.section()] }
    }

    fn names(&self) -> Vec<String> {
        vec![format!("secret/{}", self.metadata.name)]
    }
}

/// Several Secrets.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretViewList {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretViewList::KIND))]
    kind: &'static str,
    /// The Secrets, in the order in which they were named.
    items: Vec<SecretView>,
}

impl SecretViewList {
    /// Makes the list.
    pub(crate) fn new(items: Vec<SecretView>) -> Self {
        Self { api_version: API_VERSION, kind: Self::KIND, items }
    }
}

impl Report for SecretViewList {
    const KIND: &'static str = "SecretViewList";

    fn summary(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&self) -> Table {
        Table { sections: self.items.iter().map(SecretView::section).collect() }
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().flat_map(Report::names).collect()
    }
}
