//! A SealedSecret as it will stand in Git: where it may be opened, and its manifest.

use std::collections::BTreeMap;

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::names::KeyName;

use super::Target;

/// The prefix of the annotations that say the scope.
const PREFIX: &str = "sealedsecrets.bitnami.com";

/// Where the controller opens a sealed value, in the words of kubeseal.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scope {
    /// In this namespace, under this name
    #[default]
    Strict,
    /// In this namespace, under any name
    NamespaceWide,
    /// Anywhere in the cluster
    ClusterWide,
}

impl Scope {
    /// Returns what a value is bound to: it cannot be opened with another label.
    pub(crate) fn label(self, target: &Target) -> Vec<u8> {
        match self {
            Self::Strict => format!("{}/{}", target.namespace, target.name).into_bytes(),
            Self::NamespaceWide => target.namespace.to_string().into_bytes(),
            Self::ClusterWide => Vec::new(),
        }
    }

    /// Returns the annotation that tells the controller.
    pub(crate) fn annotation(self) -> Option<String> {
        match self {
            Self::Strict => None,
            Self::NamespaceWide => Some(format!("{PREFIX}/namespace-wide")),
            Self::ClusterWide => Some(format!("{PREFIX}/cluster-wide")),
        }
    }
}

/// Tells whether an annotation says a scope, which is what `--scope` is for.
pub(crate) fn says_scope(annotation: &str) -> bool {
    [Scope::NamespaceWide, Scope::ClusterWide].iter().any(|scope| scope.annotation().as_deref() == Some(annotation))
}

/// What the controller makes, but for its values.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    /// The Secret's type.
    pub(crate) secret_type: String,
    /// Whether it can be changed later.
    pub(crate) immutable: bool,
    /// Its labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// Its annotations.
    pub(crate) annotations: BTreeMap<String, String>,
}

/// Writes the manifest. What it holds of values is ciphertext.
pub(crate) fn manifest(
    target: &Target,
    scope: Scope,
    template: &Template,
    sealed: &BTreeMap<KeyName, String>,
) -> Value {
    let mut metadata = json!({"name": target.name, "namespace": target.namespace});
    let mut inner = metadata.clone();
    let mut annotations = template.annotations.clone();
    if let Some(name) = scope.annotation() {
        set(&mut metadata, "annotations", json!({&name: "true"}));
        annotations.insert(name, "true".to_owned());
    }
    if !annotations.is_empty() {
        set(&mut inner, "annotations", json!(annotations));
    }
    if !template.labels.is_empty() {
        set(&mut inner, "labels", json!(template.labels));
    }
    let mut secret = json!({"metadata": inner, "type": template.secret_type});
    if template.immutable {
        set(&mut secret, "immutable", json!(true));
    }
    let values: BTreeMap<&str, &str> = sealed.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
    json!({
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": metadata,
        "spec": {"encryptedData": values, "template": secret},
    })
}

fn set(object: &mut Value, field: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Target {
        Target {
            context: "dev".into(),
            server: "https://a".into(),
            fingerprint: "0".repeat(16),
            namespace: "prod".parse().unwrap(),
            name: "db".parse().unwrap(),
        }
    }

    #[test]
    fn the_label_binds_as_far_as_the_scope() {
        let label = |scope: Scope| String::from_utf8(scope.label(&target())).unwrap();
        assert_eq!(label(Scope::Strict), "prod/db");
        assert_eq!(label(Scope::NamespaceWide), "prod");
        assert_eq!(label(Scope::ClusterWide), "");
        assert!(
            says_scope("sealedsecrets.bitnami.com/cluster-wide") && !says_scope("sealedsecrets.bitnami.com/managed")
        );
    }

    #[test]
    fn the_scope_stands_on_both_and_nothing_empty_does() {
        let sealed = BTreeMap::from([(KeyName::checked("k").unwrap(), "AAEC".to_owned())]);
        let template = Template { secret_type: "Opaque".into(), ..Template::default() };
        let names = json!({"name": "db", "namespace": "prod"});
        assert_eq!(
            manifest(&target(), Scope::Strict, &template, &sealed),
            json!({"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": names,
                "spec": {"encryptedData": {"k": "AAEC"}, "template": {"metadata": names, "type": "Opaque"}}})
        );
        let wide = manifest(&target(), Scope::ClusterWide, &template, &sealed);
        let said = json!({"sealedsecrets.bitnami.com/cluster-wide": "true"});
        assert_eq!(wide["metadata"]["annotations"], said);
        assert_eq!(wide["spec"]["template"]["metadata"]["annotations"], said);
    }
}
