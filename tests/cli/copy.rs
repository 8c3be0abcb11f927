//! `copy` against real API servers: what arrives, what stays behind, what is requested, and what one failure does.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::connect::{with_another, write};
use crate::support::canary::{Canary, assert_absent};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;
use crate::support::temp_folder;
use crate::support::terminal::Terminal;

/// A Secret as other tools leave it: binary and empty values, a value in an annotation, labels of every sort.
fn plant(plane: &ControlPlane, namespace: &str, value: &str) -> Value {
    let object = json!({
        "metadata": {"name": "db", "labels": {
            "app.kubernetes.io/name": "db", "app.kubernetes.io/instance": "release", "team": "a",
        }, "annotations": {
            "note": "the database", "url": format!("postgres://u:{value}@db/"),
            "kubectl.kubernetes.io/last-applied-configuration": format!("{{\"stringData\":\"{value}\"}}"),
        }},
        "data": {"password": STANDARD.encode(value), "binary": "/wAB", "empty": ""},
    });
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object)
}

fn copy(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new().args(["copy"]).args(args).args(["--yes", "-n", namespace]).kubeconfig(plane.admin_kubeconfig())
}

fn stored(plane: &ControlPlane, namespace: &str, name: &str) -> Value {
    plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/{name}")).json()
}

fn items(output: &Output) -> Vec<Value> {
    let report: Value = serde_json::from_str(&output.out()).unwrap();
    assert_eq!(report["kind"], "SecretCopyList");
    report["items"].as_array().unwrap().clone()
}

