//! `rotate`, `set`, `unset`, `rename-key`: the value changes, and nothing else does.

use serde_json::{Value, json};

use crate::create::live_value;
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::proxy::Proxy;
use crate::support::terminal::Terminal;

/// A Secret with keys `a` and `b`, made by another tool.
pub(crate) fn planted(plane: &ControlPlane) -> String {
    let namespace = plane.namespace();
    let path = format!("/api/v1/namespaces/{namespace}/secrets?fieldManager=kubectl-create");
    plane.create(&path, &json!({"metadata": {"name": "db"}, "stringData": {"a": "old-a", "b": "old-b"}}));
    namespace
}

pub(crate) fn live(plane: &ControlPlane, namespace: &str) -> Value {
    plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json()
}

pub(crate) fn text(plane: &ControlPlane, namespace: &str, key: &str) -> Option<String> {
    live_value(plane, namespace, "db", key).map(|value| String::from_utf8(value).unwrap())
}

pub(crate) fn run(namespace: &str, args: &[&str], stdin: &str) -> Output {
    Secretsafe::through_kubectl()
        .args(args)
        .args(["-n", namespace])
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
        .stdin(stdin)
        .run()
}

#[test]
fn rotate_changes_the_named_key_only() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let before = live(plane, &namespace);
    let output = run(&namespace, &["rotate", "secret/db", "a=stdin", "--yes"], "new-a").success();
    assert_eq!(output.out(), "secret/db rotated\n");
    assert_eq!(text(plane, &namespace, "a").as_deref(), Some("new-a"));
    assert_eq!(text(plane, &namespace, "b").as_deref(), Some("old-b"));
    run(&namespace, &["rotate", "db", "a=stdin", "--yes"], "newer-a").success();
    let after = live(plane, &namespace);
    assert_eq!(before["metadata"]["uid"], after["metadata"]["uid"]);
    let annotations = after["metadata"]["annotations"].as_object().unwrap();
    assert_eq!(annotations.len(), 1, "one record, for the key that was changed: {annotations:?}");
    let record: Value = serde_json::from_str(annotations["key.secretsafe.dev/a"].as_str().unwrap()).unwrap();
    assert_eq!((&record["n"], &record["from"], &record["by"]), (&2.into(), &"stdin".into(), &"admin".into()));
    let events = plane.get(&format!("/api/v1/namespaces/{namespace}/events")).json();
    assert_eq!(events["items"].as_array().unwrap().len(), 2);
    assert_eq!(events["items"][0]["message"], "Secret db was rotated with 1 key");
}

#[test]
fn a_key_that_is_not_there_is_added_only_when_that_is_said() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let refused = run(&namespace, &["rotate", "db", "c=stdin", "--yes"], "x-not-real").expect_code(2);
    assert!(refused.err().contains("no key `c`") && refused.err().contains("its keys: a, b"), "{}", refused.err());
    run(&namespace, &["rotate", "db", "c=stdin", "--yes", "--add-keys"], "new-c").success();
    assert_eq!(run(&namespace, &["set", "db", "d=stdin", "--yes"], "new-d").success().out(), "secret/db updated\n");
    for (key, value) in [("a", "old-a"), ("b", "old-b"), ("c", "new-c"), ("d", "new-d")] {
        assert_eq!(text(plane, &namespace, key).as_deref(), Some(value));
    }
}

#[test]
fn keys_are_removed_and_renamed() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    run(&namespace, &["set", "db", "c=stdin", "--yes"], "new-c").success();
    run(&namespace, &["unset", "db", "c", "--yes"], "").success();
    assert_eq!(text(plane, &namespace, "c"), None);
    assert!(
        live(plane, &namespace)["metadata"]["annotations"].get("key.secretsafe.dev/c").is_none(),
        "its record goes too"
    );
    run(&namespace, &["rename-key", "db", "a", "z", "--yes"], "").success();
    assert_eq!((text(plane, &namespace, "a"), text(plane, &namespace, "z").as_deref()), (None, Some("old-a")));
    let taken = run(&namespace, &["rename-key", "db", "z", "b", "--yes"], "").expect_code(3);
    assert!(taken.err().contains("a key `b` already"), "{}", taken.err());
    run(&namespace, &["unset", "db", "nothing", "--yes"], "").expect_code(2);
    run(&namespace, &["rename-key", "db", "nothing", "x", "--yes"], "").expect_code(2);
    assert_eq!(text(plane, &namespace, "b").as_deref(), Some("old-b"));
}

