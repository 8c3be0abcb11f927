//! Which Secrets count as unused, and which references lead nowhere: pure, from metadata.
//!
//! Nobody can see who reads a Secret through the API server. So a Secret of which it is known that it is used without a
//! reference is never called unused, and a key is never called missing where not all names of keys are known.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::plaintext::wire::Outline;

use super::consumers::{Consumer, How, Use};
use super::owner;

/// How a Secret is used, though nothing names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum OtherUse {
    /// It is a token of a ServiceAccount: who has it uses it outside of the cluster.
    ServiceAccountToken,
    /// Nodes join with it.
    BootstrapToken,
    /// A tool finds it by a label or an annotation.
    Label,
    /// The controller that made it may read it.
    Controller,
}

impl OtherUse {
    /// Returns what people read.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::ServiceAccountToken => "token of a ServiceAccount",
            Self::BootstrapToken => "nodes join with it",
            Self::Label => "found by its label",
            Self::Controller => "of its controller",
        }
    }
}

/// Labels by which tools find Secrets: repositories and clusters of Argo CD and its own, the keys of Sealed Secrets, and
/// those of Cluster API.
const LABELS: &[(&str, Option<&str>)] = &[
    ("argocd.argoproj.io/secret-type", None),
    ("app.kubernetes.io/part-of", Some("argocd")),
    ("sealedsecrets.bitnami.com/sealed-secrets-key", None),
    ("cluster.x-k8s.io/cluster-name", None),
];

/// Annotations by which tools find Secrets: cert-manager's injector of certificates.
const ANNOTATIONS: &[&str] = &["cert-manager.io/allow-direct-injection"];

/// Returns how a Secret is used, if it is known without a reference.
pub(crate) fn other_use(outline: &Outline) -> Option<OtherUse> {
    let metadata = &outline.metadata;
    let has = |(name, wanted): &(&str, Option<&str>)| {
        metadata.labels.get(*name).is_some_and(|text| wanted.is_none_or(|wanted| wanted == text))
    };
    match outline.secret_type.as_str() {
        "kubernetes.io/service-account-token" => return Some(OtherUse::ServiceAccountToken),
        "bootstrap.kubernetes.io/token" => return Some(OtherUse::BootstrapToken),
        _ => {}
    }
    if LABELS.iter().any(has) || ANNOTATIONS.iter().any(|name| metadata.annotations.names.contains(*name)) {
        return Some(OtherUse::Label);
    }
    // What External Secrets and the like deliver is for others; an operator's own Secret may be for itself.
    metadata.controllers().iter().any(|(kind, _)| !owner::delivers(kind)).then_some(OtherUse::Controller)
}

/// References to keys of a Secret that is there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    /// They are not there.
    pub(crate) missing: BTreeSet<String>,
    /// Not all names of keys are known, and theirs are not among those that are.
    pub(crate) undecided: BTreeSet<String>,
}

/// Looks for the keys that are referenced, and may not be missing.
pub(crate) fn keys<'a>(outline: &Outline, consumers: impl Iterator<Item = &'a Consumer>) -> Keys {
    let known = outline.metadata.known_keys();
    let wanted = consumers.flat_map(|consumer| &consumer.uses).filter(|used| is_needed(used));
    let lost =
        wanted.filter_map(|used| used.key.as_ref()).filter(|key| !known.iter().any(|known| known.as_str() == *key));
    let lost: BTreeSet<String> = lost.cloned().collect();
    // As many names as keys: the server's own number says that these are all.
    if known.len() == outline.count {
        Keys { missing: lost, undecided: BTreeSet::new() }
    } else {
        Keys { missing: BTreeSet::new(), undecided: lost }
    }
}

/// Tells whether somebody waits for the Secret in vain, if it is not there.
pub(crate) fn is_needed_by(consumer: &Consumer) -> bool {
    consumer.uses.iter().any(is_needed)
}

