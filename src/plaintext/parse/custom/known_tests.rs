//! The well-known rules, each with objects as its project documents them.

use serde_json::{Value, json};

use crate::names::Namespace;
use crate::plaintext::wire::json as body;
use crate::plan::consumers::{CustomRule, Referenced, Served, well_known};

use super::parse_custom;

pub(super) fn served(group: &str, kind: &str, namespaced: bool) -> Served {
    let (version, resource) = ("v1".to_owned(), "things".to_owned());
    Served { group: group.to_owned(), version, resource, kind: kind.to_owned(), namespaced }
}

/// What the rules find in one object, as `how namespace/secret key`.
pub(super) fn found(rules: &[CustomRule], served: &Served, item: &Value) -> Vec<String> {
    let rules: Vec<&CustomRule> = rules.iter().filter(|rule| rule.is_about(&served.group, &served.kind)).collect();
    let page = parse_custom(&body(&json!({"items": [item]})), served, &rules).unwrap();
    let described = |one: &Referenced| {
        let place = one.namespace.as_ref().map_or("?", Namespace::as_str).to_owned();
        let uses = one.consumer.uses.iter().map(|used| {
            let key = used.key.as_ref().map(|key| format!(" {key}")).unwrap_or_default();
            let optional = if used.optional { "?" } else { "" };
            format!("{}{optional} {place}/{}{key}", used.how.word(), one.secret)
        });
        uses.collect::<Vec<_>>()
    };
    let mut all: Vec<String> = page.items.iter().flat_map(described).collect();
    all.sort();
    all.dedup();
    all
}

pub(super) fn in_prod(spec: Value) -> Value {
    json!({"metadata": {"name": "a", "namespace": "prod"}, "spec": spec})
}

fn everywhere(spec: Value) -> Value {
    json!({"metadata": {"name": "a"}, "spec": spec})
}

#[test]
fn cert_manager() {
    let rules = well_known();
    let certificate = in_prod(json!({"secretName": "web-tls", "keystores": {
        "jks": {"create": true, "passwordSecretRef": {"name": "jks", "key": "password"}}}}));
    assert_eq!(
        found(&rules, &served("cert-manager.io", "Certificate", true), &certificate),
        ["makes prod/web-tls", "reference prod/jks password"]
    );
    let issuer = json!({
        "ca": {"secretName": "root"},
        "acme": {"privateKeySecretRef": {"name": "account"}, "solvers": [
            {"dns01": {"route53": {"region": "eu", "accessKeyIDSecretRef": {"name": "aws", "key": "id"}}}},
            {"dns01": {"webhook": {"config": {"apiKeySecretRef": {"name": "hook", "key": "k"}, "zone": "not-a-name"}}}},
            {"http01": {"ingress": {"class": "nginx"}}}]},
        "vault": {"auth": {"appRole": {"roleId": "r", "secretRef": {"name": "role", "key": "s"}}}},
        "venafi": {"tpp": {"credentialsRef": {"name": "tpp"}}},
    });
    let wanted = [
        "reference prod/aws id",
        "reference prod/hook k",
        "reference prod/role s",
        "reference prod/root",
        "reference prod/tpp",
        "reference? prod/account",
    ];
    assert_eq!(found(&rules, &served("cert-manager.io", "Issuer", true), &in_prod(issuer.clone())), wanted);
    let wanted = wanted.map(|text| text.replace("prod/", "cert-manager/"));
    assert_eq!(found(&rules, &served("cert-manager.io", "ClusterIssuer", false), &everywhere(issuer)), wanted);
}