#[test]
fn the_plan_is_shown_and_asked_about() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let nobody = run(&namespace, &["rotate", "db", "a=stdin"], "new-a").expect_code(3);
    assert!(nobody.err().contains("the old value would be gone") && nobody.err().contains("--yes"), "{}", nobody.err());
    let rotate = Secretsafe::through_kubectl()
        .args(["rotate", "db", "a", "-n", &namespace])
        .kubeconfig(plane.admin_kubeconfig());
    for (answer, code, value) in [("n", 3, "old-a"), ("y", 0, "typed-not-real")] {
        let mut session = Terminal::spawn(&rotate.command());
        session.expect("replace a from prompt: the old value will be gone");
        session.expect("Go on?");
        session.send(answer);
        if code == 0 {
            for question in ["`a`", "Again"] {
                session.expect(question);
                session.expect_echo(false);
                session.send("typed-not-real\n");
            }
            session.expect("secret/db rotated");
        }
        assert_eq!(session.wait().code(), Some(code), "{}", session.screen());
        assert_eq!(text(plane, &namespace, "a").as_deref(), Some(value));
    }
}

#[test]
fn dry_runs_change_nothing() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let before = live(plane, &namespace);
    for args in [
        &["rotate", "db", "a=stdin"][..],
        &["set", "db", "c=stdin"],
        &["unset", "db", "a"],
        &["rename-key", "db", "a", "c"],
    ] {
        for (dry, words) in [("--dry-run=client", " (dry run)"), ("--dry-run=server", " (server dry run)")] {
            let mut args = args.to_vec();
            args.push(dry);
            assert!(run(&namespace, &args, "x-not-real").success().out().ends_with(&format!("{words}\n")), "{args:?}");
        }
    }
    assert_eq!(live(plane, &namespace), before);
}

#[test]
fn a_key_that_was_secret_does_not_become_public_by_accident() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    run(&namespace, &["rotate", "db", "a=stdin", "--yes"], "new-a").success();
    for args in
        [&["rotate", "db", "a=public:app", "--yes"][..], &["create", "generic", "db", "a=public:app", "--apply"]]
    {
        let refused = run(&namespace, args, "").expect_code(3);
        assert!(refused.err().contains("was not public before"), "{}", refused.err());
    }
    run(&namespace, &["rotate", "db", "a=public:app", "--yes", "--public-ok", "a"], "").success();
    assert_eq!(text(plane, &namespace, "a").as_deref(), Some("app"));
}

#[test]
fn every_format_has_its_report() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let rotate =
        |format: &str| run(&namespace, &["rotate", "db", "a=generate", "--yes", "-o", format], "").success().out();
    assert_eq!(rotate("name"), "secret/db\n");
    assert!(rotate("table").starts_with("secret/db rotated\n"));
    let json: Value = serde_json::from_str(&rotate("json")).unwrap();
    assert_eq!((&json["kind"], &json["change"]["verb"]), (&"SecretView".into(), &"rotated".into()));
    let classes: Vec<&Value> = json["keys"].as_array().unwrap().iter().map(|key| &key["class"]).collect();
    assert_eq!(classes, ["text".into(), Value::Null].iter().collect::<Vec<_>>(), "b was not read");
    let yaml: Value = serde_yaml::from_str(&rotate("yaml")).unwrap();
    assert_eq!(yaml["change"]["keys"], json!(["a"]));
}

