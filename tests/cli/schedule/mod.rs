//! `schedule`: the objects that apply policies by themselves, on a real API server that takes them, and holds their
//! account to what it is for.

mod admission;
mod apply;
mod due;
mod pod;
mod refused;
pub(crate) mod show;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::wait_for;

pub(crate) const LIMIT: std::time::Duration = std::time::Duration::from_secs(60);
pub(crate) const NAME: &str = "secretsafe-rotate";
const POLICY: &str = "secretsafe.dev/policy";

/// An image by digest; nothing pulls it here.
pub(crate) fn image() -> String {
    format!("registry.example.com/secretsafe:v1@sha256:{}", "0a".repeat(32))
}

/// Plants a Secret with a policy; what follows `keys` in it is `rest`.
pub(crate) fn plant(plane: &ControlPlane, namespace: &str, name: &str, rest: Value) {
    let mut policy = json!({"v": 1, "keys": {"password": {"every": "90d", "source": "generate:length=40"}}});
    policy.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let metadata = json!({"name": name, "labels": {POLICY: "true"}, "annotations": {POLICY: policy.to_string()}});
    let secret = json!({"metadata": metadata, "stringData": {"password": "not-a-real-password"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &secret);
}

/// `schedule` in one namespace, as the administrator.
pub(crate) fn schedule(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new()
        .args(["schedule", "--cron", "0 3 * * *", "--image", &image(), "-n", namespace])
        .args(args)
        .kubeconfig(plane.admin_kubeconfig())
}

/// A token of the account, as `kubectl` gets it.
pub(crate) fn token(plane: &ControlPlane, namespace: &str) -> String {
    plane.kubectl(&["create", "token", NAME, "-n", namespace]).success().out().trim().to_owned()
}

/// A kubeconfig of the account.
pub(crate) fn account(plane: &ControlPlane, namespace: &str) -> PathBuf {
    plane.kubeconfig_for(&token(plane, namespace))
}

/// Waits until the API server enforces the admission policy: it learns of it a moment after it has stored it.
pub(crate) fn enforced(plane: &ControlPlane, namespace: &str) {
    let user = format!("system:serviceaccount:{namespace}:{NAME}");
    let denied = wait_for(LIMIT, || {
        // Impersonated as a member of `system:masters`, who may do anything: only admission can refuse.
        let args = ["create", "secret", "generic", "probe", "-n", namespace, "--dry-run=server"];
        let output = plane.kubectl(&[&args[..], &["--as", &user, "--as-group", "system:masters"]].concat());
        output.err().contains("denied request").then_some(())
    });
    assert!(denied.is_some(), "the admission policy was applied but is not in force");
}