#[test]
fn gateways() {
    let rules = well_known();
    let certificate = |more: Value| {
        let mut one = json!({"name": "tls"});
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let listeners = json!({"listeners": [{"tls": {"certificateRefs": [
        certificate(json!({})), certificate(json!({"kind": "Secret", "group": "", "namespace": "edge"})),
        certificate(json!({"kind": "ConfigMap", "namespace": "other"})),
        certificate(json!({"namespace": "../x"}))]}}],
        "tls": {"frontend": {"default": {"validation": {"caCertificateRefs": [{"name": "ca"},
            {"name": "ca-secret", "kind": "Secret", "group": ""}]}}}}});
    assert_eq!(
        found(&rules, &served("gateway.networking.k8s.io", "Gateway", true), &in_prod(listeners)),
        ["reference edge/tls", "reference prod/ca-secret", "reference prod/tls"]
    );
    let servers = json!({"servers": [{"tls": {"credentialName": "one", "credentialNames": ["two", "Not A Name"]}}]});
    assert_eq!(
        found(&rules, &served("networking.istio.io", "Gateway", true), &in_prod(servers)),
        ["reference ?/one", "reference ?/two", "reference? ?/one-cacert"]
    );
    let policy = json!({"trafficPolicy": {"portLevelSettings": [{"tls": {"credentialName": "client"}}]}});
    assert_eq!(
        found(&rules, &served("networking.istio.io", "DestinationRule", true), &in_prod(policy)),
        ["reference ?/client"]
    );
}

#[test]
fn prometheus_operator() {
    let rules = well_known();
    let group = "monitoring.coreos.com";
    let key = |name: &str| json!({"name": name, "key": "k"});
    let endpoint = json!({"endpoints": [{
        "basicAuth": {"username": key("user"), "password": key("password")},
        "bearerTokenSecret": key("bearer"),
        "authorization": {"type": "Bearer", "credentials": key("auth")},
        "oauth2": {"clientId": {"secret": key("id")}, "clientSecret": key("client"), "tokenUrl": "https://a"},
        "tlsConfig": {"ca": {"configMap": key("not-a-secret")}, "cert": {"secret": key("cert")}, "keySecret": key("key")},
    }]});
    assert_eq!(
        found(&rules, &served(group, "ServiceMonitor", true), &in_prod(endpoint)),
        ["auth", "bearer", "cert", "client", "id", "key", "password", "user"]
            .map(|name| format!("reference prod/{name} k"))
    );
    let prometheus = json!({"secrets": ["mounted"], "imagePullSecrets": [{"name": "registry"}],
        "additionalScrapeConfigs": {"name": "scrape", "key": "k", "optional": true},
        "remoteWrite": [{"url": "https://a", "basicAuth": {"username": key("remote")}}]});
    assert_eq!(
        found(&rules, &served(group, "Prometheus", true), &in_prod(prometheus)),
        ["reference prod/mounted", "reference prod/registry", "reference prod/remote k", "reference? prod/scrape k"]
    );
    let alerts = json!({"receivers": [{"name": "not-one", "slackConfigs": [{"apiURL": key("slack"), "channel": "c"}],
        "emailConfigs": [{"authPassword": key("mail"), "headers": [{"key": "a", "value": "b"}]}]}]});
    assert_eq!(
        found(&rules, &served(group, "AlertmanagerConfig", true), &in_prod(alerts)),
        ["reference prod/mail k", "reference prod/slack k"]
    );
}

#[test]
fn external_secrets() {
    let rules = well_known();
    let group = "external-secrets.io";
    let store = json!({"provider": {"vault": {"server": "https://v", "auth": {"tokenSecretRef": {"name": "vault", "key": "token"}},
        "caProvider": {"type": "ConfigMap", "name": "ca", "key": "ca.crt"}}}});
    assert_eq!(found(&rules, &served(group, "SecretStore", true), &in_prod(store)), ["reference prod/vault token"]);
    let store = json!({"provider": {"aws": {"auth": {"secretRef": {
        "accessKeyIDSecretRef": {"name": "aws", "key": "id", "namespace": "eso"},
        "secretAccessKeySecretRef": {"name": "aws2", "key": "key"}}}}}});
    assert_eq!(
        found(&rules, &served(group, "ClusterSecretStore", false), &everywhere(store)),
        ["reference ?/aws2 key", "reference eso/aws id"]
    );
    let kind = served(group, "ExternalSecret", true);
    assert_eq!(found(&rules, &kind, &in_prod(json!({"target": {"name": "made"}}))), ["makes prod/made"]);
    assert_eq!(found(&rules, &kind, &in_prod(json!({"data": []}))), ["makes prod/a"]);
    let push = json!({"selector": {"secret": {"name": "pushed"}}});
    assert_eq!(found(&rules, &served(group, "PushSecret", true), &in_prod(push)), ["reference prod/pushed"]);
}

#[test]
fn crossplane_argo_cd_and_storage() {
    let rules = well_known();
    let provider = everywhere(json!({"credentials": {"source": "Secret",
        "secretRef": {"name": "creds", "namespace": "crossplane-system", "key": "json"}}}));
    for group in ["aws.upbound.io", "gcp.crossplane.io", "aws.m.upbound.io"] {
        assert_eq!(
            found(&rules, &served(group, "ProviderConfig", false), &provider),
            ["reference crossplane-system/creds json"],
            "{group}"
        );
    }
    let set = in_prod(json!({"generators": [{"matrix": {"generators": [
        {"scmProvider": {"github": {"tokenRef": {"secretName": "github", "key": "token"}, "appSecretName": "app"}}}]}}]}));
    assert_eq!(
        found(&rules, &served("argoproj.io", "ApplicationSet", true), &set),
        ["reference prod/app", "reference prod/github token"]
    );
    let volume =
        everywhere(json!({"csi": {"driver": "d", "nodeStageSecretRef": {"name": "stage", "namespace": "ceph"}}}));
    assert_eq!(found(&rules, &served("", "PersistentVolume", false), &volume), ["reference ceph/stage"]);
    let file = everywhere(json!({"azureFile": {"secretName": "azure", "secretNamespace": "files", "shareName": "s"}}));
    assert_eq!(found(&rules, &served("", "PersistentVolume", false), &file), ["reference files/azure"]);
    let class = json!({"metadata": {"name": "fast"}, "parameters": {
        "csi.storage.k8s.io/provisioner-secret-name": "ceph", "csi.storage.k8s.io/provisioner-secret-namespace": "rook",
        "csi.storage.k8s.io/node-publish-secret-name": "${pvc.name}"}});
    assert_eq!(found(&rules, &served("storage.k8s.io", "StorageClass", false), &class), ["reference rook/ceph"]);
}