/// Tells whether a use is in vain, if the Secret or its key is not there.
pub(crate) fn is_needed(used: &Use) -> bool {
    used.how != How::Makes && !used.optional
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plaintext::wire::{json, parse_outline};

    fn outline(secret_type: &str, count: usize, metadata: serde_json::Value) -> Outline {
        let row = serde_json::json!({"cells": ["db", secret_type, count, "5d"], "object": {"metadata": metadata}});
        parse_outline(&json(&serde_json::json!({"kind": "Table", "rows": [row]}))).unwrap()
    }

    fn fields(keys: &[&str]) -> serde_json::Value {
        let keys: serde_json::Map<_, _> = keys.iter().map(|key| (format!("f:{key}"), serde_json::json!({}))).collect();
        serde_json::json!({"name": "db", "managedFields": [{"manager": "m", "fieldsV1": {"f:data": keys}}]})
    }

    fn consumer(uses: &[(How, Option<&str>, bool)]) -> Consumer {
        let one = |(how, key, optional): &(How, Option<&str>, bool)| Use {
            how: *how,
            container: None,
            key: key.map(str::to_owned),
            variable: None,
            field: None,
            optional: *optional,
        };
        Consumer {
            kind: "Deployment".into(),
            group: None,
            name: "web".to_owned(),
            namespace: None,
            controller: None,
            managed_by: None,
            uses: uses.iter().map(one).collect(),
        }
    }

    #[test]
    fn what_is_used_without_a_reference_is_known() {
        let owned =
            |kind: &str| serde_json::json!({"ownerReferences": [{"kind": kind, "name": "a", "controller": true}]});
        let labelled = |name: &str, value: &str| serde_json::json!({"labels": {name: value}});
        for (secret_type, metadata, wanted) in [
            ("Opaque", serde_json::json!({}), None),
            ("kubernetes.io/service-account-token", serde_json::json!({}), Some(OtherUse::ServiceAccountToken)),
            ("bootstrap.kubernetes.io/token", serde_json::json!({}), Some(OtherUse::BootstrapToken)),
            ("Opaque", labelled("argocd.argoproj.io/secret-type", "cluster"), Some(OtherUse::Label)),
            ("Opaque", labelled("app.kubernetes.io/part-of", "argocd"), Some(OtherUse::Label)),
            ("Opaque", labelled("app.kubernetes.io/part-of", "shop"), None),
            (
                "Opaque",
                serde_json::json!({"annotations": {"cert-manager.io/allow-direct-injection": "true"}}),
                Some(OtherUse::Label),
            ),
            ("Opaque", owned("Elasticsearch"), Some(OtherUse::Controller)),
            ("Opaque", owned("ExternalSecret"), None),
            ("kubernetes.io/tls", owned("Certificate"), None),
        ] {
            assert_eq!(other_use(&outline(secret_type, 1, metadata.clone())), wanted, "{secret_type} {metadata}");
        }
    }

    #[test]
    fn a_key_is_missing_only_where_all_names_are_known() {
        let wants = consumer(&[
            (How::Env, Some("a"), false),
            (How::Env, Some("gone"), false),
            (How::Env, Some("perhaps"), true),
            (How::Makes, Some("made"), false),
            (How::EnvFrom, None, false),
        ]);
        let known = keys(&outline("Opaque", 1, fields(&["a"])), [&wants].into_iter());
        assert_eq!(known, Keys { missing: BTreeSet::from(["gone".to_owned()]), undecided: BTreeSet::new() });
        let more = keys(&outline("Opaque", 2, fields(&["a"])), [&wants].into_iter());
        assert_eq!(more, Keys { missing: BTreeSet::new(), undecided: BTreeSet::from(["gone".to_owned()]) });
    }

    #[test]
    fn who_does_without_waits_for_nothing() {
        assert!(is_needed_by(&consumer(&[(How::Env, Some("a"), true), (How::Volume, None, false)])));
        assert!(!is_needed_by(&consumer(&[(How::Env, Some("a"), true), (How::Makes, None, false)])));
    }
}
