//! `create generic` against the real API server, directly and as `kubectl secretsafe`.

use serde_json::Value;

use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;

/// Decodes one value of a live Secret.
pub(crate) fn live_value(plane: &ControlPlane, namespace: &str, name: &str, key: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    let secret = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/{name}"));
    let text = secret.json()["data"][key].as_str()?.to_owned();
    Some(base64::engine::general_purpose::STANDARD.decode(text).unwrap())
}

fn live(plane: &ControlPlane, namespace: &str, name: &str) -> Value {
    plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/{name}")).json()
}

#[test]
fn values_arrive_as_they_were_given() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let binary = [0_u8, 0xff, b'\n', 0x80, b'x'];
    let output = Secretsafe::through_kubectl()
        .args(["create", "generic", "secret/db", "pipe=stdin", "user=public:app", "lent=fd:5", "env=env:TOKEN_FOR_CI"])
        .args(["-n", &namespace, "--label", "app=db", "--annotation", "note=any text", "--type", "example.com/db"])
        .env("TOKEN_FOR_CI", "not-a-real-token")
        .kubeconfig(plane.admin_kubeconfig())
        .stdin("not-a-real-password\n")
        .fd(5, binary)
        .run()
        .success();
    assert_eq!(output.out(), "secret/db created\n");
    let value = |key| live_value(plane, &namespace, "db", key).unwrap();
    assert_eq!(value("pipe"), b"not-a-real-password", "one trailing newline is dropped");
    assert!(output.err().contains("trailing newline"), "and that is said: {}", output.err());
    assert_eq!(value("user"), b"app");
    assert_eq!(value("lent"), binary);
    assert_eq!(value("env"), b"not-a-real-token");
    let secret = live(plane, &namespace, "db");
    assert_eq!(secret["type"], "example.com/db");
    assert_eq!(secret["metadata"]["labels"]["app"], "db");
    assert_eq!(secret["metadata"]["annotations"]["note"], "any text");
}

#[test]
fn each_key_carries_a_record_and_the_object_an_event() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    Secretsafe::new()
        .args(["create", "generic", "db", "a=generate", "b=public:x", "-n", &namespace])
        .kubeconfig(plane.admin_kubeconfig())
        .run()
        .success();
    let secret = live(plane, &namespace, "db");
    let record = |key: &str| -> Value {
        let text = secret["metadata"]["annotations"][format!("key.secretsafe.dev/{key}")].as_str().unwrap();
        serde_json::from_str(text).unwrap()
    };
    let (a, b) = (record("a"), record("b"));
    assert_eq!((&a["v"], &a["n"], &a["by"]), (&1.into(), &1.into(), &"admin".into()));
    assert_eq!((&a["from"], &b["from"]), (&"generate".into(), &"public".into()));
    assert_eq!(a["op"], b["op"]);
    let at: jiff::Timestamp = a["at"].as_str().unwrap().parse().unwrap();
    let created: jiff::Timestamp = secret["metadata"]["creationTimestamp"].as_str().unwrap().parse().unwrap();
    assert!((created - at).get_seconds().abs() <= 2, "the record has the server's time");

    let events = plane.get(&format!("/api/v1/namespaces/{namespace}/events")).json();
    let event = &events["items"][0];
    assert_eq!(event["involvedObject"]["name"], "db");
    assert_eq!(event["involvedObject"]["uid"], secret["metadata"]["uid"]);
    assert_eq!(event["reason"], "SecretCreated");
    assert_eq!(event["message"], "Secret db was created with 2 keys");
    assert_eq!(event["reportingComponent"], "kubectl-secretsafe");
}

#[test]
fn an_existing_secret_is_left_alone() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let create = |value: &str| {
        Secretsafe::new()
            .args(["create", "generic", "db", "a=stdin", "-n", &namespace])
            .kubeconfig(plane.admin_kubeconfig())
            .stdin(value)
            .run()
    };
    create("first-value-here").success();
    let again = create("second-value-here").expect_code(5);
    assert!(again.err().contains("already exists") && again.err().contains("hint:"), "{}", again.err());
    assert_eq!(live_value(plane, &namespace, "db", "a").unwrap(), b"first-value-here");
}

