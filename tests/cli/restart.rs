//! `rotate --restart`: exactly the consumers are restarted, and waited for, by the real controllers; what cannot be done
//! is found out before a value is changed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::command::{Output, Secretsafe};
use crate::support::controllers::Controllers;
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::wait_for;
use crate::support::http::Request;
use crate::support::terminal::Terminal;

const LIMIT: std::time::Duration = std::time::Duration::from_secs(60);
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

fn plural(kind: &str) -> &'static str {
    match kind {
        "StatefulSet" => "statefulsets",
        "DaemonSet" => "daemonsets",
        _ => "deployments",
    }
}

fn path(namespace: &str, kind: &str) -> String {
    format!("/apis/apps/v1/namespaces/{namespace}/{}", plural(kind))
}

/// Makes a workload that uses the Secret `db` by `uses`: `env`, `volume`, or not at all.
pub(crate) fn workload(plane: &ControlPlane, namespace: &str, kind: &str, name: &str, uses: &str, more: Value) {
    let mut container = json!({"name": "app", "image": "app"});
    let mut spec = json!({});
    match uses {
        "env" => container["envFrom"] = json!([{"secretRef": {"name": "db"}}]),
        "volume" => {
            container["volumeMounts"] = json!([{"name": "v", "mountPath": "/v"}]);
            spec["volumes"] = json!([{"name": "v", "secret": {"secretName": "db"}}]);
        }
        _ => {}
    }
    spec["containers"] = json!([container]);
    if let Some(node) = more.get("node") {
        spec["nodeSelector"] = json!({"node": node});
    }
    let labels = json!({"app": name});
    let mut whole =
        json!({"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}});
    if kind != "DaemonSet" {
        whole["replicas"] = json!(2);
    }
    if kind == "StatefulSet" {
        whole["serviceName"] = json!(name);
    }
    for field in ["progressDeadlineSeconds", "minReadySeconds", "paused"] {
        if let Some(value) = more.get(field) {
            whole[field] = value.clone();
        }
    }
    plane.create(&path(namespace, kind), &json!({"metadata": {"name": name}, "spec": whole}));
}

pub(crate) fn plant(plane: &ControlPlane) -> String {
    let namespace = plane.namespace();
    let object = json!({"metadata": {"name": "db"}, "stringData": {"password": "not-a-real-password"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    namespace
}

fn rotate(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new()
        .args(["rotate", "db", "password=stdin", "--yes", "-n", namespace])
        .args(args)
        .stdin("not-a-real-successor")
        .kubeconfig(plane.admin_kubeconfig())
}

fn password(plane: &ControlPlane, namespace: &str) -> Vec<u8> {
    let secret = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json();
    STANDARD.decode(secret["data"]["password"].as_str().unwrap()).unwrap()
}

/// The names of the workloads that bear the mark of a restart.
fn restarted(plane: &ControlPlane, namespace: &str) -> Vec<String> {
    let marked = |kind: &str| {
        let list = plane.get(&path(namespace, kind)).json();
        let items = list["items"].as_array().unwrap().clone();
        items
            .into_iter()
            .filter(|item| item["spec"]["template"]["metadata"]["annotations"].get(RESTARTED_AT).is_some())
            .map(|item| item["metadata"]["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    ["Deployment", "StatefulSet", "DaemonSet"].iter().flat_map(|kind| marked(kind)).collect()
}

/// Waits until a workload runs for the first time.
pub(crate) fn settled(plane: &ControlPlane, namespace: &str, kind: &str, name: &str) {
    let ready = wait_for(LIMIT, || {
        let status = plane.get(&format!("{}/{name}", path(namespace, kind))).json()["status"].clone();
        let ready = if kind == "DaemonSet" { &status["numberAvailable"] } else { &status["readyReplicas"] };
        ready.as_i64().filter(|count| *count > 0)
    });
    assert!(ready.is_some(), "{kind}/{name} never ran: {}", Controllers::shared().last_words());
}

fn restarts(output: &Output) -> Vec<(String, String)> {
    let report: Value = serde_json::from_str(&output.out()).unwrap();
    let restarts = report["restarts"].as_array().cloned().unwrap_or_default();
    restarts.iter().map(|one| (one["name"].as_str().unwrap().into(), one["result"].as_str().unwrap().into())).collect()
}

fn named(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, result)| ((*name).to_owned(), (*result).to_owned())).collect()
}

#[test]
fn exactly_the_consumers_are_restarted_and_waited_for() {
    let plane = &Controllers::shared().plane;
    let namespace = plant(plane);
    for number in 0..10 {
        let uses = if number < 3 { "env" } else { "nothing" };
        workload(plane, &namespace, "Deployment", &format!("web-{number}"), uses, json!({}));
    }
    workload(plane, &namespace, "StatefulSet", "store", "env", json!({}));
    workload(plane, &namespace, "DaemonSet", "agent", "env", json!({}));
    workload(plane, &namespace, "Deployment", "reader", "volume", json!({}));
    for (kind, name) in [("Deployment", "web-0"), ("StatefulSet", "store"), ("DaemonSet", "agent")] {
        settled(plane, &namespace, kind, name);
    }
    let output = rotate(plane, &namespace, &["--restart=auto", "--timeout=2m", "-o", "json"]).run().success();
    let wanted = [("agent", "ready"), ("web-0", "ready"), ("web-1", "ready"), ("web-2", "ready"), ("store", "ready")];
    assert_eq!(restarts(&output), named(&wanted));
    let mut marked = restarted(plane, &namespace);
    marked.sort();
    assert_eq!(marked, ["agent", "store", "web-0", "web-1", "web-2"]);
    // As kubectl says it, too.
    for workload in ["deployment/web-0", "statefulset/store", "daemonset/agent"] {
        plane.kubectl(&["rollout", "status", workload, "-n", &namespace, "--watch=false"]).success();
    }
    assert_eq!(password(plane, &namespace), b"not-a-real-successor");

    let lines = rotate(plane, &namespace, &["--restart=always"]).run().success().out();
    assert!(lines.starts_with("secret/db rotated\n"), "{lines}");
    assert!(lines.contains("deployment/reader restarted and ready\n"), "{lines}");
    assert_eq!(restarted(plane, &namespace).len(), 6);
}

#[test]
fn a_workload_that_does_not_come_up_is_said_with_its_reason() {
    let controllers = Controllers::shared();
    let plane = &controllers.plane;
    let namespace = plant(plane);
    controllers.node(&format!("only-{namespace}"));
    let node = format!("only-{namespace}");
    workload(plane, &namespace, "Deployment", "stuck", "env", json!({"node": node, "progressDeadlineSeconds": 2}));
    workload(plane, &namespace, "Deployment", "fine", "env", json!({}));
    workload(plane, &namespace, "Deployment", "paused", "env", json!({"paused": true}));
    settled(plane, &namespace, "Deployment", "stuck");
    settled(plane, &namespace, "Deployment", "fine");
    // Its node takes no new Pods.
    let cordon = Request::new("PATCH", &format!("/api/v1/nodes/{node}"))
        .body("application/merge-patch+json", br#"{"spec": {"unschedulable": true}}"#);
    assert_eq!(plane.request(plane.admin_token(), cordon).code, 200);
    let output = rotate(plane, &namespace, &["--restart=auto", "-o", "json"]).run().expect_code(6);
    assert_eq!(restarts(&output), named(&[("fine", "ready"), ("paused", "failed"), ("stuck", "failed")]));
    let error = output.err();
    assert!(error.contains("is changed, but 2 of 3 restarted workloads are not ready"), "{error}");
    assert!(error.contains("deployment/paused: it is paused"), "{error}");
    assert!(error.contains("deployment/stuck: its controller has given up; pod/stuck-"), "{error}");
    assert!(error.contains(": Unschedulable\n"), "{error}");
    assert_eq!(password(plane, &namespace), b"not-a-real-successor");
}

#[test]
fn a_limit_ends_the_wait_and_no_wait_is_none() {
    let plane = &Controllers::shared().plane;
    let namespace = plant(plane);
    workload(plane, &namespace, "Deployment", "slow", "env", json!({"minReadySeconds": 300}));
    settled(plane, &namespace, "Deployment", "slow");
    let output = rotate(plane, &namespace, &["--restart=auto", "--timeout=1s"]).run().expect_code(6);
    assert!(output.err().contains("deployment/slow: 0 of 2 Pods are new and ready"), "{}", output.err());
    let output = rotate(plane, &namespace, &["--restart=auto", "--wait=false"]).run().success();
    assert!(output.out().ends_with("deployment/slow restarted\n"), "{}", output.out());
}

/// Without controllers nothing becomes ready; for all that happens before, they are not needed.
#[test]
fn what_may_not_be_done_is_found_out_before_anything_is_changed() {
    let plane = ControlPlane::shared();
    let namespace = plant(plane);
    workload(plane, &namespace, "Deployment", "web", "env", json!({}));
    let user = plane.service_account(&namespace, "rotator");
    plane.grant(&user, &namespace, &[("get,patch", "secrets")]);
    let run = |args: &[&str]| rotate(plane, &namespace, args).kubeconfig(&plane.kubeconfig_for(&user.token)).run();
    let hidden = run(&["--restart=auto"]).expect_code(5);
    assert!(hidden.err().contains("may not list deployments, statefulsets, daemonsets"), "{}", hidden.err());
    plane.grant(&user, &namespace, &[("list", "deployments"), ("list", "statefulsets"), ("list", "daemonsets")]);
    let denied = run(&["--restart=auto"]).expect_code(5);
    assert!(denied.err().contains("cannot patch deployments `web`"), "{}", denied.err());
    assert_eq!((password(plane, &namespace), restarted(plane, &namespace).len()), (b"not-a-real-password".to_vec(), 0));
    plane.grant(&user, &namespace, &[("patch", "deployments")]);
    run(&["--restart=auto", "--wait=false"]).success();
    assert_eq!(restarted(plane, &namespace), ["web"]);
    // And nothing of this is needed by who restarts nothing.
    run(&[]).success();
}

#[test]
fn the_plan_counts_those_who_keep_the_old_value() {
    let plane = ControlPlane::shared();
    let namespace = plant(plane);
    workload(plane, &namespace, "Deployment", "web", "env", json!({}));
    workload(plane, &namespace, "StatefulSet", "store", "env", json!({}));
    workload(plane, &namespace, "Deployment", "reader", "volume", json!({}));
    let ask = |args: &[&str], shown: &str, answer: &str| {
        let run = Secretsafe::new()
            .args(["rotate", "db", "password=generate", "-n", &namespace])
            .args(args)
            .kubeconfig(plane.admin_kubeconfig());
        let mut session = Terminal::spawn(&run.command());
        session.expect(shown);
        session.expect("Go on?");
        session.send(answer);
        session.wait();
    };
    ask(&[], "2 workloads keep the old value until restarted: deployment/web, statefulset/store; --restart=auto", "n");
    ask(&["--restart=auto", "--wait=false"], "restart statefulset/store", "n");
    assert!(restarted(plane, &namespace).is_empty());
    // A client's dry run names them as steps, the server's restarts nothing.
    let planned = rotate(plane, &namespace, &["--restart=auto", "--dry-run=client", "-o", "json"]).run().success();
    let plan: Value = serde_json::from_str(&planned.out()).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    let restart = |step: &&Value| step["action"]["kind"] == "restart";
    let names: Vec<&Value> = steps.iter().filter(restart).map(|step| &step["action"]["workload"]["name"]).collect();
    assert_eq!(names, ["web", "store"]);
    rotate(plane, &namespace, &["--restart=auto", "--dry-run=server"]).run().success();
    assert!(restarted(plane, &namespace).is_empty());
    // The config file's default.
    rotate(plane, &namespace, &["--wait=false"]).config("restart: auto").run().success();
    assert_eq!(restarted(plane, &namespace), ["web", "store"]);
}
