//! Writes documents as YAML: always in the same order, quoted where YAML needs it, with the line by which editors find
//! the schema.

use super::SecretSources;

/// Where the schema is published.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/secretsafe/kubectl-secretsafe/main/docs/schemas/SecretSources.json";

/// Writes one document.
pub(crate) fn write(document: &SecretSources) -> String {
    // A struct of texts always serializes; what could not be read again is no document.
    let body = serde_yaml::to_string(document).unwrap_or_default();
    format!("# yaml-language-server: $schema={SCHEMA}\n{body}")
}

/// Writes several documents into one text, with `---` between them.
pub(crate) fn write_all<'a>(documents: impl IntoIterator<Item = &'a SecretSources>) -> String {
    documents.into_iter().map(write).collect::<Vec<_>>().join("---\n")
}
