//! `usage` against the real API server: every kind and every way, what belongs together, rights, and what is not kept.

use serde_json::{Value, json};

use crate::support::canary::{Canary, assert_absent};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;

fn usage(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new().args(["usage"]).args(args).args(["-n", namespace]).kubeconfig(plane.admin_kubeconfig())
}

pub(crate) fn items(output: &Output) -> Vec<Value> {
    let report: Value = serde_json::from_str(&output.out()).unwrap();
    assert_eq!(report["kind"], "SecretUsage");
    report["items"].as_array().unwrap().clone()
}

/// A Pod's specification with one container, and more of what is given.
pub(crate) fn pod(container: Value, more: Value) -> Value {
    let mut container = container;
    container["name"] = json!("app");
    container["image"] = json!("app");
    let mut spec = more;
    spec["containers"] = json!([container]);
    spec
}

fn template(spec: &Value) -> Value {
    json!({"metadata": {"labels": {"app": "a"}}, "spec": spec})
}

pub(crate) fn workload(
    plane: &ControlPlane,
    namespace: &str,
    path: &str,
    name: &str,
    spec: Value,
    more: Value,
) -> Value {
    let mut object = json!({"metadata": {"name": name}, "spec": spec});
    for (field, value) in more.as_object().unwrap() {
        object["metadata"][field] = value.clone();
    }
    let path = path.replace("NS", namespace);
    plane.create(&path, &object)
}

const APPS: &str = "/apis/apps/v1/namespaces/NS/";

pub(crate) fn apps(plane: &ControlPlane, namespace: &str, plural: &str, name: &str, spec: &Value) -> Value {
    let mut whole = json!({"selector": {"matchLabels": {"app": "a"}}, "template": template(spec)});
    if plural == "statefulsets" {
        whole["serviceName"] = json!("a");
    }
    workload(plane, namespace, &format!("{APPS}{plural}"), name, whole, json!({}))
}

