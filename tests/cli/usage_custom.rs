//! `usage` and custom resources, against the real API server with their definitions: each well-known set of rules, rules of the
//! user's own, references across namespaces, and values that stand in such objects.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::canary::{Canary, assert_absent};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::wait_for;
use crate::support::http::Request;

/// Group, plural, kind, and whether it is in namespaces.
const KINDS: &[(&str, &str, &str, bool)] = &[
    ("cert-manager.io", "certificates", "Certificate", true),
    ("cert-manager.io", "clusterissuers", "ClusterIssuer", false),
    ("argoproj.io", "applicationsets", "ApplicationSet", true),
    ("networking.istio.io", "gateways", "Gateway", true),
    ("monitoring.coreos.com", "servicemonitors", "ServiceMonitor", true),
    ("aws.upbound.io", "providerconfigs", "ProviderConfig", false),
    ("external-secrets.io", "secretstores", "SecretStore", true),
    ("gateway.networking.k8s.io", "gateways", "Gateway", true),
    ("example.com", "databases", "Database", true),
];

/// Installs the definitions; each takes any fields, as far as we are concerned.
pub(crate) fn install(plane: &ControlPlane) {
    for (group, plural, kind, namespaced) in KINDS {
        let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
        let definition = json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("{plural}.{group}"),
                "annotations": {"api-approved.kubernetes.io": "https://github.com/kubernetes/enhancements/pull/1111"}},
            "spec": {"group": group, "scope": if *namespaced { "Namespaced" } else { "Cluster" },
                "names": {"plural": plural, "singular": kind.to_lowercase(), "kind": kind},
                "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}]},
        });
        plane.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", &definition);
    }
    let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    let known = wait_for(Duration::from_secs(30), || {
        let request = Request::new("GET", "/apis").header("Accept", accept);
        let list = plane.request(plane.admin_token(), request).json().to_string();
        KINDS.iter().all(|(_, plural, ..)| list.contains(&format!("\"{plural}\""))).then_some(())
    });
    assert!(known.is_some(), "discovery names all kinds");
}

pub(crate) fn put(plane: &ControlPlane, namespace: Option<&str>, group: &str, kind: &str, name: &str, spec: &Value) {
    let (_, plural, ..) = KINDS.iter().find(|row| row.0 == group && row.2 == kind).expect("a kind of the table");
    let place = namespace.map(|namespace| format!("/namespaces/{namespace}")).unwrap_or_default();
    let object = json!({"apiVersion": format!("{group}/v1"), "kind": kind, "metadata": {"name": name}, "spec": spec});
    plane.create(&format!("/apis/{group}/v1{place}/{plural}"), &object);
}

