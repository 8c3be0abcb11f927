//! `usage --all`, `-A`, `--unused`, `--dangling` against the real API server: what counts as used, what leads nowhere,
//! and what is said where not everything may be listed.

use serde_json::{Value, json};

use crate::support::canary::{Canary, assert_absent};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::usage::{apps, env, every_way, pod};

fn usage(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new().args(["usage"]).args(args).args(["-n", namespace]).kubeconfig(plane.admin_kubeconfig())
}

fn secret(plane: &ControlPlane, namespace: &str, name: &str, more: Value) {
    let mut object = more;
    object["metadata"]["name"] = json!(name);
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
}

fn report(output: &Output) -> Value {
    let report: Value = serde_json::from_str(&output.out()).unwrap_or_else(|_| panic!("{}", output.out()));
    assert_eq!(report["kind"], "SecretUsageList");
    report
}

/// The item of one Secret.
fn item<'a>(report: &'a Value, namespace: &str, name: &str) -> &'a Value {
    let items = report["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["name"] == name && item["namespace"] == namespace);
    found.unwrap_or_else(|| panic!("no {namespace}/{name}: {report:#}"))
}

fn lines(output: &Output) -> Vec<String> {
    output.out().lines().map(str::to_owned).collect()
}

#[test]
fn all_secrets_are_shown_with_who_uses_them() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let canary = Canary::random();
    secret(plane, &namespace, "db", json!({"stringData": {"password": canary.text()}}));
    secret(plane, &namespace, "idle", json!({}));
    every_way(plane, &namespace, canary.text());
    let output = usage(plane, &namespace, &["--all", "-o", "json"]).run().success();
    let found = report(&output);
    let db = item(&found, &namespace, "db");
    assert_eq!(
        (db["consumers"].as_array().unwrap().len(), &db["exists"], &db["unused"]),
        (12, &json!(true), &json!(false))
    );
    let by = |name: &str| db["consumers"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
    for (name, exposed, stale) in [
        ("by-env", true, false),
        ("by-env-from", true, false),
        ("by-volume", false, false),
        ("by-sub-path", false, true),
        ("an-ingress", false, false),
    ] {
        assert_eq!((&by(name)["exposed"], &by(name)["staleAfterRotate"]), (&json!(exposed), &json!(stale)), "{name}");
    }
    assert_eq!(item(&found, &namespace, "idle")["unused"], true);
    let missing = item(&found, &namespace, "db2");
    assert_eq!((&missing["exists"], &missing["type"]), (&json!(false), &Value::Null));

    let table = usage(plane, &namespace, &["--all"]).run().success();
    let text = table.out();
    assert!(text.starts_with("SECRET "), "{text}");
    let line = |part: &str| text.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{part}: {text}"));
    assert!(line("by-env ").contains("exposed") && line("by-sub-path").contains("stale-after-rotate"), "{text}");
    assert!(line("idle").contains("unused") && line("db2").contains("no-such-secret"), "{text}");
    let csv = usage(plane, &namespace, &["--all", "-o", "csv"]).run().success();
    assert!(csv.out().starts_with("NAMESPACE,SECRET,KIND,NAME,USES,"), "{}", csv.out());
    let names = usage(plane, &namespace, &["--all", "-o", "name"]).run().success();
    assert_eq!(lines(&names), ["secret/db", "secret/idle", "secret/db2"]);
    let path = usage(plane, &namespace, &["--all", "-o", "jsonpath={.items[?(@.unused==true)].name}"]).run().success();
    assert_eq!(path.out(), "idle");
    let all = [output.stdout, output.stderr, table.stdout, csv.stdout].concat();
    assert_absent(std::slice::from_ref(&canary), &all, "usage --all");
    for event in plane.secret_events(&namespace) {
        assert!(event["verb"] == "create" || event["responseObject"]["kind"] == "Table", "{event}");
    }
}

