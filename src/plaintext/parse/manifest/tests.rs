//! What manifests are, and what they must not be: hostile files end in a clear error or the right answer.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::*;
use crate::plaintext::SecretValue;

const VALUE: &str = "not-a-real-password";

fn value(bytes: &[u8]) -> SecretValue {
    SecretValue::from_bytes(Zeroizing::new(bytes.to_vec()))
}

fn parse(text: &str) -> Result<Manifests, ManifestError> {
    parse_manifests(&value(text.as_bytes()))
}

/// Keys and values of the only Secret.
fn values(text: &str) -> Vec<(String, String)> {
    let found = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(found.secrets.len(), 1, "{text}");
    let text = |value: &SecretValue| String::from_utf8(value.expose().to_vec()).unwrap();
    found.secrets[0].values.iter().map(|(key, value)| (key.to_string(), text(value))).collect()
}

fn problem(text: &str) -> Problem {
    let error = parse(text).map(|found| found.secrets.len()).expect_err(text);
    assert!(!error.to_string().contains("not-a-real"), "{error}");
    error.problem
}

fn secret(body: &str) -> String {
    format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: db}}\n{body}\n")
}

#[test]
fn yaml_json_lists_and_several_documents() {
    let yaml = "# Source: chart\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: prod\ntype: Opaque\ndata:\n  a: bm90LWEtcmVhbC1wYXNzd29yZA==\nstringData:\n  b: |\n    two\n    lines\n---\n---\nkind: ConfigMap\ndata: {a: x}\n...\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: two}}\n- {apiVersion: bitnami.com/v1alpha1, kind: SealedSecret}\n";
    let found = parse(yaml).unwrap();
    assert_eq!((found.secrets.len(), found.others), (2, 2));
    let [db, two] = &found.secrets[..] else { panic!("two") };
    assert_eq!((db.name.as_str(), two.name.as_str()), ("db", "two"));
    assert_eq!(db.namespace.as_ref().map(ToString::to_string).as_deref(), Some("prod"));
    assert_eq!((db.secret_type.as_deref(), two.secret_type.as_deref()), (Some("Opaque"), None));
    let texts: Vec<&[u8]> = db.values.values().map(SecretValue::expose).collect();
    assert_eq!(texts, [VALUE.as_bytes(), b"two\nlines\n"]);

    let json = r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db"},"stringData":{"a":"\ud83d\ude00\/"}}"#;
    assert_eq!(values(json), [("a".to_owned(), "😀/".to_owned())]);
    let several = parse(&format!("{json}\n{json}\n---\n{json}\n--- \n{json}")).unwrap();
    assert_eq!(several.secrets.iter().map(|one| one.document).collect::<Vec<_>>(), [1, 2, 3, 4]);
    // What only looks like JSON.
    assert_eq!(values("{apiVersion: v1, kind: Secret, metadata: {name: db}, stringData: {a: b}}").len(), 1);
    for empty in ["", "---\n", "# only a comment\n", "---\n# a comment\n---\n", "\u{FEFF}"] {
        assert_eq!(parse(empty).map(|found| found.secrets.len() + found.others), Ok(0), "{empty:?}");
    }
}

#[test]
fn values_are_what_the_api_server_would_store() {
    assert_eq!(values(&secret("data: {a: b2xk}\nstringData: {a: new}"))[0].1, "new", "stringData wins");
    assert_eq!(values(&secret("data:\n  a: |\n    b2\n    xk"))[0].1, "old", "wrapped base64");
    assert_eq!(values(&secret("data:\n  a: ''"))[0].1, "");
    assert_eq!(values(&secret("stringData: {1: \"x\", true: 'y'}")).len(), 2, "keys that look like other things");
    assert_eq!(values(&secret("stringData: {a: &x one, b: *x}"))[1].1, "one", "an alias");
    assert_eq!(values(&secret("data: null")), []);
    assert_eq!(values(&secret("stringData: {a: \"\\t!\\u00e4\"}"))[0].1, "\t!ä");
}

