//! Every rule on its two sides, and a cluster in which nothing is wrong.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::findings::ahead;
use crate::support::controlplane::ControlPlane;

use super::cases::{CASES, Case, DEEP, STRONG, opaque};
use super::{audit, found, report};

/// The names of all rules, as `--rule` takes them.
fn rules() -> BTreeSet<String> {
    let mut command = kubectl_secretsafe::command();
    let audit = command.find_subcommand_mut("audit").unwrap();
    let rule = audit.get_arguments().find(|argument| argument.get_id() == "rule").unwrap();
    rule.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
}

/// Runs one rule against what it finds and what it does not.
pub(super) fn both_sides(plane: &ControlPlane, kubeconfig: &Path, case: &Case, more: &[&str]) {
    let (bad, good) = (plane.namespace(), plane.namespace());
    (case.fires)(plane, &bad);
    (case.keeps_still)(plane, &good);
    let look = |namespace: &str| {
        let args = [&["--rule", case.rule, "-n", namespace, "-o", "json", "--fail-on", "low"], more].concat();
        audit(plane, &args).kubeconfig(kubeconfig).run()
    };
    let output = look(&bad);
    let fired = report(&output);
    assert_eq!(output.code, Some(1), "{}: {fired:#}", case.rule);
    assert!(!found(&fired, case.rule).is_empty(), "{}: {fired:#}", case.rule);
    for item in fired["items"].as_array().unwrap() {
        assert_eq!(item["rule"], case.rule, "{item}");
        let command = item["command"].as_str().unwrap();
        assert!(command.starts_with("kubectl ") && !item["seen"].as_str().unwrap().is_empty(), "{item}");
    }
    assert!(!output.out().contains("not-a-real"), "no value: {}", output.out());
    let quiet = report(&look(&good).success());
    assert_eq!(quiet["items"], json!([]), "{} keeps still: {quiet:#}", case.rule);
    assert_eq!(quiet["namespacesLeftOut"], 0);
}

#[test]
fn every_rule_fires_and_keeps_still() {
    let plane = ControlPlane::shared();
    // Others give users rights to the whole cluster here.
    for case in CASES.iter().filter(|case| case.rule != "many-readers") {
        let proxy = ahead(plane, case.later);
        both_sides(plane, &proxy.kubeconfig(plane.admin_token()), case, &[]);
    }
}

#[test]
fn no_rule_is_without_a_case() {
    let tried = CASES.iter().chain(DEEP).map(|case| case.rule.to_owned());
    let tried: BTreeSet<String> = tried.chain(["encryption", "audit-log"].map(str::to_owned)).collect();
    assert_eq!(tried, rules());
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/audit.md")).unwrap();
    for rule in rules() {
        assert!(docs.contains(&format!("| `{rule}` |")), "docs/audit.md has no row for {rule}");
        let file = format!("{}/src/audit", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(file).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let owners = files.filter(|text| text.contains(&format!("id: \"{rule}\""))).count();
        assert_eq!(owners, 1, "{rule} has a file of its own");
    }
}

#[test]
fn a_clean_cluster_is_silent_and_what_the_api_server_does_wrong_is_told() {
    let plane = ControlPlane::start();
    opaque(&plane, "default", "db", json!({"password": STRONG}));
    let spec = json!({"volumes": [{"name": "v", "secret": {"secretName": "db"}}],
        "containers": [{"name": "app", "image": "app", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}]});
    let labels = json!({"app": "web"});
    let template = json!({"metadata": {"labels": labels}, "spec": spec});
    let web = json!({"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": labels}, "template": template}});
    plane.create("/apis/apps/v1/namespaces/default/deployments", &web);
    let clean = |more: &[&str]| {
        let args = [&["-A", "--fail-on", "low", "--strict"], more].concat();
        let clean = audit(&plane, &args).run().success();
        assert_eq!((clean.out().as_str(), clean.err().as_str()), ("", "Nothing found.\n"), "{more:?}");
    };
    clean(&[]);
    let ours =
        |event: &Value| event["userAgent"].as_str().is_some_and(|agent| agent.starts_with("kubectl-secretsafe/"));
    let events = plane.audit_events(|event| ours(event) && event["objectRef"]["resource"] == "secrets");
    assert!(!events.is_empty());
    for event in events {
        assert_eq!(event["responseObject"]["kind"], "Table", "no request that returns a value: {event}");
    }
    clean(&["--deep"]);
    for case in CASES.iter().filter(|case| case.rule == "many-readers") {
        both_sides(&plane, plane.admin_kubeconfig(), case, &[]);
    }
    // A static Pod shows how the API server is started: here, without either.
    let pod = json!({"metadata": {"name": "kube-apiserver-node", "labels": {"component": "kube-apiserver", "tier": "control-plane"}},
        "spec": {"containers": [{"name": "kube-apiserver", "image": "k", "command": ["kube-apiserver", "--v=2"]}]}});
    plane.create("/api/v1/namespaces/kube-system/serviceaccounts", &json!({"metadata": {"name": "default"}}));
    plane.create("/api/v1/namespaces/kube-system/pods", &pod);
    let output = audit(&plane, &["--rule", "encryption,audit-log", "-o", "json"]).run().expect_code(1);
    let told = report(&output);
    assert_eq!(found(&told, "encryption")[0]["severity"], "high", "{told:#}");
    // There are audit events all the same, by its metrics: what is seen counts more than what is configured.
    assert!(found(&told, "audit-log").is_empty(), "{told:#}");
}

#[test]
fn an_api_server_that_keeps_secrets_as_they_are_is_found() {
    let plane = ControlPlane::start_without(&["--encryption-provider-config", "--audit-"]);
    // Nothing has been read yet: nothing can be told.
    let told = report(&audit(&plane, &["--rule", "encryption", "-o", "json"]).run().success());
    assert!(told["rules"][0]["unknown"].is_string(), "{told:#}");
    opaque(&plane, "default", "db", json!({"password": STRONG}));
    let output = audit(&plane, &["--rule", "encryption,audit-log", "-o", "json"]).run().expect_code(1);
    let told = report(&output);
    let severities: Vec<&Value> = ["encryption", "audit-log"].map(|rule| &found(&told, rule)[0]["severity"]).to_vec();
    assert_eq!(severities, ["high", "medium"], "{told:#}");
    assert!(output.err().is_empty(), "{}", output.err());
}
