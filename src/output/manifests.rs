//! Objects of Kubernetes as a file for `kubectl apply -f -`: not reports, and none of them a Secret.

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::error::Result;

use super::{json as as_json, print, yaml};

/// The forms of such a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ManifestFormat {
    /// YAML documents
    Yaml,
    /// One List, as JSON
    Json,
    /// KIND/NAME, one a line
    Name,
}

/// Writes one object to stdout, in its own right.
pub(crate) fn manifest(object: &Value, name: &str, format: ManifestFormat) -> Result<()> {
    let mut text = String::new();
    match format {
        ManifestFormat::Yaml => text.push_str(&yaml::document(object)?),
        ManifestFormat::Json => as_json::render(object, &mut text)?,
        ManifestFormat::Name => super::name::lines(&[name.to_owned()], &mut text),
    }
    print(&text)
}

/// Writes the objects to stdout; `names` are their names, in the same order.
pub(crate) fn manifests(objects: &[&Value], names: &[String], format: ManifestFormat) -> Result<()> {
    let mut text = String::new();
    match format {
        ManifestFormat::Yaml => {
            for object in objects {
                text.push_str("---\n");
                text.push_str(&yaml::document(object)?);
            }
        }
        ManifestFormat::Json => {
            as_json::render(&json!({"apiVersion": "v1", "kind": "List", "items": objects}), &mut text)?;
        }
        ManifestFormat::Name => super::name::lines(names, &mut text),
    }
    print(&text)
}
