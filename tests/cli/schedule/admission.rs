//! What the API server holds the account to (requirement S19), tried with its token through the real kubectl. The account
//! gets every right on Secrets and workloads first, so that it is admission that refuses.

use std::path::Path;

use serde_json::{Value, json};

use super::{NAME, account, enforced, plant, schedule};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::fixtures::User;

const PATCH: &str = "--type=merge";

/// kubectl with the account's token.
struct Account<'a> {
    plane: &'a ControlPlane,
    kubeconfig: &'a Path,
    namespace: &'a str,
}

impl Account<'_> {
    fn kubectl(&self, args: &[&str], stdin: &str) -> Output {
        let login = ["--kubeconfig", self.kubeconfig.to_str().unwrap(), "-n", self.namespace];
        self.plane.kubectl_with(&[&login[..], args].concat(), stdin.as_bytes())
    }

    fn patch(&self, kind: &str, name: &str, patch: &Value) -> Output {
        self.kubectl(&["patch", kind, name, PATCH, "-p", &patch.to_string()], "")
    }

    fn denied(&self, output: &Output, says: &str) {
        assert_eq!(output.code, Some(1), "{says}: {}{}", output.out(), output.err());
        let said = output.err();
        assert!(said.contains("denied request") && said.contains(says), "{says}: {said}");
    }
}

fn workload(kind: &str) -> Value {
    let labels = json!({"app": "web"});
    let container = json!({"name": "app", "image": "app", "env": [{"name": "A", "value": "1"}]});
    let template = json!({"metadata": {"labels": labels}, "spec": {"containers": [container]}});
    let mut spec = json!({"selector": {"matchLabels": labels}, "template": template});
    if kind == "StatefulSet" {
        spec["serviceName"] = json!("web");
    }
    json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web"}, "spec": spec})
}

/// A field of a spec, and another value for it.
type Field = (&'static str, &'static str);

