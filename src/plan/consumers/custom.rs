//! Rules for custom resources: which of their fields name a Secret. They are data: for well-known ones in `rules/`, more
//! in the user's own config file.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::names::{Namespace, fits};

use super::path::FieldPath;

/// The rules that come with the program: what they belong to, and their text.
const FILES: &[(&str, &str)] = &[
    ("argo-cd", include_str!("rules/argo-cd.yaml")),
    ("cert-manager", include_str!("rules/cert-manager.yaml")),
    ("crossplane", include_str!("rules/crossplane.yaml")),
    ("external-secrets", include_str!("rules/external-secrets.yaml")),
    ("gateway-api", include_str!("rules/gateway-api.yaml")),
    ("istio", include_str!("rules/istio.yaml")),
    ("prometheus-operator", include_str!("rules/prometheus-operator.yaml")),
    ("storage", include_str!("rules/storage.yaml")),
];

/// A kind that the API server has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Served {
    /// Its API group; empty for Kubernetes' core.
    pub(crate) group: String,
    /// The version that the server prefers.
    pub(crate) version: String,
    /// Its name in paths.
    pub(crate) resource: String,
    /// Its kind.
    pub(crate) kind: String,
    /// Whether its objects are in namespaces.
    pub(crate) namespaced: bool,
}

impl Served {
    /// A kind of Kubernetes' core whose objects are in no namespace.
    pub(crate) fn cluster_wide(resource: &str, kind: &str) -> Self {
        let (resource, kind) = (resource.to_owned(), kind.to_owned());
        Self { group: String::new(), version: "v1".to_owned(), resource, kind, namespaced: false }
    }

    /// Names it as kubectl does, such as `certificates.cert-manager.io`.
    pub(crate) fn named(&self) -> String {
        if self.group.is_empty() { self.resource.clone() } else { format!("{}.{}", self.resource, self.group) }
    }
}

/// What is known about some kinds of one API group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CustomRule {
    /// The API group, or a pattern of groups.
    group: String,
    /// Kinds, or patterns of kinds.
    kinds: Vec<String>,
    /// Where objects without a namespace have the Secrets for which they name none.
    #[serde(default, deserialize_with = "namespace")]
    pub(crate) cluster_namespace: Option<Namespace>,
    /// The fields that name Secrets.
    pub(crate) secrets: Vec<SecretField>,
}

/// One field that names a Secret. What stands beside it is named without a path.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SecretField {
    /// The field.
    #[serde(deserialize_with = "path")]
    pub(crate) path: FieldPath,
    /// Another field, which counts where the first one is not there.
    #[serde(default, deserialize_with = "other_path")]
    pub(crate) or: Option<FieldPath>,
    /// What follows in the Secret's name on what the field says.
    #[serde(default)]
    suffix: String,
    /// The field beside it that names the key.
    pub(crate) key: Option<String>,
    /// The field beside it that names the namespace.
    pub(crate) namespace: Option<String>,
    /// Fields that have to stand beside it, so that it is a Secret's name.
    #[serde(default)]
    pub(crate) needs: Vec<String>,
    /// Fields beside it, and what they say if they are there.
    #[serde(default, rename = "where")]
    pub(crate) said: BTreeMap<String, String>,
    /// The object makes the Secret, and does not use it.
    #[serde(default)]
    pub(crate) makes: bool,
    /// It does without, if the Secret is not there.
    #[serde(default)]
    pub(crate) optional: bool,
    /// The object does not say in which namespace the Secret is.
    #[serde(default)]
    pub(crate) anywhere: bool,
}

impl CustomRule {
    /// Tells whether it is about a kind.
    pub(crate) fn is_about(&self, group: &str, kind: &str) -> bool {
        fits(&self.group, group) && self.kinds.iter().any(|pattern| fits(pattern, kind))
    }

    /// Tells whether one of its fields may name a Secret of another namespace than the object's.
    pub(crate) fn crosses(&self) -> bool {
        self.secrets.iter().any(|field| field.anywhere || field.namespace.is_some())
    }
}

impl SecretField {
    /// Returns the name of the Secret, from what the field says.
    pub(crate) fn secret(&self, said: &str) -> String {
        format!("{said}{}", self.suffix)
    }
}

/// Returns the rules that come with the program.
pub(crate) fn well_known() -> Vec<CustomRule> {
    // That each of them can be read is tested.
    FILES.iter().flat_map(|(_, text)| serde_yaml::from_str::<Vec<CustomRule>>(text).unwrap_or_default()).collect()
}

fn path<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<FieldPath, D::Error> {
    let text = String::deserialize(deserializer)?;
    FieldPath::parse(&text).ok_or_else(|| serde::de::Error::custom("not a path"))
}

fn other_path<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<FieldPath>, D::Error> {
    path(deserializer).map(Some)
}

fn namespace<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Namespace>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(|_| serde::de::Error::custom("not a namespace"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_can_be_read() {
        for (name, text) in FILES {
            let rules: Vec<CustomRule> = serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!rules.is_empty(), "{name}");
            for rule in rules {
                assert!(!rule.kinds.is_empty() && !rule.secrets.is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn a_rule_is_about_groups_and_kinds_by_pattern() {
        let rule: CustomRule = serde_yaml::from_str(
            "{group: '*.upbound.io', kinds: [ProviderConfig, 'Cluster*'], secrets: [{path: spec.a.name, namespace: namespace}]}",
        )
        .unwrap();
        assert!(rule.is_about("aws.upbound.io", "ProviderConfig") && rule.is_about("gcp.upbound.io", "ClusterThing"));
        assert!(!rule.is_about("upbound.io", "ProviderConfig") && !rule.is_about("aws.upbound.io", "Bucket"));
        assert!(rule.crosses());
    }

    #[test]
    fn a_rule_with_a_mistake_is_none() {
        for text in [
            "{group: a.b, kinds: [C], secrets: [{path: 'spec.**'}]}",
            "{group: a.b, kinds: [C], secrets: [{path: spec.a, kye: key}]}",
            "{group: a.b, secrets: []}",
            "{group: a.b, kinds: [C], clusterNamespace: '../x', secrets: []}",
        ] {
            assert!(serde_yaml::from_str::<CustomRule>(text).is_err(), "{text}");
        }
    }
}
