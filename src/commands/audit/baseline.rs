//! The file of a baseline: rules and names of objects.

use std::path::Path;

use crate::audit::Finding;
use crate::audit::baseline::Baseline;
use crate::commands::baseline;
use crate::error::Result;

/// Reads it.
pub(super) fn read(path: &Path) -> Result<Baseline> {
    let hint = "write one with: kubectl secretsafe audit -A --write-baseline baseline.json";
    Baseline::read(&baseline::read(path, hint)?)
}

/// Writes it, whole or not at all, and returns how many findings are in it.
pub(super) fn write(path: &Path, findings: &[Finding]) -> Result<usize> {
    let known = Baseline::of(findings);
    baseline::write(path, &known.to_text()?)?;
    Ok(known.len())
}
