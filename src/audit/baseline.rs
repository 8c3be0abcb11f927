//! By what a baseline knows a finding: its rule and object, without how it was seen.

use serde::{Deserialize, Serialize};

use crate::plan::baseline::Known;

use super::Finding;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Entry {
    rule: String,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl Known for Entry {
    type Finding = Finding;
    const DOCUMENT: &'static str = "AuditBaseline";
    const HINT: &'static str = "write one with: kubectl secretsafe audit -A --write-baseline baseline.json";

    fn of(finding: &Finding) -> Option<Self> {
        let object = finding.object.clone();
        let key = finding.key.as_ref().map(ToString::to_string);
        Some(Self {
            rule: finding.rule.id.to_owned(),
            kind: object.kind,
            namespace: object.namespace,
            name: object.name,
            key,
        })
    }
}