fn results(output: &Output) -> Vec<String> {
    items(output).iter().map(|item| item["result"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn values_reach_fifty_namespaces_and_are_read_once() {
    let plane = ControlPlane::shared();
    let (home, canary) = (plane.namespace(), Canary::random());
    let source = plant(plane, &home, canary.text());
    let ours =
        |event: &&Value| event["userAgent"].as_str().is_some_and(|agent| agent.starts_with("kubectl-secretsafe"));
    let prefix = format!("fan-{}", crate::support::random_hex(4));
    for number in 0..50 {
        plane.create("/api/v1/namespaces", &json!({"metadata": {"name": format!("{prefix}-{number:02}")}}));
    }
    let output = copy(plane, &home, &["db", "--all-namespaces-matching", &format!("{prefix}-*"), "-v", "6"]).run();
    let output = output.success();
    assert_absent(std::slice::from_ref(&canary), &[output.stdout.clone(), output.stderr.clone()].concat(), "copy");
    assert_eq!(output.out().lines().count(), 51, "{}", output.out());
    for number in 0..50 {
        let namespace = format!("{prefix}-{number:02}");
        let copied = stored(plane, &namespace, "db");
        assert_eq!(copied["data"], source["data"]);
        assert_eq!(copied["metadata"]["labels"], json!({"app.kubernetes.io/name": "db"}));
        let annotations = copied["metadata"]["annotations"].as_object().unwrap();
        assert!(annotations.keys().all(|name| name.starts_with("key.secretsafe.dev/")), "{annotations:?}");
        assert!(annotations["key.secretsafe.dev/password"].as_str().unwrap().contains("\"from\":\"secret\""));
        // No answer at a target holds data: not that of the look, not that of the write.
        let events = plane.secret_events(&namespace);
        assert!(events.iter().filter(ours).all(|event| event["responseObject"].get("data").is_none()), "{events:#?}");
    }
    let events = plane.secret_events(&home);
    let whole = events.iter().filter(ours).filter(|event| event["responseObject"]["kind"] == "Secret").count();
    assert_eq!(whole, 1, "the values are read once");
}

#[test]
fn values_reach_another_cluster() {
    let (plane, other) = (ControlPlane::shared(), ControlPlane::start());
    let (home, canary) = (plane.namespace(), Canary::random());
    let source = plant(plane, &home, canary.text());
    let config = with_another(plane, &other, "arn:x:far");
    let folder = temp_folder("copy");
    let path = write(folder.path(), "config", &config);
    let run = |more: &[&str]| {
        let to = ["db", "--to", "arn:x:far:default", "--to", "arn:x:far:default/renamed", "-o", "json"];
        copy(plane, &home, &to).args(more).kubeconfig(&path)
    };
    // A protected context is asked for before any value is read.
    let refused = run(&[]).config("protected: ['arn:x:*']").run().expect_code(3);
    assert!(refused.err().contains("--confirm-context arn:x:far"), "{}", refused.err());
    assert!(
        plane
            .secret_events(&home)
            .iter()
            .all(|event| event["responseObject"]["kind"] != "Secret" || event["verb"] == "create")
    );
    let output = run(&["--confirm-context", "arn:x:far"]).config("protected: ['arn:x:*']").run().success();
    assert_absent(std::slice::from_ref(&canary), &[output.stdout.clone(), output.stderr.clone()].concat(), "copy");
    assert_eq!(results(&output), ["created", "created"]);
    for name in ["db", "renamed"] {
        assert_eq!(stored(&other, "default", name)["data"], source["data"]);
    }
    // Values must not leave a protected cluster unasked either.
    run(&["--apply"]).config("protected: [bed]").run().expect_code(3);
    // A dry run of the other server is sent them as well.
    run(&["--apply", "--dry-run=server"]).config("protected: [bed]").run().expect_code(3);
    run(&["--apply", "--dry-run=client"]).config("protected: [bed]").run().success();
}

#[test]
fn one_place_that_fails_does_not_stop_the_others() {
    let plane = ControlPlane::shared();
    let [home, good, taken, frozen, managed, typed] = std::array::from_fn(|_| plane.namespace());
    plant(plane, &home, "not-a-real-password");
    let there = |namespace: &str, more: Value| {
        let mut object = json!({"metadata": {"name": "db"}, "stringData": {"password": "old", "own": "kept"}});
        for (field, value) in more.as_object().unwrap() {
            object[field] = value.clone();
        }
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    };
    there(&taken, json!({}));
    there(&frozen, json!({"immutable": true}));
    there(&typed, json!({"type": "example.com/other"}));
    let owner = json!({"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "db", "uid": "1", "controller": true});
    there(&managed, json!({"metadata": {"name": "db", "ownerReferences": [owner]}}));
    let places = [good.as_str(), "no-such-namespace", &taken, &frozen, &managed, &typed];
    let to: Vec<&str> = places.iter().flat_map(|place| ["--to", place]).collect();
    let run = |more: &[&str]| copy(plane, &home, &[&["db", "-o", "json"], &to[..], more].concat()).run();

    let output = run(&[]).expect_code(5);
    assert_eq!(results(&output), ["created", "failed", "failed", "failed", "failed", "failed"]);
    assert!(output.err().contains("5 copies failed") && output.err().contains("--apply"), "{}", output.err());
    assert_eq!(stored(plane, &taken, "db")["data"]["password"], STANDARD.encode("old"), "nothing was changed");

    let output = run(&["--apply"]).expect_code(5);
    assert_eq!(results(&output), ["configured", "failed", "configured", "failed", "failed", "failed"]);
    let codes: Vec<_> = items(&output).iter().map(|item| item["error"]["exitCode"].clone()).collect();
    assert_eq!(codes, [json!(null), json!(5), json!(null), json!(3), json!(3), json!(3)]);
    let merged = stored(plane, &taken, "db")["data"].clone();
    assert_eq!(
        (&merged["password"], &merged["own"]),
        (&json!(STANDARD.encode("not-a-real-password")), &json!(STANDARD.encode("kept")))
    );
    let output = run(&["--apply", "--override-owner"]).expect_code(5);
    assert_eq!(results(&output)[4], "configured");
}

#[test]
fn keys_labels_and_annotations_go_along_by_name() {
    let plane = ControlPlane::shared();
    let [home, there] = std::array::from_fn(|_| plane.namespace());
    plant(plane, &home, "not-a-real-password");
    let args = ["db", "--to", &there, "--keys", "binary,password", "--label", "team"];
    let output = copy(plane, &home, &args).args(["--annotation", "note", "--annotation", "url"]).run().success();
    assert!(output.err().contains("annotation `url` of secret `db` is left behind"), "{}", output.err());
    let copied = stored(plane, &there, "db");
    assert_eq!(copied["data"].as_object().unwrap().keys().collect::<Vec<_>>(), ["binary", "password"]);
    assert_eq!(copied["metadata"]["labels"], json!({"app.kubernetes.io/name": "db", "team": "a"}));
    let annotations = copied["metadata"]["annotations"].as_object().unwrap();
    assert_eq!((&annotations["note"], annotations.contains_key("url")), (&json!("the database"), false));
    for refused in ["kubectl.kubernetes.io/last-applied-configuration", "key.secretsafe.dev/password"] {
        copy(plane, &home, &["db", "--to", &there, "--annotation", refused]).run().expect_code(2);
    }
    let wrong = copy(plane, &home, &["db", "--to", &there, "--keys", "passwort"]).run().expect_code(2);
    assert!(wrong.err().contains("did you mean `password`?"), "{}", wrong.err());
}

#[test]
fn several_secrets_are_selected_or_named() {
    let plane = ControlPlane::shared();
    let [home, there] = std::array::from_fn(|_| plane.namespace());
    for (name, app) in [("a", "web"), ("b", "web"), ("c", "other")] {
        let object = json!({"metadata": {"name": name, "labels": {"app": app}}, "stringData": {"k": name}});
        plane.create(&format!("/api/v1/namespaces/{home}/secrets"), &object);
    }
    let selected = copy(plane, &home, &["-l", "app=web", "--to", &there, "-o", "name"]).run().success();
    assert_eq!(selected.out(), "secret/a\nsecret/b\n");
    let none = copy(plane, &home, &["-l", "app=none", "--to", &there]).run().success();
    assert!(none.err().contains("No secrets found"), "{}", none.err());
    let named = copy(plane, &home, &["a", "secret/c", "--to", &there, "--dry-run=client", "-o", "json"]).run();
    assert_eq!(results(&named.expect_code(5)), ["failed", "wouldCreate"]);
    copy(plane, &home, &["a", "c", "--to", &format!("{there}/x")]).run().expect_code(2);
    copy(plane, &home, &["a", "--to", &home]).run().expect_code(2);
}

#[test]
fn dry_runs_store_nothing() {
    let plane = ControlPlane::shared();
    let [home, there] = std::array::from_fn(|_| plane.namespace());
    plant(plane, &home, "not-a-real-password");
    for (mode, reads) in [("--dry-run=client", 0), ("--dry-run=server", 1)] {
        let before = plane.secret_events(&home).iter().filter(|event| event["verb"] == "get").count();
        let output = copy(plane, &home, &["db", "--to", &there, mode, "-o", "json"]).run().success();
        assert_eq!(results(&output), ["wouldCreate"]);
        let events = plane.secret_events(&home);
        let whole = events.iter().filter(|event| event["verb"] == "get").skip(before);
        assert_eq!(whole.filter(|event| event["responseObject"]["kind"] == "Secret").count(), reads, "{mode}");
        assert_eq!(plane.get(&format!("/api/v1/namespaces/{there}/secrets/db")).code, 404);
    }
}

#[test]
fn the_plan_is_shown_and_asked_for() {
    let plane = ControlPlane::shared();
    let [home, there] = std::array::from_fn(|_| plane.namespace());
    plant(plane, &home, "not-a-real-password");
    let run =
        || Secretsafe::new().args(["copy", "db", "--to", &there, "-n", &home]).kubeconfig(plane.admin_kubeconfig());
    let alone = run().run().expect_code(3);
    assert!(alone.err().contains("nothing was copied") && alone.err().contains("--yes"), "{}", alone.err());
    for (answer, code) in [("n", 3), ("y", 0)] {
        let mut session = Terminal::spawn(&run().command());
        session.expect(&format!("create secret/db in namespace {there} from {home}/db"));
        session.expect("Go on?");
        session.send(answer);
        assert_eq!(session.wait().code(), Some(code), "{}", session.screen());
    }
    assert_eq!(stored(plane, &there, "db")["data"]["binary"], "/wAB");
}

/// With `get` here and `create` there, and no more.
#[test]
fn least_privilege() {
    let plane = ControlPlane::shared();
    let [home, there] = std::array::from_fn(|_| plane.namespace());
    plant(plane, &home, "not-a-real-password");
    let user = plane.service_account(&home, "copier");
    let run = || copy(plane, &home, &["db", "--to", &there]).kubeconfig(&plane.kubeconfig_for(&user.token)).run();
    run().expect_code(5);
    plane.grant(&user, &home, &[("get", "secrets")]);
    let denied = run().expect_code(5);
    assert!(denied.err().contains("cannot create secrets `db`"), "{}", denied.err());
    plane.grant(&user, &there, &[("create", "secrets")]);
    run().success();
    let taken = run().expect_code(5);
    assert!(taken.err().contains("already exists"), "{}", taken.err());
}

#[test]
fn a_lost_answer_is_found_out_and_an_unknown_one_is_said() {
    let plane = ControlPlane::shared();
    let [home, one, two, three] = std::array::from_fn(|_| plane.namespace());
    plant(plane, &home, "not-a-real-password");
    let run = |proxy: &Proxy, to: &[&str]| {
        let to: Vec<&str> = to.iter().flat_map(|place| ["--to", place]).collect();
        copy(plane, &home, &[&["db", "-o", "json"], &to[..]].concat())
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .run()
    };
    let lost = Proxy::start(plane, vec![Rule::always(Fault::CutAfter).path(format!("/namespaces/{one}/secrets?"))]);
    assert_eq!(results(&run(&lost, &[&one, &two]).success()), ["created", "created"]);
    // The answer is lost, and then nobody can look: the others are copied all the same.
    let gone = Proxy::start(
        plane,
        vec![
            Rule::always(Fault::CutAfter).path(format!("/namespaces/{three}/secrets?")),
            Rule::always(Fault::CutBefore).path(format!("/namespaces/{three}/secrets/db")),
        ],
    );
    let output = run(&gone, &[&three]).expect_code(6);
    assert!(output.err().contains("it is not known whether"), "{}", output.err());
    assert_eq!(stored(plane, &three, "db")["data"]["binary"], "/wAB");
}
