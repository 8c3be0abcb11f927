//! Pickers: what is missing on the command line is asked for on a terminal, by names only.

use serde_json::json;

use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::terminal::{Session, Terminal};

fn start(plane: &ControlPlane, namespace: &str, args: &[&str]) -> (Secretsafe, Session) {
    let run = Secretsafe::new().args(args).args(["-n", namespace]).kubeconfig(plane.admin_kubeconfig());
    let session = Terminal::spawn(&run.command());
    (run, session)
}

#[test]
fn name_and_key_are_picked_without_reading_a_value() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    for name in ["alpha", "beta"] {
        let object = json!({"metadata": {"name": name}, "stringData": {"user": "u", "password": "p"}});
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    }
    let (_run, mut session) = start(plane, &namespace, &["unset"]);
    session.expect("beta");
    session.send("bet\r");
    session.expect("password");
    session.send("user\r");
    session.expect("Go on?");
    session.send("y");
    session.expect("updated");
    assert!(session.wait().success());
    let left = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/beta")).json();
    assert_eq!(left["data"].as_object().unwrap().keys().collect::<Vec<_>>(), ["password"]);

    let (_run, mut session) = start(plane, &namespace, &["rename-key", "alpha"]);
    session.expect("password");
    session.send("user\r");
    session.expect("New name");
    session.send("login\r");
    session.expect("Go on?");
    session.send("y");
    assert!(session.wait().success());

    for verb in ["rotate", "set", "diff"] {
        let (_run, mut session) = start(plane, &namespace, &[verb]);
        session.expect("beta");
        session.send("\u{1b}");
        assert_eq!(session.wait().code(), Some(3), "{verb}");
    }
}

#[test]
fn one_of_five_thousand_secrets_is_found_by_typing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let items: Vec<_> = (0..5000)
        .map(|number| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": format!("secret-{number:05}"), "namespace": namespace}}))
        .collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
    plane.kubectl_with(&["create", "-f", "-"], list.as_bytes()).success();
    let (_run, mut session) = start(plane, &namespace, &["view", "--metadata-only"]);
    session.expect("secret-00000");
    session.send("04321");
    session.expect("04321");
    session.send("\r");
    session.expect("secret/secret-04321");
    assert!(session.wait().success());
}
