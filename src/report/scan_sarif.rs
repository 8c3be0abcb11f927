//! A scan as SARIF 2.1.0, for code scanning: a rule for each kind, a result for each finding, at its line.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::plaintext::parse::leaks::KINDS;

use super::sarif::{HOME, SarifLog, level, score};
use super::scan::{LeakView, ScanReport};

impl SarifLog {
    /// Makes it from the report of a scan.
    pub(crate) fn of_scan(report: &ScanReport) -> Self {
        let rules = KINDS.iter().map(|about| {
            json!({
                "id": about.word,
                "shortDescription": {"text": about.finds},
                "fullDescription": {"text": about.finds},
                "help": {"text": format!("{}; rotate the value", about.mend)},
                "helpUri": format!("{HOME}/blob/main/docs/scan.md"),
                "defaultConfiguration": {"level": level(about.severity)},
                "properties": {"security-severity": score(about.severity), "tags": ["security", "kubernetes"]},
            })
        });
        let mut fingerprints = std::collections::BTreeMap::new();
        let results = report.items.iter().map(|item| {
            // The second value under one key, such as of a list, is another finding.
            let key = fingerprint(item);
            let count = fingerprints.entry(key.clone()).and_modify(|count| *count += 1).or_insert(0_usize);
            result(item, &format!("{key}:{count}"))
        });
        let results = results.collect();
        Self::new(rules.collect(), results, &report.remarks(), json!({"suppressed": report.suppressed}))
    }
}

fn result(item: &LeakView, fingerprint: &str) -> Value {
    let about = item.kind.about();
    let key = item.key.as_ref().map(|key| format!(", key {key}")).unwrap_or_default();
    let object = item.object.as_ref().map(|object| format!(", {}", object.shown())).unwrap_or_default();
    let commit = item.commit.as_ref().map(|commit| format!(", commit {commit}")).unwrap_or_default();
    json!({
        "ruleId": about.word,
        "ruleIndex": KINDS.iter().position(|other| other.kind == item.kind),
        "level": level(item.severity),
        "message": {"text": format!("{}{object}{key}{commit}", about.finds)},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(&item.path)},
                "region": {"startLine": item.line, "startColumn": item.column},
            },
        }],
        "partialFingerprints": {"finding/v1": fingerprint},
    })
}

/// A relative URI; an absolute path becomes one of the scheme `file`.
fn uri(path: &str) -> String {
    let part = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let path = path.replace('\\', "/");
    let parts: Vec<String> = path.trim_start_matches("./").split('/').map(part).collect();
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    format!("{scheme}{}", parts.join("/"))
}

/// The same in the next run, of the same finding: over names and places, and nothing of a value. Lines move, so a key is
/// named by its path where it has one.
fn fingerprint(item: &LeakView) -> String {
    let object = item.object.as_ref().map(super::scan::LeakObject::shown).unwrap_or_default();
    let place = item.key.clone().unwrap_or_else(|| item.line.to_string());
    let text = [item.kind.word(), &item.path, &object, &place].join("\n");
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
