//! `rotate --due`: its connections stay open between requests, and still nothing is left at the end.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::canary::Canary;
use crate::support::controlplane::ControlPlane;
use crate::{copies, core_at_exit, env};

#[test]
fn rotate_due_leaves_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    for number in 0..24 {
        let record = json!({"v": 1, "at": "2020-01-01T00:00:00Z", "from": "prompt", "n": 1, "op": "x"});
        let policy = json!({"v": 1, "keys": {"k": {"every": "90d", "source": "generate:length=40"}}});
        let object = json!({"metadata": {"name": format!("db-{number}"), "labels": {"secretsafe.dev/policy": "true"},
                "annotations": {"secretsafe.dev/policy": policy.to_string(), "key.secretsafe.dev/k": record.to_string()}},
            "stringData": {"k": "not-a-real-password"}});
        plane.create(&format!("{path}?fieldManager=kubectl-secretsafe"), &object);
    }
    let core = core_at_exit(
        &["rotate", "--due", "--yes", "--parallel", "4", "-n", &namespace, "-o", "json"],
        &env(plane),
        b"",
    );
    let list = plane.get(&path).json();
    // Some of them: each look through the dump takes its time.
    for item in list["items"].as_array().unwrap().iter().step_by(6) {
        let value = STANDARD.decode(item["data"]["k"].as_str().unwrap()).unwrap();
        assert_eq!(value.len(), 40, "it was rotated");
        assert_eq!(copies(&core, &Canary::of(&value)), [0; 4], "{}", item["metadata"]["name"]);
    }
}
