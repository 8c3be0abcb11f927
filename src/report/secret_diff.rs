//! `SecretDiff`: what differs, by name and fact; never by value.

use schemars::JsonSchema;
use serde::Serialize;

use crate::names::KeyName;
use crate::output::{Cell, Look, Report, Section, Table};
use crate::plaintext::facts::{Class, Fact, Facts};
use crate::plan::Target;

use super::API_VERSION;

/// How two sides compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// The same.
    Same,
    /// On both sides, and different.
    Changed,
    /// On the right side only.
    Added,
    /// On the left side only.
    Removed,
}

impl Status {
    fn cell(self) -> Cell {
        match self {
            Self::Same => Cell::new("same", Look::Faint),
            Self::Changed => Cell::new("changed", Look::Warning),
            Self::Added => Cell::new("added", Look::Strong),
            Self::Removed => Cell::new("removed", Look::Warning),
        }
    }
}

/// Which Secret a side is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Side {
    /// The context.
    context: String,
    /// The namespace.
    namespace: String,
    /// The Secret.
    name: String,
}

impl Side {
    /// Names a live Secret.
    pub(crate) fn of(target: &Target) -> Self {
        Self { context: target.context.clone(), namespace: target.namespace.to_string(), name: target.name.to_string() }
    }

    fn label(&self) -> String {
        format!("{}:{}/{}", self.context, self.namespace, self.name)
    }
}

/// One key.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyDiff {
    /// The key.
    name: KeyName,
    /// How the two sides compare.
    status: Status,
    /// The left side's value; `null` if it has none.
    left: Option<Said>,
    /// The right side's value; `null` if it has none.
    right: Option<Said>,
}

/// What may be said about a value of one side.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Said {
    /// What kind of content it is.
    class: Class,
    /// Its size as a bucket, such as `16-31 B`.
    size: &'static str,
    /// Public parts and properties.
    facts: Vec<Fact>,
}

impl From<Facts> for Said {
    fn from(facts: Facts) -> Self {
        Self { class: facts.class, size: facts.size, facts: facts.facts }
    }
}

impl Said {
    fn label(&self) -> String {
        let facts: Vec<String> = self.facts.iter().map(Fact::label).collect();
        let class = match self.class {
            Class::Text => "text",
            Class::Binary => "binary",
            Class::Empty => "empty",
        };
        let more = if facts.is_empty() { String::new() } else { format!(", {}", facts.join(", ")) };
        format!("{class} {}{more}", self.size)
    }
}

impl KeyDiff {
    /// Makes a row.
    pub(crate) fn new(name: &KeyName, status: Status, left: Option<Facts>, right: Option<Facts>) -> Self {
        Self { name: name.clone(), status, left: left.map(Said::from), right: right.map(Said::from) }
    }

    fn row(&self) -> Vec<Cell> {
        let side = |said: &Option<Said>| Cell::new(said.as_ref().map_or("-".to_owned(), Said::label), Look::Plain);
        vec![Cell::new(self.name.as_str(), Look::Strong), self.status.cell(), side(&self.left), side(&self.right)]
    }
}

/// A property that both sides have.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Property<T> {
    /// How the two sides compare.
    status: Status,
    /// That of the left side.
    left: T,
    /// That of the right side.
    right: T,
}

impl<T: PartialEq> Property<T> {
    fn new(left: T, right: T) -> Self {
        Self { status: if left == right { Status::Same } else { Status::Changed }, left, right }
    }
}

/// A label or annotation, by name.
#[derive(Debug, Serialize, JsonSchema)]
struct Named {
    /// Its name.
    name: String,
    /// How the two sides compare.
    status: Status,
}

/// What differs.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretDiff {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretDiff::KIND))]
    kind: &'static str,
    /// The Secret that is compared.
    left: Side,
    /// What it is compared with. Absent if the right side is what sources gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Side")]
    right: Option<Side>,
    /// The file that the right side is from; only with `-f`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    file: Option<String>,
    /// Its document in the file, from 1; only with `-f`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize")]
    document: Option<usize>,
    /// Whether the left Secret is not there yet; only with `-f`.
    #[serde(rename = "new", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    is_new: Option<bool>,
    /// The keys of both sides.
    keys: Vec<KeyDiff>,
    /// The types; only with `--with`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Property<String>")]
    secret_type: Option<Property<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Property<bool>")]
    /// Whether each may never be changed; only with `--with`.
    immutable: Option<Property<bool>>,
    /// Labels, by name.
    labels: Vec<Named>,
    /// Annotations, by name.
    annotations: Vec<Named>,
}

