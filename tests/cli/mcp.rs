//! `mcp` with the protocol's own client library: which tools there are, what they answer, and what they refuse.

use serde_json::{Value, json};

use crate::create::live_value;
use crate::support::controlplane::ControlPlane;
use crate::support::keychain::Keyring;
use crate::support::mcp::session;
use crate::support::temp_folder;

const READS: &[&str] = &[
    "list_secrets",
    "view_secret",
    "diff_secrets",
    "secret_usage",
    "secret_access",
    "secret_history",
    "audit_secrets",
    "plan_rotation",
];
const WRITES: &[&str] = &["create_secret", "rotate_secret", "set_keys"];

fn plant(plane: &ControlPlane) -> String {
    let namespace = plane.namespace();
    let object = json!({"metadata": {"name": "db"}, "stringData": {"password": "not-a-real-password", "user": "u"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    namespace
}

/// A session against the shared control plane, with a home of its own.
fn talk(args: &[&str], more: &[(&str, &str)], calls: &[(&str, Value)]) -> Value {
    let home = temp_folder("mcp");
    let (home, kubeconfig) = (home.path().to_str().unwrap(), ControlPlane::shared().admin_kubeconfig());
    let mut env = vec![("HOME", home), ("KUBECONFIG", kubeconfig.to_str().unwrap())];
    env.extend(more);
    session(&[&["mcp"], args].concat(), &env, calls)
}

fn tools(seen: &Value) -> Vec<&str> {
    seen["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[test]
fn what_can_be_said_is_said_and_no_value() {
    let plane = ControlPlane::shared();
    let namespace = plant(plane);
    plane.create(
        &format!("/api/v1/namespaces/{namespace}/secrets"),
        &json!({"metadata": {"name": "db2"}, "stringData": {"password": "not-a-real-password", "user": "v"}}),
    );
    let keys = json!([{"key": "password", "source": "generate"}]);
    let seen = talk(
        &["-n", &namespace],
        &[],
        &[
            ("list_secrets", json!({})),
            ("view_secret", json!({"name": "db"})),
            ("view_secret", json!({"name": "secret/db", "facts": true})),
            ("diff_secrets", json!({"name": "db", "with": "db2"})),
            ("plan_rotation", json!({"name": "db", "keys": keys})),
            ("secret_usage", json!({"name": "db"})),
            ("secret_access", json!({"name": "db"})),
            ("secret_access", json!({})),
            ("secret_history", json!({"name": "db"})),
            ("audit_secrets", json!({"selector": "app!=none"})),
        ],
    );
    assert_eq!(tools(&seen), READS);
    assert_eq!(seen["server"]["serverInfo"]["name"], "kubectl-secretsafe");
    let results = seen["results"].as_array().unwrap();
    let reports: Vec<&Value> = results.iter().map(|result| &result["structuredContent"]).collect();
    assert!(results.iter().all(|result| result["isError"] == false), "{results:#?}");
    assert_eq!(reports[0]["items"].as_array().unwrap().len(), 2);
    assert_eq!((&reports[1]["keys"][0]["class"], &reports[2]["keys"][0]["class"]), (&json!(null), &json!("text")));
    let status: Vec<&Value> = reports[3]["keys"].as_array().unwrap().iter().map(|key| &key["status"]).collect();
    assert_eq!(status, ["same", "changed"]);
    assert_eq!(reports[5]["items"], json!([]));
    let kinds: Vec<&Value> = reports[6..].iter().map(|report| &report["kind"]).collect();
    assert_eq!(kinds, ["SecretAccess", "SecretAccess", "SecretHistory", "SecretAudit"]);
    assert_eq!((&reports[6]["name"], &reports[7]["name"]), (&json!("db"), &json!(null)));
    assert!(reports[9]["items"].to_string().contains("unused"), "{:#}", reports[9]);
    assert!(reports[4]["steps"].to_string().contains("generate:password"));
    // The same in words, for clients that know no structured results.
    let words: Value = serde_json::from_str(results[1]["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(&words, reports[1]);
    assert!(!seen.to_string().contains("not-a-real"));
    assert_eq!(live_value(plane, &namespace, "db", "password").unwrap(), b"not-a-real-password");
}

#[test]
fn writes_are_allowed_by_the_one_who_starts_it_and_take_no_value() {
    let plane = ControlPlane::shared();
    let namespace = plant(plane);
    let keyring = Keyring::secret_service();
    keyring.store("secretsafe", "team", b"not-a-real-token");
    keyring.store("bank", "mine", b"not-a-real-pin");
    let key = |key: &str, source: &str| json!([{"key": key, "source": source}]);
    let calls = [
        ("rotate_secret", json!({"name": "db", "keys": key("password", "generate:hex")})),
        ("set_keys", json!({"name": "db", "keys": key("token", "keychain:secretsafe/team")})),
        ("create_secret", json!({"name": "new", "keys": key("a", "generate")})),
        ("set_keys", json!({"name": "db", "keys": key("pin", "keychain:bank/mine")})),
        ("set_keys", json!({"name": "db", "keys": key("typed", "not-a-real-value")})),
        ("set_keys", json!({"name": "db", "keys": key("weak", "generate:length=4")})),
    ];
    let env = keyring.env();
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let refused = talk(&["-n", &namespace], &env, &calls);
    let all_refused = refused["results"].as_array().unwrap().iter().all(|result| result["protocolError"].is_object());
    assert!(all_refused && tools(&refused) == READS, "{refused:#?}");
    assert_eq!(live_value(plane, &namespace, "db", "password").unwrap(), b"not-a-real-password");

    let seen = talk(&["-n", &namespace, "--allow-writes"], &env, &calls);
    assert_eq!(tools(&seen), [READS, WRITES].concat());
    let results = seen["results"].as_array().unwrap();
    assert_eq!(results[0]["structuredContent"]["change"]["verb"], "rotated", "{results:#?}");
    assert_eq!(live_value(plane, &namespace, "db", "password").unwrap().len(), 64);
    assert_eq!(live_value(plane, &namespace, "db", "token").unwrap(), b"not-a-real-token");
    assert_eq!(results[2]["structuredContent"]["change"]["verb"], "created");
    for refused in [&results[3], &results[4]] {
        assert!(refused["protocolError"]["message"].as_str().unwrap().starts_with("`source` takes"), "{refused}");
    }
    assert_eq!((&results[5]["isError"], &results[5]["structuredContent"]["exitCode"]), (&json!(true), &json!(3)));
    assert!(results[5]["content"][0]["text"].as_str().unwrap().contains("too weak"));
    let stored = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json();
    assert_eq!(stored["data"].as_object().unwrap().keys().collect::<Vec<_>>(), ["password", "token", "user"]);
}

#[test]
fn a_client_cannot_leave_what_was_fixed() {
    let namespace = plant(ControlPlane::shared());
    let seen = talk(
        &["-n", &namespace, "--context", "bed"],
        &[],
        &[
            ("list_secrets", json!({"namespace": "kube-system"})),
            ("list_secrets", json!({"allNamespaces": true})),
            ("view_secret", json!({"name": "db", "context": "other"})),
            ("diff_secrets", json!({"name": "db", "with": "default/db"})),
            ("view_secret", json!({"name": "db", "output": "yaml"})),
            ("no_such_tool", json!({})),
            ("list_secrets", json!({"selector": "--all-namespaces"})),
        ],
    );
    let results = seen["results"].as_array().unwrap();
    let last = results.len() - 1;
    assert!(results[..last].iter().all(|result| result["protocolError"].is_object()), "{results:#?}");
    // It is no selector either; what matters is that it is one word to the command line.
    assert_eq!(results[last]["isError"], true, "{}", results[last]);
}

/// Errors are the command's own: exit code and what to type instead. Questions have nobody to answer them.
#[test]
fn errors_say_what_to_type_and_protected_contexts_stay_so() {
    let plane = ControlPlane::shared();
    let namespace = plant(plane);
    let home = temp_folder("mcp");
    std::fs::create_dir_all(home.path().join(".config/secretsafe")).unwrap();
    let config = home.path().join(".config/secretsafe/config.yaml");
    crate::support::write_private(&config, b"protected: [bed]\n");
    let keys = json!([{"key": "password", "source": "generate"}]);
    let env = [("HOME", home.path().to_str().unwrap()), ("KUBECONFIG", plane.admin_kubeconfig().to_str().unwrap())];
    let calls = [("view_secret", json!({"name": "bd"})), ("rotate_secret", json!({"name": "db", "keys": keys}))];
    let seen = session(&["mcp", "-n", &namespace, "--allow-writes"], &env, &calls);
    let missing = &seen["results"][0];
    assert_eq!((&missing["isError"], &missing["structuredContent"]["exitCode"]), (&json!(true), &json!(5)));
    assert!(missing["content"][0]["text"].as_str().unwrap().contains("did you mean `db`?"), "{missing}");
    let protected = &seen["results"][1];
    assert_eq!(protected["structuredContent"]["exitCode"], 3, "{protected}");
    assert_eq!(live_value(plane, &namespace, "db", "password").unwrap(), b"not-a-real-password");
}
