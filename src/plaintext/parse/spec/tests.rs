//! What a document of SecretSources is, and what it must not be.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::super::manifest::{Manifests, parse_manifests};
use super::super::{ManifestError, Problem};
use super::*;
use crate::plaintext::SecretValue;
use crate::plan::spec::{Entry, KeyGroup, KeyPolicy, Login, TemplateFault, write};

/// Stands on the line of every mistake below, and in no error.
const CANARY: &str = "hunter2-S3cret";

fn parse(text: &str) -> Result<Manifests, ManifestError> {
    parse_manifests(&SecretValue::from_bytes(Zeroizing::new(text.as_bytes().to_vec())))
}

fn only(text: &str) -> SecretSources {
    let mut found = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!((found.specs.len(), found.secrets.len(), found.others), (1, 0, 0), "{text}");
    found.specs.remove(0).sources
}

fn wrong(text: &str) -> ManifestError {
    let error = parse(text).map(|found| found.specs.len()).expect_err(text);
    assert!(!error.to_string().contains("hunter2"), "{error}");
    error
}

const HEAD: &str = "apiVersion: secretsafe.dev/v1alpha1\nkind: SecretSources\nmetadata: {name: db}\n";

fn keys(body: &str) -> String {
    format!("{HEAD}keys:\n{body}")
}

#[test]
fn a_whole_document() {
    let text = r#"# yaml-language-server: $schema=x
apiVersion: secretsafe.dev/v1alpha1
kind: SecretSources
metadata:
  name: db
  namespace: prod
  labels: {app: web}
  annotations: {example.com/note: "the database of team a"}
type: Opaque
immutable: false
policy: {restart: auto, history: 2}
parts:
  admin: {from: keychain}
keys:
  user: {from: "public:app"}
  password:
    from: generate:length=40
    policy: {every: 90d}
  tls.crt,tls.key: {from: "generate:tls-self-signed,hosts=web"}
  url:
    template: postgres://{{ user }}:{{ password | url }}@db:5432/app?admin={{ admin | url }}
    policy: {every: 12w, source: "generate:hex"}
  .dockerconfigjson:
    registries:
    - {server: ghcr.io, username: app, email: a@b.c, from: keychain}
"#;
    let document = only(text);
    assert_eq!(document.metadata.name.as_str(), "db");
    assert_eq!(document.metadata.namespace.as_ref().map(Namespace::as_str), Some("prod"));
    assert_eq!((document.new_type(), document.immutable), ("Opaque", Some(false)));
    assert_eq!(document.policy, Some(SpecPolicy { restart: Some(Restart::Auto), history: Some(2) }));
    assert_eq!(document.stored().count(), 6);
    let entry = |name: &str| &document.keys[&KeyGroup::checked(name).unwrap()];
    assert_eq!(entry("user"), &Entry::from_source("public:app"));
    assert_eq!(entry("password").policy.as_ref().unwrap().every.to_string(), "90d");
    assert_eq!(entry("tls.crt,tls.key").fill, Fill::From("generate:tls-self-signed,hosts=web".into()));
    let Fill::Registries(logins) = &entry(".dockerconfigjson").fill else { panic!("registries") };
    assert_eq!((logins[0].server.as_str(), logins[0].from.as_str()), ("ghcr.io", "keychain"));
    assert_eq!(only(&write(&document)), document);

    let json = r#"{"apiVersion":"secretsafe.dev/v1alpha1","kind":"SecretSources","metadata":{"name":"db"},"keys":{"a":{"from":"prompt"}}}"#;
    assert_eq!(only(json).stored().count(), 1);
    assert_eq!(only(&format!("{{apiVersion: v1, kind: List, items: [{json}]}}")).stored().count(), 1);
    let several = parse(&format!(
        "{}---\n{json}\n---\napiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\n",
        keys(" a: {from: prompt}\n")
    ))
    .unwrap();
    assert_eq!((several.specs.len(), several.specs[1].document, several.secrets.len()), (2, 2, 1));
}