#[test]
fn what_kubernetes_would_not_take_is_an_error_that_names_only_names() {
    for (body, wanted) in [
        ("data: {a: not-a-real-password!}", Problem::Base64),
        ("data: {a: b2x}", Problem::Base64),
        ("stringData: {a: 1234567}", Problem::NotQuoted),
        ("stringData: {a: true}", Problem::NotQuoted),
        ("stringData: {a: }", Problem::NotQuoted),
        ("stringData: {a: [not-a-real-password]}", Problem::NotQuoted),
        ("stringData: {not-a-real-password!: b}", Problem::Key),
        ("stringData: not-a-real-password", Problem::Shape),
        ("stringData: {a: x, a: not-a-real-password}", Problem::Duplicate),
        ("stringData: {a: !not-a-real-password x}", Problem::Tag),
        ("stringData: {? [not-a-real-password] : x}", Problem::OddKey),
        ("stringData: {? 1.5 : x}", Problem::OddKey),
        ("type: not-a-real-password!", Problem::Type),
        ("immutable: not-a-real-password", Problem::Shape),
        ("sops: {mac: not-a-real-password}", Problem::Sops),
        ("stringData: {a: \"not-a-real-password}", Problem::Syntax),
        ("stringData:\n\ta: not-a-real-password", Problem::Syntax),
        ("stringData: {a: *not-a-real-password}", Problem::Syntax),
        ("stringData: {a: {{ .Values.not-a-real-password }}}", Problem::OddKey),
        ("stringData: {a: \"not-a-real\u{0}-password\"}", Problem::Syntax),
    ] {
        assert_eq!(problem(&secret(body)), wanted, "{body}");
    }
    let named = |metadata: &str| problem(&format!("apiVersion: v1\nkind: Secret\nmetadata: {metadata}\n"));
    assert_eq!(named("{name: not-a-real-password!}"), Problem::Name);
    assert_eq!(named("{generateName: a-}"), Problem::Name);
    assert_eq!(named("{name: a, namespace: not-a-real-password!}"), Problem::Namespace);
    assert_eq!(named("{name: a, labels: {not-a-real-password!: x}}"), Problem::Label);
    assert_eq!(named("{name: a, annotations: {a: 1}}"), Problem::NotQuoted);
    assert_eq!(problem("not-a-real-password"), Problem::NoObject);
    assert_eq!(problem("- not-a-real-password"), Problem::NoObject);
    assert_eq!(problem(r#"{"a":"not-a-real-password"#), Problem::Syntax);
    assert_eq!(problem(r#"{"a":"x","a":"not-a-real-password"}"#), Problem::Duplicate);
}

#[test]
fn errors_say_where() {
    let place = |text: &str| parse(text).unwrap_err().to_string();
    let first = secret("data: {a: b2xk}");
    let duplicate = place(&format!("{first}---\n{}", secret("stringData:\n  a: x\n  a: y")));
    assert!(duplicate.starts_with("line 10, column"), "{duplicate}");
    let decoded = place(&format!("{first}---\n{}", secret("data: {a: '!'}")));
    assert_eq!(decoded, "document 2, secret `db`, key `a`: its value in data is not base64");
    let json = place("{\"a\": 1,\n  \"b\": not-a-real-password ] }");
    assert!(json.starts_with("line 2, column"), "{json}");
    assert_eq!(
        parse_manifests(&value(b"a: b\nc: \xFFnot-a-real-password")).unwrap_err().to_string(),
        "line 2, column 4: it is not text: neither UTF-8 nor UTF-16"
    );
}

#[test]
fn every_encoding_and_line_end() {
    let text = secret("stringData: {a: grüße}");
    let units: Vec<u16> = text.encode_utf16().collect();
    let wide = |order: fn(u16) -> [u8; 2], mark: [u8; 2]| {
        let mut bytes = mark.to_vec();
        bytes.extend(units.iter().flat_map(|unit| order(*unit)));
        bytes
    };
    for bytes in [
        text.clone().into_bytes(),
        format!("\u{FEFF}{text}").into_bytes(),
        text.replace('\n', "\r\n").into_bytes(),
        wide(u16::to_le_bytes, [0xFF, 0xFE]),
        wide(u16::to_be_bytes, [0xFE, 0xFF]),
    ] {
        let found = parse_manifests(&value(&bytes)).unwrap();
        assert_eq!(found.secrets[0].values.values().next().unwrap().expose(), "grüße".as_bytes());
    }
    let mut cut = wide(u16::to_le_bytes, [0xFF, 0xFE]);
    cut.pop();
    assert_eq!(parse_manifests(&value(&cut)).unwrap_err().problem, Problem::NotText);
    assert_eq!(parse_manifests(&value(&[0xFF, 0xFE, 0x00, 0xD8, 0x61, 0])).unwrap_err().problem, Problem::NotText);
}

/// Bombs end soon, whatever they are made of; the limit is wide, because this is a debug build on a machine under load.
#[test]
fn bombs_end_soon() {
    let mut bomb = secret("x0: &x0 [not-a-real-password, a, a, a, a, a, a, a, a]");
    for level in 1..30 {
        let below = format!("*x{}", level - 1);
        bomb.push_str(&format!("x{level}: &x{level} [{}]\n", [below.as_str(); 9].join(", ")));
    }
    let long = "a".repeat(200_000);
    let repeated = format!("{}x: &x {long}\ny: [{}]\n", secret(""), ["*x"; 1000].join(", "));
    let nested = |open: &str, count: usize| format!("{}x: {}", secret(""), open.repeat(count));
    let json = |count: usize| format!("{{\"a\":{}1{}}}", "[".repeat(count), "]".repeat(count));
    let start = Instant::now();
    assert_eq!(problem(&bomb), Problem::Aliases);
    assert_eq!(problem(&repeated), Problem::Aliases);
    for (open, count) in [("[", 65), ("{a: ", 65)] {
        let close = if open == "[" { "]" } else { "}" };
        assert_eq!(problem(&format!("{}1{}", nested(open, count), close.repeat(count))), Problem::TooDeep);
    }
    for open in ["[", "{a: ", "[a,"] {
        let found = problem(&nested(open, 50_000));
        assert!(matches!(found, Problem::Syntax | Problem::TooDeep), "{open}: {found:?}");
    }
    assert_eq!(problem(&format!("{}{}a", secret("x:"), "- ".repeat(50_000))), Problem::TooDeep);
    assert_eq!(problem(&json(64)), Problem::TooDeep);
    assert_eq!(problem(&json(100_000)), Problem::TooDeep);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn large_files_are_read_or_refused_at_once() {
    let large = |size: usize| secret(&format!("stringData: {{a: {}}}", "a".repeat(size)));
    let start = Instant::now();
    assert_eq!(problem(&large(50 * 1024 * 1024)), Problem::LargeDocument);
    assert_eq!(problem(&large(MAX_FILE)), Problem::LargeFile);
    let json = format!(
        r#"{{"apiVersion":"v1","kind":"Secret","metadata":{{"name":"db"}},"stringData":{{"a":"{}"}}}}"#,
        "a".repeat(9 * 1024 * 1024)
    );
    assert_eq!(values(&json)[0].1.len(), 9 * 1024 * 1024);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

proptest! {
    /// Whatever is written is read again, in both languages.
    #[test]
    fn what_is_written_is_read(texts in prop::collection::btree_map("[a-zA-Z0-9._-]{1,12}", any::<String>(), 0..5)) {
        let texts: std::collections::BTreeMap<_, _> =
            texts.into_iter().filter(|(key, _)| KeyName::checked(key).is_some()).collect();
        let object = serde_json::json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": texts});
        let wanted: Vec<(String, String)> = texts.into_iter().collect();
        prop_assert_eq!(values(&object.to_string()), wanted.clone());
        prop_assert_eq!(values(&serde_yaml::to_string(&object).unwrap()), wanted);
    }

    /// Nothing makes it panic, and nothing of the text comes out.
    #[test]
    fn no_error_quotes(noise in any::<String>(), cut in 0_usize..200) {
        let text = secret(&format!("stringData:\n  a: {VALUE}\n  b: {noise}\n  {noise}: {VALUE}"));
        let end = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        for text in [text.as_str(), text.get(..end).unwrap_or_default(), noise.as_str()] {
            if let Err(error) = parse(text) {
                prop_assert!(!error.to_string().contains("not-a-real"));
            }
        }
    }

    /// Bytes of any kind end in an answer.
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse_manifests(&value(&bytes)).map(|found| found.others);
    }
}
