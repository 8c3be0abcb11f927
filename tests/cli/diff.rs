//! `diff` and `create --apply`: compared in memory, never shown.

use serde_json::{Value, json};

use crate::change::{planted, run, text};
use crate::connect::with_another;
use crate::support::canary::{Canary, assert_absent};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::{temp_folder, write_private};

fn report(namespace: &str, args: &[&str], stdin: &str, code: i32) -> Value {
    let mut all = args.to_vec();
    all.extend(["-o", "json"]);
    serde_json::from_str(&run(namespace, &all, stdin).expect_code(code).out()).unwrap()
}

#[test]
fn wanted_against_live() {
    let namespace = planted(ControlPlane::shared());
    let status =
        |args: &[&str], stdin: &str, code: i32| report(&namespace, args, stdin, code)["keys"][0]["status"].clone();
    assert_eq!(status(&["diff", "db", "a=stdin"], "old-a", 0), "same");
    assert_eq!(status(&["diff", "db", "a=stdin"], "new-a", 1), "changed");
    assert_eq!(status(&["diff", "db", "z=stdin"], "new-z", 1), "added");
    let table = run(&namespace, &["diff", "db", "a=stdin", "b=public:old-b"], "new-a").expect_code(1);
    assert!(table.out().contains("changed") && table.out().contains("same"), "{}", table.out());
    run(&namespace, &["diff", "gone", "a=stdin"], "x").expect_code(5);
    run(&namespace, &["diff", "db", "a=generate"], "").expect_code(2);
}

#[test]
fn live_against_live_in_another_namespace_and_cluster() {
    let plane = ControlPlane::shared();
    let other = ControlPlane::start();
    let canary = Canary::random();
    let secret = |changed: &str| {
        json!({"metadata": {"name": "db", "labels": {"app": "db", "stage": changed}, "annotations": {"note": canary.text(), "moved": changed}},
            "stringData": {"same": canary.text(), "changed": format!("{}{changed}", canary.text()), (format!("only-{changed}")): "x"}})
    };
    let left = plane.namespace();
    let right = plane.namespace();
    plane.create(&format!("/api/v1/namespaces/{left}/secrets"), &secret("left"));
    plane.create(&format!("/api/v1/namespaces/{right}/secrets"), &secret("right"));
    other.create("/api/v1/namespaces", &json!({"metadata": {"name": right}}));
    other.create(&format!("/api/v1/namespaces/{right}/secrets"), &secret("right"));

    // Two clusters in one kubeconfig; the context's name has colons, as those of cloud providers do.
    let config = with_another(plane, &other, "arn:x:other");
    let folder = temp_folder("diff");
    let path = folder.path().join("config");
    write_private(&path, config.to_string().as_bytes());

    for with in [format!("{right}/db"), format!("arn:x:other:{right}/db")] {
        for format in ["table", "json", "yaml"] {
            let output = Secretsafe::new()
                .args(["diff", "db", "--with", &with, "-n", &left, "-o", format, "-v", "9"])
                .kubeconfig(&path)
                .run()
                .expect_code(1);
            assert_absent(std::slice::from_ref(&canary), &output.stdout, format);
            assert_absent(std::slice::from_ref(&canary), &output.stderr, format);
            if format == "json" {
                let diff: Value = serde_json::from_str(&output.out()).unwrap();
                let status = |list: &str, name: &str| {
                    diff[list]
                        .as_array()
                        .unwrap()
                        .iter()
                        .find(|row| row["name"] == name)
                        .map(|row| row["status"].clone())
                        .unwrap()
                };
                assert_eq!(status("keys", "same"), "same");
                assert_eq!(status("keys", "changed"), "changed");
                assert_eq!(
                    (status("keys", "only-left"), status("keys", "only-right")),
                    ("removed".into(), "added".into())
                );
                assert_eq!((status("labels", "app"), status("labels", "stage")), ("same".into(), "changed".into()));
                assert_eq!(
                    (status("annotations", "note"), status("annotations", "moved")),
                    ("same".into(), "changed".into())
                );
                assert_eq!((&diff["kind"], &diff["type"]["status"]), (&"SecretDiff".into(), &"same".into()));
            }
        }
    }
    let same = Secretsafe::new().args(["diff", "db", "--with", "db", "-n", &left]).kubeconfig(&path).run();
    same.success();
}

#[test]
fn apply_is_created_configured_and_unchanged() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let apply = |args: &[&str], stdin: &str| {
        let mut all = vec!["create", "generic", "db", "--apply"];
        all.extend(args);
        run(&namespace, &all, stdin).success().out()
    };
    let keys = ["a=generate", "b=stdin", "user=public:app"];
    assert_eq!(apply(&keys, "old-b"), "secret/db created\n");
    let generated = text(plane, &namespace, "a");
    assert_eq!(apply(&keys, "other-b"), "secret/db unchanged\n");
    assert_eq!(
        (text(plane, &namespace, "a"), text(plane, &namespace, "b").as_deref()),
        (generated.clone(), Some("old-b"))
    );
    assert_eq!(apply(&["user=public:changed", "a=generate"], ""), "secret/db configured\n");
    assert_eq!(
        (text(plane, &namespace, "user").as_deref(), text(plane, &namespace, "a")),
        (Some("changed"), generated.clone())
    );
    assert_eq!(apply(&["a=generate", "new=generate"], ""), "secret/db configured\n");
    assert_eq!(text(plane, &namespace, "a"), generated);
    assert_eq!(apply(&["a=generate", "b=stdin", "--renew", "b"], "new-b"), "secret/db configured\n");
    assert_eq!(
        (text(plane, &namespace, "a"), text(plane, &namespace, "b").as_deref()),
        (generated.clone(), Some("new-b"))
    );
    apply(&["a=generate", "--renew", "a"], "");
    assert_ne!(text(plane, &namespace, "a"), generated);
    let typed =
        run(&namespace, &["create", "generic", "db", "--apply", "a=generate", "--type", "example.com/other"], "")
            .expect_code(3);
    assert!(typed.err().contains("a type cannot be changed"), "{}", typed.err());
}
