//! Whole files, as they come: what each detector finds, what is hostile, and that nothing of a value comes out.

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::{Findings, Unread, find, find_generated};
use crate::plaintext::SecretValue;

fn look(path: &str, content: impl AsRef<[u8]>) -> Findings {
    find(Path::new(path), &SecretValue::from_bytes(Zeroizing::new(content.as_ref().to_vec())))
}

/// `LINE KIND` of each finding.
fn found(path: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    look(path, content).leaks.iter().map(|leak| format!("{} {}", leak.line, leak.kind.word())).collect()
}

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: made-up-1\n";

#[test]
fn each_detector_finds_its_own() {
    for (path, text, wanted) in [
        ("a.yaml", SECRET, &["6 secret-value"][..]),
        ("a.yaml", "kind: Secret\napiVersion: v1\ndata:\n  a: bWFkZS11cA==\n  b: Y2hhbmdlbWU=\n", &["4 secret-value"]),
        (
            "a.json",
            "{\"kind\": \"Secret\",\n \"apiVersion\": \"v1\",\n \"data\": {\"a\": \"bWFkZS11cA==\"}}",
            &["3 secret-value"],
        ),
        (
            "a.yaml",
            "kind: ConfigMap\napiVersion: v1\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"stringData\":{\"a\":\"made-up\",\"b\":\"made-up\"}}'\n",
            &["5 last-applied", "5 last-applied"],
        ),
        (
            "kustomization.yaml",
            "secretGenerator:\n- name: a\n  literals:\n  - user=made-up\n  - empty=\nconfigMapGenerator:\n- literals: [TOKEN=made-up, LEVEL=debug]\n",
            &["4 generator-literal", "7 config-map"],
        ),
        (
            "config",
            "apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    token: made-up\n    client-certificate-data: eA==\n",
            &["6 kubeconfig"],
        ),
        ("config.json", "{\"auths\": {\"r\": {\"auth\": \"bWFkZTp1cA==\"}}}", &["1 docker-config"]),
        (
            "a.yaml",
            "kind: Pod\napiVersion: v1\nspec:\n  containers:\n  - env:\n    - name: DB_PASSWORD\n      value: made-up\n    - name: LEVEL\n      value: debug\n",
            &["7 workload-env"],
        ),
        (
            "a.yaml",
            "kind: ConfigMap\napiVersion: v1\ndata:\n  password: made-up\n  x.properties: |\n    a=b\n    db.password=made-up\n",
            &["4 config-map", "7 config-map"],
        ),
        ("values.yaml", "a:\n  b:\n  - apiKey: made-up\nc: d\n", &["3 values"]),
        ("values.yaml", "url: postgres://a:made-up@b/c\n", &["1 url-password"]),
        (".env", "A=b\nDB_PASSWORD=made-up # x\nURL=redis://:made-up@r\n", &["2 env-file", "3 url-password"]),
    ] {
        assert_eq!(found(path, text), wanted, "{path}: {text}");
    }
}

#[test]
fn manifests_are_found_in_texts_of_others_at_their_own_lines() {
    let inner: String = SECRET.lines().map(|line| format!("    {line}\n")).collect();
    let text = format!("kind: ConfigMap\napiVersion: v1\ndata:\n  a.yaml: |\n{inner}");
    let findings = look("a.yaml", &text);
    assert_eq!((findings.leaks[0].line, findings.leaks[0].column), (10, 7));
    assert_eq!(findings.leaks[0].object, Some(("Secret".to_owned(), "db".to_owned())));
    assert_eq!(findings.leaks[0].key.as_deref(), Some("stringData.password"));
    // Lines that are joined are no lines: the key is the place.
    let folded = "kind: ConfigMap\napiVersion: v1\ndata:\n  a: \"kind: Secret\\napiVersion: v1\\nstringData:\\n  b: made-up\\n\"\n";
    assert_eq!(found("a.yaml", folded), ["4 secret-value"]);
}

