//! The file of a baseline: rules and names of objects.

use std::path::Path;

use crate::audit::Finding;
use crate::audit::baseline::Entry;
use crate::commands::baseline;
use crate::error::Result;
use crate::plan::baseline::{Baseline, Known};

/// Reads it.
pub(super) fn read(path: &Path) -> Result<Baseline<Entry>> {
    Baseline::read(&baseline::read(path, Entry::HINT)?)
}

/// Writes it, whole or not at all, and returns how many findings are in it.
pub(super) fn write(path: &Path, findings: &[Finding]) -> Result<usize> {
    let (known, _) = Baseline::<Entry>::of(findings);
    baseline::write(path, &known.to_text()?)?;
    Ok(known.len())
}
