//! `access`: roles and bindings hold free text, and values by accident; only names and rights come out, and they cannot
//! act on a terminal.

use serde_json::json;

use crate::planted::{FORMATS, Planted, check};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;

const HOSTILE: &str = "x\u{1b}[2J\u{202e}\r\n=1+1";
const COMMANDS: &[&[&str]] = &[&["access", "db"], &["access"], &["access", "db", "--all-subjects"]];

/// A namespace with the planted values in a Secret, and in every text of a role and a binding that is no name.
fn plant(plane: &ControlPlane, planted: &Planted) -> String {
    let namespace = plane.namespace();
    plane.kubectl_with(&["create", "-f", "-"], planted.secret("db", &namespace).to_string().as_bytes()).success();
    let path = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}");
    let annotations =
        json!({"note": planted.quote(), "kubectl.kubernetes.io/last-applied-configuration": planted.quote()});
    let metadata = json!({"name": HOSTILE, "annotations": annotations});
    let rules = json!([
        {"verbs": ["get", "*"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["db", HOSTILE]},
        // What leads nowhere is not kept, whatever it is called.
        {"verbs": [planted.canaries[0].text()], "apiGroups": [planted.canaries[0].text()], "resources": [planted.canaries[0].text()]},
    ]);
    plane.create(&format!("{path}/roles"), &json!({"metadata": metadata, "rules": rules}));
    let group = "rbac.authorization.k8s.io";
    let subjects = json!([{"apiGroup": group, "kind": "User", "name": HOSTILE}, {"apiGroup": group, "kind": "Group", "name": HOSTILE}]);
    let role = json!({"apiGroup": group, "kind": "Role", "name": HOSTILE});
    plane
        .create(&format!("{path}/rolebindings"), &json!({"metadata": metadata, "roleRef": role, "subjects": subjects}));
    namespace
}

fn run(command: &[&str], namespace: &str, format: Option<&str>) -> Secretsafe {
    Secretsafe::new().args(command).args(["-n", namespace, "-v", "9"]).format(format)
}

#[test]
fn nothing_comes_out_of_roles_and_bindings() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    let namespace = plant(plane, &planted);
    for format in FORMATS.iter().chain(&[Some("wide")]) {
        for command in COMMANDS {
            let run = run(command, &namespace, *format).kubeconfig(plane.admin_kubeconfig());
            let output = run.run().success();
            check(&planted.canaries, &run, &output, &format!("{command:?} {format:?}"));
            for text in [output.out(), output.err()] {
                assert!(!text.contains(['\u{1b}', '\u{202e}']), "{command:?} {format:?}: {text}");
            }
            assert!(output.out().contains("[2J"), "the subject is shown: {}", output.out());
        }
    }
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    let namespace = plant(plane, &planted);
    for (what, fault) in planted.faults() {
        for path in ["/roles", "/clusterrolebindings", "/secrets/db"] {
            let proxy = Proxy::start(plane, vec![Rule::always(fault.clone()).path(path)]);
            let run = run(COMMANDS[0], &namespace, None).kubeconfig(&proxy.kubeconfig(plane.admin_token()));
            let output = run.run();
            assert!(matches!(output.code, Some(0 | 5)), "{path} {what}: {:?} {}", output.code, output.err());
            check(&planted.canaries, &run, &output, &format!("{path} {what}"));
        }
    }
}
