//! The published JSON Schema and the parser agree on what is a document, as far as a schema can say it.

use super::*;
use crate::support::schema::complaints_of;

/// Documents below `keys:`, or whole ones, and whether they are.
const KEYS: &[(&str, bool)] = &[
    ("  a: {from: prompt}\n", true),
    ("  a: {from: 'generate:length=40', policy: {every: 90d}}\n", true),
    ("  a: {from: prompt, policy: {every: 90d, source: generate}}\n", true),
    ("  tls.crt,tls.key: {from: 'generate:tls-self-signed,hosts=x'}\n", true),
    ("  b: {from: prompt}\n  a: {template: 'x{{ b }}'}\n", true),
    ("  .dockerconfigjson: {registries: [{server: ghcr.io, username: app, email: a@b.c, from: prompt}]}\n", true),
    ("  a: prompt\n", false),
    ("  a: {}\n", false),
    ("  a: {from: nothing}\n", false),
    ("  a: {from: 1}\n", false),
    ("  a: {from: prompt, value: x}\n", false),
    ("  a: {from: prompt, template: '{{ a }}'}\n", false),
    ("  a: {template: plain}\n", false),
    ("  a/b: {from: prompt}\n", false),
    ("  a: {from: prompt, policy: {source: generate}}\n", false),
    ("  a: {from: prompt, policy: {every: 90d, every2: x}}\n", false),
    ("  a: {registries: []}\n", false),
    ("  a: {registries: [{server: x, username: y}]}\n", false),
];

const WHOLE: &[(&str, &str, bool)] = &[
    ("{name: db, namespace: default, labels: {app: web}, annotations: {note: x}}", "", true),
    ("{name: db}", "type: kubernetes.io/tls\nimmutable: true\n", true),
    ("{name: db}", "parts: {p: {from: prompt}}\n", true),
    ("{name: DB}", "", false),
    ("{}", "", false),
    ("{name: db, labels: {app: 1}}", "", false),
    ("{name: db, labels: {key.secretsafe.dev/a: x}}", "", false),
    ("{name: db, uid: x}", "", false),
    ("{name: db}", "type: 'a b'\n", false),
    ("{name: db}", "immutable: 'yes'\n", false),
    ("{name: db}", "data: {a: x}\n", false),
    ("{name: db}", "stringData: {a: x}\n", false),
    ("{name: db}", "parts: {p: prompt}\n", false),
    ("{name: db}", "policy: {history: 21}\n", false),
    ("{name: db}", "policy: {restart: soon}\n", false),
];

#[test]
fn parser_and_schema_agree() {
    let namespace = "default";
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas/SecretSources.json");
    let mut all: Vec<(String, bool)> = KEYS.iter().map(|(keys, fits)| (document("db", keys), *fits)).collect();
    let used = "  a: {from: generate, policy: {every: 1d}}\n  b: {template: '{{ a }}{{ p }}'}\n";
    let plain = "  a: {from: generate, policy: {every: 1d}}\n";
    all.extend(WHOLE.iter().map(|(metadata, more, fits)| {
        (with_metadata(metadata, more, if more.starts_with("parts") { used } else { plain }), *fits)
    }));
    all.push((document("db", "  a: {from: prompt}\n").replace("v1alpha1", "v2"), false));
    for (text, fits) in all {
        let parsed: Value = serde_yaml::from_str(&text).unwrap();
        let complaints = complaints_of(&parsed, &schema);
        assert_eq!(complaints.is_empty(), fits, "the schema: {text}\n{complaints:?}");
        let output = run(namespace, &["diff", "-f", "-"], &text);
        let code = output.code;
        assert_eq!(code != Some(2), fits, "the parser: {text}\n{}", output.err());
    }
}