#[test]
fn every_format_shows_a_view_and_never_a_secret() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let create = |name: &str, format: &str| {
        Secretsafe::new()
            .args(["create", "generic", name, "a=generate:hex", "--immutable", "-n", &namespace, "-o", format])
            .kubeconfig(plane.admin_kubeconfig())
            .run()
            .success()
            .out()
    };
    assert_eq!(create("one", "name"), "secret/one\n");
    let table = create("two", "table");
    assert!(table.starts_with("secret/two created\n") && table.contains("KEY"), "{table}");
    let json: Value = serde_json::from_str(&create("three", "json")).unwrap();
    let yaml: Value = serde_yaml::from_str(&create("four", "yaml")).unwrap();
    for view in [json, yaml] {
        assert_eq!(view["kind"], "SecretView");
        assert_eq!(view["apiVersion"], "secretsafe.dev/v1alpha1");
        assert_eq!(view["immutable"], true);
        assert_eq!(view["keys"][0]["size"], "64-127 B");
        assert_eq!(view["change"]["verb"], "created");
        assert_eq!(view["keys"][0]["changedAt"]["basis"], "record");
        assert_eq!(view["keys"][0]["changedAt"]["exact"], true);
        assert!(view.get("data").is_none() && view.get("stringData").is_none());
    }
    assert_eq!(live(plane, &namespace, "three")["immutable"], true);
}

#[test]
fn a_client_dry_run_asks_nobody_and_a_server_dry_run_stores_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let proxy = Proxy::start(plane, Vec::new());
    let run = |dry: &str| {
        Secretsafe::new()
            .args(["create", "generic", "db", "a=stdin", "b=prompt", "-n", &namespace, dry])
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .stdin("x-not-a-real-one")
            .run()
    };
    assert_eq!(run("--dry-run=client").success().out(), "secret/db created (dry run)\n");
    assert_eq!(run("--dry-run").success().out(), "secret/db created (dry run)\n");
    assert_eq!(proxy.requests().len(), 0, "a client dry run makes no request");
    let output = Secretsafe::new()
        .args(["create", "generic", "db", "a=stdin", "-n", &namespace, "--dry-run=server"])
        .kubeconfig(plane.admin_kubeconfig())
        .stdin("not-a-real-password")
        .run()
        .success();
    assert_eq!(output.out(), "secret/db created (server dry run)\n");
    assert_eq!(plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).code, 404);
    assert_eq!(
        plane.get(&format!("/api/v1/namespaces/{namespace}/events")).json()["items"].as_array().unwrap().len(),
        0
    );
}

#[test]
fn a_lost_answer_is_made_good_or_said() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let create = |name: &str, rules: Vec<Rule>| {
        let proxy = Proxy::start(plane, rules);
        let output = Secretsafe::new()
            .args(["create", "generic", name, "a=stdin", "-n", &namespace])
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .stdin("not-a-real-password")
            .run();
        let posts = proxy
            .requests()
            .iter()
            .filter(|seen| seen.request.method == "POST" && seen.request.target.contains("/secrets"))
            .count();
        assert_eq!(posts, 1, "a write is never tried again");
        output
    };
    let post = |fault| Rule::first(1, fault).method("POST").path("/secrets");
    // Stored, answer lost: recognised by the id in the record.
    assert_eq!(create("lost", vec![post(Fault::CutAfter)]).success().out(), "secret/lost created\n");
    assert_eq!(create("half", vec![post(Fault::HalfBody)]).success().out(), "secret/half created\n");
    // Never stored: said so.
    let never = create("never", vec![post(Fault::CutBefore)]).expect_code(5);
    assert!(never.err().contains("ended before"), "{}", never.err());
    // Stored or not, and nobody can look: exit 6.
    let look = Rule::always(Fault::CutBefore).method("GET");
    let open = create("open", vec![post(Fault::CutAfter), look]).expect_code(6);
    assert!(open.err().contains("it is not known whether") && open.err().contains("hint:"), "{}", open.err());
    // Somebody else made it in between.
    let mut manifest = serde_json::json!({"metadata": {"name": "theirs"}});
    manifest["apiVersion"] = "v1".into();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &manifest);
    let theirs = create("theirs", vec![post(Fault::CutBefore)]).expect_code(5);
    assert!(theirs.err().contains("already exists"), "{}", theirs.err());
}