/// Whatever wrote `a`: changing `b` leaves it alone.
#[test]
fn no_other_tools_key_is_ever_removed() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let manifest = |name: &str| {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace},
            "stringData": {"a": "old-a", "b": "old-b"}})
        .to_string()
    };
    let kubectl = |args: &[&str], stdin: &str| plane.kubectl_with(args, stdin.as_bytes()).success();
    kubectl(&["create", "-f", "-"], &manifest("created"));
    kubectl(
        &[
            "create",
            "secret",
            "generic",
            "literal",
            "-n",
            &namespace,
            "--from-literal=a=old-a",
            "--from-literal=b=old-b",
        ],
        "",
    );
    kubectl(&["apply", "-f", "-"], &manifest("applied"));
    kubectl(&["apply", "--server-side", "-f", "-"], &manifest("server-side"));
    kubectl(&["create", "-f", "-"], &manifest("patched"));
    kubectl(&["patch", "secret", "patched", "-n", &namespace, "-p", r#"{"stringData":{"a":"old-a"}}"#], "");
    kubectl(&["create", "-f", "-"], &manifest("edited").replace("old-a", "before"));
    edit(plane, &namespace, "edited", "before", "old-a");
    kubectl(&["create", "-f", "-"], &manifest("replaced"));
    kubectl(&["replace", "-f", "-"], &manifest("replaced"));
    let ours = ["create", "generic", "ours", "a=stdin", "b=public:old-b"];
    run(&namespace, &ours, "old-a").success();
    for name in ["created", "literal", "applied", "server-side", "patched", "edited", "replaced", "ours"] {
        for args in [
            &["rotate", name, "b=stdin", "--yes"][..],
            &["set", name, "c=stdin", "--yes"],
            &["unset", name, "c", "--yes"],
        ] {
            run(&namespace, args, "new-value").success();
        }
        assert_eq!(live_value(plane, &namespace, name, "a").as_deref(), Some(&b"old-a"[..]), "{name}");
        assert_eq!(live_value(plane, &namespace, name, "b").as_deref(), Some(&b"new-value"[..]), "{name}");
    }
}

/// Runs the real `kubectl edit`, with an editor that replaces one value.
fn edit(plane: &ControlPlane, namespace: &str, name: &str, from: &str, to: &str) {
    use base64::Engine;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let mut kubectl = std::process::Command::new(crate::support::binaries::path("kubectl"));
    kubectl
        .args(["edit", "secret", name, "-n", namespace])
        .env("KUBECONFIG", plane.admin_kubeconfig())
        .env("KUBE_EDITOR", format!("sed -i s|{}|{}|", encode(from), encode(to)));
    crate::support::command::run(kubectl, b"").success();
    assert_eq!(live_value(plane, namespace, name, "a").as_deref(), Some(to.as_bytes()), "the editor did its work");
}

#[test]
fn an_immutable_secret_is_refused_with_the_way_out() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    plane.create(&path, &json!({"metadata": {"name": "db"}, "immutable": true, "stringData": {"a": "old-a"}}));
    for args in
        [&["rotate", "db", "a=stdin", "--yes"][..], &["set", "db", "b=stdin", "--yes"], &["unset", "db", "a", "--yes"]]
    {
        let output = run(&namespace, args, "new-value").expect_code(3);
        assert!(
            output.err().contains("is immutable") && output.err().contains("create generic db-2"),
            "{}",
            output.err()
        );
    }
    assert_eq!(text(plane, &namespace, "a").as_deref(), Some("old-a"));
}

#[test]
fn two_requests_for_the_secret_are_enough() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    for (args, most) in [
        (&["rotate", "db", "a=stdin", "--yes"][..], 2),
        (&["set", "db", "c=stdin", "--yes"], 2),
        (&["unset", "db", "c", "--yes"], 2),
        (&["rotate", "db", "a=stdin", "--yes", "--write-only"], 2),
        (&["diff", "db", "a=stdin"], 1),
    ] {
        let proxy = Proxy::start(plane, Vec::new());
        let output = Secretsafe::new()
            .args(args)
            .args(["-n", &namespace])
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .stdin("new-value")
            .run();
        assert!(matches!(output.code, Some(0 | 1)), "{}", output.err());
        let requests = proxy.requests();
        let of = |part: &str| requests.iter().filter(|seen| seen.request.target.contains(part)).count();
        assert!(of("/secrets") <= most, "{args:?}: {}", of("/secrets"));
        assert!(of("/events") <= 1);
    }
}

#[test]
fn answers_to_patches_carry_no_data() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    run(&namespace, &["rotate", "db", "a=stdin", "--yes"], "new-a").success();
    let patches: Vec<Value> =
        plane.secret_events(&namespace).into_iter().filter(|event| event["verb"] == "patch").collect();
    assert_eq!(patches.len(), 1);
    assert_eq!(patches[0]["responseObject"]["kind"], "PartialObjectMetadata");
    let request = &patches[0]["requestObject"];
    assert_eq!(request["data"].as_object().unwrap().len(), 1, "only the key named: {request}");
    assert!(request["metadata"]["uid"].is_string() && request["metadata"]["resourceVersion"].is_string());
    let gets = plane.secret_events(&namespace).into_iter().filter(|event| event["verb"] == "get");
    for get in gets.filter(|get| get["userAgent"].as_str().is_some_and(|agent| agent.starts_with("kubectl-secretsafe")))
    {
        assert_eq!(get["responseObject"]["kind"], "Table", "the look before asks for no value");
    }
}