#[test]
fn unused_is_what_nothing_known_uses() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let owned = |kind: &str| {
        json!({"metadata": {"ownerReferences":
            [{"apiVersion": "example.com/v1", "kind": kind, "name": "\u{1b}[31mred", "uid": "1", "controller": true}]}})
    };
    secret(plane, &namespace, "idle", json!({}));
    secret(plane, &namespace, "delivered", owned("ExternalSecret"));
    secret(plane, &namespace, "of-operator", owned("Database"));
    secret(
        plane,
        &namespace,
        "repository",
        json!({"metadata": {"labels": {"argocd.argoproj.io/secret-type": "repository"}}}),
    );
    secret(plane, &namespace, "release", json!({"type": "helm.sh/release.v1"}));
    secret(plane, &namespace, "used", json!({}));
    apps(
        plane,
        &namespace,
        "deployments",
        "web",
        &pod(json!({"envFrom": [{"secretRef": {"name": "used", "optional": true}}]}), json!({})),
    );
    plane.service_account(&namespace, "ci");
    secret(
        plane,
        &namespace,
        "token",
        json!({"type": "kubernetes.io/service-account-token", "metadata": {"annotations": {"kubernetes.io/service-account.name": "ci"}}}),
    );
    let unused = usage(plane, &namespace, &["--unused", "-o", "name"]).run().success();
    assert_eq!(lines(&unused), ["secret/delivered", "secret/idle"]);
    let table = usage(plane, &namespace, &["--unused", "--exit-code"]).run().expect_code(1);
    assert!(table.out().contains("unused") && table.out().contains("ExternalSecret/"), "{}", table.out());
    assert!(!table.out().contains('\u{1b}'), "{:?}", table.out());
    let all = report(&usage(plane, &namespace, &["--all", "-o", "json"]).run().success());
    for (name, other) in [("repository", "label"), ("of-operator", "controller"), ("token", "serviceAccountToken")] {
        assert_eq!(item(&all, &namespace, name)["otherUse"], other, "{name}");
    }
    assert!(all["items"].as_array().unwrap().iter().all(|item| item["name"] != "release"), "{all:#}");
    let nothing = usage(plane, &plane.namespace(), &["--unused", "--exit-code"]).run().success();
    assert!(nothing.err().contains("No unused secrets found in"), "{}", nothing.err());
}

#[test]
fn references_that_lead_nowhere_are_found_and_no_others() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    secret(plane, &namespace, "db", json!({"stringData": {"password": "x"}}));
    secret(plane, &namespace, "bare", json!({"stringData": {"password": "x"}}));
    // Nothing tells the names of its keys.
    let nobody = r#"{"metadata":{"managedFields":[{}]}}"#;
    plane.kubectl(&["patch", "secret", "bare", "-n", &namespace, "--type=merge", "-p", nobody]).success();
    let variable = |secret: &str, key: &str, optional: bool| {
        let reference = json!({"name": secret, "key": key, "optional": optional});
        json!({"env": [{"name": "A", "valueFrom": {"secretKeyRef": reference}}]})
    };
    for (name, container) in [
        ("good", variable("db", "password", false)),
        ("no-key", variable("db", "gone", false)),
        ("no-key-needed", variable("db", "other", true)),
        ("no-secret", variable("nowhere", "a", false)),
        ("no-secret-needed", variable("perhaps", "a", true)),
        ("not-known", variable("bare", "a", false)),
    ] {
        apps(plane, &namespace, "deployments", name, &pod(container, json!({})));
    }
    let output = usage(plane, &namespace, &["--dangling", "-o", "json", "--exit-code"]).run().expect_code(1);
    let found = report(&output);
    assert_eq!(found["items"].as_array().unwrap().len(), 2, "{found:#}");
    assert_eq!(item(&found, &namespace, "db")["missingKeys"], json!(["gone"]));
    assert_eq!(item(&found, &namespace, "nowhere")["consumers"][0]["name"], "no-secret");
    assert_eq!(found["undecided"], 1);
    assert!(output.err().contains("is not known for 1 secret"), "{}", output.err());
    let table = usage(plane, &namespace, &["--dangling"]).run().success();
    assert!(table.out().contains("no such key: gone") && table.out().contains("no such secret"), "{}", table.out());
    let all = report(&usage(plane, &namespace, &["--all", "-o", "json"]).run().success());
    assert_eq!(item(&all, &namespace, "bare")["undecidedKeys"], json!(["a"]));
    let clean = usage(plane, &plane.namespace(), &["--dangling", "--exit-code"]).run().success();
    assert!(clean.err().contains("No references that lead nowhere found"), "{}", clean.err());
}

