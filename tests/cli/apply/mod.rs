//! `apply -f`: files of SecretSources against a real API server.

use std::path::Path;

use serde_json::{Value, json};

use crate::change::{live, planted, run, text};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::{temp_folder, write_private};

mod composed;
mod hostile;
mod many;
mod refused;
mod rights;
mod schema;
mod terminal;

/// A document of the Secret `name` with these lines below `keys:`.
pub(crate) fn document(name: &str, keys: &str) -> String {
    with_metadata(&format!("{{name: {name}}}"), "", keys)
}

fn with_metadata(metadata: &str, more: &str, keys: &str) -> String {
    format!("apiVersion: secretsafe.dev/v1alpha1\nkind: SecretSources\nmetadata: {metadata}\n{more}keys:\n{keys}")
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    write_private(&path, text.as_bytes());
    path.display().to_string()
}

fn apply(namespace: &str, document: &str, args: &[&str]) -> Output {
    run(namespace, &[&["apply", "-f", "-", "--yes"], args].concat(), document)
}

fn report(output: &Output) -> Value {
    serde_json::from_str(&output.out()).unwrap_or_else(|_| panic!("{}{}", output.out(), output.err()))
}

/// Names of keys with what became of each.
fn changes(item: &Value) -> Vec<(String, String)> {
    let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    item["keys"].as_array().unwrap().iter().map(|row| (text(row, "name"), text(row, "change"))).collect()
}

fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
    given.iter().map(|(name, status)| ((*name).to_owned(), (*status).to_owned())).collect()
}

/// Writes of ours in a namespace, as the API server's audit log has them.
fn writes(plane: &ControlPlane, namespace: &str) -> usize {
    let is_ours = |event: &&Value| {
        event["userAgent"].as_str().unwrap_or_default().starts_with("kubectl-secretsafe")
            && ["create", "patch", "update", "delete"].contains(&event["verb"].as_str().unwrap_or_default())
    };
    plane.secret_events(namespace).iter().filter(is_ours).count()
}

#[test]
fn a_document_is_made_and_a_second_run_changes_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let wanted = with_metadata(
        &format!("{{name: db, namespace: {namespace}, labels: {{app: web}}, annotations: {{example.com/note: x}}}}"),
        "policy: {restart: auto, history: 2}\n",
        "  user: {from: 'public:app'}\n  password: {from: generate, policy: {every: 90d}}\n",
    );
    let first = apply(&namespace, &wanted, &[]).success();
    assert_eq!(first.out(), "secret/db created\n");
    let made = live(plane, &namespace);
    assert_eq!((&made["type"], &made["metadata"]["labels"]["app"]), (&json!("Opaque"), &json!("web")));
    assert_eq!(made["metadata"]["labels"]["secretsafe.dev/policy"], "true");
    let policy: Value =
        serde_json::from_str(made["metadata"]["annotations"]["secretsafe.dev/policy"].as_str().unwrap()).unwrap();
    assert_eq!(policy["keys"]["password"], json!({"every": "90d", "source": "generate"}));
    assert_eq!((&policy["restart"], &policy["history"]), (&json!("auto"), &json!(2)));
    assert_eq!(text(plane, &namespace, "user").as_deref(), Some("app"));
    let before = writes(plane, &namespace);
    let again = apply(&namespace, &wanted, &[]).success();
    assert_eq!(again.out(), "secret/db unchanged\n");
    assert_eq!(live(plane, &namespace), made);
    assert_eq!(writes(plane, &namespace), before, "no write");
    assert_eq!(run(&namespace, &["diff", "-f", "-"], &wanted).success().out(), "1 Secret, no difference\n");
}

#[test]
fn what_differs_is_changed_and_nothing_else() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let wanted = with_metadata(
        "{name: db, labels: {app: web}, annotations: {note: two}}",
        "immutable: false\n",
        "  a: {from: generate}\n  c: {from: 'public:new'}\n",
    );
    let diff = run(&namespace, &["diff", "-f", "-", "-o", "json"], &wanted).expect_code(1);
    let item = &report(&diff)["items"][0];
    assert_eq!(item["keys"].as_array().unwrap().len(), 2, "b is not its business: {item}");
    let planned = report(&apply(&namespace, &wanted, &["--dry-run=client", "-o", "json"]).success());
    assert_eq!(changes(&planned["items"][0]), pairs(&[("a", "keep"), ("c", "add")]));
    assert_eq!(planned["items"][0]["result"], "wouldConfigure");
    let checked = apply(&namespace, &wanted, &["--dry-run=server"]).success();
    assert_eq!(checked.out(), "secret/db configured (server dry run)\n");
    assert_eq!(text(plane, &namespace, "c"), None);
    let done = report(&apply(&namespace, &wanted, &["-o", "json"]).success());
    assert_eq!(done["items"][0]["beside"], json!(["labels", "annotations"]));
    let now = live(plane, &namespace);
    assert_eq!(
        (text(plane, &namespace, "a").as_deref(), text(plane, &namespace, "b").as_deref()),
        (Some("old-a"), Some("old-b"))
    );
    assert_eq!(
        (&now["metadata"]["labels"]["app"], &now["metadata"]["annotations"]["note"]),
        (&json!("web"), &json!("two"))
    );
    let record: Value =
        serde_json::from_str(now["metadata"]["annotations"]["key.secretsafe.dev/c"].as_str().unwrap()).unwrap();
    assert_eq!((&record["from"], &record["by"]), (&json!("public"), &json!("admin")));
    assert_eq!(apply(&namespace, &wanted, &[]).success().out(), "secret/db unchanged\n");
    // A text that changed is compared, though metadata does not tell it.
    let other = wanted.replace("note: two", "note: three").replace("'public:new'", "'public:newer'");
    assert_eq!(apply(&namespace, &other, &[]).success().out(), "secret/db configured\n");
    assert_eq!(text(plane, &namespace, "c").as_deref(), Some("newer"));
    assert_eq!(live(plane, &namespace)["metadata"]["annotations"]["note"], "three");
}

