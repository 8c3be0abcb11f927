//! `access` against the real API server: every way, what is hidden, what may not be listed, and what S18 says of `patch`
//! and `delete`.

use serde_json::{Value, json};

use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::fixtures::User;
use crate::support::http::Request;

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

fn access(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new().args(["access"]).args(args).args(["-n", namespace]).kubeconfig(plane.admin_kubeconfig())
}

fn report(output: &Output) -> Value {
    let report: Value = serde_json::from_str(&output.out()).unwrap();
    assert_eq!(report["kind"], "SecretAccess");
    report
}

/// Makes a Role and binds it to the subjects.
fn bind(plane: &ControlPlane, namespace: &str, name: &str, rules: Value, subjects: Value) {
    let path = format!("{RBAC}/namespaces/{namespace}");
    plane.create(&format!("{path}/roles"), &json!({"metadata": {"name": name}, "rules": rules}));
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name});
    let binding = json!({"metadata": {"name": name}, "roleRef": role, "subjects": subjects});
    plane.create(&format!("{path}/rolebindings"), &binding);
}

fn rule(verbs: &[&str], group: &str, resource: &str, names: &[&str]) -> Value {
    json!({"verbs": verbs, "apiGroups": [group], "resources": [resource], "resourceNames": names})
}

fn named(kind: &str, name: &str) -> Value {
    json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name})
}

