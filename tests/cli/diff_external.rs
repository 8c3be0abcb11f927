//! As kubectl's own `KUBECTL_EXTERNAL_DIFF`: the real kubectl asks the real API server, and shows what this prints.

use std::process::Command;

use serde_json::json;

use crate::support::binaries;
use crate::support::canary::{Canary, assert_absent};
use crate::support::command::{self, Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::{temp_folder, write_private};

/// Runs `kubectl diff -f` with this program behind it.
fn kubectl_diff(plane: &ControlPlane, namespace: &str, text: &str) -> Output {
    let folder = temp_folder("manifests");
    let path = folder.path().join("all.yaml");
    write_private(&path, text.as_bytes());
    let mut kubectl = Command::new(binaries::path("kubectl"));
    kubectl
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder.path())
        .env("LC_ALL", "C.UTF-8")
        .env("KUBECONFIG", plane.admin_kubeconfig())
        .env("KUBECTL_EXTERNAL_DIFF", env!("CARGO_BIN_EXE_kubectl-secretsafe"))
        .args(["diff", "-n", namespace, "-f"])
        .arg(&path);
    command::run(kubectl, b"")
}

#[test]
fn kubectl_shows_secrets_masked_and_other_objects_as_they_are() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let canary = Canary::random();
    let text = canary.text();
    let manifests = |value: &str, stage: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  labels: {{stage: {stage}}}\n  annotations: {{note: {value}}}\n\
             stringData: {{password: {value}, same: {text}}}\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings}}\ndata: {{stage: {stage}}}\n"
        )
    };
    // Applied by kubectl itself, so that the annotation that holds all of it is there.
    let folder = temp_folder("applied");
    let path = folder.path().join("all.yaml");
    write_private(&path, manifests(text, "one").as_bytes());
    plane.kubectl(&["apply", "-n", &namespace, "-f", path.to_str().unwrap()]).success();
    let live = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json();
    assert!(live["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"].is_string());

    let same = kubectl_diff(plane, &namespace, &manifests(text, "one")).expect_code(0);
    assert_eq!(same.out(), "");
    let changed = Canary::random();
    let output = kubectl_diff(plane, &namespace, &manifests(changed.text(), "two")).expect_code(1);
    for wanted in [
        "-  password: '*** (before)'",
        "+  password: '*** (after)'",
        "+    note: '*** (after)'",
        "-    stage: one",
        "+    stage: two",
        "-  stage: one",
        "+  stage: two",
    ] {
        assert!(output.out().lines().any(|line| line == wanted), "{wanted}: {}", output.out());
    }
    let new = kubectl_diff(plane, &namespace, &manifests(changed.text(), "one").replace("name: db", "name: fresh"))
        .expect_code(1);
    assert!(new.out().contains("+  password: '***'"), "{}", new.out());
    for output in [&same, &output, &new] {
        for bytes in [&output.stdout, &output.stderr] {
            assert_absent(&[canary.clone(), changed.clone()], bytes, "kubectl diff");
        }
        assert!(!output.out().contains("last-applied"), "{}", output.out());
    }
    // The other way that kubectl has shows the annotation.
    let own = plane.kubectl(&["diff", "-n", &namespace, "-f", path.to_str().unwrap()]);
    assert_eq!(own.code, Some(0), "{}", own.err());
}

#[test]
fn two_folders_are_compared_and_a_broken_object_is_an_error() {
    let canary = Canary::random();
    let (live, merged) = (temp_folder("live"), temp_folder("merged"));
    let run = || Secretsafe::new().args([live.path(), merged.path()]).run();
    assert_eq!(run().success().out(), "");
    let secret =
        json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": canary.text()}, "metadata": {"name": "db"}});
    write_private(&live.path().join("v1.Secret.prod.db"), secret.to_string().as_bytes());
    let removed = run().expect_code(1);
    assert!(removed.out().contains("-  a: '***'"), "{}", removed.out());
    write_private(&merged.path().join("v1.Secret.prod.db"), format!("kind: Secret\na: [{}", canary.text()).as_bytes());
    let broken = run().expect_code(2);
    for output in [removed, broken] {
        assert_absent(std::slice::from_ref(&canary), &output.stdout, "stdout");
        assert_absent(std::slice::from_ref(&canary), &output.stderr, "stderr");
    }
    // Where they are no folders, they are what they always were.
    Secretsafe::new().args(["/nothing/here", "/nor/here"]).run().expect_code(2);
    assert!(
        Command::new(env!("CARGO_BIN_EXE_kubectl-secretsafe")).arg(live.path()).output().unwrap().status.code()
            == Some(2)
    );
}
