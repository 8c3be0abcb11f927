//! `rotate --due` and the workloads behind it: as the policies say, and each once.

use serde_json::json;

use crate::due::{due, plant, report};
use crate::restart;
use crate::support::controllers::Controllers;
use crate::support::controlplane::ControlPlane;
use crate::support::proxy::Proxy;

#[test]
fn the_policy_says_which_workloads_are_restarted() {
    let plane = &Controllers::shared().plane;
    let namespace = plane.namespace();
    let restarts = |mode: &str| json!({"v": 1, "keys": {"k": {"every": "1d", "source": "generate"}}, "restart": mode, "history": 0});
    plant(plane, &namespace, "db", 48, &restarts("auto"));
    restart::workload(plane, &namespace, "Deployment", "web", "env", json!({}));
    restart::workload(plane, &namespace, "Deployment", "reader", "volume", json!({}));
    restart::settled(plane, &namespace, "Deployment", "web");
    let output = due(plane, &["-n", &namespace, "--yes", "-o", "json", "--timeout=2m"]).run().success();
    let item = report(&output)["items"][0].clone();
    assert_eq!(
        item["restarts"],
        json!([{"kind": "Deployment", "name": "web", "namespace": namespace, "result": "ready"}])
    );
    let restarted_at = |name: &str| {
        let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments/{name}");
        plane.get(&path).json()["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"]
            .clone()
    };
    assert!(restarted_at("web").is_string() && restarted_at("reader").is_null());
    // One that does not come up: the values are there, the rest is not well.
    plant(plane, &namespace, "second", 48, &restarts("never"));
    let before = restarted_at("web");
    due(plane, &["-n", &namespace, "--yes"]).run().success();
    assert_eq!(restarted_at("web"), before, "`never` is never");
    // The command line wins over the policy.
    let output = due(plane, &["-n", &namespace, "--yes", "--older-than", "60s", "--restart=never", "-o", "json"])
        .run()
        .success();
    assert_eq!(report(&output)["items"], json!([]), "all are seconds old");
}

#[test]
fn who_uses_several_secrets_is_restarted_once_for_all() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let policy = json!({"v": 1, "keys": {"k": {"every": "1d", "source": "generate"}}, "restart": "auto", "history": 0});
    for name in ["one", "two"] {
        plant(plane, &namespace, name, 48, &policy);
    }
    let uses = |name: &str| json!({"secretRef": {"name": name}});
    for (name, from) in [("both", json!([uses("one"), uses("two")])), ("second", json!([uses("two")]))] {
        let spec = json!({"selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "app", "image": "app", "envFrom": from}]}}});
        let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments");
        plane.create(&path, &json!({"metadata": {"name": name}, "spec": spec}));
    }
    let proxy = Proxy::start(plane, Vec::new());
    let run = due(plane, &["-n", &namespace, "--yes", "--wait=false", "-o", "json"]);
    let output = run.kubeconfig(&proxy.kubeconfig(plane.admin_token())).run().success();
    let mut patched: Vec<String> = proxy
        .requests()
        .into_iter()
        .map(|seen| seen.request)
        .filter(|request| request.method == "PATCH" && request.target.contains("/deployments/"))
        .filter(|request| !request.target.contains("dryRun"))
        .map(|request| request.target.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned())
        .collect();
    patched.sort();
    assert_eq!(patched, ["both", "second"]);
    let whole = report(&output);
    let names = |index: usize| -> Vec<String> {
        let restarts = whole["items"][index]["restarts"].as_array().unwrap().iter();
        restarts.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    let mut all = [names(0), names(1)];
    all.sort();
    assert_eq!(all, [vec!["both".to_owned()], vec!["both".to_owned(), "second".to_owned()]]);
}
