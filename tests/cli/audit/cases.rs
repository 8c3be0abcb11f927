//! For each rule something that it finds, and something much like it that it does not.

use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};

use crate::due;
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;

/// Makes objects in a namespace.
type Plant = fn(&ControlPlane, &str);

/// A rule and its two sides.
pub(crate) struct Case {
    pub(crate) rule: &'static str,
    /// So many days later.
    pub(crate) later: i64,
    pub(crate) fires: Plant,
    pub(crate) keeps_still: Plant,
}

const fn case(rule: &'static str, later: i64, fires: Plant, keeps_still: Plant) -> Case {
    Case { rule, later, fires, keeps_still }
}

/// Every rule but those of the control plane, which `rules` turns on and off.
pub(crate) const CASES: &[Case] = &[
    case("last-applied", 0, |p, ns| apply(p, ns, &[]), |p, ns| apply(p, ns, &["--server-side"])),
    case(
        "broad-read",
        0,
        |p, ns| bind(p, ns, "b", group("system:authenticated")),
        |p, ns| bind(p, ns, "b", group("dev")),
    ),
    case(
        "default-account",
        0,
        |p, ns| bind(p, ns, "b", account(ns, "default")),
        |p, ns| bind(p, ns, "b", account(ns, "ci")),
    ),
    case("many-readers", 0, |p, ns| readers(p, ns, 21), |p, ns| readers(p, ns, 20)),
    case(
        "overdue",
        0,
        |p, ns| due::plant(p, ns, "db", 25, &due::policy("1d", "generate")),
        |p, ns| due::plant(p, ns, "db", 23, &due::policy("1d", "generate")),
    ),
    case(
        "stale",
        366,
        |p, ns| ours(p, ns, &["create", "generic", "db", "k=generate"]),
        // A policy says what is too old.
        |p, ns| {
            let annotations = json!({"secretsafe.dev/policy": due::policy("1095d", "generate").to_string()});
            plant(
                p,
                ns,
                "db",
                json!({"metadata": {"annotations": annotations}, "stringData": {"k": "not-a-real-one"}}),
            );
        },
    ),
    case("pending", 0, |p, ns| pending(p, ns, 2), |p, ns| pending(p, ns, 0)),
    case(
        "orphan",
        0,
        |p, ns| opaque(p, ns, "db.secretsafe-v1", json!({"k": "not-a-real-one"})),
        |p, ns| {
            ours(p, ns, &["create", "generic", "db", "k=generate"]);
            ours(p, ns, &["rotate", "db", "k=generate", "--history", "1", "--yes"]);
        },
    ),
    case("open-slot", 8, two_slots, |p, ns| {
        two_slots(p, ns);
        ours(p, ns, &["rotate", "db", "k", "--finish", "--yes"]);
    }),
    case(
        "account-token",
        0,
        |p, ns| {
            p.service_account(ns, "ci");
            let annotations = json!({"kubernetes.io/service-account.name": "ci"});
            let object =
                json!({"type": "kubernetes.io/service-account-token", "metadata": {"annotations": annotations}});
            plant(p, ns, "ci-token", object);
        },
        |p, ns| opaque(p, ns, "ci-token", json!({"token": "not-a-real-one"})),
    ),
    case("env", 0, |p, ns| uses(p, ns, env("db", "password", false)), |p, ns| uses(p, ns, volume("db"))),
    case(
        "dangling",
        0,
        |p, ns| uses(p, ns, env("db", "no-such-key", false)),
        |p, ns| uses(p, ns, env("db", "no-such-key", true)),
    ),
    case("unused", 0, |p, ns| opaque(p, ns, "db", json!({"k": "x"})), |p, ns| uses(p, ns, volume("db"))),
    case(
        "type",
        0,
        |p, ns| opaque(p, ns, "site", json!({"tls.crt": "c", "tls.key": "k"})),
        |p, ns| opaque(p, ns, "site", json!({"tls.crt": "c", "ca.crt": "k"})),
    ),
    case(
        "public-override",
        0,
        |p, ns| ours(p, ns, &["create", "generic", "db", "auth-url=public:http://a", "--public-ok", "auth-url"]),
        |p, ns| ours(p, ns, &["create", "generic", "db", "url=public:http://a"]),
    ),
];

/// The rules of `--deep`.
pub(crate) const DEEP: &[Case] = &[
    case("expiring", 0, |p, ns| site(p, ns, 29, true), |p, ns| site(p, ns, 31, true)),
    case("weak", 0, |p, ns| value(p, ns, "password", "Password123"), |p, ns| value(p, ns, "password", STRONG)),
    case("placeholder", 0, |p, ns| value(p, ns, "k", "changeme"), |p, ns| value(p, ns, "k", "change-of-name")),
    case(
        "duplicate",
        0,
        |p, ns| {
            opaque(p, ns, "a", json!({"password": STRONG}));
            opaque(p, ns, "b", json!({"token": STRONG}));
        },
        |p, ns| {
            opaque(p, ns, "a", json!({"password": STRONG, "password.previous": STRONG, "user": "application"}));
            opaque(p, ns, "b", json!({"user": "application"}));
        },
    ),
    case("content", 0, |p, ns| site(p, ns, 100, false), |p, ns| site(p, ns, 100, true)),
    case(
        "double-base64",
        0,
        |p, ns| value(p, ns, "k", "bm90LWEtcmVhbC1wYXNzd29yZA=="),
        |p, ns| value(p, ns, "k", "not-a-real-password!"),
    ),
    case("trailing-newline", 0, |p, ns| value(p, ns, "k", "a line\n"), |p, ns| value(p, ns, "k", "a line\nor two\n")),
    case("empty", 0, |p, ns| value(p, ns, "k", ""), |p, ns| value(p, ns, "k", "x")),
    case("size", 0, |p, ns| value(p, ns, "k", &"x".repeat(600_000)), |p, ns| value(p, ns, "k", &"x".repeat(500_000))),
];