/// Returns what one subject of the report may do: read, change, indirect.
fn ways(report: &Value, kind: &str, name: &str) -> [Vec<String>; 3] {
    let items = report["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["kind"] == kind && item["name"] == name);
    let item = item.unwrap_or_else(|| panic!("{kind} {name} is not in {report:#}"));
    ["read", "change", "indirect"]
        .map(|effect| item[effect].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect())
}

fn secret(plane: &ControlPlane, namespace: &str) {
    let secret = json!({"metadata": {"name": "db"}, "stringData": {"a": "not-a-real-password"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &secret);
}

#[test]
fn subjects_have_their_verbs_and_the_binding_that_gives_them() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    secret(plane, &namespace);
    let all = json!([rule(&["*"], "", "secrets", &[])]);
    bind(plane, &namespace, "owners", all, json!([named("Group", "owners")]));
    let one = json!([rule(&["get", "update", "create", "deletecollection"], "", "secrets", &["db"])]);
    bind(plane, &namespace, "one", one, json!([named("User", "ann"), named("Group", "system:serviceaccounts")]));
    let other = json!([rule(&["get"], "", "secrets", &["web"])]);
    bind(plane, &namespace, "other", other, json!([named("User", "bob")]));
    let nothing = json!([rule(&["get", "list"], "", "configmaps", &[])]);
    bind(plane, &namespace, "nothing", nothing, json!([named("User", "cid")]));

    let output = access(plane, &namespace, &["db", "-o", "json"]).run().success();
    let found = report(&output);
    assert_eq!(found["complete"], true);
    let reads = ["get", "list", "watch", "patch", "delete", "deletecollection"];
    let changes = ["create", "update", "patch", "delete", "deletecollection"];
    assert_eq!(
        ways(&found, "Group", "owners")[..2],
        [reads.map(String::from).to_vec(), changes.map(String::from).to_vec()]
    );
    // A request to create or to delete all has no name, so these two are not in it.
    assert_eq!(ways(&found, "User", "ann"), [vec!["get".to_owned()], vec!["update".to_owned()], vec![]]);
    let first = &found["items"][0];
    assert_eq!((&first["name"], &first["broad"]), (&json!("system:serviceaccounts"), &json!(true)), "{first}");
    let names: Vec<&Value> = found["items"].as_array().unwrap().iter().map(|item| &item["name"]).collect();
    assert!(!names.contains(&&json!("bob")) && !names.contains(&&json!("cid")), "{names:?}");
    assert!(found["hidden"].as_u64() > Some(0) && !names.contains(&&json!("system:masters")), "{names:?}");
    assert!(found["reasons"].to_string().contains("a patch of nothing is answered with the Secret"), "S18");

    // For the whole namespace, with the names that rights are limited to.
    let whole = access(plane, &namespace, &["-o", "json"]).run().success();
    assert_eq!(ways(&report(&whole), "User", "bob")[0], ["get"]);
    let table = access(plane, &namespace, &[]).run().success();
    let line = |table: &Output, name: &str| {
        table.out().lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{}", table.out())).to_owned()
    };
    assert!(line(&table, "User bob").contains("get (web)"), "{}", table.out());
    assert!(line(&table, "User bob").contains("RoleBinding/other (Role/other)"), "{}", table.out());
    let one = access(plane, &namespace, &["db", "-o", "wide"]).run().success();
    let columns: Vec<String> = line(&one, "Group owners")
        .split("   ")
        .filter(|cell| !cell.trim().is_empty())
        .map(|cell| cell.trim().to_owned())
        .collect();
    assert_eq!(columns[..3], ["Group owners", "all", "all"], "{}", one.out());
    assert!(one.out().contains("BECAUSE") && one.err().contains("RBAC only"), "{} {}", one.out(), one.err());
    let every = access(plane, &namespace, &["db", "--all-subjects", "-o", "name"]).run().success();
    assert!(every.out().contains("group/system:masters\n") && every.out().contains("user/ann\n"), "{}", every.out());
    // Nothing but metadata of the Secret was asked for.
    for event in plane.secret_events(&namespace) {
        assert!(event["verb"] == "create" || event["responseObject"]["kind"] != "Secret", "{event}");
    }
}

#[test]
fn the_ways_of_one_step_more_are_found() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plane.service_account(&namespace, "reader");
    plane.service_account(&namespace, "idle");
    let account = json!([{"kind": "ServiceAccount", "name": "reader", "namespace": namespace}]);
    bind(plane, &namespace, "reader", json!([rule(&["get"], "", "secrets", &["db"])]), account);
    let group = "rbac.authorization.k8s.io";
    let rows: &[(&str, Value, &[&str])] = &[
        ("pods", rule(&["create"], "", "pods", &[]), &["pods"]),
        ("pods-named", rule(&["create"], "", "pods", &["web"]), &[]),
        ("debug", rule(&["patch"], "", "pods/ephemeralcontainers", &["web"]), &["pods"]),
        ("deploy", rule(&["patch"], "apps", "deployments", &["web"]), &["workloads"]),
        ("cron", rule(&["create"], "batch", "*", &[]), &["workloads"]),
        ("old", rule(&["update"], "", "replicationcontrollers", &[]), &["workloads"]),
        ("shell", rule(&["create"], "", "pods/exec", &[]), &["exec"]),
        ("attach", rule(&["get"], "*", "*/attach", &[]), &["exec"]),
        ("token", rule(&["create"], "", "serviceaccounts/token", &["reader"]), &["token"]),
        ("token-idle", rule(&["create"], "", "serviceaccounts/token", &["idle"]), &[]),
        ("act", rule(&["impersonate"], "", "serviceaccounts", &[]), &["impersonate"]),
        // These are rights of the whole cluster, which a Role cannot give.
        ("act-user", rule(&["impersonate"], "", "users", &[]), &[]),
        ("kubelet", rule(&["get"], "", "nodes/proxy", &[]), &[]),
        ("escalate", rule(&["escalate"], group, "roles", &[]), &["escalate"]),
        ("bind", rule(&["bind"], group, "clusterroles", &["admin"]), &["bind"]),
        ("logs", rule(&["get"], "", "pods/log", &[]), &[]),
    ];
    for (name, rule, _) in rows {
        bind(plane, &namespace, name, json!([rule]), json!([named("User", name)]));
    }
    let found = report(&access(plane, &namespace, &["db", "-o", "json"]).run().success());
    for (name, _, wanted) in rows {
        let items = found["items"].as_array().unwrap();
        match items.iter().find(|item| item["name"] == *name) {
            Some(item) => assert_eq!(item["indirect"], json!(wanted), "{name}"),
            None => assert!(wanted.is_empty(), "{name} is not found"),
        }
    }
    assert_eq!(ways(&found, "ServiceAccount", "reader")[0], ["get"]);
    assert!(found["reasons"].to_string().contains("a token of an account that may read the Secret"));
}

#[test]
fn rights_of_the_whole_cluster_count_in_each_namespace() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let user = plane.user();
    let rights = [("list", "secrets"), ("get", "nodes/proxy"), ("impersonate", "users")];
    plane.grant_everywhere(&user, &rights);
    let found = report(&access(plane, &namespace, &["db", "-o", "json"]).run().success());
    assert_eq!(ways(&found, "User", &user.name)[0], ["list"]);
    assert_eq!(ways(&found, "User", &user.name)[2], ["impersonate", "nodes"]);
    let item = found["items"].as_array().unwrap().iter().find(|item| item["name"] == user.name.as_str()).unwrap();
    assert_eq!(item["through"][0]["scope"], "cluster");
}

/// Asks the API server as this user, and tells whether a value came back.
fn answer_has_value(plane: &ControlPlane, user: &User, request: Request) -> bool {
    let answer = plane.request(&user.token, request);
    assert!(answer.code < 300, "{}: {}", answer.code, answer.json()["message"]);
    String::from_utf8_lossy(&answer.body).contains("bm90LWEtcmVhbC1wYXNzd29yZA")
}

