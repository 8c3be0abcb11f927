//! Turns the page of `audit -o html` into the picture in docs/audit.md: a small cluster as many are, in a real browser.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;

const DAY: i64 = 86_400;

/// Namespace, name, keys, and how many days ago this program has written them.
const OURS: &[(&str, &str, &[&str], i64)] = &[
    ("payments", "db-credentials", &["username", "password"], 12),
    ("payments", "stripe", &["api-key"], 41),
    ("payments", "signing", &["key"], 63),
    ("shop", "session", &["cookie-secret"], 3),
    ("shop", "search", &["token"], 140),
    ("platform", "grafana", &["admin-password"], 96),
    ("platform", "backup", &["access-key", "secret-key"], 410),
];

/// The same of those that other tools have written.
const OTHERS: &[(&str, &str, &[&str], i64)] = &[
    ("shop", "smtp", &["password"], 510),
    ("shop", "redis", &["password"], 220),
    ("platform", "registry", &["token"], 760),
    ("platform", "webhook", &["secret"], 55),
    ("legacy", "ftp", &["user", "password"], 830),
    ("legacy", "reports", &["dsn"], 610),
    ("legacy", "site", &["tls.crt", "tls.key"], 75),
    ("legacy", "mail", &["password"], 150),
];

/// Writes the picture.
pub(crate) fn write(path: &Path) {
    let plane = ControlPlane::start();
    plant(&plane);
    let run = Secretsafe::new().args(["audit", "-A", "-o", "html", "--fail-on", "never"]);
    let html = run.kubeconfig(plane.admin_kubeconfig()).run().success().out();
    let mut browser = Browser::start();
    browser.open(&html);
    browser.size(1180, 1080);
    std::fs::write(path, browser.picture()).expect("the picture's folder");
    println!("wrote {}", path.file_name().unwrap_or_default().display());
}

fn plant(plane: &ControlPlane) {
    for namespace in ["payments", "shop", "platform", "legacy"] {
        plane.create("/api/v1/namespaces", &json!({"metadata": {"name": namespace}}));
    }
    for (namespace, name, keys, days) in OURS {
        let proxy = Proxy::start(plane, vec![Rule::always(Fault::Clock(-days * DAY))]);
        let keys = keys.iter().map(|key| format!("{key}=generate"));
        let create = Secretsafe::new().args(["create", "generic", name, "-n", namespace]).args(keys);
        create.kubeconfig(&proxy.kubeconfig(plane.admin_token())).run().success();
    }
    for (namespace, name, keys, days) in OTHERS {
        let values: Value = keys.iter().map(|key| ((*key).to_owned(), json!("not-a-real-one"))).collect();
        let secret = json!({"metadata": {"name": name}, "stringData": values});
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &secret);
        let time = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days);
        let time = jiff::Timestamp::from_second(time.as_second()).expect("a time");
        let fields: Value = keys.iter().map(|key| (format!("f:{key}"), json!({}))).collect();
        let entry = json!({"manager": "helm", "operation": "Update", "apiVersion": "v1", "time": time,
            "fieldsType": "FieldsV1", "fieldsV1": {"f:data": fields}});
        let patch = json!({"metadata": {"labels": {"app": name}, "managedFields": [entry]}}).to_string();
        plane.kubectl(&["patch", "secret", name, "-n", namespace, "--type=merge", "-p", &patch]).success();
    }
    let manifest = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ldap", "namespace": "legacy"},
        "stringData": {"password": "not-a-real-password"}});
    plane.kubectl_with(&["apply", "-f", "-"], manifest.to_string().as_bytes()).success();
    let everybody = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:authenticated"});
    bind(plane, "legacy", "everybody-reads", everybody);
    bind(plane, "platform", "agent", json!({"kind": "ServiceAccount", "name": "default", "namespace": "platform"}));
    workload(plane, "payments", "checkout", &["db-credentials", "stripe", "signing"], false);
    workload(plane, "shop", "web", &["session", "search", "smtp", "redis"], true);
    workload(plane, "platform", "tools", &["grafana", "backup", "registry", "webhook"], false);
    workload(plane, "legacy", "intranet", &["ldap", "ftp", "mail", "gone"], true);
}

/// Lets somebody read all Secrets of a namespace.
fn bind(plane: &ControlPlane, namespace: &str, name: &str, subject: Value) {
    let path = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}");
    let rules = json!([{"verbs": ["get", "list"], "apiGroups": [""], "resources": ["secrets"]}]);
    plane.create(&format!("{path}/roles"), &json!({"metadata": {"name": name}, "rules": rules}));
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name});
    let binding = json!({"metadata": {"name": name}, "roleRef": role, "subjects": [subject]});
    plane.create(&format!("{path}/rolebindings"), &binding);
}

/// A Deployment that uses Secrets, as files or in its environment.
fn workload(plane: &ControlPlane, namespace: &str, name: &str, secrets: &[&str], in_env: bool) {
    let volumes: Vec<Value> =
        secrets.iter().map(|name| json!({"name": name, "secret": {"secretName": name}})).collect();
    let mounts: Vec<Value> =
        secrets.iter().map(|name| json!({"name": name, "mountPath": format!("/secrets/{name}")})).collect();
    let env: Vec<Value> = secrets.iter().map(|name| json!({"secretRef": {"name": name}})).collect();
    let spec = match in_env {
        true => json!({"containers": [{"name": "app", "image": "app", "envFrom": env}]}),
        false => json!({"volumes": volumes, "containers": [{"name": "app", "image": "app", "volumeMounts": mounts}]}),
    };
    let labels = json!({"app": name});
    let template = json!({"metadata": {"labels": labels}, "spec": spec});
    let object =
        json!({"metadata": {"name": name}, "spec": {"selector": {"matchLabels": labels}, "template": template}});
    plane.create(&format!("/apis/apps/v1/namespaces/{namespace}/deployments"), &object);
}