fn secret(plane: &ControlPlane, namespace: &str, name: &str) {
    let object = json!({"metadata": {"name": name}, "stringData": {"password": "x"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
}

fn usage(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new().args(["usage"]).args(args).args(["-n", namespace]).kubeconfig(plane.admin_kubeconfig())
}

fn names(output: &Output) -> Vec<String> {
    output.out().lines().map(str::to_owned).collect()
}

#[test]
fn custom_resources_use_secrets() {
    let plane = ControlPlane::start();
    install(&plane);
    let (mine, edge) = (plane.namespace(), plane.namespace());
    let here = Some(mine.as_str());
    let canary = Canary::random();
    let own = ["web-tls", "github", "scrape", "vault", "listener", "own-rule", "idle"];
    own.iter().for_each(|name| secret(&plane, &mine, name));
    plane.create("/api/v1/namespaces", &json!({"metadata": {"name": "cert-manager"}}));
    for (namespace, name) in
        [("cert-manager", "root"), (edge.as_str(), "istio"), (edge.as_str(), "cloud"), (edge.as_str(), "shared")]
    {
        secret(&plane, namespace, name);
    }
    put(&plane, here, "cert-manager.io", "Certificate", "web", &json!({"secretName": "web-tls"}));
    put(&plane, None, "cert-manager.io", "ClusterIssuer", "ca", &json!({"ca": {"secretName": "root"}}));
    let generator = json!({"scmProvider": {"github": {"tokenRef": {"secretName": "github", "key": "password"}}}});
    put(&plane, here, "argoproj.io", "ApplicationSet", "apps", &json!({"generators": [generator]}));
    let tls = json!({"servers": [{"tls": {"credentialName": "istio"}}]});
    put(&plane, here, "networking.istio.io", "Gateway", "mesh", &tls);
    let endpoint = json!({"endpoints": [{"basicAuth": {"password": {"name": "scrape", "key": "password"}}}]});
    put(&plane, here, "monitoring.coreos.com", "ServiceMonitor", "web", &endpoint);
    let credentials = json!({"credentials": {"secretRef": {"name": "cloud", "namespace": edge, "key": "password"}}});
    put(&plane, None, "aws.upbound.io", "ProviderConfig", "default", &credentials);
    // What stands beside a reference may be a value.
    let store = json!({"provider": {"vault": {"auth": {"tokenSecretRef": {"name": "vault", "key": "password"}},
        "token": canary.text(), "name": canary.text()}}});
    put(&plane, here, "external-secrets.io", "SecretStore", "store", &store);
    let refs = json!({"listeners": [{"tls": {"certificateRefs": [{"name": "listener"}, {"name": "shared", "namespace": edge}]}}]});
    put(&plane, here, "gateway.networking.k8s.io", "Gateway", "web", &refs);
    let database =
        json!({"credentials": {"secretRef": {"name": "own-rule"}}, "missing": {"secretRef": {"name": "nowhere"}}});
    put(&plane, here, "example.com", "Database", "db", &database);

    let by = |namespace: &str, name: &str| names(&usage(&plane, namespace, &[name, "-o", "name"]).run().success());
    for (namespace, name, wanted) in [
        (mine.as_str(), "web-tls", "certificate.cert-manager.io/web"),
        ("cert-manager", "root", "clusterissuer.cert-manager.io/ca"),
        (&mine, "github", "applicationset.argoproj.io/apps"),
        (&edge, "istio", "gateway.networking.istio.io/mesh"),
        (&mine, "scrape", "servicemonitor.monitoring.coreos.com/web"),
        (&edge, "cloud", "providerconfig.aws.upbound.io/default"),
        (&mine, "vault", "secretstore.external-secrets.io/store"),
        (&mine, "listener", "gateway.gateway.networking.k8s.io/web"),
        (&edge, "shared", "gateway.gateway.networking.k8s.io/web"),
    ] {
        assert_eq!(by(namespace, name), [wanted], "{name}");
    }
    let table = usage(&plane, &edge, &["shared"]).run().success();
    assert!(table.out().contains(&format!("{mine}/web")), "the other namespace is named: {}", table.out());

    // A Certificate makes its Secret, which is no use of it; and nobody knows databases.
    let unused = usage(&plane, &mine, &["--unused", "-o", "name"]).run().success();
    assert_eq!(names(&unused), ["secret/idle", "secret/own-rule", "secret/web-tls"]);
    let rule =
        "consumers: [{group: example.com, kinds: [Database], secrets: [{path: spec.*.secretRef.name, key: key}]}]\n";
    let unused = usage(&plane, &mine, &["--unused", "-o", "name"]).config(rule).run().success();
    assert_eq!(names(&unused), ["secret/idle", "secret/web-tls"]);
    let dangling = usage(&plane, &mine, &["-A", "--dangling", "-o", "json"]).config(rule).run().success();
    let found: Value = serde_json::from_str(&dangling.out()).unwrap();
    let items = found["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{found:#}");
    assert_eq!((&items[0]["name"], &items[0]["consumers"][0]["kind"]), (&json!("nowhere"), &json!("Database")));
    // One that may be anywhere is missing only where all places are known.
    put(
        &plane,
        here,
        "networking.istio.io",
        "Gateway",
        "lost",
        &json!({"servers": [{"tls": {"credentialName": "no-cert"}}]}),
    );
    let one = usage(&plane, &mine, &["--dangling", "-o", "name"]).run().success();
    assert!(one.out().is_empty(), "{}", one.out());
    let all = usage(&plane, &mine, &["-A", "--dangling"]).run().success();
    assert!(all.out().contains("no-cert") && all.out().contains("<any>"), "{}", all.out());

    let whole = usage(&plane, &mine, &["-A", "-o", "json", "-v", "9"]).run().success();
    let outputs = [whole.stdout, whole.stderr, table.stdout, dangling.stdout].concat();
    assert_absent(std::slice::from_ref(&canary), &outputs, "custom resources");
    forbidden(&plane, &mine, &edge);
    let answered =
        |event: &Value| event["objectRef"]["resource"] == "secrets" && event["responseStatus"]["code"] != 403;
    for event in plane.audit_events(answered) {
        assert!(event["verb"] == "create" || event["responseObject"]["kind"] == "Table", "{event}");
    }
}

/// Custom resources that may not be listed, or only in the namespace, are named.
fn forbidden(plane: &ControlPlane, mine: &str, edge: &str) {
    let user = plane.user();
    plane.grant(&user, edge, &[("list", "gateways"), ("list", "secrets")]);
    let run =
        usage(plane, edge, &["shared", "-o", "json"]).kubeconfig(&plane.kubeconfig_for(&user.token)).run().success();
    let report: Value = serde_json::from_str(&run.out()).unwrap();
    let not_listed = report["notListed"].as_array().unwrap();
    for name in ["gateways.gateway.networking.k8s.io of other namespaces", "certificates.cert-manager.io"] {
        assert!(not_listed.contains(&json!(name)), "{name}: {not_listed:?}");
    }
    assert!(report["items"].as_array().unwrap().is_empty() && !run.out().contains(mine), "{}", run.out());
}
