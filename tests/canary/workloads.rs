//! `usage` and `rotate --restart`: workloads hold values as literal text beside their references, and what they say of
//! themselves is written by others.

use serde_json::{Value, json};

use crate::planted::{FORMATS, Planted, check};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;

/// A namespace with the planted values in a Secret, and in the environment of a Deployment that uses it.
fn plant(plane: &ControlPlane, planted: &Planted) -> String {
    let namespace = plane.namespace();
    plane.kubectl_with(&["create", "-f", "-"], planted.secret("db", &namespace).to_string().as_bytes()).success();
    let mut env: Vec<Value> = planted
        .values
        .iter()
        .filter_map(|(key, value)| Some((key, std::str::from_utf8(value).ok()?)))
        .map(|(key, value)| json!({"name": key.replace('-', "_"), "value": value}))
        .collect();
    env.push(json!({"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "plain-0"}}}));
    let containers = json!([{"name": "app", "image": "app", "env": env, "args": [planted.quote()]}]);
    let labels = json!({"app": "a"});
    let object = json!({
        "metadata": {"name": "web", "annotations": {"note": planted.quote()}},
        "spec": {"selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels, "annotations": {"note": planted.quote()}}, "spec": {"containers": containers}}},
    });
    plane.create(&format!("/apis/apps/v1/namespaces/{namespace}/deployments"), &object);
    namespace
}

const COMMANDS: &[&[&str]] = &[
    &["usage", "db"],
    &["usage", "--all"],
    &["usage", "-A", "--unused", "--dangling"],
    &["rotate", "db", "plain-0=stdin", "--yes", "--restart=always", "--wait=false"],
    &["rotate", "db", "plain-0=stdin", "--yes", "--restart=auto", "--timeout=1s"],
    &["rotate", "db", "plain-0=stdin", "--restart=auto", "--dry-run=client"],
];

fn run(command: &[&str], namespace: &str, format: Option<&str>, planted: &Planted) -> Secretsafe {
    let run = Secretsafe::new().args(command).args(["-n", namespace, "-v", "9"]).stdin(planted.values[1].1.clone());
    match format {
        Some(format) => run.args(["-o", format]),
        None => run,
    }
}

#[test]
fn nothing_comes_out_of_a_workload() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    let namespace = plant(plane, &planted);
    for format in FORMATS {
        for command in COMMANDS {
            let run = run(command, &namespace, *format, &planted).kubeconfig(plane.admin_kubeconfig());
            let output = run.run();
            // Without controllers nothing becomes ready.
            assert!(matches!(output.code, Some(0 | 6)), "{command:?}: {:?} {}", output.code, output.err());
            check(&planted.canaries, &run, &output, &format!("{command:?} {format:?}"));
        }
    }
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    let namespace = plant(plane, &planted);
    // Each waits between tries most of the time.
    std::thread::scope(|scope| {
        for (what, fault) in planted.faults() {
            let (planted, namespace) = (&planted, &namespace);
            scope.spawn(move || {
                for command in COMMANDS {
                    let proxy = Proxy::start(plane, vec![Rule::always(fault.clone()).path("/deployments")]);
                    let kubeconfig = proxy.kubeconfig(plane.admin_token());
                    let run = run(command, namespace, None, planted).kubeconfig(&kubeconfig);
                    let output = run.run();
                    let told = format!("{command:?} {what}: {:?} {}", output.code, output.err());
                    assert!(matches!(output.code, Some(0 | 5..=6)), "{told}");
                    check(&planted.canaries, &run, &output, &format!("{command:?} {what}"));
                }
            });
        }
    });
}
