//! `-o yaml`: the same data as JSON.

use serde::Serialize;

use crate::error::{Error, Result};

use super::Report;

/// Writes the report as YAML.
pub(super) fn render(report: &impl Report, text: &mut String) -> Result<()> {
    text.push_str(&document(report)?);
    Ok(())
}

/// Writes one object.
pub(super) fn document(object: &impl Serialize) -> Result<String> {
    serde_yaml::to_string(object).map_err(|_| Error::bug("a report cannot be written as YAML"))
}