#[test]
fn what_is_no_document_is_told_by_its_place() {
    for (text, wanted, line, column) in [
        (keys(&format!("  a: {CANARY}\n")), Wrong::Bare, 5, 6),
        (keys(&format!("  a: {{value: {CANARY}}}\n")), Wrong::Inline("value"), 5, 7),
        (keys(&format!("  a:\n    form: {CANARY}\n")), Wrong::Unknown("a key", Some("from")), 6, 5),
        (keys(&format!("  a:\n    from: {CANARY}\n")), Wrong::Source(None), 6, 11),
        (keys(&format!("  a: {{from: promt:{CANARY}}}\n")), Wrong::Source(Some("prompt")), 5, 13),
        (keys(&format!("  a: {{from: generate:{CANARY}}}\n")), Wrong::SourceForm("generate"), 5, 13),
        (keys("  a,b: {from: prompt}\n"), Wrong::Fills("prompt"), 5, 15),
        (
            keys("  a: {from: \"public:ghp_0123456789hunter2ABCDEFGHIJ\"}\n"),
            Wrong::LooksSecret("what stands behind a source"),
            5,
            13,
        ),
        (
            keys("  a: {from: prompt}\n  b: {from: 1}\n"),
            Wrong::Type("a source", "text; quote a number, true or false"),
            6,
            13,
        ),
        (keys(&format!("  {CANARY}!: {{from: prompt}}\n")), Wrong::Name("a key"), 5, 3),
        (keys("  a,b: {from: \"generate:tls-self-signed,hosts=x\"}\n  b: {from: prompt}\n"), Wrong::Twice, 6, 3),
        (keys("  a: {}\n"), Wrong::OneOf, 5, 6),
        (keys(&format!("  a: {{template: {CANARY}}}\n")), Wrong::Template(TemplateFault::Nothing), 5, 17),
        (keys(&format!("  a: {{template: \"{{{{ {CANARY}\"}}\n")), Wrong::Template(TemplateFault::Open), 5, 17),
        (
            keys(&format!("  u: {{from: prompt}}\n  a: {{template: \"x://{{{{ u }}}}:{CANARY}@db/\"}}\n")),
            Wrong::LooksSecret("the text of a template"),
            6,
            17,
        ),
        (keys("  a: {template: \"{{ gone }}\"}\n"), Wrong::NoPart, 5, 3),
        (keys("  a: {template: \"{{ b }}\"}\n  b: {template: \"{{ a }}\"}\n"), Wrong::Cycle, 5, 3),
        (
            keys(
                "  a: {registries: [{server: x, username: y, from: prompt}, {server: x, username: y, from: prompt}]}\n",
            ),
            Wrong::RegistryTwice,
            5,
            60,
        ),
        (keys(&format!("  a: {{from: prompt, policy: {{every: {CANARY}}}}}\n")), Wrong::Span, 5, 37),
        (format!("{HEAD}keys: {{}}\n"), Wrong::Type("`keys`", "a map of at least one key"), 4, 7),
        (format!("{HEAD}keys: [{CANARY}]\n"), Wrong::Type("`keys`", "a map"), 4, 7),
        (HEAD.to_owned(), Wrong::Missing("keys"), 1, 1),
        (format!("{HEAD}data: {{a: {CANARY}}}\n"), Wrong::Inline("data"), 4, 1),
        (format!("{HEAD}stringData: {{a: {CANARY}}}\n"), Wrong::Inline("stringData"), 4, 1),
        (format!("{HEAD}labels: {{a: {CANARY}}}\n"), Wrong::Unknown("SecretSources", None), 4, 1),
        (format!("{HEAD}parts: {{p: {{from: prompt}}}}\nkeys: {{a: {{from: prompt}}}}\n"), Wrong::Unused, 4, 9),
        (
            format!("{HEAD}policy: {{history: 2}}\nkeys: {{a: {{from: prompt}}}}\n"),
            Wrong::Policy("a policy needs a key that has one"),
            4,
            9,
        ),
        (format!("{HEAD}policy: {{history: 21}}\n"), Wrong::Type("`history`", "a whole number from 0 to 20"), 4, 19),
        (HEAD.replace("v1alpha1", "v2"), Wrong::Version, 1, 13),
        (HEAD.replace("SecretSources", "SecretSource"), Wrong::Kind, 2, 7),
        (
            HEAD.replace("{name: db}", &format!("{{name: db, labels: {{key.secretsafe.dev/a: {CANARY}}}}}")),
            Wrong::Reserved,
            3,
            31,
        ),
        (
            HEAD.replace("{name: db}", "{name: db, annotations: {note: \"ghp_0123456789hunter2ABCDEFGHIJ\"}}"),
            Wrong::LooksSecret("the text of an annotation"),
            3,
            42,
        ),
        (HEAD.replace("{name: db}", &format!("{{name: {CANARY}!}}")), Wrong::Name("a Secret"), 3, 18),
    ] {
        let error = wrong(&text);
        assert_eq!(error.problem, Problem::Spec(wanted), "{text}");
        assert_eq!(error.place.line, Some((line, column)), "{text}");
        let later = wrong(&format!("{}---\n{text}", keys("  a: {from: prompt}\n")));
        assert_eq!((later.place.line, later.place.document), (Some((line + 6, column)), 2), "{text}");
    }
    let json = wrong(
        "{\"apiVersion\":\"secretsafe.dev/v1alpha1\",\"kind\":\"SecretSources\",\"metadata\":{\"name\":\"db\"},\n\"keys\":{\"a\":\"hunter2\"}}",
    );
    assert_eq!(json.to_string().split(',').next(), Some("line 2"), "{json}");
    assert!(wrong(&keys("  a: {from: prompt}\n  a: {from: hunter2}\n")).problem == Problem::Duplicate);
    assert!(wrong(&keys("  a: {from: prompt}\n\tb: {from: hunter2}\n")).problem == Problem::Syntax);
    assert!(wrong(&keys("  a: &x {from: prompt}\n  b: {from: *hunter2}\n")).problem == Problem::Syntax);
}