/// Nobody's password.
pub(crate) const STRONG: &str = "not-a-real-4fK9bQ2m";

fn plant(plane: &ControlPlane, namespace: &str, name: &str, more: Value) {
    let mut object = more;
    object["metadata"]["name"] = name.into();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
}

pub(crate) fn opaque(plane: &ControlPlane, namespace: &str, name: &str, values: Value) {
    plant(plane, namespace, name, json!({"stringData": values}));
}

fn value(plane: &ControlPlane, namespace: &str, key: &str, value: &str) {
    opaque(plane, namespace, "db", json!({key: value}));
}

/// Applies a manifest, as very many do.
pub(crate) fn apply(plane: &ControlPlane, namespace: &str, args: &[&str]) {
    let manifest = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": namespace},
        "stringData": {"k": "not-a-real-password"}});
    plane.kubectl_with(&[&["apply", "-f", "-"], args].concat(), manifest.to_string().as_bytes()).success();
}

fn ours(plane: &ControlPlane, namespace: &str, args: &[&str]) {
    Secretsafe::new().args(args).args(["-n", namespace]).kubeconfig(plane.admin_kubeconfig()).run().success();
}

fn two_slots(plane: &ControlPlane, namespace: &str) {
    ours(plane, namespace, &["create", "generic", "db", "k=generate"]);
    ours(plane, namespace, &["rotate", "db", "k=generate", "--keep-previous", "--yes"]);
}

fn pending(plane: &ControlPlane, namespace: &str, hours: i64) {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours);
    let note = json!({"v": 1, "uid": "u", "op": "o", "at": at, "keys": ["k"]}).to_string();
    plant(
        plane,
        namespace,
        "db",
        json!({"metadata": {"annotations": {"secretsafe.dev/pending": note}}, "stringData": {"k": "x"}}),
    );
}

fn group(name: &str) -> Value {
    json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": name})
}

fn account(namespace: &str, name: &str) -> Value {
    json!({"kind": "ServiceAccount", "name": name, "namespace": namespace})
}

/// Lets somebody read all Secrets of the namespace.
pub(crate) fn bind(plane: &ControlPlane, namespace: &str, name: &str, subject: Value) {
    let path = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}");
    let rules = json!([{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}]);
    plane.create(&format!("{path}/roles"), &json!({"metadata": {"name": name}, "rules": rules}));
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name});
    let binding = json!({"metadata": {"name": name}, "roleRef": role, "subjects": [subject]});
    plane.create(&format!("{path}/rolebindings"), &binding);
}

fn readers(plane: &ControlPlane, namespace: &str, count: usize) {
    (0..count).for_each(|number| bind(plane, namespace, &format!("b{number}"), group(&format!("team-{number}"))));
}

fn env(secret: &str, key: &str, optional: bool) -> Value {
    let reference = json!({"name": secret, "key": key, "optional": optional});
    json!({"containers": [{"name": "app", "image": "app", "env": [{"name": "P", "valueFrom": {"secretKeyRef": reference}}]}]})
}

fn volume(secret: &str) -> Value {
    json!({"volumes": [{"name": "v", "secret": {"secretName": secret}}],
        "containers": [{"name": "app", "image": "app", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}]})
}

/// A Secret `db` with the key `password`, and a Deployment that uses a Secret.
fn uses(plane: &ControlPlane, namespace: &str, spec: Value) {
    opaque(plane, namespace, "db", json!({"password": STRONG}));
    let labels = json!({"app": "web"});
    let template = json!({"metadata": {"labels": labels}, "spec": spec});
    let object =
        json!({"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": labels}, "template": template}});
    plane.create(&format!("/apis/apps/v1/namespaces/{namespace}/deployments"), &object);
}

/// A certificate that is valid for so many days, with its own key or with another one.
fn site(plane: &ControlPlane, namespace: &str, days: i64, own: bool) {
    let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut params = CertificateParams::new(vec!["site.example.com".to_owned()]).unwrap();
    params.not_after = time::OffsetDateTime::now_utc() + time::Duration::days(days);
    let certificate = params.self_signed(&key).unwrap().pem();
    let key = if own { key } else { other };
    let values = json!({"tls.crt": certificate, "tls.key": key.serialize_pem()});
    plant(plane, namespace, "site", json!({"type": "kubernetes.io/tls", "stringData": values}));
}
