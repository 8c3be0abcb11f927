//! `diff -f`: manifests against the cluster, as kubectl takes them and as hostile ones are refused.

use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::{Value, json};

use crate::change::{planted, run};
use crate::support::canary::{Canary, assert_absent};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::{temp_folder, write_private};

fn diff(namespace: &str, args: &[&str], stdin: &str, code: i32) -> Value {
    let output = run(namespace, &[&["diff", "-o", "json"], args].concat(), stdin).expect_code(code);
    serde_json::from_str(&output.out()).unwrap()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    write_private(&path, text.as_bytes());
    path.display().to_string()
}

fn manifest(name: &str, more: &str) -> String {
    format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\n{more}\n")
}

/// Statuses of a list, by name.
fn statuses(item: &Value, list: &str) -> Vec<(String, String)> {
    let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    item[list].as_array().unwrap().iter().map(|row| (text(row, "name"), text(row, "status"))).collect()
}

fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
    given.iter().map(|(name, status)| ((*name).to_owned(), (*status).to_owned())).collect()
}

#[test]
fn manifests_are_compared_key_by_key() {
    let namespace = planted(ControlPlane::shared());
    let same = manifest("db", "stringData: {a: old-a, b: old-b}");
    assert_eq!(diff(&namespace, &["-f", "-"], &same, 0)["items"][0]["new"], false);
    let text = format!(
        "{}---\nkind: ConfigMap\n---\n{}",
        manifest("db", "  labels: {app: db}\n  annotations: {note: x}\ntype: other/type\ndata: {a: b2xkLWE=, c: eA==}"),
        manifest("fresh", "stringData: {a: x}")
    );
    let report = diff(&namespace, &["-f", "-"], &text, 1);
    assert_eq!(
        (&report["kind"], &report["different"], &report["others"]),
        (&json!("SecretDiffList"), &json!(2), &json!(1))
    );
    let (db, fresh) = (&report["items"][0], &report["items"][1]);
    assert_eq!(statuses(db, "keys"), pairs(&[("a", "same"), ("b", "removed"), ("c", "added")]));
    assert_eq!(
        (statuses(db, "labels"), statuses(db, "annotations")),
        (pairs(&[("app", "added")]), pairs(&[("note", "added")]))
    );
    assert_eq!((&db["type"]["left"], &db["type"]["right"]), (&json!("Opaque"), &json!("other/type")));
    assert_eq!((&fresh["new"], &fresh["document"], &fresh["left"]["name"]), (&json!(true), &json!(3), &json!("fresh")));
    assert_eq!(statuses(fresh, "keys"), pairs(&[("a", "added")]));
    let table = run(&namespace, &["diff", "-f", "-"], &text).expect_code(1).out();
    assert!(table.starts_with("2 of 2 Secrets differ; 1 other object was passed over\n"), "{table}");
    assert!(table.contains("→   stdin (document 1)"), "{table}");
    assert_eq!(
        run(&namespace, &["diff", "-f", "-", "-o", "name"], &text).expect_code(1).out(),
        "secret/db\nsecret/fresh\n"
    );
    let none = run(&namespace, &["diff", "-f", "-"], "kind: ConfigMap\n").success();
    assert_eq!(none.out(), "no Secret; 1 other object was passed over\n");
}

/// What kubectl itself writes, and what it has applied, is no difference.
#[test]
fn what_kubectl_applies_and_prints_is_the_same() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let folder = temp_folder("manifests");
    let text = manifest(
        "db",
        "  labels: {app: web}\n  annotations: {note: two}\nimmutable: true\nstringData: {a: x, b: \"1\"}\ndata: {c: AAEC}",
    );
    let path = write(folder.path(), "db.yaml", &text);
    diff(&namespace, &["-f", &path], "", 1);
    plane.kubectl(&["apply", "-n", &namespace, "-f", &path]).success();
    diff(&namespace, &["-f", &path], "", 0);
    for format in ["yaml", "json"] {
        let printed = plane.kubectl(&["get", "secrets", "-n", &namespace, "-o", format]).success().out();
        let report = diff(&namespace, &["-f", "-"], &printed, 0);
        assert_eq!(report["items"][0]["left"]["name"], "db", "{format}");
    }
}

#[test]
fn the_namespace_of_a_file_is_the_users_choice() {
    let plane = ControlPlane::shared();
    let (own, other) = (planted(plane), planted(plane));
    let text = manifest("db", &format!("  namespace: {other}\nstringData: {{a: old-a, b: old-b}}"));
    let refused = run(&own, &["diff", "-f", "-"], &text).expect_code(3);
    assert!(refused.err().contains(&format!("is for namespace `{other}`, not for `{own}`")), "{}", refused.err());
    let asked = |namespace: &str| {
        plane
            .secret_events(namespace)
            .iter()
            .filter(|event| event["userAgent"].as_str().unwrap_or_default().starts_with("kubectl-secretsafe"))
            .count()
    };
    assert_eq!((asked(&own), asked(&other)), (0, 0), "no request was made");
    let report = diff(&own, &["-f", "-", "-A"], &text, 0);
    assert_eq!(report["items"][0]["left"]["namespace"], json!(other));
    diff(&other, &["-f", "-"], &text, 0);
}

