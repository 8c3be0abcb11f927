//! What the API server's own audit log says about our requests.

use serde_json::{Value, json};

use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;

fn events(plane: &ControlPlane, namespace: &str) -> Vec<Value> {
    plane.secret_events(namespace).into_iter().filter(ours).collect()
}

fn ours(event: &Value) -> bool {
    event["userAgent"].as_str().is_some_and(|agent| agent.starts_with("kubectl-secretsafe/"))
}

#[test]
fn answers_to_writes_carry_no_data() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    Secretsafe::new()
        .args(["create", "generic", "db", "a=stdin", "-n", &namespace])
        .kubeconfig(plane.admin_kubeconfig())
        .stdin("not-a-real-password")
        .run()
        .success();
    let events = events(plane, &namespace);
    assert_eq!(events.len(), 1, "one request for the Secret: {events:#?}");
    let create = &events[0];
    assert_eq!((&create["verb"], &create["responseStatus"]["code"]), (&"create".into(), &201.into()));
    assert_eq!(create["responseObject"]["kind"], "PartialObjectMetadata");
    assert!(create["responseObject"].get("data").is_none());
    assert!(create["requestObject"]["data"]["a"].is_string() && create["requestObject"].get("stringData").is_none());
    let annotations = create["requestObject"]["metadata"]["annotations"].as_object().unwrap();
    assert!(annotations.keys().all(|name| name.starts_with("key.secretsafe.dev/")), "{annotations:?}");
    assert!(create["requestURI"].as_str().unwrap().contains("fieldManager=kubectl-secretsafe"));
    let agent = create["userAgent"].as_str().unwrap();
    assert!(agent.starts_with(concat!("kubectl-secretsafe/", env!("CARGO_PKG_VERSION"), " (")), "{agent}");
}

#[test]
fn metadata_only_requests_no_value() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plane.create(
        &format!("/api/v1/namespaces/{namespace}/secrets"),
        &json!({"metadata": {"name": "db"}, "stringData": {"a": "x"}}),
    );
    Secretsafe::new()
        .args(["view", "db", "--metadata-only", "-n", &namespace])
        .kubeconfig(plane.admin_kubeconfig())
        .run()
        .success();
    let events = events(plane, &namespace);
    assert_eq!(events.len(), 1);
    let object = &events[0]["responseObject"];
    assert_eq!(object["kind"], "Table");
    assert!(!object.to_string().contains("\"data\""), "no data travelled");
}
