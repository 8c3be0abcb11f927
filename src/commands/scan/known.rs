//! By what a baseline knows a finding: the file's path and Git's id of its content, and the kind of what is in it. A file
//! that changes counts again. There is nothing of a value in it, and no hash of one.

use serde::{Deserialize, Serialize};

use crate::plaintext::parse::leaks::LeakKind;
use crate::plan::baseline::Known;

use super::FileLeak;

/// Findings of one kind in one content of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Entry {
    path: String,
    kind: LeakKind,
    blob: String,
}

impl Known for Entry {
    type Finding = FileLeak;
    const DOCUMENT: &'static str = "ScanBaseline";
    const HINT: &'static str = "write one with: kubectl secretsafe scan --write-baseline baseline.json";

    /// What Git does not track has no id, and cannot be let stand.
    fn of(found: &FileLeak) -> Option<Self> {
        let path = found.path.to_str()?.to_owned();
        Some(Self { path, kind: found.leak.kind, blob: found.origin.blob.clone()? })
    }
}
