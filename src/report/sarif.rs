//! An audit as SARIF 2.1.0 (OASIS), for code scanning: a rule for each rule, a result for each finding.
//!
//! Findings are about objects and not about files, so each has a logical location, and, because viewers want one, an
//! artifact that is named like the path of the object in the API.

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::audit::{Object, RULES, Severity};

use super::audit::{FindingView, SecretAudit};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const VERSION: &str = "2.1.0";
pub(super) const HOME: &str = env!("CARGO_PKG_REPOSITORY");

/// The whole document.
#[derive(Debug, Serialize)]
pub(crate) struct SarifLog {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Value; 1],
}

impl SarifLog {
    /// Makes it from the report.
    pub(crate) fn of(report: &SecretAudit) -> Self {
        let rules: Vec<Value> = RULES
            .iter()
            .map(|rule| {
                json!({
                    "id": rule.id,
                    "shortDescription": {"text": rule.finds},
                    "fullDescription": {"text": rule.why},
                    "help": {"text": rule.mend},
                    "helpUri": format!("{HOME}/blob/main/docs/audit.md"),
                    "defaultConfiguration": {"level": level(rule.severity)},
                    "properties": {"security-severity": score(rule.severity), "tags": ["security", "kubernetes"]},
                })
            })
            .collect();
        let results: Vec<Value> = report.items.iter().map(result).collect();
        Self::new(rules, results, &report.missing(), json!({}))
    }

    /// Makes it of its parts: rules, results, and what else is to be known.
    pub(super) fn new(rules: Vec<Value>, results: Vec<Value>, remarks: &[String], properties: Value) -> Self {
        let driver = json!({
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": HOME,
            "rules": rules,
        });
        let notes: Vec<Value> =
            remarks.iter().map(|text| json!({"level": "warning", "message": {"text": text}})).collect();
        let mut run = json!({
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notes}],
            "results": results,
        });
        if let (Some(run), Some(_)) = (run.as_object_mut(), properties.as_object().filter(|map| !map.is_empty())) {
            run.insert("properties".to_owned(), properties);
        }
        Self { schema: SCHEMA, version: VERSION, runs: [run] }
    }
}

fn result(item: &FindingView) -> Value {
    let index = RULES.iter().position(|rule| rule.id == item.rule);
    let key = item.key.as_ref().map(|key| format!(", key {key}")).unwrap_or_default();
    let place =
        item.object.namespace.as_ref().map(|namespace| format!(" in namespace {namespace}")).unwrap_or_default();
    let text = format!("{}{place}{key}: {}", item.object.shown(), item.seen);
    json!({
        "ruleId": item.rule,
        "ruleIndex": index,
        "level": level(item.severity),
        "message": {"text": text},
        "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": uri(&item.object)}},
            "logicalLocations": [{
                "kind": "resource",
                "name": item.object.name,
                "fullyQualifiedName": qualified(&item.object),
            }],
        }],
        "partialFingerprints": {"finding/v1": fingerprint(item)},
        "properties": {"command": item.command},
    })
}

pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The scale by which code scanning sorts security findings: over 7 is high, over 4 is medium.
pub(super) fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "8.0",
        Severity::Medium => "5.0",
        Severity::Low => "2.0",
    }
}

fn qualified(object: &Object) -> String {
    match &object.namespace {
        Some(namespace) => format!("{namespace}/{}", object.shown()),
        None => object.shown(),
    }
}

/// A relative URI: names may hold what is none in a path.
fn uri(object: &Object) -> String {
    let part = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let parts: Vec<String> = qualified(object).split('/').map(part).collect();
    format!("kubernetes/{}", parts.join("/"))
}

/// The same in the next run, of the same finding: over names, and nothing that was seen.
fn fingerprint(item: &FindingView) -> String {
    let key = item.key.as_ref().map(|key| key.as_str()).unwrap_or_default();
    let text = [item.rule, &qualified(&item.object), key].join("\n");
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
