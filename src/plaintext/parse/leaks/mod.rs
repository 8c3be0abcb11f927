//! Values in the clear in files: manifests, values files, `.env` files, kubeconfigs, keys. Pure: content comes in, places
//! and kinds go out, and nothing of a value. One file per family of findings, one row each in `DETECTORS`.

mod found;
mod kind;

use std::path::Path;

use crate::plaintext::SecretValue;

pub(crate) use found::{Findings, Generated, Leak, Unread};
pub(crate) use kind::{KINDS, LeakKind};

/// Larger files are not read.
pub(crate) const MAX_FILE: usize = 64 * 1024 * 1024;

/// Finds values in the clear in a file.
pub(crate) fn find(_path: &Path, content: &SecretValue) -> Findings {
    let mut findings = Findings::default();
    let text = String::from_utf8_lossy(content.expose());
    for (index, line) in text.lines().enumerate() {
        if line.contains("-----BEGIN ") && line.contains("PRIVATE KEY-----") {
            let kind = LeakKind::PrivateKey;
            findings.leaks.push(Leak { line: index + 1, column: 1, kind, document: None, object: None, key: None });
        }
    }
    findings
}