pub(crate) fn env(secret: &str) -> Value {
    let reference = json!({"name": secret, "key": "password"});
    json!({"env": [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": reference}}]})
}

/// Makes something that uses the Secret `db` for each way to do it; `literal` stands beside one of the references.
pub(crate) fn every_way(plane: &ControlPlane, namespace: &str, literal: &str) {
    let volume = |more: Value| json!({"volumes": [{"name": "v", "secret": more}]});
    let mounts = |more: Value| {
        let mut mount = json!({"name": "v", "mountPath": "/v"});
        mount.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"volumeMounts": [mount]})
    };
    let mut with_literal = env("db");
    with_literal["env"].as_array_mut().unwrap().push(json!({"name": "LITERAL", "value": literal}));
    apps(plane, namespace, "deployments", "by-env", &pod(with_literal, json!({})));
    let all = json!({"envFrom": [{"prefix": "DB_", "secretRef": {"name": "db"}}]});
    apps(plane, namespace, "statefulsets", "by-env-from", &pod(all, json!({})));
    let items_of = json!({"secretName": "db", "items": [{"key": "password", "path": "p"}]});
    apps(plane, namespace, "daemonsets", "by-volume", &pod(mounts(json!({})), volume(items_of)));
    let part = mounts(json!({"subPath": "password"}));
    apps(plane, namespace, "deployments", "by-sub-path", &pod(part, volume(json!({"secretName": "db"}))));
    let sources = json!({"volumes": [{"name": "v", "projected": {"sources": [{"secret": {"name": "db"}}, {"configMap": {"name": "c"}}]}}]});
    apps(plane, namespace, "deployments", "by-projected", &pod(mounts(json!({})), sources));
    apps(plane, namespace, "deployments", "by-image", &pod(json!({}), json!({"imagePullSecrets": [{"name": "db"}]})));
    let init = json!({"initContainers": [{"name": "init", "image": "app", "env": env("db")["env"]}]});
    apps(plane, namespace, "deployments", "by-init", &pod(json!({}), init));
    let csi =
        json!({"volumes": [{"name": "v", "csi": {"driver": "d.example", "nodePublishSecretRef": {"name": "db"}}}]});
    apps(plane, namespace, "deployments", "by-csi", &pod(json!({}), csi));
    apps(plane, namespace, "deployments", "other", &pod(env("db2"), volume(json!({"secretName": "db2"}))));
    let once = |spec: Value| {
        let mut spec = spec;
        spec["restartPolicy"] = json!("Never");
        spec
    };
    let job = json!({"template": {"spec": once(pod(env("db"), json!({})))}});
    workload(plane, namespace, "/apis/batch/v1/namespaces/NS/jobs", "a-job", job.clone(), json!({}));
    let cron = json!({"schedule": "0 3 * * *", "jobTemplate": {"spec": job}});
    workload(plane, namespace, "/apis/batch/v1/namespaces/NS/cronjobs", "a-cron-job", cron, json!({}));
    let tls =
        json!({"tls": [{"secretName": "db"}], "defaultBackend": {"service": {"name": "a", "port": {"number": 80}}}});
    workload(plane, namespace, "/apis/networking.k8s.io/v1/namespaces/NS/ingresses", "an-ingress", tls, json!({}));
    plane.create(
        &format!("/api/v1/namespaces/{namespace}/serviceaccounts"),
        &json!({"metadata": {"name": "an-account"}, "imagePullSecrets": [{"name": "db"}], "secrets": [{"name": "db"}]}),
    );
}

#[test]
fn every_way_to_use_a_secret_is_found() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let canary = Canary::random();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &json!({"metadata": {"name": "db"}}));
    every_way(plane, &namespace, canary.text());
    let output = usage(plane, &namespace, &["db", "-o", "json", "-v", "9"]).run().success();
    let found: Vec<(String, String, String)> = items(&output)
        .iter()
        .map(|item| {
            let how: Vec<&str> =
                item["uses"].as_array().unwrap().iter().map(|used| used["how"].as_str().unwrap()).collect();
            let text = |name: &str| item[name].as_str().unwrap().to_owned();
            (text("name"), how.join("+"), text("newValue"))
        })
        .collect();
    let wanted = [
        ("a-cron-job", "env", "nextRun"),
        ("by-volume", "volume", "kubelet"),
        ("by-csi", "mount", "nextUse"),
        ("by-env", "env", "restart"),
        ("by-image", "imagePull", "nextUse"),
        ("by-init", "env", "restart"),
        ("by-projected", "projected", "kubelet"),
        ("by-sub-path", "subPath", "restart"),
        ("an-ingress", "tls", "controller"),
        ("a-job", "env", "newPod"),
        ("an-account", "imagePull+serviceAccount", "nextUse"),
        ("by-env-from", "envFrom", "restart"),
    ];
    let wanted: Vec<_> = wanted.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect();
    assert_eq!(found, wanted);
    let table = usage(plane, &namespace, &["db"]).run().success();
    assert!(table.out().contains("exposed") && table.out().contains("stale-after-rotate"), "{}", table.out());
    assert!(table.out().contains("env PASSWORD") && table.out().contains("after a restart"), "{}", table.out());
    assert!(table.out().contains("volume password") && table.out().contains("envFrom DB_"), "{}", table.out());
    // What stands beside a reference, and may be a value, is not kept.
    assert_absent(std::slice::from_ref(&canary), &[output.stdout, output.stderr, table.stdout].concat(), "usage");
    let names = usage(plane, &namespace, &["db2", "-o", "name"]).run().success();
    assert_eq!(names.out(), "deployment/other\n");
}