#[test]
fn all_namespaces_are_looked_at_and_told_apart() {
    let plane = ControlPlane::shared();
    let (one, two) = (plane.namespace(), plane.namespace());
    for namespace in [&one, &two] {
        secret(plane, namespace, "db", json!({"stringData": {"password": "x"}}));
    }
    apps(plane, &one, "deployments", "web", &pod(env("db"), json!({})));
    let found = report(&usage(plane, &one, &["-A", "-o", "json"]).run().success());
    assert_eq!(
        (&item(&found, &one, "db")["unused"], &item(&found, &two, "db")["unused"]),
        (&json!(false), &json!(true))
    );
    let table = usage(plane, &one, &["-A", "--unused", "--no-headers"]).run().success();
    assert!(table.out().lines().any(|line| line.starts_with(&two) && line.contains("db")), "{}", table.out());
    assert!(!table.out().contains("NAMESPACE") && !table.out().contains(&one), "{}", table.out());
    usage(plane, &one, &["db", "-A"]).run().expect_code(2);
    usage(plane, &one, &["db", "--unused"]).run().expect_code(2);
}

#[test]
fn what_could_not_be_listed_is_said_and_strict_fails() {
    let plane = ControlPlane::shared();
    let (mine, other) = (plane.namespace(), plane.namespace());
    secret(plane, &mine, "idle", json!({}));
    secret(plane, &other, "hidden", json!({}));
    let user = plane.user();
    plane.grant(&user, &mine, &[("list", "secrets"), ("list", "deployments")]);
    let kubeconfig = plane.kubeconfig_for(&user.token);
    let run = |args: &[&str]| usage(plane, &mine, args).kubeconfig(&kubeconfig).run();
    let here = run(&["--unused", "-o", "json"]).success();
    let found = report(&here);
    assert_eq!(item(&found, &mine, "idle")["unused"], true);
    assert!(found["notListed"].as_array().unwrap().contains(&json!("pods")), "{found:#}");
    assert!(here.err().contains("what is called unused may be used by these"), "{}", here.err());
    let strict = run(&["--unused", "--strict", "-o", "name"]).expect_code(5);
    assert_eq!(lines(&strict), ["secret/idle"], "what is known is shown all the same");
    // All at once is refused, and so is the list of namespaces.
    let everywhere = run(&["-A", "-o", "json"]).success();
    assert!(everywhere.err().contains("this user may not list namespaces"), "{}", everywhere.err());
    assert_eq!(report(&everywhere)["namespacesLeftOut"], Value::Null);
    plane.grant_everywhere(&user, &[("list", "namespaces")]);
    let everywhere = run(&["-A", "--unused", "-o", "json"]).success();
    assert!(everywhere.err().contains("namespaces are left out"), "{}", everywhere.err());
    let items = report(&everywhere)["items"].as_array().unwrap().clone();
    assert!(items.iter().all(|item| item["namespace"] == mine.as_str()), "{items:?}");
    let nobody = plane.user();
    let refused = usage(plane, &mine, &["-A"]).kubeconfig(&plane.kubeconfig_for(&nobody.token)).run().expect_code(5);
    assert!(refused.err().contains("cannot list secrets") && refused.out().is_empty(), "{}", refused.err());
}

#[test]
fn usage_needs_lists_and_nothing_else() {
    // Custom resources of other tests would be missing rights here.
    let plane = ControlPlane::start();
    let namespace = plane.namespace();
    secret(&plane, &namespace, "db", json!({}));
    apps(&plane, &namespace, "deployments", "web", &pod(env("db"), json!({})));
    let user = plane.user();
    let kinds = [
        "deployments",
        "statefulsets",
        "daemonsets",
        "replicasets",
        "replicationcontrollers",
        "jobs",
        "cronjobs",
        "pods",
    ];
    let others = ["serviceaccounts", "ingresses", "persistentvolumes", "storageclasses", "secrets"];
    let rules: Vec<(&str, &str)> = kinds.iter().chain(&others).map(|kind| ("list", *kind)).collect();
    plane.grant_everywhere(&user, &rules);
    let kubeconfig = plane.kubeconfig_for(&user.token);
    for args in [
        &["-A", "--strict"][..],
        &["--all", "--strict"],
        &["-A", "--unused", "--dangling", "--strict"],
        &["db", "--strict"],
    ] {
        let output = usage(&plane, &namespace, args).kubeconfig(&kubeconfig).run().success();
        assert!(!output.err().contains("may not"), "{args:?}: {}", output.err());
    }
}
