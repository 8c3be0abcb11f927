//! What a child process could see: its arguments, its environment, its descriptors.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::canary::{Canary, assert_absent};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::kubeconfig::Login;
use crate::support::{temp_folder, write_private};

/// A credential plugin that writes down all it can see, and then logs in.
const PLUGIN: &str = r#"#!/bin/sh
{ echo "argv: $0 $*"; cat /proc/$$/environ; for d in /proc/$$/fd/*; do echo "$d -> $(readlink "$d")"; done
  for n in 3 4 5 6 7 8 9; do timeout 1 cat <&$n; done; cat; } >> "$SEEN" 2>/dev/null
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$LOGIN"
"#;

#[test]
fn a_credential_plugin_sees_no_value() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let folder = temp_folder("plugin");
    let plugin = folder.path().join("login");
    write_private(&plugin, PLUGIN.as_bytes());
    fs::set_permissions(&plugin, fs::Permissions::from_mode(0o700)).unwrap();
    let seen = folder.path().join("seen");
    let token = plane.kubeconfig(Login::Token(plane.admin_token().to_owned())).text();
    let exec = format!(
        "exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: {}\n      interactiveMode: IfAvailable\n      env:\n      - {{name: SEEN, value: {}}}\n      - {{name: LOGIN, value: {}}}",
        plugin.display(),
        seen.display(),
        plane.admin_token()
    );
    let kubeconfig = folder.path().join("config");
    write_private(&kubeconfig, with_user(&token, &exec).as_bytes());
    let canaries: Vec<Canary> = (0..3).map(|_| Canary::random()).collect();
    let run = Secretsafe::new()
        .args(["create", "generic", "db", "a=env:VALUE", "b=stdin", "c=fd:7", "-n", &namespace, "-v", "9"])
        .env("VALUE", canaries[0].text())
        .kubeconfig(&kubeconfig)
        .stdin(canaries[1].bytes())
        .fd(7, canaries[2].bytes());
    run.run().success();
    let seen = fs::read(&seen).unwrap();
    assert!(seen.starts_with(b"argv: "), "the plugin ran");
    assert_eq!(seen.windows(5).filter(|w| w == b"argv:").count(), 1, "the plugin ran once");
    assert_absent(&canaries, &seen, "what the plugin saw");
}

/// Replaces the user of a kubeconfig.
fn with_user(kubeconfig: &str, user: &str) -> String {
    let mut config: serde_json::Value =
        serde_json::from_str(kubeconfig).unwrap_or_else(|_| serde_yaml::from_str(kubeconfig).expect("a kubeconfig"));
    let user: serde_json::Value = serde_yaml::from_str(user).expect("a user");
    config["users"][0]["user"] = user;
    config.to_string()
}

#[test]
fn an_environment_variable_is_gone_from_our_own_process() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let canary = Canary::random();
    let run = Secretsafe::new()
        .args(["create", "generic", "db", "a=env:VALUE", "b=prompt:once", "-n", &namespace])
        .env("VALUE", canary.text())
        .kubeconfig(plane.admin_kubeconfig());
    let mut session = crate::support::terminal::Terminal::spawn(&run.command());
    session.expect("`b`");
    let environ = fs::read(format!("/proc/{}/environ", session.pid())).unwrap();
    assert!(!environ.is_empty(), "root may read it");
    assert_absent(std::slice::from_ref(&canary), &environ, "our environment");
    session.send("x\n");
    session.wait();
}
