//! `-o yaml`: the same data as JSON.

use crate::error::{Error, Result};

use super::Report;

/// Writes the report as YAML.
pub(super) fn render(report: &impl Report, text: &mut String) -> Result<()> {
    let document = serde_yaml::to_string(report).map_err(|_| Error::bug("a report cannot be written as YAML"))?;
    text.push_str(&document);
    Ok(())
}