impl SecretDiff {
    /// Live against what sources gave.
    pub(crate) fn desired(left: Side, keys: Vec<KeyDiff>) -> Self {
        Self {
            api_version: API_VERSION,
            kind: Self::KIND,
            left,
            right: None,
            file: None,
            document: None,
            is_new: None,
            keys,
            secret_type: None,
            immutable: None,
            labels: Vec::new(),
            annotations: Vec::new(),
        }
    }

    /// Live against live.
    pub(crate) fn live(left: Side, right: Side, keys: Vec<KeyDiff>) -> Self {
        Self { right: Some(right), ..Self::desired(left, keys) }
    }

    /// Live, if it is there, against a document of a file.
    pub(crate) fn of_file(left: Side, keys: Vec<KeyDiff>, file: &str, document: usize, is_new: bool) -> Self {
        let (file, document, is_new) = (Some(file.to_owned()), Some(document), Some(is_new));
        Self { file, document, is_new, ..Self::desired(left, keys) }
    }

    /// Adds the types.
    pub(crate) fn with_type(mut self, left: String, right: String) -> Self {
        self.secret_type = Some(Property::new(left, right));
        self
    }

    /// Adds whether each may be changed.
    pub(crate) fn with_immutable(mut self, left: bool, right: bool) -> Self {
        self.immutable = Some(Property::new(left, right));
        self
    }

    /// Adds labels and annotations, by name.
    pub(crate) fn with_names(mut self, labels: Vec<(String, Status)>, annotations: Vec<(String, Status)>) -> Self {
        let named = |(name, status)| Named { name, status };
        self.labels = labels.into_iter().map(named).collect();
        self.annotations = annotations.into_iter().map(named).collect();
        self
    }

    /// Tells whether anything differs.
    pub(crate) fn is_different(&self) -> bool {
        let named = self.labels.iter().chain(&self.annotations).map(|named| named.status);
        let properties = self.secret_type.iter().map(|it| it.status).chain(self.immutable.iter().map(|it| it.status));
        self.keys.iter().map(|key| key.status).chain(named).chain(properties).any(|status| status != Status::Same)
            || self.is_new == Some(true)
    }

    /// Returns the Secret, as `KIND/NAME`.
    pub(super) fn object(&self) -> String {
        format!("secret/{}", self.left.name)
    }

    /// Returns the tables of this Secret.
    pub(super) fn sections(&self) -> Vec<Section> {
        let right = match (&self.right, &self.file, self.document) {
            (Some(right), ..) => right.label(),
            (None, Some(file), Some(document)) => format!("{file} (document {document})"),
            _ => "wanted".to_owned(),
        };
        let title = vec![
            Cell::new(self.left.label(), Look::Strong),
            Cell::new("→", Look::Faint),
            Cell::new(right, Look::Strong),
        ];
        let mut sections = vec![Section {
            title,
            header: vec!["KEY", "STATUS", "LEFT", "RIGHT"],
            rows: self.keys.iter().map(KeyDiff::row).collect(),
        }];
        let rows = self.properties();
        if !rows.is_empty() {
            sections.push(Section { title: Vec::new(), header: vec!["PROPERTY", "STATUS", "LEFT", "RIGHT"], rows });
        }
        sections
    }

    fn properties(&self) -> Vec<Vec<Cell>> {
        let plain = |text: String| Cell::new(text, Look::Plain);
        let mut rows = Vec::new();
        if let Some(it) = &self.secret_type {
            rows.push(vec![plain("type".into()), it.status.cell(), plain(it.left.clone()), plain(it.right.clone())]);
        }
        if let Some(it) = &self.immutable {
            rows.push(vec![
                plain("immutable".into()),
                it.status.cell(),
                plain(it.left.to_string()),
                plain(it.right.to_string()),
            ]);
        }
        for (what, list) in [("label", &self.labels), ("annotation", &self.annotations)] {
            for named in list {
                rows.push(vec![
                    plain(format!("{what} {}", named.name)),
                    named.status.cell(),
                    plain("-".into()),
                    plain("-".into()),
                ]);
            }
        }
        rows
    }
}

impl Report for SecretDiff {
    const KIND: &'static str = "SecretDiff";

    fn summary(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&self) -> Table {
        Table { sections: self.sections() }
    }

    fn names(&self) -> Vec<String> {
        vec![self.object()]
    }
}
