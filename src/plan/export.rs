//! What `export` writes of a Secret that is there: a document without values, made from metadata alone.
//!
//! Where a value comes from is what the record says, as far as that can be said again in a file: it knows the scheme of
//! a source, not what stood behind it. Anyone with `patch` can have written records and policies, so what they say is
//! only text here; `apply` decides what of it may run (requirement S2).

use crate::names::{KeyName, Namespace, SecretName};
use crate::plaintext::facts::{looks_secret_name, looks_secret_text};
use crate::plaintext::wire::Outline;
use crate::sources::{Written, written};

use super::edit::Keys;
use super::owner::{self, Marks, Verdict};
use super::policy::Policy;
use super::spec::{Entry, KeyGroup, KeyPolicy, SecretSources, SpecPolicy};

/// What is written for a key that nobody knows the source of, and for one whose value has lines.
const UNKNOWN: &str = "prompt";
const UNKNOWN_LINES: &str = "prompt:multiline";
/// Ends of the names of keys whose values have lines.
const LINES: &[&str] = &[".crt", ".key", ".pem", "ssh-privatekey", ".dockerconfigjson", ".dockercfg"];
/// Sources that mean the same without anything behind them, and the types of Secrets where they do.
const BARE: &[(&str, &[&str])] = &[
    ("keychain", &[]),
    // Without a kind it makes a password, which a key or a certificate is not.
    ("generate", &["Opaque", "kubernetes.io/basic-auth"]),
];

/// Types whose Secrets are made by what uses them: nobody gives their values.
const MADE: &[&str] = &["kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"];

/// Labels that say who looks after a thing: whoever applies the file is somebody else.
const OF_OWNERS: &[&str] =
    &["app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "helm.sh/chart", "argocd.argoproj.io/instance"];
const OF_OWNERS_BEFORE: &[&str] =
    &["kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/", "reconcile.external-secrets.io/", "secretsafe.dev/"];

/// Why a Secret is not written, unless all are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotOurs {
    /// Helm's releases, what rotations leave, tokens of service accounts and of nodes that join.
    Machinery,
    /// Somebody else writes it again and again.
    Managed,
}

/// Tells a Secret whose values nobody gives by hand.
pub(crate) fn not_ours(outline: &Outline) -> Option<NotOurs> {
    if outline.is_machinery() || MADE.contains(&outline.secret_type.as_str()) {
        return Some(NotOurs::Machinery);
    }
    let controllers = outline.metadata.controllers();
    let marks = Marks {
        controllers: &controllers,
        labels: &outline.metadata.labels,
        annotations: &outline.metadata.annotations.names,
    };
    owner::find(marks).filter(|owner| owner.verdict == Verdict::Reverts).map(|_| NotOurs::Managed)
}

/// A document, and what of the Secret is not in it.
#[derive(Debug)]
pub(crate) struct Exported {
    /// The document.
    pub(crate) document: SecretSources,
    /// Names of labels that look as if they held a value.
    pub(crate) labels: Vec<String>,
    /// Keys whose policy names a source that there is not, or that looks like a value.
    pub(crate) policies: Vec<KeyName>,
    /// How many keys there are whose names are not known.
    pub(crate) unknown: usize,
}

