//! What is sealed can be opened: by the right controller, in the right place, and is what it was before.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Controller, seal};
use crate::support::canary::{Canary, assert_absent};
use crate::support::controlplane::ControlPlane;

/// A Secret with binary and empty values, and with labels and annotations of every sort.
fn plant(namespace: &str, value: &str) -> Value {
    let object = json!({
        "type": "example.com/login", "immutable": true,
        "metadata": {"name": "db", "labels": {"app.kubernetes.io/name": "db", "team": "a", "leak": value}, "annotations": {
            "note": "the database", "url": format!("postgres://u:{value}@db/"),
            "kubectl.kubernetes.io/last-applied-configuration": format!("{{\"stringData\":\"{value}\"}}"),
        }},
        "data": {"password": STANDARD.encode(value), "binary": "/wAB", "empty": "", "large": STANDARD.encode([7; 4_000])},
    });
    ControlPlane::shared().create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object)
}

#[test]
fn the_controller_opens_what_its_scope_allows_and_nothing_else() {
    let (plane, controller, other) = (ControlPlane::shared(), Controller::new(), Controller::new());
    let (namespace, canary) = (plane.namespace(), Canary::random());
    let mut live = plant(&namespace, canary.text());
    // So Go writes no bytes.
    live["data"]["empty"] = Value::Null;
    for (scope, other_name, other_namespace) in
        [("strict", false, false), ("namespace-wide", true, false), ("cluster-wide", true, true)]
    {
        for format in ["yaml", "json"] {
            let output = seal(&namespace, &controller, &["db", "--scope", scope, "-o", format]).run().success();
            assert_absent(std::slice::from_ref(&canary), &output.stdout, scope);
            assert_absent(std::slice::from_ref(&canary), &output.stderr, scope);
            let opened = controller.opened(&output.stdout);
            assert_eq!(opened["data"], live["data"], "{scope} {format}");
            assert_eq!((&opened["type"], &opened["immutable"]), (&json!("example.com/login"), &json!(true)));
            assert_eq!(opened["metadata"]["labels"], json!({"app.kubernetes.io/name": "db"}));
            assert_eq!(other.open(&output.stdout).code, Some(1), "another controller");
            let moved = |from: &str, to: &str| output.out().replace(from, to).into_bytes();
            let (name, to) = if format == "yaml" { ("name: db", "name: web") } else { ("\"db\"", "\"web\"") };
            assert_eq!(controller.open(&moved(name, to)).code, Some(i32::from(!other_name)), "{scope}, another name");
            let opened = controller.open(&moved(&namespace, "elsewhere"));
            assert_eq!(opened.code, Some(i32::from(!other_namespace)), "{scope}, another namespace");
        }
    }
}

#[test]
fn single_keys_and_what_is_named_go_along_and_the_api_server_would_take_it() {
    let controller = Controller::new();
    let (namespace, canary) = (ControlPlane::shared().namespace(), Canary::random());
    let live = plant(&namespace, canary.text());
    let labels =
        ["--label", "team", "--label", "leak", "--label", "tier=web", "--annotation", "note", "--annotation", "url"];
    let output = seal(&namespace, &controller, &["db", "binary", "password"]).args(labels).run().success();
    let opened = controller.opened(&output.stdout);
    assert_eq!(opened["data"], json!({"binary": live["data"]["binary"], "password": live["data"]["password"]}));
    let labels = json!({"app.kubernetes.io/name": "db", "team": "a", "tier": "web"});
    assert_eq!(opened["metadata"]["labels"], labels);
    assert_eq!(opened["metadata"]["annotations"], json!({"note": "the database"}));
    assert!(output.err().contains("annotation `url` of secret `db`") && output.err().contains("label `leak`"));
    assert_absent(std::slice::from_ref(&canary), &[output.stdout, output.stderr].concat(), "labels");
}

#[test]
fn values_from_sources_need_no_secret_and_no_request() {
    let (plane, controller) = (ControlPlane::shared(), Controller::new());
    let namespace = plane.namespace();
    let run = seal(&namespace, &controller, &["db", "password=stdin", "user=public:app", "--type", "example.com/x"]);
    let output =
        run.args(["--label", "app=web", "--annotation", "note=a: b"]).stdin("not-a-real-password").run().success();
    let opened = controller.opened(&output.stdout);
    let data = json!({"password": STANDARD.encode("not-a-real-password"), "user": STANDARD.encode("app")});
    assert_eq!((&opened["data"], &opened["type"]), (&data, &json!("example.com/x")));
    assert_eq!(opened["metadata"]["labels"], json!({"app": "web"}));
    assert_eq!(opened["metadata"]["annotations"], json!({"note": "a: b"}));
    assert!(plane.secret_events(&namespace).iter().all(|event| event["objectRef"]["name"] != "db"));
    // One key of the cluster, one from a source.
    plant(&namespace, "not-a-real-one");
    let output = seal(&namespace, &controller, &["db", "binary", "new=stdin"]).stdin("two").run().success();
    let opened = controller.opened(&output.stdout);
    assert_eq!(opened["data"], json!({"binary": "/wAB", "new": STANDARD.encode("two")}));
    assert_eq!(opened["type"], "example.com/login");
    let named = seal(&namespace, &controller, &["db", "-o", "name"]).run().success();
    assert_eq!(named.out(), "sealedsecret.bitnami.com/db\n");
}

#[test]
fn what_cannot_be_sealed_is_refused_before_a_value_is_read() {
    let controller = Controller::new();
    let namespace = ControlPlane::shared().namespace();
    plant(&namespace, "not-a-real-one");
    let name = "sealedsecrets.bitnami.com/cluster-wide";
    for (args, code, said) in [
        (&["db", "pasword"][..], 2, "did you mean `password`?"),
        (&["db", "password", "password=generate"], 2, "named twice"),
        (&["db", "a=generate", "--label", "team"], 2, "`--label` needs `NAME=TEXT`"),
        (&["db", "--annotation", &format!("{name}=true")], 2, "--scope"),
        (&["db", "--annotation", "kubectl.kubernetes.io/last-applied-configuration"], 2, "belongs to the original"),
        (&["none"], 5, "there is no secret `none`"),
        (&["db", "password=public:hunter2"], 3, "public"),
    ] {
        let output = seal(&namespace, &controller, args).run().expect_code(code);
        assert!(output.err().contains(said), "{args:?}: {}", output.err());
        assert!(output.stdout.is_empty() && !output.err().contains("hunter2"), "{args:?}");
    }
}

#[test]
fn the_local_log_notes_that_values_were_read() {
    let controller = Controller::new();
    let namespace = ControlPlane::shared().namespace();
    plant(&namespace, "not-a-real-one");
    let output = seal(&namespace, &controller, &["db", "password"]).run().success();
    let log = String::from_utf8(output.log).unwrap();
    assert!(log.contains("\"seal\"") && log.contains("\"password\"") && log.contains("\"db\""), "{log}");
}
