//! `view` against the real API server.

use serde_json::{Value, json};

use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::proxy::Proxy;
use crate::support::terminal::Terminal;

fn view(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Value {
    let output = Secretsafe::through_kubectl()
        .args(["view", "-n", namespace, "-o", "json"])
        .args(args)
        .kubeconfig(plane.admin_kubeconfig())
        .run()
        .success();
    serde_json::from_str(&output.out()).unwrap()
}

#[test]
fn keys_have_facts_and_a_change_with_its_basis() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    plane.create(
        &format!("{path}?fieldManager=kubectl-create"),
        &json!({"metadata": {"name": "db"}, "stringData": {"old": "text\n"}}),
    );
    let report = view(plane, &namespace, &["db"]);
    let key = &report["keys"][0];
    assert_eq!((&key["name"], &key["class"], &key["size"]), (&"old".into(), &"text".into(), &"1-15 B".into()));
    assert_eq!((&key["changedAt"]["basis"], &key["changedAt"]["exact"]), (&"managedFields".into(), &false.into()));
    assert_eq!(key["changedBy"], "kubectl-create");
    assert_eq!(report["immutable"], false);
    assert!(key.get("bytes").is_none());
    assert_eq!(view(plane, &namespace, &["db", "--sizes"])["keys"][0]["bytes"], 5);
}

#[test]
fn metadata_only_says_what_it_can() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    Secretsafe::new()
        .args(["create", "generic", "db", "a=generate", "b=public:x", "-n", &namespace])
        .kubeconfig(plane.admin_kubeconfig())
        .run()
        .success();
    let report = view(plane, &namespace, &["secret/db", "--metadata-only"]);
    assert_eq!(report["type"], "Opaque");
    assert_eq!(report["immutable"], Value::Null, "metadata does not tell");
    assert_eq!(report["keys"].as_array().unwrap().len(), 2);
    assert_eq!(report["keys"][0]["class"], Value::Null);
    assert_eq!(report["keys"][0]["changedAt"]["exact"], true);
    assert_eq!(report["moreKeys"], 0);
}

#[test]
fn several_names_are_a_list_and_a_missing_one_is_said() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    for name in ["a", "b"] {
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &json!({"metadata": {"name": name}}));
    }
    let report = view(plane, &namespace, &["a", "b"]);
    assert_eq!((&report["kind"], report["items"].as_array().unwrap().len()), (&"SecretViewList".into(), 2));
    let output = Secretsafe::new()
        .args(["view", "a", "gone", "-n", &namespace])
        .kubeconfig(plane.admin_kubeconfig())
        .run()
        .expect_code(5);
    assert!(output.out().contains("secret/a") && output.err().contains("no secret `gone`"), "{}", output.err());
}

#[test]
fn one_secret_is_one_connection_and_one_request() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plane.create(
        &format!("/api/v1/namespaces/{namespace}/secrets"),
        &json!({"metadata": {"name": "db"}, "stringData": {"a": "x"}}),
    );
    for more in [&[][..], &["--metadata-only"]] {
        let proxy = Proxy::start(plane, Vec::new());
        Secretsafe::new()
            .args(["view", "db", "-n", &namespace])
            .args(more)
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .run()
            .success();
        assert_eq!((proxy.connections(), proxy.requests().len()), (1, 1), "{more:?}");
    }
}

#[test]
fn a_forged_record_is_not_believed() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    let record = |at: &str| json!({"v": 1, "at": at, "by": "mallory", "from": "prompt", "n": 1, "op": "x"}).to_string();
    let manifest = json!({"metadata": {"name": "db", "annotations": {
        "key.secretsafe.dev/a": record("2020-01-01T00:00:00Z"), "key.secretsafe.dev/b": record("2090-01-01T00:00:00Z")}},
        "stringData": {"a": "x", "b": "y"}});
    plane.create(&format!("{path}?fieldManager=kubectl-edit"), &manifest);
    let report = view(plane, &namespace, &["db"]);
    for key in report["keys"].as_array().unwrap() {
        assert_eq!(key["recordNotTrusted"], true, "{key}");
        assert_eq!(key["changedBy"], "kubectl-edit");
    }
}

#[test]
fn without_a_name_one_is_picked_on_the_terminal() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    for name in ["alpha", "beta", "gamma"] {
        plane.create(
            &format!("/api/v1/namespaces/{namespace}/secrets"),
            &json!({"metadata": {"name": name}, "stringData": {"k": "v"}}),
        );
    }
    let run = Secretsafe::through_kubectl().args(["view", "-n", &namespace]).kubeconfig(plane.admin_kubeconfig());
    let mut session = Terminal::spawn(&run.command());
    session.expect("gamma");
    session.send("bet");
    session.expect("bet");
    session.send("\r");
    session.expect("secret/beta");
    assert!(session.wait().success());

    let mut session = Terminal::spawn(&run.command());
    session.expect("gamma");
    session.send("\u{1b}");
    assert_eq!(session.wait().code(), Some(3));

    // Nothing to pick from is nothing wrong.
    let empty = plane.namespace();
    let run = Secretsafe::through_kubectl().args(["view", "-n", &empty]).kubeconfig(plane.admin_kubeconfig());
    let mut session = Terminal::spawn(&run.command());
    session.expect("there are no Secrets");
    assert_eq!(session.wait().code(), Some(0));

    let without = Secretsafe::new().args(["view", "-n", &namespace]).kubeconfig(plane.admin_kubeconfig()).run();
    assert!(without.expect_code(2).err().contains("missing: NAME"));
}
