//! What a rule has found, and about which object.

use schemars::JsonSchema;
use serde::Serialize;

use crate::names::{KeyName, Namespace, SecretName};

use super::Rule;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Severity {
    /// Untidy, or worth knowing.
    Low,
    /// It makes a leak or an outage more likely.
    Medium,
    /// Values are readable by those who should not, or will fail to work.
    High,
}

impl Severity {
    /// Returns the word for it, as in JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// The object that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Object {
    /// Its kind, such as `Secret`; `Cluster` for what belongs to no object.
    pub(crate) kind: String,
    /// Its namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) namespace: Option<String>,
    /// Its name; empty for the cluster.
    pub(crate) name: String,
}

impl Object {
    /// A Secret.
    pub(crate) fn secret(namespace: &Namespace, name: &SecretName) -> Self {
        Self::of("Secret", Some(namespace.as_str()), name.as_str())
    }

    /// An object of another kind.
    pub(crate) fn of(kind: &str, namespace: Option<&str>, name: &str) -> Self {
        Self { kind: kind.to_owned(), namespace: namespace.map(str::to_owned), name: name.to_owned() }
    }

    /// What belongs to no object.
    pub(crate) fn cluster() -> Self {
        Self::of("Cluster", None, "")
    }

    /// Returns KIND/NAME, in lower case as kubectl writes it.
    pub(crate) fn shown(&self) -> String {
        match self.name.is_empty() {
            true => self.kind.to_lowercase(),
            false => format!("{}/{}", self.kind.to_lowercase(), self.name),
        }
    }
}

/// Something that a rule has found.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// The rule.
    pub(crate) rule: &'static Rule,
    /// How bad it is here.
    pub(crate) severity: Severity,
    /// About which object.
    pub(crate) object: Object,
    /// About which key; none where it is about all, or about no key.
    pub(crate) key: Option<KeyName>,
    /// How it was seen.
    pub(crate) seen: String,
    /// What to type to mend it.
    pub(crate) command: String,
}

impl Finding {
    /// Returns how findings are sorted: the worst first, then by rule and object.
    pub(crate) fn order(&self) -> impl Ord + '_ {
        (std::cmp::Reverse(self.severity), self.rule.id, &self.object, &self.key)
    }
}

/// What one rule finds, as it looks.
#[derive(Debug)]
pub(crate) struct Found {
    rule: &'static Rule,
    object: Object,
    /// The findings.
    pub(super) findings: Vec<Finding>,
    /// How often it could not be told.
    pub(super) undecided: usize,
    /// What cannot be known, and why.
    pub(super) unknown: Option<&'static str>,
}

impl Found {
    /// Starts to look at an object.
    pub(super) fn about(rule: &'static Rule, object: Object) -> Self {
        Self { rule, object, findings: Vec::new(), undecided: 0, unknown: None }
    }

    /// Adds a finding about the object.
    pub(super) fn hit(&mut self, severity: Severity, key: Option<&KeyName>, seen: String, command: String) {
        let object = self.object.clone();
        self.hit_at(object, severity, key, seen, command);
    }

    /// Adds a finding about another object.
    pub(super) fn hit_at(
        &mut self,
        object: Object,
        severity: Severity,
        key: Option<&KeyName>,
        seen: String,
        command: String,
    ) {
        debug_assert!(severity <= self.rule.severity, "{} is worse than its rule says", self.rule.id);
        self.findings.push(Finding { rule: self.rule, severity, object, key: key.cloned(), seen, command });
    }

    /// Says that it cannot be told of this object.
    pub(super) fn undecided(&mut self) {
        self.undecided += 1;
    }

    /// Says that it cannot be known at all, and why.
    pub(super) fn unknown(&mut self, why: &'static str) {
        self.unknown = Some(why);
    }
}