/// Makes the document; `None` if no key is known.
pub(crate) fn export(name: SecretName, namespace: Namespace, outline: &Outline, keys: &Keys) -> Option<Exported> {
    let metadata = &outline.metadata;
    let mut document = SecretSources::new(name, Some(namespace));
    let mut labels = Vec::new();
    for (label, text) in metadata.labels.iter().filter(|(label, _)| !says_owner(label)) {
        if looks_secret_text(text) || looks_secret_name(label) {
            labels.push(label.clone());
        } else {
            document.metadata.labels.insert(label.clone(), text.clone());
        }
    }
    document.secret_type = Some(outline.secret_type.clone()).filter(|kind| kind != "Opaque");
    let policy = metadata.annotations.policy.as_ref();
    let mut policies = Vec::new();
    for key in &keys.known {
        let recorded = metadata.record(key).map(|record| record.from.as_str());
        let mut entry = Entry::from_source(source(key, recorded, &outline.secret_type));
        if let Some(rule) = policy.and_then(|policy| policy.keys.get(key)) {
            if is_writable(&rule.source) {
                // The policy of a value that was made tells how.
                let same = recorded.is_some_and(|recorded| Some(recorded) == scheme(&rule.source));
                let source = (!same).then(|| rule.source.clone());
                if same {
                    entry = Entry::from_source(rule.source.clone());
                }
                entry.policy = Some(KeyPolicy { every: rule.every.clone(), source });
            } else {
                policies.push(key.clone());
            }
        }
        document.keys.insert(KeyGroup::one(key.clone()), entry);
    }
    document.policy = policy.and_then(whole).filter(|_| document.keys.values().any(|entry| entry.policy.is_some()));
    let unknown = outline.count.saturating_sub(keys.known.len());
    (!document.keys.is_empty()).then_some(Exported { document, labels, policies, unknown })
}

fn whole(policy: &Policy) -> Option<SpecPolicy> {
    let Policy { restart, history, .. } = *policy;
    (restart.is_some() || history.is_some()).then_some(SpecPolicy { restart, history })
}

/// Says where the next value comes from, by what the record says of the last one.
fn source(key: &KeyName, recorded: Option<&str>, secret_type: &str) -> &'static str {
    let bare = BARE.iter().find(|(scheme, _)| Some(*scheme) == recorded);
    let unknown = if LINES.iter().any(|end| key.as_str().ends_with(end)) { UNKNOWN_LINES } else { UNKNOWN };
    bare.filter(|(_, types)| types.is_empty() || types.contains(&secret_type)).map_or(unknown, |(scheme, _)| scheme)
}

fn scheme(text: &str) -> Option<&'static str> {
    if let Written::Known(scheme, _) = written(text) { Some(scheme) } else { None }
}

/// Tells a source of a policy that can stand in a file: it is one, and nothing behind it looks like a value.
fn is_writable(text: &str) -> bool {
    let behind = text.split_once(':').map_or("", |(_, behind)| behind);
    scheme(text).is_some() && !looks_secret_text(behind)
}

