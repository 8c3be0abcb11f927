//! Writes documents as YAML: always in the same order, quoted where YAML needs it, with the line by which editors find
//! the schema.

use super::SecretSources;

/// Where the schema is published.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/secretsafe/kubectl-secretsafe/main/docs/schemas/SecretSources.json";

/// Writes one document; several are joined by lines of `---`.
pub(crate) fn write(document: &SecretSources) -> String {
    // A struct of texts always serializes; what could not be read again is no document.
    let body = serde_yaml::to_string(document).unwrap_or_default();
    format!("# yaml-language-server: $schema={SCHEMA}\n{body}")
}