#[test]
fn renew_and_prune_do_what_they_name() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let both = document("db", "  c: {from: generate}\n  d: {from: generate}\n");
    apply(&namespace, &both, &[]).success();
    let before = text(plane, &namespace, "c");
    let less = document("db", "  c: {from: generate}\n");
    assert_eq!(apply(&namespace, &less, &[]).success().out(), "secret/db unchanged\n");
    apply(&namespace, &less, &["--renew", "c"]).success();
    assert_ne!(text(plane, &namespace, "c"), before);
    let unknown = apply(&namespace, &less, &["--renew", "nope"]).expect_code(2);
    assert!(unknown.err().contains("names a key that no document has"), "{}", unknown.err());
    let pruned = report(&apply(&namespace, &less, &["--prune", "-o", "json"]).success());
    assert_eq!(changes(&pruned["items"][0]), pairs(&[("c", "keep"), ("d", "remove")]));
    let keys: Vec<String> = live(plane, &namespace)["data"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["a", "b", "c"], "what others made stays");
    assert!(live(plane, &namespace)["metadata"]["annotations"].get("key.secretsafe.dev/d").is_none());
}

#[test]
fn sealed_for_good_and_only_in_one_direction() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let wanted = with_metadata("{name: db}", "immutable: true\n", "  a: {from: prompt}\n");
    let done = report(&apply(&namespace, &wanted, &["-o", "json"]).success());
    assert_eq!(done["items"][0]["beside"], json!(["immutable"]));
    assert_eq!(live(plane, &namespace)["immutable"], true);
    assert_eq!(apply(&namespace, &wanted, &[]).success().out(), "secret/db unchanged\n");
    let back = apply(&namespace, &wanted.replace("true", "false"), &[]).expect_code(3);
    assert!(back.err().contains("is immutable") && back.err().contains("db-2"), "{}", back.err());
}

#[test]
fn one_document_that_fails_does_not_stop_the_others() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let folder = temp_folder("apply");
    write(folder.path(), "a.yaml", &document("one", "  k: {from: generate}\n"));
    write(folder.path(), "b.yaml", &document("two", "  k: {from: keychain}\n"));
    write(
        folder.path(),
        "c.yaml",
        &with_metadata("{name: db}", "type: kubernetes.io/tls\n", "  tls.crt: {from: prompt}\n"),
    );
    write(folder.path(), "below/d.yaml", &document("four", "  k: {from: generate}\n"));
    let root = folder.path().to_str().unwrap();
    let output = run(&namespace, &["apply", "-f", root, "-R", "--yes", "-o", "json"], "").expect_code(4);
    let all = report(&output);
    let results: Vec<&str> =
        all["items"].as_array().unwrap().iter().map(|item| item["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["created", "failed", "created", "failed"]);
    assert_eq!((&all["changed"], &all["failed"]), (&json!(2), &json!(2)));
    assert!(
        output.err().contains("has the type Opaque") && output.err().contains("cannot open the keychain"),
        "{}",
        output.err()
    );
    // The second run says what it found.
    let again = run(&namespace, &["apply", "-f", root, "-R", "--yes"], "").expect_code(4);
    assert_eq!(again.out(), "secret/one unchanged\nsecret/four unchanged\n");
}

#[test]
fn who_would_undo_it_is_left_alone() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let labels = json!({"kustomize.toolkit.fluxcd.io/name": "apps"});
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    plane.create(&path, &json!({"metadata": {"name": "db", "labels": labels}, "stringData": {"a": "x"}}));
    let wanted = document("db", "  b: {from: generate}\n");
    let refused = apply(&namespace, &wanted, &[]).expect_code(3);
    assert!(refused.err().contains("is managed by Flux"), "{}", refused.err());
    apply(&namespace, &wanted, &["--override-owner"]).success();
}

#[test]
fn a_value_of_several_documents_is_asked_for_once() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let source = format!("  k: {{from: 'secret:{namespace}/db/a'}}\n");
    let both = format!("{}---\n{}", document("one", &source), document("two", &source));
    let reads = || {
        let is_read = |event: &&Value| event["verb"] == "get" && event["objectRef"]["name"] == "db";
        plane.secret_events(&namespace).iter().filter(is_read).count()
    };
    let before = reads();
    apply(&namespace, &both, &["--parallel", "1"]).success();
    assert_eq!(reads() - before, 1);
    let piped =
        format!("{}---\n{}", document("three", "  k: {from: 'fd:7'}\n"), document("four", "  k: {from: 'fd:7'}\n"));
    let folder = temp_folder("apply");
    let path = write(folder.path(), "a.yaml", &piped);
    Secretsafe::new()
        .args(["apply", "-f", &path, "-n", &namespace, "--yes", "--allow-source", "fd:7"])
        .kubeconfig(plane.admin_kubeconfig())
        .fd(7, "from-a-pipe")
        .run()
        .success();
    for name in ["three", "four"] {
        let value = crate::create::live_value(plane, &namespace, name, "k");
        assert_eq!(value.as_deref(), Some(b"from-a-pipe".as_slice()));
    }
}