fn says_owner(label: &str) -> bool {
    let prefix = label.split_once('/').map_or("", |(prefix, _)| prefix);
    OF_OWNERS.contains(&label)
        || OF_OWNERS_BEFORE.iter().any(|before| label.starts_with(before))
        || prefix.ends_with(".secretsafe.dev")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::plan::spec::write;

    fn outline(secret_type: &str, count: usize, metadata: Value) -> Outline {
        Outline { metadata: serde_json::from_value(metadata).unwrap(), secret_type: secret_type.to_owned(), count }
    }

    fn record(from: &str) -> String {
        format!(r#"{{"v":1,"at":"2026-01-02T03:04:05Z","from":"{from}","n":1,"op":"o"}}"#)
    }

    /// An object whose keys were set by these sources, and with this policy.
    fn with(sources: &[(&str, &str)], policy: &str) -> Value {
        let records =
            sources.iter().map(|(key, from)| (format!("key.secretsafe.dev/{key}"), Value::from(record(from))));
        let mut annotations: serde_json::Map<String, Value> = records.collect();
        if !policy.is_empty() {
            annotations.insert("secretsafe.dev/policy".into(), policy.into());
        }
        let fields: serde_json::Map<String, Value> =
            sources.iter().map(|(key, _)| (format!("f:{key}"), json!({}))).collect();
        json!({"annotations": annotations, "managedFields": [{"manager": "m", "fieldsV1": {"f:data": fields}}]})
    }

    fn written(outline: &Outline) -> (String, Exported) {
        let exported = export("db".parse().unwrap(), "prod".parse().unwrap(), outline, &Keys::of(outline))
            .expect("a key is known");
        let text = write(&exported.document);
        (text.lines().skip(1).map(|line| format!("{line}\n")).collect(), exported)
    }

    #[test]
    fn the_record_says_where_values_come_from_as_far_as_it_can_be_said_again() {
        let from = ["keychain", "generate", "stdin", "env", "public", "rollback", "hunter2: x", ""];
        let keys: Vec<(String, &str)> = from.iter().enumerate().map(|(at, from)| (format!("k{at}"), *from)).collect();
        let keys: Vec<(&str, &str)> = keys.iter().map(|(key, from)| (key.as_str(), *from)).collect();
        let (text, _) = written(&outline("Opaque", 8, with(&keys, "")));
        let sources: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("from: ")).collect();
        assert_eq!(sources, ["keychain", "generate", "prompt", "prompt", "prompt", "prompt", "prompt", "prompt"]);
        // A bare `generate` makes a password, which this is not.
        let (text, _) =
            written(&outline("kubernetes.io/tls", 2, with(&[("tls.crt", "generate"), ("tls.key", "x")], "")));
        assert_eq!(text.matches("from: prompt:multiline").count(), 2, "{text}");
        assert!(text.contains("type: kubernetes.io/tls\n"), "{text}");
    }

    #[test]
    fn a_policy_goes_along_and_says_how_a_value_was_made() {
        let policy = r#"{"v":1,"keys":{"a":{"every":"90d","source":"generate:length=40"},"b":{"every":"30d","source":"generate"},"c":{"every":"1d","source":"hunter2"}},"restart":"auto"}"#;
        let (text, exported) =
            written(&outline("Opaque", 3, with(&[("a", "generate"), ("b", "keychain"), ("c", "prompt")], policy)));
        assert!(text.contains("  a:\n    from: generate:length=40\n    policy:\n      every: 90d\n"), "{text}");
        assert!(
            text.contains("  b:\n    from: keychain\n    policy:\n      every: 30d\n      source: generate\n"),
            "{text}"
        );
        assert!(text.contains("policy:\n  restart: auto\n") && !text.contains("hunter2"), "{text}");
        assert_eq!(exported.policies, [KeyName::checked("c").unwrap()]);
    }

    #[test]
    fn labels_go_along_but_for_those_of_owners_and_those_that_look_like_values() {
        let mut metadata = with(&[("a", "prompt")], "");
        metadata["labels"] = json!({
            "app": "web", "app.kubernetes.io/managed-by": "x", "secretsafe.dev/policy": "true",
            "token": concat!("ghp_", "0123456789abcdefghijklmnopqrstuvwxyz"),
        });
        let (text, exported) = written(&outline("Opaque", 2, metadata));
        assert!(
            text.contains("  labels:\n    app: web\ntype") || text.contains("  labels:\n    app: web\nkeys"),
            "{text}"
        );
        assert_eq!((exported.labels, exported.unknown), (vec!["token".to_owned()], 1));
    }

    #[test]
    fn what_others_make_is_not_ours() {
        let of = |secret_type: &str, metadata: Value| not_ours(&outline(secret_type, 1, metadata));
        let owner = json!({"ownerReferences": [{"kind": "ExternalSecret", "name": "db", "controller": true}]});
        assert_eq!(of("Opaque", json!({"name": "db"})), None);
        assert_eq!(of("Opaque", owner), Some(NotOurs::Managed));
        assert_eq!(of("Opaque", json!({"labels": {"app.kubernetes.io/managed-by": "Helm"}})), None, "Helm asks nobody");
        assert_eq!(of("kubernetes.io/service-account-token", json!({})), Some(NotOurs::Machinery));
        assert_eq!(of("Opaque", json!({"name": "db.secretsafe-v3"})), Some(NotOurs::Machinery));
        let none = outline("Opaque", 0, json!({}));
        assert!(export("db".parse().unwrap(), "prod".parse().unwrap(), &none, &Keys::of(&none)).is_none());
    }
}
