//! `SecretSources`: everything about a Secret but its values, as it stands in a file that is safe in Git.
//!
//! Plain data in the shape of the file: what is read (`plaintext::parse`), what is written (`write`), and what the
//! JSON Schema is made from. None of it is a value; where values come from is text that `sources` understands.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::config::Restart;
use crate::names::{KeyName, Namespace, SecretName};
use crate::sources;

use super::policy::MOST_KEPT;
use super::span::Span;

mod template;
mod write;

pub(crate) use template::{Filter, Piece, TemplateFault, pieces};
pub(crate) use write::write;

/// What each file says that it is.
pub(crate) const API_VERSION: &str = "secretsafe.dev/v1alpha1";
/// The kind of a document.
pub(crate) const KIND: &str = "SecretSources";

/// One document: a Secret, and where each of its values comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SecretSources {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = KIND))]
    kind: &'static str,
    /// What it is called, and what else is known of it.
    pub(crate) metadata: SpecMetadata,
    /// The Secret's type, such as kubernetes.io/tls; Opaque if absent. It cannot be changed later.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("pattern" = "^[A-Za-z0-9./_-]+$"))]
    pub(crate) secret_type: Option<String>,
    /// Whether it may never be changed again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub(crate) immutable: Option<bool>,
    /// What a rotation does beside new values; needs a key that has a policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "SpecPolicy")]
    pub(crate) policy: Option<SpecPolicy>,
    /// Values that templates are made of, and that are not stored themselves.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = key_pattern()))]
    pub(crate) parts: BTreeMap<KeyName, Part>,
    /// The keys, and where their values come from; several keys with a comma between them are filled by one source.
    #[schemars(extend("propertyNames" = group_pattern(), "minProperties" = 1))]
    pub(crate) keys: BTreeMap<KeyGroup, Entry>,
}

impl SecretSources {
    /// Makes a document without keys; add them before it is written.
    pub(crate) fn new(name: SecretName, namespace: Option<Namespace>) -> Self {
        Self {
            api_version: API_VERSION,
            kind: KIND,
            metadata: SpecMetadata { name, namespace, labels: BTreeMap::new(), annotations: BTreeMap::new() },
            secret_type: None,
            immutable: None,
            policy: None,
            parts: BTreeMap::new(),
            keys: BTreeMap::new(),
        }
    }

    /// Returns the type of a new Secret.
    pub(crate) fn new_type(&self) -> &str {
        self.secret_type.as_deref().unwrap_or("Opaque")
    }

    /// Returns every key that is stored.
    pub(crate) fn stored(&self) -> impl Iterator<Item = &KeyName> {
        self.keys.keys().flat_map(KeyGroup::keys)
    }
}

/// What a document says about the object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Metadata")]
pub(crate) struct SpecMetadata {
    /// The Secret's name.
    #[schemars(extend("pattern" = "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", "maxLength" = 253))]
    pub(crate) name: SecretName,
    /// Its namespace. It chooses nothing: it must be the one that the command uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("pattern" = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength" = 63))]
    pub(crate) namespace: Option<Namespace>,
    /// Its labels; those that are not named here stay as they are.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = own_pattern()))]
    pub(crate) labels: BTreeMap<String, String>,
    /// Its annotations; those that are not named here stay as they are.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = own_pattern()))]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// One key, or several that one source fills in one go, in the order in which it gives them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(transparent)]
pub(crate) struct KeyGroup(#[schemars(with = "String")] Vec<KeyName>);

impl KeyGroup {
    /// One key.
    pub(crate) fn one(key: KeyName) -> Self {
        Self(vec![key])
    }

    /// Reads `KEY[,KEY…]`; `None` if one of them is no key.
    pub(crate) fn checked(text: &str) -> Option<Self> {
        text.split(',').map(KeyName::checked).collect::<Option<Vec<_>>>().map(Self)
    }

    /// Returns its keys, at least one.
    pub(crate) fn keys(&self) -> &[KeyName] {
        &self.0
    }
}

impl fmt::Display for KeyGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(KeyName::as_str).collect();
        f.write_str(&names.join(","))
    }
}

impl Serialize for KeyGroup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How a key is filled, and how old it may become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// How it is filled.
    #[serde(flatten)]
    pub(crate) fill: Fill,
    /// When it is due for a new value; written onto the Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "KeyPolicy")]
    pub(crate) policy: Option<KeyPolicy>,
}

impl Entry {
    /// Filled by a source, without a policy.
    pub(crate) fn from_source(source: impl Into<String>) -> Self {
        Self { fill: Fill::From(source.into()), policy: None }
    }
}

/// How a key is filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Fill {
    /// Where its value comes from, such as generate:length=40.
    From(#[schemars(extend("pattern" = source_pattern()))] String),
    /// Text with other values in it: {{ KEY }}, or {{ KEY | url }} inside of a URL.
    Template(#[schemars(extend("pattern" = r"\{\{"))] String),
    /// A Docker config: the logins of registries.
    Registries(#[schemars(extend("minItems" = 1))] Vec<Login>),
}

/// A value that is not stored itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    /// Where it comes from.
    #[schemars(extend("pattern" = source_pattern()))]
    pub(crate) from: String,
}

/// A login of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// The registry, such as ghcr.io.
    pub(crate) server: String,
    /// The user's name there.
    pub(crate) username: String,
    /// The user's address, which some old registries want.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) email: Option<String>,
    /// Where the password comes from.
    #[schemars(extend("pattern" = source_pattern()))]
    pub(crate) from: String,
}

/// How old a key may become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyPolicy {
    /// Its greatest age, such as 90d or 12w.
    pub(crate) every: Span,
    /// Where its next value comes from; what the key's `from` says if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("pattern" = source_pattern()))]
    pub(crate) source: Option<String>,
}

/// What a rotation does beside new values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Policy")]
pub(crate) struct SpecPolicy {
    /// Which workloads it restarts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Restart")]
    pub(crate) restart: Option<Restart>,
    /// How many earlier versions it keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u8", extend("maximum" = MOST_KEPT))]
    pub(crate) history: Option<u8>,
}

fn key_pattern() -> serde_json::Value {
    serde_json::json!({"pattern": "^[A-Za-z0-9._-]+$"})
}

fn group_pattern() -> serde_json::Value {
    serde_json::json!({"pattern": "^[A-Za-z0-9._-]+(,[A-Za-z0-9._-]+)*$"})
}

/// Labels and annotations that are not ours.
fn own_pattern() -> serde_json::Value {
    serde_json::json!({"pattern": r"^(?!([a-z0-9.-]+\.)?secretsafe\.dev/)[A-Za-z0-9./_-]+$"})
}

/// A scheme that there is, and what stands behind it.
fn source_pattern() -> String {
    let names: Vec<&str> = sources::SOURCES
        .iter()
        .flat_map(|scheme| std::iter::once(&scheme.name).chain(scheme.aliases))
        .copied()
        .collect();
    format!("^({})(:|$)", names.join("|"))
}