#[test]
fn templates_hold_no_value_themselves() {
    let fine = |text: &str| only(&keys(&format!("  u: {{from: prompt}}\n  a: {{template: '{text}'}}\n")));
    fine("postgres://app:{{ u | url }}@db.example.com:5432/app?sslmode=verify-full");
    fine("{\"auths\": {\"ghcr.io\": {\"password\": \"{{ u | json }}\"}}}");
    fine("Server=db;User Id=app;Password={{ u }};Timeout=30");
    fine("redis://:{{ u }}@redis-master.default.svc.cluster.local:6379/0");
    for text in [
        "https://app:hunter2@db/{{ u }}",
        "token=ghp_0123456789abcdefghijABCDEFGHIJ {{ u }}",
        "{{ u }} aB3dE6gH9jK2mN5pQ8sT",
        "-----BEGIN RSA PRIVATE KEY----- {{ u }}",
        "Password=aB3dE6gH9jK2mN5pQ8sT;User={{ u }}",
    ] {
        let error = wrong(&keys(&format!("  u: {{from: prompt}}\n  a: {{template: '{text}'}}\n")));
        assert_eq!(error.problem, Problem::Spec(Wrong::LooksSecret("the text of a template")), "{text}");
    }
}

#[test]
fn hostile_files_end_in_bounded_time() {
    let start = Instant::now();
    let bomb = format!(
        "{HEAD}keys:\n  a: &a [x,x,x,x,x,x,x,x,x]\n  b: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n  c: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n  d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\n  e: [*d,*d,*d,*d,*d,*d,*d,*d]\n"
    );
    assert_eq!(wrong(&bomb).problem, Problem::Aliases);
    assert_eq!(wrong(&keys(&format!("  a: {}x{}\n", "[".repeat(100), "]".repeat(100)))).problem, Problem::TooDeep);
    assert_eq!(
        wrong(&keys(&format!("  a: {{from: '{}'}}\n", "a".repeat(50 * 1024 * 1024)))).problem,
        Problem::LargeDocument
    );
    let many: String = (0..50_000).map(|index| format!("  k{index}: {{from: prompt}}\n")).collect();
    assert_eq!(only(&keys(&many)).keys.len(), 50_000);
    let broken = wrong(&keys(&format!("{many}  z: {{from: hunter2}}\n")));
    assert_eq!(broken.place.line, Some((50_005, 13)));
    let chain: String =
        (0..2_000).map(|index| format!("  k{index}: {{template: '{{{{ k{} }}}}'}}\n", index + 1)).collect();
    assert_eq!(only(&keys(&format!("{chain}  k2000: {{from: prompt}}\n"))).keys.len(), 2_001);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    let crlf = keys("  a: {from: prompt}\n").replace('\n', "\r\n");
    assert_eq!(only(&format!("\u{FEFF}{crlf}")).keys.len(), 1);
    assert_eq!(wrong(&keys("  a: {from: \"hunter2\u{0}\"}\n")).problem, Problem::Syntax);
}

