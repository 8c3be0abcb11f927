//! What a team knows of and lets stand, as a document that may be committed: it names findings, and holds nothing of what
//! was found. What a finding is named by, is said where it is found (`Known`).

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Its version.
const API_VERSION: &str = "secretsafe.dev/v1alpha1";

/// What names a finding.
pub(crate) trait Known: Ord + Serialize + DeserializeOwned {
    /// What is found.
    type Finding;
    /// The kind of the document.
    const DOCUMENT: &'static str;
    /// How one is written, for whoever has none.
    const HINT: &'static str;

    /// Names a finding; `None` if it cannot be let stand.
    fn of(finding: &Self::Finding) -> Option<Self>;
}

/// Findings that are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, bound = "K: Known")]
pub(crate) struct Baseline<K> {
    api_version: String,
    kind: String,
    /// The findings, in order, so that a change of the file is easy to read.
    findings: BTreeSet<K>,
}

impl<K: Known> Baseline<K> {
    /// Makes it of everything that was found, and returns how many findings cannot be in it.
    pub(crate) fn of(found: &[K::Finding]) -> (Self, usize) {
        let findings: BTreeSet<K> = found.iter().filter_map(K::of).collect();
        let unfit = found.iter().filter(|finding| K::of(finding).is_none()).count();
        (Self { api_version: API_VERSION.to_owned(), kind: K::DOCUMENT.to_owned(), findings }, unfit)
    }

    /// Reads a file. Its text is not repeated: only where it is wrong.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let wrong =
            |because: String| Error::usage("the file of --baseline is no baseline").because(because).hint(K::HINT);
        let baseline: Self =
            serde_json::from_str(text).map_err(|err| wrong(format!("line {}, column {}", err.line(), err.column())))?;
        if baseline.kind != K::DOCUMENT || baseline.api_version != API_VERSION {
            return Err(wrong(format!("it is not of kind {}, {API_VERSION}", K::DOCUMENT)));
        }
        Ok(baseline)
    }

    /// Writes it, one finding below the other.
    pub(crate) fn to_text(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self).map_err(|_| Error::bug("a baseline cannot be written"))?;
        Ok(format!("{text}\n"))
    }

    /// Takes out the findings that are in it. Returns how many, and how many entries nothing was found for.
    pub(crate) fn take_out(&self, found: &mut Vec<K::Finding>) -> (usize, usize) {
        let before = found.len();
        let mut met = BTreeSet::new();
        found.retain(|finding| {
            let known = K::of(finding).and_then(|entry| self.findings.get(&entry));
            met.extend(known);
            known.is_none()
        });
        (before - found.len(), self.findings.len() - met.len())
    }

    /// Returns how many entries are in it.
    pub(crate) fn len(&self) -> usize {
        self.findings.len()
    }
}
