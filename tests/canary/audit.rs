//! `audit`: metadata with whole manifests in it, values that are looked at, names that others chose, and every failure.

use serde_json::json;

use crate::planted::{Planted, check};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;

const FORMATS: &[&str] = &["table", "wide", "json", "yaml", "csv", "sarif", "html", "name"];
const HOSTILE: &str = "x\u{1b}[2J\u{202e}\r\n=1+1";

fn audit(namespace: &str, format: &str, more: &[&str]) -> Secretsafe {
    Secretsafe::new().args(["audit", "-n", namespace, "-o", format, "--fail-on", "never", "-v", "9"]).args(more)
}

/// The planted values in a Secret that was applied, and once more in another, so that they are duplicates.
fn plant(plane: &ControlPlane) -> (String, Planted) {
    let (namespace, planted) = Planted::applied(plane);
    plane.kubectl_with(&["create", "-f", "-"], planted.secret("twin", &namespace).to_string().as_bytes()).success();
    // Values by accident in what is listed beside Secrets: an environment, a role and a binding.
    let literal = json!({"name": "LITERAL", "value": planted.quote()});
    let reference = json!({"name": "P", "valueFrom": {"secretKeyRef": {"name": "db", "key": "nothing"}}});
    let spec = json!({"containers": [{"name": "app", "image": "app", "env": [literal, reference], "args": [planted.quote()]}]});
    let labels = json!({"app": "web"});
    let template = json!({"metadata": {"labels": labels}, "spec": spec});
    let web = json!({"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": labels}, "template": template}});
    plane.create(&format!("/apis/apps/v1/namespaces/{namespace}/deployments"), &web);
    let path = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}");
    let metadata = json!({"name": HOSTILE, "annotations": {"note": planted.quote()}});
    let rules = json!([{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": [HOSTILE]}]);
    plane.create(&format!("{path}/roles"), &json!({"metadata": metadata, "rules": rules}));
    let group = "rbac.authorization.k8s.io";
    let subjects = json!([{"apiGroup": group, "kind": "Group", "name": "system:authenticated"}]);
    let role = json!({"apiGroup": group, "kind": "Role", "name": HOSTILE});
    plane
        .create(&format!("{path}/rolebindings"), &json!({"metadata": metadata, "roleRef": role, "subjects": subjects}));
    (namespace, planted)
}

#[test]
fn nothing_comes_out_when_all_goes_well() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = plant(plane);
    for format in FORMATS {
        for more in [&[][..], &["--deep"]] {
            let run = audit(&namespace, format, more).kubeconfig(plane.admin_kubeconfig());
            let output = run.run().success();
            check(&planted.canaries, &run, &output, &format!("audit {format} {more:?}"));
            assert!(output.out().contains("db") && output.out().contains("[2J"), "{}", output.out());
            for text in [output.out(), output.err()] {
                assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format}: {text}");
            }
        }
    }
    let deep = audit(&namespace, "json", &["--deep"]).kubeconfig(plane.admin_kubeconfig()).run().success();
    assert!(deep.out().contains("\"duplicate\"") && deep.out().contains("\"last-applied\""), "{}", deep.out());
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = plant(plane);
    // All fails; or Secrets are listed, and only what comes later fails.
    let deep = ["--deep"];
    let fix = ["--fix", "last-applied", "--yes"];
    let runs: [(&[&str], &str); 3] = [(&deep, ""), (&deep, "/secrets/"), (&fix, "/secrets/")];
    // Each waits between tries most of the time.
    std::thread::scope(|scope| {
        for (what, fault) in planted.faults() {
            let (planted, namespace) = (&planted, &namespace);
            scope.spawn(move || {
                for (more, path) in runs {
                    let proxy = Proxy::start(plane, vec![Rule::always(fault.clone()).path(path)]);
                    let run = audit(namespace, "json", more).kubeconfig(&proxy.kubeconfig(plane.admin_token()));
                    let output = run.run();
                    assert!(matches!(output.code, Some(0 | 5 | 6)), "{what}: {:?} {}", output.code, output.err());
                    check(&planted.canaries, &run, &output, &format!("audit {more:?} with {what} at {path}"));
                }
            });
        }
    });
}
