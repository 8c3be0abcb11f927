//! The program as it runs in the job's container: user 65532 without a home, a root that cannot be written, no
//! capabilities, no kubeconfig, the account's token, CA and namespace where the kubelet mounts them. The container image
//! itself is not run here; a mount namespace of the kernel stands for it.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{enforced, plant, schedule, token};
use crate::support::command::{self, Output, copy_program};
use crate::support::controlplane::ControlPlane;
use crate::support::{temp_folder, write_private};

/// Makes the container's file system out of this one, drops all rights, and becomes the program.
const CONTAINER: &str = r#"
set -eu
mount -t tmpfs tmpfs /run
account=/run/secrets/kubernetes.io/serviceaccount
mkdir -p "$account" /run/app
cp "$FILES"/* "$account"
mv "$account/program" /run/app/kubectl-secretsafe
chmod 0755 /run/app/kubectl-secretsafe
chown -R 65532 "$account"
mount -o remount,ro /run
mount -o remount,ro,bind /
cd /
exec setpriv --reuid 65532 --regid 65532 --clear-groups --no-new-privs --bounding-set -all --inh-caps -all \
  env -i "KUBERNETES_SERVICE_HOST=$HOST" "KUBERNETES_SERVICE_PORT=$PORT" "$@"
"#;

/// Runs the program's arguments as the job of the schedule in `home` would.
pub(crate) fn in_pod(plane: &ControlPlane, home: &str, args: &[&str]) -> Output {
    let folder = temp_folder("pod");
    let write = |name: &str, text: &str| write_private(&folder.path().join(name), text.as_bytes());
    write("token", &token(plane, home));
    write("ca.crt", plane.ca_pem());
    write("namespace", home);
    copy_program(env!("CARGO_BIN_EXE_kubectl-secretsafe").as_ref(), &folder.path().join("program"));
    in_container(plane, folder.path(), &[&["/run/app/kubectl-secretsafe"], args].concat())
}

fn in_container(plane: &ControlPlane, files: &Path, args: &[&str]) -> Output {
    let mut unshare = Command::new("unshare");
    unshare
        .args(["--mount", "--", "sh", "-c", CONTAINER, "container"])
        .args(args)
        .env("FILES", files)
        .env("HOST", plane.address().ip().to_string())
        .env("PORT", plane.address().port().to_string());
    command::run(unshare, b"")
}

#[test]
fn the_container_is_what_the_test_says() {
    let plane = ControlPlane::shared();
    let folder = temp_folder("pod");
    for name in ["token", "ca.crt", "namespace", "program"] {
        write_private(&folder.path().join(name), b"x");
    }
    let probe = "id -u; env | cut -d= -f1 | sort | tr '\\n' ' '; touch /x /tmp/x /run/x 2>/dev/null || echo read-only; grep CapEff /proc/self/status";
    let output = in_container(plane, folder.path(), &["/bin/sh", "-c", probe]).success();
    let said = output.out();
    assert!(said.starts_with("65532\n"), "{said}");
    assert!(said.contains("KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT PWD") && !said.contains("HOME"), "{said}");
    assert!(said.contains("read-only") && said.contains("CapEff:\t0000000000000000"), "{said}");
    assert!(!Path::new("/run/app").exists(), "nothing of it is left outside");
}

#[test]
fn the_program_rotates_with_the_accounts_token_and_nothing_else() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", json!({"restart": "never", "history": 0}));
    schedule(plane, &namespace, &["--yes"]).run().success();
    enforced(plane, &namespace);
    let before = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json();
    let output = in_pod(plane, &namespace, &["rotate", "db", "password=generate", "--yes", "-o", "json"]).success();
    let report: serde_json::Value = serde_json::from_str(&output.out()).unwrap();
    assert_eq!(report["metadata"]["namespace"], namespace.as_str(), "the namespace is that of the account");
    let after = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json();
    assert_ne!(before["data"]["password"], after["data"]["password"]);
    assert_eq!(
        before["metadata"]["annotations"]["secretsafe.dev/policy"],
        after["metadata"]["annotations"]["secretsafe.dev/policy"]
    );
    let record = after["metadata"]["annotations"]["key.secretsafe.dev/password"].as_str().unwrap();
    assert!(record.contains("system:serviceaccount:"), "{record}");
    // A Secret that the role does not name.
    plant(plane, &namespace, "later", json!({}));
    let denied = in_pod(plane, &namespace, &["rotate", "later", "password=generate", "--yes"]).expect_code(5);
    assert!(denied.err().contains("cannot patch secrets `later`"), "{}", denied.err());
}

#[test]
fn a_pod_without_the_token_says_what_is_missing() {
    let plane = ControlPlane::shared();
    let folder = temp_folder("pod");
    copy_program(env!("CARGO_BIN_EXE_kubectl-secretsafe").as_ref(), &folder.path().join("program"));
    let output = in_container(plane, folder.path(), &["/run/app/kubectl-secretsafe", "list"]).expect_code(5);
    assert!(output.err().contains("the service account of this Pod cannot be used"), "{}", output.err());
    assert!(output.err().contains("automountServiceAccountToken: true"), "{}", output.err());
}
