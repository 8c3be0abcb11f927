//! Names that others have chosen are text, whatever stands in them: no script runs, nothing is asked for.

use serde_json::{Value, json};

use crate::audit::cases::opaque;
use crate::support::browser::{Browser, Deeds};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;

use super::{Shown, expected, fill, opened, rows, shown};

const HOSTILE: &[&str] = &[
    "\"><script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "</title></style></table><svg onload=alert(1)>",
    "' onmouseover='alert(1)' autofocus onfocus='alert(1)",
    "javascript:alert(1)",
    "--><iframe src=http://127.0.0.1:9/></iframe>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
];

/// Roles and bindings with such names: on the real API server, which refuses them elsewhere.
fn planted(plane: &ControlPlane) -> String {
    let namespace = plane.namespace();
    let rbac = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}");
    for text in HOSTILE {
        let name = text.replace(['/', '%'], "");
        let rules = json!([{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": [text]}]);
        plane.create(&format!("{rbac}/roles"), &json!({"metadata": {"name": name}, "rules": rules}));
        let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name});
        let subjects = json!([
            {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": format!("system:serviceaccounts:{text}")},
            {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:authenticated"}]);
        plane.create(
            &format!("{rbac}/rolebindings"),
            &json!({"metadata": {"name": name}, "roleRef": role, "subjects": subjects}),
        );
    }
    namespace
}

/// The page as it would be if nobody had thought of it.
fn unescaped(html: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(html.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

fn without_policy(html: &str) -> String {
    let line = html.lines().find(|line| line.contains("Content-Security-Policy")).unwrap();
    html.replace(line, "")
}

#[test]
fn names_from_the_cluster_are_text() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let Shown { html, report } = shown(plane, plane.admin_kubeconfig(), &["-n", &namespace]);
    let all = expected(&report);
    for text in HOSTILE {
        for part in [format!("({text})"), format!("accounts:{text}")] {
            assert!(all.iter().any(|row| row[5].contains(&part)), "{part} is in no finding: {report:#}");
        }
        let name = format!("rolebinding/{}", text.replace(['/', '%'], ""));
        assert!(all.iter().any(|row| row[3] == name), "{name}");
    }
    quiet_with(&html, &all);
    // Commands are for pasting: a shell takes each name for one word.
    for item in report["items"].as_array().unwrap().iter().filter(|item| item["rule"] == "broad-read") {
        let words = shlex::split(item["command"].as_str().unwrap()).unwrap();
        assert_eq!(words.last().map(String::as_str).map(Value::from).as_ref(), Some(&item["object"]["name"]), "{item}");
    }

    // The same page without its escapes shows that the browser would, and that the policy holds by itself.
    let mut browser = Browser::start();
    browser.open(&unescaped(&without_policy(&html)));
    let deeds = browser.deeds();
    assert!(deeds.dialogs.contains(&"1".to_owned()) && !deeds.requests.is_empty(), "{deeds:?}");
    browser.open(&unescaped(&html));
    let deeds = browser.deeds();
    assert_eq!(deeds.dialogs, Vec::<String>::new());
    assert!(deeds.complaints.iter().any(|text| text.contains("Content Security Policy")), "{deeds:?}");
}

/// What no API server would take, from one that is none.
#[test]
fn names_from_what_is_no_kubernetes_are_text() {
    let plane = ControlPlane::shared();
    let garbage = |kind: &str, items: Vec<Value>| {
        Fault::Garbage(json!({"kind": kind, "metadata": {}, "items": items}).to_string().into_bytes())
    };
    let role = |text: &&str| {
        let rules = json!([{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}]);
        json!({"metadata": {"name": text}, "rules": rules})
    };
    let binding = |text: &&str| {
        let subjects = json!([{"kind": "Group", "name": "system:authenticated"}]);
        json!({"metadata": {"name": text}, "roleRef": {"kind": "ClusterRole", "name": text}, "subjects": subjects})
    };
    let namespace = plane.namespace();
    opaque(plane, &namespace, "db", json!({"k": "not-a-real-one"}));
    let workload = |(index, text): (usize, &&str)| {
        let env = json!([{"name": "P", "valueFrom": {"secretKeyRef": {"name": "db", "key": text}}}]);
        let spec = json!({"template": {"spec": {"containers": [{"name": text, "env": env}]}}});
        json!({"metadata": {"name": format!("web-{index}"), "namespace": namespace}, "spec": spec})
    };
    let rules = vec![
        Rule::always(garbage("ClusterRoleList", HOSTILE.iter().map(role).collect())).path("/clusterroles"),
        Rule::always(garbage("ClusterRoleBindingList", HOSTILE.iter().map(binding).collect()))
            .path("/clusterrolebindings"),
        Rule::always(garbage("DeploymentList", HOSTILE.iter().enumerate().map(workload).collect()))
            .path("/deployments"),
    ];
    let proxy = Proxy::start(plane, rules);
    let kubeconfig = proxy.kubeconfig(plane.admin_token());
    let Shown { html, report } = shown(plane, &kubeconfig, &["-n", &namespace, "--rule", "broad-read,dangling"]);
    let all = expected(&report);
    for text in HOSTILE {
        assert!(all.iter().any(|row| row[3] == format!("clusterrolebinding/{text}")), "{text}: {report:#}");
        assert!(all.iter().any(|row| row[5].contains(&format!("names key {text} of"))), "{text}: {report:#}");
    }
    for item in report["items"].as_array().unwrap().iter().filter(|item| item["rule"] == "dangling") {
        assert_eq!(item["command"], format!("kubectl secretsafe view db -n {namespace}"));
    }
    quiet_with(&html, &all);
}

/// The page shows these texts and does nothing, whatever one does with it.
fn quiet_with(html: &str, all: &[Vec<String>]) {
    let mut browser = opened(html);
    assert_eq!(rows(&mut browser, true), all);
    for text in HOSTILE {
        fill(&mut browser, "search", text);
        assert!(!rows(&mut browser, true).is_empty(), "{text}");
    }
    fill(&mut browser, "search", "");
    browser.evaluate("document.querySelectorAll('a, button').forEach(part => part.click())");
    browser.evaluate("document.querySelectorAll('*').forEach(part => part.dispatchEvent(new MouseEvent('mouseover')))");
    assert_eq!(browser.deeds(), Deeds::default());
}
