//! What `apply -f` refuses, before anything is sent, and without a word of what stands there.

use super::*;

const CANARY: &str = "hunter2-S3cret-on-the-line";

#[test]
fn an_error_says_the_line_and_not_what_is_on_it() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let head = document("db", "");
    for (text, code, words) in [
        (format!("{head}  a: {CANARY}\n"), 2, "line 5, column 6"),
        (format!("{head}  a: {{value: {CANARY}}}\n"), 2, "`value` would be a value"),
        (format!("{head}  a: {{from: {CANARY}}}\n"), 2, "there is no such source"),
        (format!("{head}  a: {{from: generate:{CANARY}}}\n"), 2, "what stands behind `generate`"),
        (format!("{head}  a: {{from: prompt, polcy: {CANARY}}}\n"), 2, "did you mean `policy`?"),
        (format!("{head}  a: {{from: prompt}}\n  a: {CANARY}\n"), 2, "a map has a key twice"),
        (format!("{head}  a: {{from: \"{CANARY}}}\n"), 2, "neither YAML nor JSON"),
        (format!("{head}\ta: {CANARY}\n"), 2, "neither YAML nor JSON"),
        (format!("{head}  a: {{from: 'env:{CANARY}'}}\n"), 2, "what stands behind `env`"),
        (format!("{head}  a: {{from: 'env:HUNTER2'}}\n"), 3, "may not come from a file"),
        (format!("{head}  a: {{from: 'keychain:team/{CANARY}'}}\n"), 3, "may not come from a file"),
        (format!("{head}  password: {{from: 'public:{CANARY}'}}\n"), 3, "looks like a secret"),
        (format!("{head}  a: {{from: 'generate:length=4'}}\n"), 3, "bits"),
        (format!("{head}  a: {{from: prompt, policy: {{every: 90d}}}}\n"), 3, "the policy of key `a`"),
        (
            format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\nstringData: {{a: {CANARY}}}\n"),
            2,
            "is not applied",
        ),
        ("kind: ConfigMap\n".to_owned(), 2, "there are no SecretSources"),
        (
            format!("{}---\n{}", document("db", "  a: {from: prompt}\n"), document("db", "  b: {from: prompt}\n")),
            2,
            "twice",
        ),
    ] {
        let output = apply(&namespace, &text, &[]).expect_code(code);
        let said = format!("{}{}", output.out(), output.err());
        assert!(said.contains(words), "{text}\n{said}");
        assert!(!said.contains(CANARY) && said.contains("hint: "), "{text}\n{said}");
    }
    let asked = plane.secret_events(&namespace);
    assert!(asked.is_empty(), "no request was made: {asked:?}");
}

#[test]
fn the_namespace_of_a_file_is_not_its_choice() {
    let plane = ControlPlane::shared();
    let (own, other) = (plane.namespace(), plane.namespace());
    let text = with_metadata(&format!("{{name: db, namespace: {other}}}"), "", "  a: {from: generate}\n");
    let refused = apply(&own, &text, &[]).expect_code(3);
    assert!(refused.err().contains(&format!("is for namespace `{other}`, not for `{own}`")), "{}", refused.err());
    apply(&other, &text, &[]).success();
}

#[test]
fn what_the_user_allows_counts() {
    let plane = ControlPlane::shared();
    let (own, other) = (plane.namespace(), planted(plane));
    let text = document("db", &format!("  a: {{from: 'secret:{other}/db/a'}}\n"));
    apply(&own, &text, &[]).expect_code(3);
    apply(&own, &text, &["--allow-source", &format!("secret:{other}/*")]).success();
    let wanted = document("db", &format!("  b: {{from: 'secret:{other}/db/b'}}\n"));
    let config = format!("allowSources: ['secret:{other}/*']\n");
    Secretsafe::new()
        .args(["apply", "-f", "-", "-n", &own, "--yes"])
        .kubeconfig(plane.admin_kubeconfig())
        .config(&config)
        .stdin(wanted)
        .run()
        .success();
    assert_eq!(text_of(plane, &own, "b").as_deref(), Some("old-b"));
    let weak = document("weak", "  a: {from: 'generate:length=4'}\n  token: {from: 'public:none'}\n");
    apply(&own, &weak, &["--weak-ok", "--public-ok", "token"]).success();
}

fn text_of(plane: &ControlPlane, namespace: &str, key: &str) -> Option<String> {
    text(plane, namespace, key)
}

#[test]
fn without_somebody_to_ask_nothing_is_written() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let wanted = document("db", "  a: {from: generate}\n");
    let refused = run(&namespace, &["apply", "-f", "-"], &wanted).expect_code(3);
    assert!(
        refused.err().contains("nobody is there to confirm") && refused.err().contains("--yes"),
        "{}",
        refused.err()
    );
    let prompted = apply(&namespace, &document("db", "  a: {from: prompt}\n"), &[]).expect_code(4);
    assert!(prompted.err().contains("there is no terminal to ask on"), "{}", prompted.err());
    assert_eq!(writes(plane, &namespace), 0);
}