#[test]
fn templates_and_broken_files_are_read_all_the_same() {
    let template = "{{- if .Values.a }}\nkind: Secret\napiVersion: v1\nmetadata: {name: {{ .Release.Name }}}\nstringData:\n  a: {{ .Values.a | quote }}\n  b: made-up\n{{- end }}\n";
    let findings = look("templates/a.yaml", template);
    assert_eq!((findings.leaks.len(), findings.leaks[0].line, findings.unread.len()), (1, 7, 0));
    let broken = format!("a: b: c\n---\n{SECRET}---\nx: [\n");
    let findings = look("a.yaml", &broken);
    assert_eq!(findings.leaks[0].line, 8);
    assert_eq!(findings.unread, [(Unread::Broken, 1), (Unread::Broken, 10)]);
    // A value that looks like a key is not shown as one.
    let tricky = "kind: Secret\napiVersion: v1\nstringData:\n  a: b: c\n  made-up-value: x\n\tq: z\n";
    assert!(look("a.yaml", tricky).leaks.iter().all(|leak| leak.key.is_none()));
}

#[test]
fn a_generated_file_is_one_value_or_one_a_line() {
    let of = |text: &str, by_line| {
        let content = SecretValue::from_bytes(Zeroizing::new(text.as_bytes().to_vec()));
        find_generated(&content, by_line).leaks.iter().map(|leak| leak.line).collect::<Vec<_>>()
    };
    assert_eq!(of("# a\nUSER=made-up\nEMPTY=\nX=${Y}\n", true), [2]);
    assert_eq!(of("made-up", false), [1]);
    for safe in ["", "changeme\n", "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"] {
        assert!(of(safe, false).is_empty(), "{safe}");
    }
    let named =
        look("k/kustomization.yaml", "secretGenerator:\n- envs: [a.env]\n  files: [b.txt, c=d.pem]\n").generated;
    let named: Vec<(&str, bool)> = named.iter().map(|file| (file.path.as_str(), file.lines)).collect();
    assert_eq!(named, [("a.env", true), ("b.txt", false), ("d.pem", false)]);
}

#[test]
fn an_alias_is_the_value_that_it_repeats() {
    let both = "kind: Secret\napiVersion: v1\nstringData:\n  a: &a made-up\n  b: *a\n";
    assert_eq!(found("a.yaml", both), ["4 secret-value"]);
    let elsewhere = "x: &a made-up\nkind: Secret\napiVersion: v1\nstringData:\n  b: *a\n";
    assert_eq!(found("a.yaml", elsewhere), ["5 secret-value"]);
}

/// What is slow here without optimization is fast where it counts.
const LIMIT: Duration = Duration::from_secs(20);

fn hostile(name: &str, text: &str) -> Findings {
    let began = Instant::now();
    let findings = look("a.yaml", text);
    assert!(began.elapsed() < LIMIT, "{name} took {:?}", began.elapsed());
    findings
}

#[test]
fn files_that_are_made_to_be_expensive_are_not() {
    let bomb: String = (1..30).map(|n| format!("a{n}: &a{n} [*a{p}, *a{p}, *a{p}, *a{p}]\n", p = n - 1)).collect();
    let findings = hostile("a bomb", &format!("a0: &a0 [x]\n{bomb}---\n{SECRET}"));
    assert_eq!(findings.leaks.len(), 1);
    for deep in ["[".repeat(50_000), "{a: ".repeat(50_000), "- ".repeat(50_000)] {
        let findings = hostile("nesting", &format!("password: {deep}\n---\n{SECRET}"));
        assert!(
            findings.unread.iter().any(|(_, line)| *line <= 2) && !findings.leaks.is_empty(),
            "{:?}",
            findings.unread
        );
    }
    let many: String = (0..20_000).map(|n| format!("password{n}: made-up-name\n")).collect();
    let findings = hostile("many values", &many);
    assert_eq!(findings.leaks.len(), 1000);
    assert!(findings.unread.iter().any(|(why, _)| *why == Unread::TooMany));
    let braces = format!("password: made-up\n{}", "{{ ".repeat(50_000));
    assert!(!hostile("expressions without an end", &braces).leaks.is_empty());
    hostile("expressions in a line", &format!("secret: {}", "{{ a }}".repeat(20_000)));
    hostile("broken documents", &format!("password: x\n{}", "---\na: b: c\n".repeat(3_000)));
    hostile("schemes", &format!("a: \"{}\"", "x://".repeat(50_000)));
    let lines = format!("apiVersion: v1\nkind: Secret\nstringData:\n  a: |\n{}", "    x: y\n".repeat(50_000));
    assert_eq!(hostile("lines", &lines).leaks.len(), 1);
}

