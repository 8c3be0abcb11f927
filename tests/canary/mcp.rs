//! `mcp`: every tool, hostile arguments and failures; no value in any message.

use serde_json::{Value, json};

use crate::planted::Planted;
use crate::support::canary::assert_absent;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::mcp::session;
use crate::support::proxy::Proxy;
use crate::support::temp_folder;

fn calls() -> Vec<(&'static str, Value)> {
    let keys = |source: &str| json!([{"key": "plain-0", "source": source}]);
    vec![
        ("list_secrets", json!({})),
        ("view_secret", json!({"name": "db"})),
        ("view_secret", json!({"name": "db", "facts": true})),
        ("diff_secrets", json!({"name": "db", "with": "other"})),
        ("secret_usage", json!({"name": "db"})),
        ("secret_access", json!({"name": "db"})),
        ("secret_history", json!({"name": "db"})),
        ("audit_secrets", json!({})),
        ("plan_rotation", json!({"name": "db", "keys": keys("generate")})),
        ("rotate_secret", json!({"name": "db", "keys": keys("generate")})),
        ("set_keys", json!({"name": "db", "keys": keys("keychain")})),
        ("create_secret", json!({"name": "db", "keys": keys("generate")})),
    ]
}

fn plant(plane: &ControlPlane, planted: &Planted) -> String {
    let namespace = plane.namespace();
    for name in ["db", "other"] {
        let manifest = planted.secret(name, &namespace).to_string();
        plane.kubectl_with(&["apply", "-f", "-"], manifest.as_bytes()).success();
    }
    namespace
}

fn talk(kubeconfig: &std::path::Path, namespace: &str, calls: &[(&str, Value)]) -> Value {
    let home = temp_folder("mcp");
    let env = [
        ("HOME", home.path().to_str().unwrap()),
        ("KUBECONFIG", kubeconfig.to_str().unwrap()),
        ("RUST_LOG", "trace"),
        ("SECRETSAFE_KEYCHAIN", "keyutils"),
    ];
    session(&["mcp", "-n", namespace, "--allow-writes", "-v", "9"], &env, calls)
}

#[test]
fn nothing_comes_out_of_any_tool() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    let namespace = plant(plane, &planted);
    let seen = talk(plane.admin_kubeconfig(), &namespace, &calls());
    assert!(seen["results"][2]["structuredContent"]["keys"].as_array().unwrap().len() > 10, "{seen:#?}");
    assert_absent(&planted.canaries, seen.to_string().as_bytes(), "the session");
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    let namespace = plant(plane, &planted);
    for (what, fault) in planted.faults() {
        let proxy = Proxy::start(plane, vec![Rule::always(fault).path("/secrets")]);
        let seen = talk(&proxy.kubeconfig(plane.admin_token()), &namespace, &calls());
        assert_eq!(seen["results"].as_array().unwrap().len(), calls().len());
        assert_absent(&planted.canaries, seen.to_string().as_bytes(), what);
    }
}

/// A value that a client sends where none belongs is not repeated.
#[test]
fn what_a_client_sends_is_not_repeated() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    let namespace = plant(plane, &planted);
    let canary = planted.canaries.iter().find(|canary| std::str::from_utf8(canary.bytes()).is_ok()).unwrap();
    let text = canary.text();
    let key = |key: &str, source: &str| json!([{"key": key, "source": source}]);
    let seen = talk(
        plane.admin_kubeconfig(),
        &namespace,
        &[
            ("view_secret", json!({"name": format!("{text}!")})),
            ("view_secret", json!({text: "db"})),
            ("view_secret", json!({"name": "db", "facts": text})),
            ("diff_secrets", json!({"name": "db", "with": format!("a/b/{text}")})),
            ("set_keys", json!({"name": "db", "keys": key("a", text)})),
            ("set_keys", json!({"name": "db", "keys": key("a", &format!("generate:{text}"))})),
            ("set_keys", json!({"name": "db", "keys": key(&format!("{text}!"), "generate")})),
            ("set_keys", json!({"name": "db", "keys": text})),
            (text, json!({})),
        ],
    );
    let results = seen["results"].as_array().unwrap();
    let failed = |result: &Value| result["isError"] == true || result["protocolError"].is_object();
    assert!(results.iter().all(failed), "{results:#?}");
    assert_absent(std::slice::from_ref(canary), seen["results"].to_string().as_bytes(), "the answers");
}
