//! The policy that stands on the object: how old a key may become, and where its next value comes from.
//!
//! Anyone with `patch` can write it: it says what is wanted, never what is allowed (requirement S1). What does not
//! look like a policy is none, and that is said.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::Restart;
use crate::names::KeyName;

use super::span::Span;

/// The annotation that holds it.
pub(crate) const ANNOTATION: &str = "secretsafe.dev/policy";
/// The label by which Secrets with a policy are listed.
pub(crate) const LABEL: &str = "secretsafe.dev/policy";
/// What the label says.
pub(crate) const LABELLED: &str = "true";

/// Version of the format; one that is not known may mean something else.
const VERSION: u32 = 1;
/// Most versions that are kept.
pub(crate) const MOST_KEPT: u8 = 20;
/// How many versions are kept if nobody says another number.
pub(crate) const KEPT: u8 = 1;

/// The annotation's text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Policy {
    /// Version of this format.
    v: u32,
    /// The keys, each with its rule.
    #[serde(with = "by_name")]
    pub(crate) keys: BTreeMap<KeyName, Rule>,
    /// Which workloads a rotation restarts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) restart: Option<Restart>,
    /// How many earlier versions are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) history: Option<u8>,
    /// Fields of later versions, kept as they are.
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// What is wanted for one key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Rule {
    /// How old it may become.
    pub(crate) every: Span,
    /// Where its next value comes from, as it was written; it is not to be shown before it was parsed.
    pub(crate) source: String,
    /// Fields of later versions, kept as they are.
    #[serde(flatten)]
    #[schemars(skip)]
    unknown: Map<String, Value>,
}

impl Rule {
    /// Makes a rule.
    pub(crate) fn new(every: Span, source: String) -> Self {
        Self { every, source, unknown: Map::new() }
    }
}

impl Policy {
    /// Makes one without keys.
    pub(crate) fn empty() -> Self {
        Self { v: VERSION, keys: BTreeMap::new(), restart: None, history: None, unknown: Map::new() }
    }

    /// Reads the annotation's text; what does not look like a policy is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let policy: Self = serde_json::from_str(text).ok()?;
        let known = policy.v == VERSION && policy.history.is_none_or(|kept| kept <= MOST_KEPT);
        (known && !policy.keys.is_empty()).then_some(policy)
    }

    /// Writes the annotation's text.
    pub(crate) fn to_annotation(&self) -> String {
        // A struct of texts and numbers always serializes; what could not be read again is no policy.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Sets the rule of a key; fields of later versions stay.
    pub(crate) fn set(&mut self, key: KeyName, rule: &Rule) {
        let unknown = self.keys.get(&key).map(|before| before.unknown.clone()).unwrap_or_default();
        self.keys.insert(key, Rule { unknown, ..rule.clone() });
    }

    /// Returns how many earlier versions a rotation keeps.
    pub(crate) fn kept(&self) -> u8 {
        self.history.unwrap_or(KEPT)
    }
}

/// Keys by their names, of which each must be one that the API server accepts.
mod by_name {
    use std::collections::BTreeMap;

    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::{Serialize, Serializer};

    use crate::names::KeyName;

    use super::Rule;

    pub(super) fn serialize<S: Serializer>(keys: &BTreeMap<KeyName, Rule>, serializer: S) -> Result<S::Ok, S::Error> {
        keys.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<KeyName, Rule>, D::Error> {
        let keys = BTreeMap::<String, Rule>::deserialize(deserializer)?;
        let checked = |(name, rule): (String, Rule)| Some((KeyName::checked(&name)?, rule));
        keys.into_iter().map(checked).collect::<Option<_>>().ok_or_else(|| D::Error::custom("not a key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        r#"{"v":1,"keys":{"password":{"every":"90d","source":"generate:length=40"}},"restart":"auto","history":1}"#;

    #[test]
    fn what_is_written_is_read_again() {
        let policy = Policy::parse(TEXT).unwrap();
        assert_eq!((policy.restart, policy.history, policy.kept()), (Some(Restart::Auto), Some(1), 1));
        assert_eq!(policy.to_annotation(), TEXT);
    }

    #[test]
    fn unknown_fields_survive() {
        let text =
            TEXT.replace(r#""every""#, r#""later":[1],"every""#).replace(r#""restart""#, r#""more":{"a":1},"restart""#);
        let mut policy = Policy::parse(&text).unwrap();
        policy.set(KeyName::checked("password").unwrap(), &Rule::new("1d".parse().unwrap(), "generate".into()));
        let written = policy.to_annotation();
        assert!(written.contains(r#""more":{"a":1}"#) && written.contains(r#""later":[1]"#), "{written}");
        assert!(written.contains(r#""every":"1d""#), "{written}");
    }

    #[test]
    fn what_is_no_policy_is_none() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"v":1,"keys":{}}"#,
            r#"{"v":2,"keys":{"a":{"every":"1d","source":"generate"}}}"#,
            r#"{"v":1,"keys":{"../a":{"every":"1d","source":"generate"}}}"#,
            r#"{"v":1,"keys":{"a":{"every":"soon","source":"generate"}}}"#,
            r#"{"v":1,"keys":{"a":{"every":"1d"}}}"#,
            r#"{"v":1,"keys":{"a":{"every":"1d","source":"generate"}},"restart":"now"}"#,
            r#"{"v":1,"keys":{"a":{"every":"1d","source":"generate"}},"history":21}"#,
            r#"{"v":1,"keys":{"a":{"every":"1d","source":"generate"}},"history":-1}"#,
        ] {
            assert_eq!(Policy::parse(text), None, "{text}");
        }
    }
}