#[test]
fn a_document_that_is_too_large_is_counted_and_the_others_are_read() {
    let large = format!("password: |\n{}", "  madeupmadeupmadeupmadeup\n".repeat(330_000));
    let findings = hostile("a large document", &format!("{SECRET}---\n{large}---\n{SECRET}"));
    assert_eq!(findings.leaks.len(), 2);
    assert_eq!(findings.unread, [(Unread::LargeDocument, 7)]);
    let wide = format!("password: [{}]\n---\n{SECRET}", "1,".repeat(600_000));
    let findings = hostile("a wide document", &wide);
    assert!(findings.unread.iter().any(|(why, _)| *why == Unread::LargeDocument));
    assert_eq!(findings.leaks.last().map(|leak| leak.line), Some(8));
}

#[test]
fn tabs_marks_and_line_ends_of_others_do_not_hide_a_value() {
    let wide = |text: &str| [vec![0xff, 0xfe], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
    assert_eq!(found("a.yaml", SECRET.replace('\n', "\r\n")), ["6 secret-value"]);
    assert_eq!(found("a.yaml", format!("\u{feff}{SECRET}")), ["6 secret-value"]);
    assert_eq!(found("a.yaml", wide(SECRET)), ["6 secret-value"]);
    assert_eq!(found("a.yaml", SECRET.replace("  password", "\tpassword")), ["6 secret-value"]);
    let with_nul = SECRET.replace("made-up-1", "made\0up");
    assert_eq!(look("a.yaml", &with_nul).unread, [(Unread::NotText, 1)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_piece_of_a_value_is_in_what_is_found(secret in "[A-Za-z0-9]{12,30}", broken in any::<bool>(), shape in 0_usize..8) {
        let shapes = [
            "kind: Secret\napiVersion: v1\nmetadata: {name: x}\nstringData:\n  password: @\n  more: |\n    @: @\n",
            "kind: Secret\napiVersion: v1\ndata: {a: @, b: [@]}\n",
            "password: @\ntoken: '@'\nurl: https://a:@@b/@\n",
            "a: |\n  password=@\n  @=@\n  token: @\n",
            "secretGenerator:\n- literals: [\"a=@\", \"@=@\"]\n",
            "{\"auths\": {\"r\": {\"auth\": \"@\", \"password\": \"@\"}}}",
            "env:\n- name: TOKEN\n  value: @\n- {name: \"TOKEN\", value: \"@\"}\n",
            "kind: Secret\napiVersion: v1\nmetadata:\n  name: x\nstringData:\n  password: a: @: @\n@\n  @\n",
        ];
        let text = format!("{}{}", shapes[shape].replace('@', &secret), if broken { "x: y: z\n\t@" } else { "" });
        for path in ["a.yaml", "x.env", "a.json", "a.txt"] {
            let shown = format!("{:?}", look(path, &text)).to_lowercase();
            let control = format!("{:?}", look(path, text.replace(&secret, "0"))).to_lowercase();
            for piece in secret.to_lowercase().as_bytes().windows(4) {
                let piece = std::str::from_utf8(piece).unwrap();
                // A key that is a value as well is shown as the key that it is, but for 12 characters and more nobody asks.
                prop_assert!(!shown.contains(piece) || control.contains(piece), "{} shows {}: {}", path, piece, shown);
            }
        }
    }

    #[test]
    fn any_text_is_read(text in "[ a-z:\\n|>{}\\[\\]\"'#%&*!$<=,\\t-]{0,300}") {
        look("a.yaml", &text);
        look("a.env", &text);
        look("a.json", format!("{{\"password\": {text}"));
        look("a.yaml", format!("kind: Secret\napiVersion: v1\nstringData:\n  a: {text}"));
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        look("a.yaml", &bytes);
        look(".env", &bytes);
        look("a", &bytes);
    }
}
