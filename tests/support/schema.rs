//! Validates reports against their published schemas, with Python's `jsonschema`, which `tests/mcp` pins: the client
//! of the Model Context Protocol stands on it, so it costs nothing more.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::command::run;
use super::mcp::PYTHON;

/// A report, and the words that made it.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) what: String,
    pub(crate) report: Value,
}

impl Document {
    /// Returns what it says that it is.
    pub(crate) fn kind(&self) -> &str {
        self.report["kind"].as_str().expect("every report has a kind")
    }
}

/// Returns the schemas of reports as they are committed, by kind.
pub(crate) fn published() -> Map<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas");
    let files = std::fs::read_dir(folder).expect("docs/schemas").map(|file| file.expect("a file").path());
    let schema = |path: &Path| -> (String, Value) {
        let kind = path.file_stem().and_then(|stem| stem.to_str()).expect("KIND.json").to_owned();
        let text = std::fs::read_to_string(path).expect("a schema");
        (kind, serde_json::from_str(&text).expect("a schema is JSON"))
    };
    let of_files = kubectl_secretsafe::file_schemas();
    let is_report = |kind: &str| !of_files.iter().any(|(file, _)| *file == kind);
    files.map(|path| schema(&path)).filter(|(kind, _)| is_report(kind)).collect()
}

/// Says what is wrong with the documents, each by the schema of its kind.
pub(crate) fn complaints(documents: &[Document]) -> Vec<String> {
    let schemas = published();
    let listed: Vec<Value> = documents
        .iter()
        .map(|document| {
            assert!(schemas.contains_key(document.kind()), "{}: no schema of kind {}", document.what, document.kind());
            json!({"what": document.what, "kind": document.kind(), "document": document.report})
        })
        .collect();
    let given = json!({"schemas": schemas, "documents": listed}).to_string();
    let mut validator = Command::new(&*PYTHON);
    validator.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mcp/validate.py"));
    let output = run(validator, given.as_bytes()).success();
    serde_json::from_str(&output.out()).expect("the validator prints a list")
}

/// Says what is wrong with a document by a schema that others have published.
pub(crate) fn complaints_of(document: &Value, schema: &Path) -> Vec<String> {
    const VALIDATE: &str = "import json, sys, jsonschema
given = json.load(sys.stdin)
kind = jsonschema.validators.validator_for(given['schema'])
kind.check_schema(given['schema'])
print(json.dumps([f'{e.json_path}: {e.message}' for e in kind(given['schema']).iter_errors(given['document'])]))";
    let text = std::fs::read_to_string(schema).expect("the schema");
    let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
    let mut validator = Command::new(&*PYTHON);
    validator.args(["-c", VALIDATE]);
    let given = json!({"schema": schema, "document": document}).to_string();
    let output = run(validator, given.as_bytes()).success();
    serde_json::from_str(&output.out()).expect("the validator prints a list")
}
