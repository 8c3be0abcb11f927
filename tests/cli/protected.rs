//! Protected contexts (requirement S14): the name is typed or given, whatever `--yes` says.

use serde_json::{Value, json};

use crate::connect::{with_another, write};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::kubeconfig::CONTEXT;
use crate::support::temp_folder;
use crate::support::terminal::{Streams, Terminal};

fn namespace(plane: &ControlPlane) -> String {
    let namespace = plane.namespace();
    let object = json!({"metadata": {"name": "db"}, "stringData": {"a": "not-a-real-password"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    namespace
}

/// A run with this list of patterns in the config file.
fn protected(pattern: &str, args: &[&str], namespace: &str) -> Secretsafe {
    Secretsafe::new()
        .args(args)
        .args(["-n", namespace])
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
        .config(&format!("protected: [\"{pattern}\"]\n"))
}

fn stored(plane: &ControlPlane, namespace: &str) -> Value {
    let answer = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json();
    answer["metadata"]["resourceVersion"].clone()
}

const CHANGES: &[&[&str]] = &[
    &["create", "generic", "new", "a=generate"],
    &["create", "generic", "db", "a=public:x", "--apply", "--public-ok", "a"],
    &["rotate", "db", "a=generate", "--yes"],
    &["set", "db", "b=generate", "--yes"],
    &["unset", "db", "a", "--yes"],
    &["rename-key", "db", "a", "c", "--yes"],
];

#[test]
fn without_a_terminal_every_change_is_refused_unless_the_name_is_given() {
    let plane = ControlPlane::shared();
    for args in CHANGES {
        let namespace = namespace(plane);
        let before = stored(plane, &namespace);
        let said = |output: &Output| format!("{args:?}: {}", output.err());
        let refused = protected("b?d*", args, &namespace).run().expect_code(3);
        assert!(refused.err().contains("--confirm-context bed"), "{}", said(&refused));
        let wrong = protected("b?d*", args, &namespace).args(["--confirm-context", "other"]).run().expect_code(3);
        assert!(wrong.err().contains("another one"), "{}", said(&wrong));
        assert_eq!(stored(plane, &namespace), before, "{args:?}");
        let events = plane.secret_events(&namespace);
        let sent = events.iter().any(|event| {
            event["userAgent"].as_str().is_some_and(|agent| agent.starts_with("kubectl-secretsafe"))
                && event["verb"] != "get"
        });
        assert!(!sent, "no write was sent: {args:?}");
        protected("b?d*", args, &namespace).args(["--confirm-context", CONTEXT]).run().success();
    }
}

#[test]
fn name_server_and_fingerprint_mean_it_and_reading_is_free() {
    let plane = ControlPlane::shared();
    let namespace = namespace(plane);
    let plan = ["create", "generic", "new", "a", "--dry-run=client", "-o", "json"];
    let plan: Value = serde_json::from_slice(&protected("*", &plan, &namespace).run().success().stdout).unwrap();
    let fingerprint = plan.to_string();
    let fingerprint = fingerprint.split("\"fingerprint\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let set = ["set", "db", "b=generate", "--yes"];
    for pattern in ["*", CONTEXT, &plane.server_url(), "https://127.0.0.1:*", &fingerprint] {
        protected(pattern, &set, &namespace).run().expect_code(3);
        protected(pattern, &["view", "db"], &namespace).run().success();
        protected(pattern, &set, &namespace).args(["--dry-run=server"]).run().success();
    }
    for pattern in ["be", "prod-*", "https://127.0.0.2:*", "0000000000000000"] {
        protected(pattern, &set, &namespace).run().success();
    }
}

#[test]
fn on_a_terminal_the_name_is_typed() {
    let plane = ControlPlane::shared();
    let namespace = namespace(plane);
    for (typed, code) in [("bad", 3), ("", 3), (CONTEXT, 0)] {
        let run = protected(CONTEXT, &["rotate", "db", "a=generate", "--yes"], &namespace);
        let streams = Streams { stdin: None, capture_stdout: true, capture_stderr: false };
        let mut session = Terminal::new().run_with(&run.command(), streams).start();
        session.expect("Type the name of the context");
        session.send(format!("{typed}\r"));
        assert_eq!(session.wait().code(), Some(code), "{typed}: {}", session.screen());
    }
}

#[test]
fn values_leave_a_protected_context_only_after_its_name_was_given() {
    let plane = ControlPlane::shared();
    let namespace = namespace(plane);
    let exec = |more: &[&str]| {
        let run = protected(CONTEXT, &["exec", "db", "--stdin", "a"], &namespace);
        run.args(more).args(["--", "cat"]).run()
    };
    let refused = exec(&[]).expect_code(3);
    assert!(refused.err().contains("--confirm-context bed") && refused.out().is_empty(), "{}", refused.err());
    exec(&["--confirm-context", "other"]).expect_code(3);
    let ours = |event: &Value| event["userAgent"].as_str().is_some_and(|agent| agent.starts_with("kubectl-secretsafe"));
    assert!(!plane.secret_events(&namespace).iter().any(ours), "no value was fetched");
    assert_eq!(exec(&["--confirm-context", CONTEXT]).success().out(), "not-a-real-password");
}

#[test]
fn values_of_two_clusters_meet_only_after_both_names_were_given() {
    let (plane, other) = (ControlPlane::shared(), ControlPlane::start());
    let namespace = namespace(plane);
    let config = with_another(plane, &other, "far");
    other.create("/api/v1/namespaces/default/secrets", &json!({"metadata": {"name": "db"}}));
    let folder = temp_folder("protected");
    let path = write(folder.path(), "config", &config);
    let diff = || protected("far", &["diff", "db", "--with", "far:default/db"], &namespace).kubeconfig(&path);
    diff().run().expect_code(3);
    diff().args(["--confirm-context", "far"]).run().expect_code(1);
    protected("far", &["diff", "db", "--with", "db"], &namespace).run().success();
}
