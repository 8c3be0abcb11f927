//! What a team knows of and lets stand: findings by rule and object, without how they were seen, so that it may be
//! committed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

use super::Finding;

/// The kind of the document.
const KIND: &str = "AuditBaseline";
/// Its version.
const API_VERSION: &str = "secretsafe.dev/v1alpha1";

/// Findings that are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Baseline {
    api_version: String,
    kind: String,
    /// The findings, in order, so that a change of the file is easy to read.
    findings: BTreeSet<Entry>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    rule: String,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl Entry {
    fn of(finding: &Finding) -> Self {
        let object = finding.object.clone();
        let key = finding.key.as_ref().map(ToString::to_string);
        Self {
            rule: finding.rule.id.to_owned(),
            kind: object.kind,
            namespace: object.namespace,
            name: object.name,
            key,
        }
    }
}

impl Baseline {
    /// Makes it from everything that was found.
    pub(crate) fn of(findings: &[Finding]) -> Self {
        Self {
            api_version: API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            findings: findings.iter().map(Entry::of).collect(),
        }
    }

    /// Reads a file. Its text is not repeated: only where it is wrong.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let wrong = |because: String| {
            Error::usage("the file of --baseline is no baseline")
                .because(because)
                .hint("write one with: kubectl secretsafe audit -A --write-baseline baseline.json")
        };
        let baseline: Self =
            serde_json::from_str(text).map_err(|err| wrong(format!("line {}, column {}", err.line(), err.column())))?;
        if baseline.kind != KIND || baseline.api_version != API_VERSION {
            return Err(wrong(format!("it is not of kind {KIND}, {API_VERSION}")));
        }
        Ok(baseline)
    }

    /// Writes it, one finding below the other.
    pub(crate) fn to_text(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self).map_err(|_| Error::bug("a baseline cannot be written"))?;
        Ok(format!("{text}\n"))
    }

    /// Takes out the findings that are in it. Returns how many, and how many entries nothing was found for.
    pub(crate) fn take_out(&self, findings: &mut Vec<Finding>) -> (usize, usize) {
        let before = findings.len();
        let mut met = BTreeSet::new();
        findings.retain(|finding| {
            let known = self.findings.get(&Entry::of(finding));
            met.extend(known);
            known.is_none()
        });
        (before - findings.len(), self.findings.len() - met.len())
    }

    /// Returns how many findings are in it.
    pub(crate) fn len(&self) -> usize {
        self.findings.len()
    }
}