/// Requirement S18: what `access` counts as reads does read.
#[test]
fn patch_delete_and_deletecollection_read() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    secret(plane, &namespace);
    let all = format!("/api/v1/namespaces/{namespace}/secrets");
    let one = format!("{all}/db");
    let rows: &[(&str, Request)] = &[
        ("patch", Request::new("PATCH", &one).body("application/merge-patch+json", b"{}")),
        ("deletecollection", Request::new("DELETE", &format!("{all}?dryRun=All"))),
        ("delete", Request::new("DELETE", &format!("{one}?dryRun=All&propagationPolicy=Foreground"))),
        ("list", Request::new("GET", &all)),
        ("watch", Request::new("GET", &format!("{all}?watch=1&timeoutSeconds=1"))),
    ];
    let mut silent = Vec::new();
    for (verb, request) in rows {
        let user = plane.user();
        plane.grant(&user, &namespace, &[(verb, "secrets")]);
        if !answer_has_value(plane, &user, request.clone()) {
            silent.push(*verb);
        }
        let found = report(&access(plane, &namespace, &["db", "-o", "json"]).run().success());
        assert_eq!(ways(&found, "User", &user.name)[0], [*verb]);
    }
    assert!(silent.is_empty(), "no value in the answers to {silent:?}");
}

/// Why a rule with names can be left out for `create`: who may make the Secret by its name may patch it too.
#[test]
fn a_name_allows_create_only_to_who_may_patch() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let all = format!("/api/v1/namespaces/{namespace}/secrets");
    let apply = format!("{all}/db?fieldManager=x");
    let body = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}}).to_string();
    let requests = [
        Request::new("POST", &all).body("application/json", body.as_bytes()),
        Request::new("PATCH", &apply).body("application/apply-patch+yaml", body.as_bytes()),
    ];
    for (verbs, codes) in [(&["get", "create"][..], [403, 403]), (&["get", "create", "patch"], [403, 201])] {
        let user = plane.user();
        let name = format!("r{}", verbs.len());
        bind(
            plane,
            &namespace,
            &name,
            json!([rule(verbs, "", "secrets", &["db"])]),
            json!([named("User", &user.name)]),
        );
        plane.grant(&user, &namespace, &[("get", "configmaps")]);
        let found: Vec<u16> = requests.iter().map(|request| plane.request(&user.token, request.clone()).code).collect();
        assert_eq!(found, codes, "{verbs:?}");
    }
}

#[test]
fn what_may_not_be_listed_is_named() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    secret(plane, &namespace);
    bind(plane, &namespace, "r", json!([rule(&["get"], "", "secrets", &[])]), json!([named("User", "ann")]));
    let path = format!("{RBAC}/namespaces/{namespace}/rolebindings");
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "not-there"});
    plane.create(&path, &json!({"metadata": {"name": "loose"}, "roleRef": role, "subjects": [named("User", "bob")]}));
    let user = plane.user();
    let kubeconfig = plane.kubeconfig_for(&user.token);
    let nothing = access(plane, &namespace, &["db"]).kubeconfig(&kubeconfig).run().expect_code(5);
    assert!(nothing.err().contains("cannot list roles in namespace") && nothing.out().is_empty(), "{}", nothing.err());
    plane.grant(&user, &namespace, &[("list", "roles"), ("list", "rolebindings")]);
    let some = access(plane, &namespace, &["db", "-o", "json"]).kubeconfig(&kubeconfig).run().success();
    assert!(some.err().contains("may not list clusterroles, clusterrolebindings"), "{}", some.err());
    assert!(some.err().contains("1 binding names a role that is not there"), "{}", some.err());
    let found = report(&some);
    assert_eq!(found["complete"], false);
    assert_eq!(found["notListed"], json!(["clusterroles", "clusterrolebindings"]));
    assert_eq!(found["bindingsWithoutRole"], 1);
    assert_eq!(ways(&found, "User", "ann")[0], ["get"]);
}

#[test]
fn a_secret_that_is_not_there_is_said() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let output = access(plane, &namespace, &["gone"]).run().success();
    assert!(output.err().contains("there is no secret `gone`"), "{}", output.err());
    let quiet = access(plane, &namespace, &["gone", "-q"]).run().success();
    assert!(quiet.err().is_empty(), "{}", quiet.err());
}

#[test]
fn long_lists_are_read_page_by_page() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    bind(plane, &namespace, "last", json!([rule(&["get"], "", "secrets", &[])]), json!([named("User", "last-user")]));
    let path = format!("{RBAC}/namespaces/{namespace}/rolebindings");
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:discovery"});
    for number in 0..510 {
        let binding = json!({"metadata": {"name": format!("b-{number:03}")}, "roleRef": role, "subjects": [named("User", "other")]});
        plane.create(&path, &binding);
    }
    let output = access(plane, &namespace, &["db", "-o", "name"]).run().success();
    assert!(output.out().contains("user/last-user\n") && !output.out().contains("user/other\n"), "{}", output.out());
}