fn key() -> impl Strategy<Value = KeyName> {
    "[a-zA-Z._-]{1,12}|y|no|null|true|~?1|0x1f|1e3".prop_filter_map("a key", |text| KeyName::checked(&text))
}

fn source() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("prompt".to_owned()),
        Just("keychain".to_owned()),
        Just("generate:length=40".to_owned()),
        Just("secret:prod/db/key".to_owned()),
        "[ -~äß\n\t\u{85}]{1,20}".prop_filter_map("public", |text| {
            let source = format!("public:{text}");
            (!looks_secret_text(&text) && !text.is_empty()).then_some(source)
        }),
    ]
}

fn entry_of() -> impl Strategy<Value = Entry> {
    let policy = prop::option::of((1_u32..900).prop_map(|days| KeyPolicy {
        every: format!("{days}d").parse().unwrap(),
        source: Some("generate".to_owned()),
    }));
    let login = ("[a-z]{1,8}", "[a-z]{1,8}", prop::option::of("[a-z@.]{1,9}"), source())
        .prop_map(|(server, username, email, from)| Login { server, username, email, from });
    let fill = prop_oneof![source().prop_map(Fill::From), login.prop_map(|login| Fill::Registries(vec![login]))];
    (fill, policy).prop_map(|(fill, policy)| Entry { fill, policy })
}

prop_compose! {
    fn document()(
        keys in prop::collection::btree_map(key(), entry_of(), 1..6),
        labels in prop::collection::btree_map("[a-z]{1,9}(/[a-z]{1,5})?", "[a-z0-9]{0,3}|yes|1e3|null|~{0}", 0..3),
        notes in prop::collection::btree_map("[a-z]{1,9}", "[ -~ä\n]{0,12}", 0..3),
        secret_type in prop::option::of("[A-Za-z]{1,9}(/[a-z]{1,5})?"),
        immutable in prop::option::of(any::<bool>()),
        named in any::<bool>(),
    ) -> SecretSources {
        let mut document = SecretSources::new("db".parse().unwrap(), named.then(|| "prod".parse().unwrap()));
        document.metadata.labels = labels;
        document.metadata.annotations = notes.into_iter().filter(|(_, text)| !looks_secret_text(text)).collect();
        document.secret_type = secret_type;
        document.immutable = immutable;
        document.keys = keys.into_iter().map(|(key, entry)| (KeyGroup::one(key), entry)).collect();
        if let Some(first) = document.keys.keys().next().cloned() {
            let template = format!("a: \"{{{{ {} }}}}\" # {{x}}", first.keys()[0]);
            let composed = Entry { fill: Fill::Template(template), policy: None };
            document.keys.entry(KeyGroup::checked("composed").unwrap()).or_insert(composed);
        }
        if document.keys.values().any(|entry| entry.policy.is_some()) {
            document.policy = Some(SpecPolicy { restart: Some(Restart::Never), history: Some(3) });
        }
        document
    }
}

proptest! {
    /// What is written is read again, and the same.
    #[test]
    fn what_is_written_is_read(documents in prop::collection::vec(document(), 1..4)) {
        let read = parse(&documents.iter().map(write).collect::<Vec<_>>().join("---\n")).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let read: Vec<SecretSources> = read.specs.into_iter().map(|spec| spec.sources).collect();
        prop_assert_eq!(read, documents);
    }

    /// Nothing of a file comes out, wherever it is cut or spoilt.
    #[test]
    fn no_error_quotes(noise in any::<String>(), cut in 0_usize..300) {
        let text = keys(&format!("  a: {{from: {CANARY}{noise}}}\n  {noise}b: {{template: {CANARY}}}\n"));
        let end = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        for text in [text.as_str(), text.get(..end).unwrap_or_default()] {
            if let Err(error) = parse(text) {
                prop_assert!(!error.to_string().contains("hunter2"), "{error}");
            }
        }
    }
}