#[test]
fn pods_of_a_workload_are_its_own_and_finished_ones_are_gone() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &json!({"metadata": {"name": "db"}}));
    plane.service_account(&namespace, "default");
    let spec = pod(env("db"), json!({}));
    let deployment = apps(plane, &namespace, "deployments", "web", &spec);
    let owned = |kind: &str, owner: &Value| {
        json!({"ownerReferences": [{"apiVersion": "apps/v1", "kind": kind, "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"], "controller": true}]})
    };
    let selected = json!({"selector": {"matchLabels": {"app": "a"}}, "template": template(&spec)});
    let sets = format!("{APPS}replicasets");
    let set = workload(plane, &namespace, &sets, "web-1", selected, owned("Deployment", &deployment));
    let pods = "/api/v1/namespaces/NS/pods";
    workload(plane, &namespace, pods, "web-1-x", spec.clone(), owned("ReplicaSet", &set));
    workload(plane, &namespace, pods, "alone", spec.clone(), json!({}));
    let gone = json!({"metadata": {"name": "gone", "uid": "00000000-0000-0000-0000-000000000000"}});
    workload(plane, &namespace, pods, "of-another", spec.clone(), owned("ReplicaSet", &gone));
    workload(plane, &namespace, pods, "over", spec, json!({}));
    let status = format!("/api/v1/namespaces/{namespace}/pods/over/status");
    let patch = crate::support::http::Request::new("PATCH", &status)
        .body("application/merge-patch+json", br#"{"status": {"phase": "Succeeded"}}"#);
    assert_eq!(plane.request(plane.admin_token(), patch).code, 200);
    let output = usage(plane, &namespace, &["db", "-o", "json"]).run().success();
    let found: Vec<(String, Value)> = items(&output)
        .iter()
        .map(|item| {
            (
                format!("{}/{}", item["kind"].as_str().unwrap(), item["name"].as_str().unwrap()),
                item["controller"].clone(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("Deployment/web".to_owned(), json!(null)),
            ("Pod/alone".to_owned(), json!(null)),
            ("Pod/of-another".to_owned(), json!("ReplicaSet/gone")),
        ]
    );
}

#[test]
fn what_may_not_be_listed_is_named() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    apps(plane, &namespace, "deployments", "web", &pod(env("db"), json!({})));
    let user = plane.service_account(&namespace, "viewer");
    plane.grant(&user, &namespace, &[("list", "deployments")]);
    let output =
        usage(plane, &namespace, &["db", "-o", "json"]).kubeconfig(&plane.kubeconfig_for(&user.token)).run().success();
    assert!(output.err().contains("may not list statefulsets, daemonsets"), "{}", output.err());
    let report: Value = serde_json::from_str(&output.out()).unwrap();
    let not_listed = report["notListed"].as_array().unwrap();
    let workloads = ["statefulsets", "daemonsets", "replicasets", "replicationcontrollers", "jobs", "cronjobs", "pods"];
    let others = ["serviceaccounts", "ingresses", "persistentvolumes", "storageclasses.storage.k8s.io"];
    for wanted in workloads.iter().chain(&others) {
        assert!(not_listed.contains(&json!(wanted)), "{wanted}: {not_listed:?}");
    }
    assert!(!not_listed.contains(&json!("deployments")), "{not_listed:?}");
    assert_eq!(report["items"][0]["name"], "web");
}

#[test]
fn a_name_that_is_not_there_is_no_secret_without_consumers() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &json!({"metadata": {"name": "db"}}));
    let unused = usage(plane, &namespace, &["db"]).run().success();
    assert!(unused.out().is_empty() && unused.err().contains("is known to use secret db"), "{}", unused.err());
    let missing = usage(plane, &namespace, &["bd"]).run().expect_code(5);
    assert!(missing.err().contains("did you mean `db`?"), "{}", missing.err());
    // A reference to a Secret that is not there is what one looks for when a Pod does not start.
    apps(plane, &namespace, "deployments", "web", &pod(env("gone"), json!({})));
    let dangling = usage(plane, &namespace, &["gone", "-o", "name"]).run().success();
    assert_eq!(dangling.out(), "deployment/web\n");
    assert!(dangling.err().contains("there is no secret `gone`"), "{}", dangling.err());
    for event in plane.secret_events(&namespace) {
        assert!(event["verb"] == "create" || event["responseObject"]["kind"] != "Secret", "{event}");
    }
}

#[test]
fn long_lists_are_read_page_by_page() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &json!({"metadata": {"name": "db"}}));
    plane.service_account(&namespace, "default");
    for number in 0..510 {
        let container = if number == 505 { env("db") } else { json!({}) };
        let spec = pod(container, json!({}));
        workload(plane, &namespace, "/api/v1/namespaces/NS/pods", &format!("p-{number:03}"), spec, json!({}));
    }
    let output = usage(plane, &namespace, &["db", "-o", "name"]).run().success();
    assert_eq!(output.out(), "pod/p-505\n");
}