/// Kind and resource, and fields of the spec that are its own.
const KINDS: [(&str, &str, &[Field]); 3] = [
    (
        "Deployment",
        "deployments",
        &[("replicas", "5"), ("paused", "true"), ("strategy", r#"{"type":"Recreate","rollingUpdate":null}"#)],
    ),
    (
        "StatefulSet",
        "statefulsets",
        &[("replicas", "5"), ("updateStrategy", r#"{"type":"OnDelete","rollingUpdate":null}"#)],
    ),
    (
        "DaemonSet",
        "daemonsets",
        &[("minReadySeconds", "7"), ("updateStrategy", r#"{"type":"OnDelete","rollingUpdate":null}"#)],
    ),
];

/// Tries everything that the account of `home` must not do in `namespace`, where it has every right on Secrets and
/// workloads, and the two things that it may.
pub(crate) fn holds(plane: &ControlPlane, home: &str, namespace: &str) {
    let user = User { name: format!("system:serviceaccount:{home}:{NAME}"), token: String::new() };
    let all = "get,list,create,update,patch,delete,deletecollection";
    let scales = [("get,patch,update", "deployments/scale"), ("get,patch,update", "statefulsets/scale")];
    let rights = [(all, "secrets"), (all, "deployments"), (all, "statefulsets"), (all, "daemonsets")];
    plane.grant(&user, namespace, &[&rights[..], &scales].concat());
    let kubeconfig = account(plane, home);
    let account = Account { plane, kubeconfig: &kubeconfig, namespace };
    secrets(&account);
    for (kind, plural, fields) in KINDS {
        workloads(&account, kind, plural, fields);
    }
}

fn secrets(account: &Account<'_>) {
    let Account { plane, namespace, .. } = account;
    plant(plane, namespace, "due", json!({}));
    let plain = json!({"metadata": {"name": "plain"}, "stringData": {"a": "not-a-real-one"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &plain);
    let label = json!({"metadata": {"labels": {"secretsafe.dev/policy": "true"}}});
    let data = json!({"data": {"password": "bm90LWEtcmVhbC1uZXctb25l"}});

    account
        .denied(&account.patch("secret", "plain", &data), "changes only Secrets that had the label of a policy before");
    account.denied(&account.patch("secret", "plain", &label), "changes only Secrets that had the label");
    account.denied(&account.kubectl(&["label", "secret", "plain", "secretsafe.dev/policy=true"], ""), "had the label");
    let both = json!({"metadata": label["metadata"], "data": data["data"]});
    account.denied(&account.patch("secret", "plain", &both), "changes only Secrets that had the label");
    for (metadata, says) in [
        (json!({"labels": {"secretsafe.dev/policy": null}}), "changes no label"),
        (json!({"labels": {"secretsafe.dev/policy": "false"}}), "changes no label"),
        (json!({"labels": {"other": "x"}}), "changes no label"),
        (json!({"finalizers": ["example.com/x"]}), "changes no label, owner or finalizer"),
        (json!({"annotations": {"secretsafe.dev/policy": "{}"}}), "changes no policy"),
        (json!({"annotations": {"secretsafe.dev/policy": null}}), "changes no policy"),
        (json!({"annotations": {"example.com/other": "x"}}), "no annotation of others"),
        (
            json!({"ownerReferences": [{"apiVersion": "v1", "kind": "Secret", "name": "plain", "uid": "1"}]}),
            "changes no label, owner",
        ),
    ] {
        account.denied(&account.patch("secret", "due", &json!({"metadata": metadata})), says);
    }
    account.denied(&account.patch("secret", "due", &json!({"immutable": true})), "nothing of a Secret but its data");

    let create = |name: &str, kind: &str, labels: Value| {
        let metadata = json!({"name": name, "labels": labels});
        let object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": kind});
        account.kubectl(&["create", "-f", "-"], &object.to_string())
    };
    let none = json!({});
    for (name, kind) in [
        ("new", "Opaque"),
        ("db.secretsafe-v1", "Opaque"),
        ("new", "secretsafe.dev/history"),
        ("db.secretsafe-v1.x", "secretsafe.dev/history"),
        ("db.secretsafe-pending", "secretsafe.dev/history"),
        ("db.secretsafe-v2", "secretsafe.dev/pending"),
    ] {
        account.denied(&create(name, kind, none.clone()), "makes no Secrets but those that rotations keep");
    }
    let policy = json!({"secretsafe.dev/policy": "true"});
    account.denied(&create("db.secretsafe-v1", "secretsafe.dev/history", policy), "makes no Secrets");
    account.denied(&account.kubectl(&["delete", "secret", "due"], ""), "deletes no Secrets");
    account.denied(&account.kubectl(&["delete", "secrets", "--all"], ""), "deletes no Secrets");

    account.patch("secret", "due", &data).success();
    let record =
        json!({"metadata": {"annotations": {"key.secretsafe.dev/password": "{}", "secretsafe.dev/history": "[]"}}});
    account.patch("secret", "due", &record).success();
    create("due.secretsafe-v1", "secretsafe.dev/history", none.clone()).success();
    create("due.secretsafe-pending", "secretsafe.dev/pending", none).success();
    account.kubectl(&["delete", "secret", "due.secretsafe-v1", "due.secretsafe-pending"], "").success();
    // And by the program itself, also where it keeps a version and deletes the one before.
    for history in [None, Some("1"), Some("1")] {
        let rotated = Secretsafe::new()
            .args(["rotate", "due", "password=generate", "--yes", "-n", namespace])
            .args(history.into_iter().flat_map(|count| ["--history", count]))
            .kubeconfig(account.kubeconfig)
            .run();
        rotated.success();
    }
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    let list = plane.get(&path).json()["items"].as_array().unwrap().clone();
    let kept: Vec<&Value> = list.iter().filter(|item| item["type"] == "secretsafe.dev/history").collect();
    assert!(kept.len() == 1 && kept[0]["metadata"]["name"] == "due.secretsafe-v2", "{kept:?}");
}

fn workloads(account: &Account<'_>, kind: &str, plural: &str, fields: &[(&str, &str)]) {
    const SAYS: &str = "changes nothing of a workload but the time of its restart";
    let Account { plane, namespace, .. } = account;
    let object = workload(kind);
    account.denied(
        &account.kubectl(&["create", "-f", "-"], &object.to_string()),
        "neither makes, deletes nor scales workloads",
    );
    plane.create(&format!("/apis/apps/v1/namespaces/{namespace}/{plural}"), &object);
    let template = |template: Value| json!({"spec": {"template": template}});
    let container = |container: Value| template(json!({"spec": {"containers": [container]}}));
    let mut patches = vec![
        container(json!({"name": "app", "image": "other", "env": [{"name": "A", "value": "1"}]})),
        container(json!({"name": "app", "image": "app", "env": [{"name": "A", "value": "2"}]})),
        container(
            json!({"name": "app", "image": "app", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "1"}]}),
        ),
        template(json!({"spec": {"serviceAccountName": "other"}})),
        template(json!({"spec": {"hostNetwork": true}})),
        template(json!({"metadata": {"labels": {"other": "x"}}})),
        template(json!({"metadata": {"annotations": {"other": "x"}}})),
        // Together with what is allowed.
        template(json!({"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "x", "other": "x"}}})),
        json!({"metadata": {"labels": {"other": "x"}}}),
        json!({"metadata": {"annotations": {"other": "x"}}}),
        json!({"metadata": {"finalizers": ["example.com/x"]}}),
    ];
    for (field, value) in fields {
        patches.push(json!({"spec": {*field: serde_json::from_str::<Value>(value).unwrap()}}));
    }
    for patch in &patches {
        let output = account.patch(plural, "web", patch);
        assert_ne!(output.code, Some(0), "{kind}: {patch}");
        account.denied(&output, SAYS);
    }
    if plural != "daemonsets" {
        let scaled = account.kubectl(&["scale", plural, "web", "--replicas=7"], "");
        account.denied(&scaled, "neither makes, deletes nor scales workloads");
    }
    let image = account.kubectl(&["set", "image", &format!("{plural}/web"), "app=other"], "");
    account.denied(&image, SAYS);
    account.denied(&account.kubectl(&["delete", plural, "web"], ""), "neither makes, deletes nor scales workloads");
    // Twice: the first adds the annotation, the second changes it.
    for _ in 0..2 {
        account.kubectl(&["rollout", "restart", &format!("{plural}/web")], "").success();
        let path = format!("/apis/apps/v1/namespaces/{namespace}/{plural}/web");
        let annotations = plane.get(&path).json()["spec"]["template"]["metadata"]["annotations"].clone();
        assert!(annotations["kubectl.kubernetes.io/restartedAt"].is_string(), "{annotations}");
        let patch = template(
            json!({"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2020-01-01T00:00:00Z"}}}),
        );
        account.patch(plural, "web", &patch).success();
    }
}

#[test]
fn the_account_changes_only_what_it_is_for() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", json!({"restart": "auto", "history": 1}));
    schedule(plane, &namespace, &["--yes"]).run().success();
    enforced(plane, &namespace);
    holds(plane, &namespace, &namespace);
}

/// Expressions have a budget; objects near the size that Kubernetes takes must fit into it.
#[test]
fn large_objects_are_within_the_budget_of_the_expressions() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", json!({"restart": "auto", "history": 1}));
    schedule(plane, &namespace, &["--yes"]).run().success();
    enforced(plane, &namespace);
    let mut object = workload("Deployment");
    let container = |number: usize| {
        let env: Vec<Value> =
            (0..200).map(|i| json!({"name": format!("VARIABLE_{i}"), "value": "x".repeat(100)})).collect();
        json!({"name": format!("c-{number}"), "image": "app", "env": env})
    };
    object["spec"]["template"]["spec"]["containers"] = (0..30).map(container).collect();
    plane.create(&format!("/apis/apps/v1/namespaces/{namespace}/deployments"), &object);
    let keys: serde_json::Map<String, Value> = (0..1000).map(|i| (format!("key-{i}"), json!("x"))).collect();
    let annotations: serde_json::Map<String, Value> =
        (0..500).map(|i| (format!("key.secretsafe.dev/key-{i}"), json!("x".repeat(100)))).collect();
    let patch = json!({"stringData": keys, "metadata": {"annotations": annotations}});
    plane.kubectl(&["patch", "secret", "db", "-n", &namespace, PATCH, "-p", &patch.to_string()]).success();
    let kubeconfig = account(plane, &namespace);
    let account = Account { plane, kubeconfig: &kubeconfig, namespace: &namespace };
    account.kubectl(&["rollout", "restart", "deployments/web"], "").success();
    let data = json!({"data": {"password": "bm90LWEtcmVhbC1vbmU="}, "metadata": {"annotations": {"key.secretsafe.dev/password": "x"}}});
    account.patch("secret", "db", &data).success();
    let image = json!({"spec": {"template": {"spec": {"hostNetwork": true}}}});
    account.denied(&account.patch("deployment", "web", &image), "the time of its restart");
}

#[test]
fn others_are_not_held_to_it() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", json!({}));
    schedule(plane, &namespace, &["--yes"]).run().success();
    enforced(plane, &namespace);
    plane.kubectl(&["create", "secret", "generic", "mine", "-n", &namespace]).success();
    plane.kubectl(&["label", "secret", "mine", "secretsafe.dev/policy=true", "-n", &namespace]).success();
    let twin = plane.service_account(&namespace, "secretsafe-rotate-2");
    plane.grant(&twin, &namespace, &[("create", "secrets")]);
    let login = plane.kubeconfig_for(&twin.token);
    let args = ["create", "secret", "generic", "its", "-n", &namespace, "--kubeconfig", login.to_str().unwrap()];
    plane.kubectl(&args).success();
}