#[test]
fn folders_are_read_without_links() {
    let namespace = planted(ControlPlane::shared());
    let (folder, elsewhere) = (temp_folder("folder"), temp_folder("elsewhere"));
    let same = manifest("db", "stringData: {a: old-a, b: old-b}");
    let outside = write(elsewhere.path(), "outside.yaml", &manifest("outside", ""));
    write(folder.path(), "a.yaml", &same);
    write(folder.path(), "b.json", r#"{"apiVersion":"v1","kind":"List","items":[{"kind":"Pod"}]}"#);
    write(folder.path(), "notes.txt", "not: [a manifest");
    write(folder.path(), "below/c.yml", &same);
    symlink(&outside, folder.path().join("link.yaml")).unwrap();
    symlink(elsewhere.path(), folder.path().join("linked-folder")).unwrap();
    symlink(elsewhere.path(), folder.path().join("linked.yaml")).unwrap();
    let fifo = folder.path().join("fifo.yaml");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let root = folder.path().to_str().unwrap();
    let flat = run(&namespace, &["diff", "-f", root, "-o", "json"], "").success();
    assert!(flat.err().contains("3 manifests are left out"), "{}", flat.err());
    let flat: Value = serde_json::from_str(&flat.out()).unwrap();
    assert_eq!((flat["items"].as_array().unwrap().len(), &flat["others"]), (1, &json!(1)));
    let all = diff(&namespace, &["-f", root, "-R"], "", 0);
    let files: Vec<&str> = all["items"].as_array().unwrap().iter().map(|item| item["file"].as_str().unwrap()).collect();
    assert_eq!(files, [format!("{root}/a.yaml"), format!("{root}/below/c.yml")]);
    // A link that the user names is the user's own.
    diff(&namespace, &["-f", folder.path().join("link.yaml").to_str().unwrap()], "", 1);
    let empty = temp_folder("empty");
    run(&namespace, &["diff", "-f", empty.path().to_str().unwrap()], "").expect_code(2);
}

#[test]
fn diff_of_files_needs_get_and_is_in_the_log() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let user = plane.user();
    let text = format!("{}---\n{}", manifest("db", "stringData: {a: old-a}"), manifest("fresh", "stringData: {a: x}"));
    let diff = || {
        Secretsafe::new()
            .args(["diff", "-f", "-", "-n", &namespace])
            .kubeconfig(&plane.kubeconfig_for(&user.token))
            .stdin(text.as_str())
            .run()
    };
    let denied = diff().expect_code(5);
    assert!(denied.err().contains("cannot get secrets `db`"), "{}", denied.err());
    plane.grant(&user, &namespace, &[("get", "secrets")]);
    let allowed = diff().expect_code(1);
    let log: Vec<Value> =
        String::from_utf8(allowed.log).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names = |name: &str| log.iter().filter(|line| line.to_string().contains(&format!("\"{name}\""))).count();
    assert!(names("db") >= 2 && names("fresh") >= 2, "a beginning and an end of each: {log:#?}");
}

/// The value in a file, on the line that is wrong, in what is left out: nowhere in what comes out.
#[test]
fn no_value_of_a_file_comes_out() {
    let namespace = planted(ControlPlane::shared());
    let canary = Canary::random();
    let text = canary.text();
    let absent = |output: &Output, what: &str| {
        for bytes in [&output.stdout, &output.stderr, &output.log] {
            assert_absent(std::slice::from_ref(&canary), bytes, what);
        }
    };
    let good = manifest(
        "db",
        &format!(
            "  labels: {{app: {text}}}\n  annotations: {{note: {text}, kubectl.kubernetes.io/last-applied-configuration: '{text}'}}\nstringData: {{a: {text}, new: {text}}}\n"
        ),
    );
    let others = format!(
        "{good}---\nkind: ConfigMap\ndata: {{a: {text}}}\n---\n{}",
        manifest("fresh", &format!("stringData: {{a: {text}}}"))
    );
    for format in ["table", "json", "yaml", "name", "jsonpath={.items}", "custom-columns=A:.items"] {
        let output = run(&namespace, &["diff", "-f", "-", "-o", format, "-v", "9"], &others).expect_code(1);
        absent(&output, format);
    }
    for broken in [
        format!("stringData: {{a: \"{text}}}"),
        format!("stringData: {{a: x, a: {text}}}"),
        format!("stringData:\n\ta: {text}"),
        format!("stringData: {{a: !{text} x}}"),
        format!("stringData: {{a: *{text}}}"),
        format!("stringData: {{'{text}!': x}}"),
        format!("stringData: [{text}]"),
        format!("stringData: {{a: [{text}]}}"),
        format!("data: {{a: '{text}!'}}"),
        format!("type: '{text}!'"),
        format!("immutable: {text}"),
        format!("sops: {{mac: {text}}}"),
        format!("stringData: {{a: {{{{ {text} }}}}}}"),
        format!("  namespace: '{text}!'"),
        format!("  labels: {{'{text}!': x}}"),
    ] {
        let output = run(&namespace, &["diff", "-f", "-", "-v", "9"], &manifest("db", &broken)).expect_code(2);
        assert!(
            output.err().contains("stdin cannot be compared") && output.err().contains("hint: "),
            "{}",
            output.err()
        );
        absent(&output, "a broken file");
    }
    absent(&run(&namespace, &["diff", "-f", "-"], &format!("{{\"a\": {text}")).expect_code(2), "JSON");
    absent(&run(&namespace, &["diff", "-f", text], "").expect_code(2), "in the place of a path");
    absent(
        &run(&namespace, &["diff", "-f", &format!("https://user:{text}@example.com/x.yaml")], "").expect_code(2),
        "a URL",
    );
}
