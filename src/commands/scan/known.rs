//! What a team knows of and lets stand: files by path and Git's id of their content, and the kind of what is in them.
//! A file that changes counts again. There is nothing of a value in it, and no hash of one.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::plaintext::parse::leaks::LeakKind;

use super::FileLeak;

/// The kind of the document.
const KIND: &str = "ScanBaseline";
/// Its version.
const API_VERSION: &str = "secretsafe.dev/v1alpha1";
/// How one is written.
pub(super) const HINT: &str = "write one with: kubectl secretsafe scan --write-baseline baseline.json";

/// Findings that are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Baseline {
    api_version: String,
    kind: String,
    /// The findings, in order, so that a change of the file is easy to read.
    findings: BTreeSet<Entry>,
}

/// Findings of one kind in one content of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    path: String,
    kind: LeakKind,
    blob: String,
}

impl Entry {
    fn of(found: &FileLeak) -> Option<Self> {
        let path = found.path.to_str()?.to_owned();
        Some(Self { path, kind: found.leak.kind, blob: found.origin.blob.clone()? })
    }
}

impl Baseline {
    /// Makes it of everything that was found, and returns how many findings are in no file that Git tracks as it is.
    pub(crate) fn of(leaks: &[FileLeak]) -> (Self, usize) {
        let findings: BTreeSet<Entry> = leaks.iter().filter_map(Entry::of).collect();
        let untracked = leaks.iter().filter(|found| Entry::of(found).is_none()).count();
        (Self { api_version: API_VERSION.to_owned(), kind: KIND.to_owned(), findings }, untracked)
    }

    /// Reads a file. Its text is not repeated: only where it is wrong.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let wrong =
            |because: String| Error::usage("the file of --baseline is no baseline of scan").because(because).hint(HINT);
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
    pub(crate) fn take_out(&self, leaks: &mut Vec<FileLeak>) -> (usize, usize) {
        let before = leaks.len();
        let mut met = BTreeSet::new();
        leaks.retain(|found| {
            let known = Entry::of(found).and_then(|entry| self.findings.get(&entry));
            met.extend(known);
            known.is_none()
        });
        (before - leaks.len(), self.findings.len() - met.len())
    }
}
