//! `export` against a real API server: what is written, what is left out, what is asked for.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::canary::{Canary, assert_absent};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::keychain::Keyring;
use crate::support::{random_hex, temp_folder};

fn secrets(namespace: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/secrets")
}

fn ours(namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new().args(args).args(["-n", namespace]).kubeconfig(ControlPlane::shared().admin_kubeconfig())
}

fn export(namespace: &str, args: &[&str]) -> Output {
    ours(namespace, &["export"]).args(args).run()
}

/// The documents, read by another reader of YAML than ours.
fn documents(output: &Output) -> Vec<Value> {
    let text = output.out();
    serde_yaml::Deserializer::from_str(&text)
        .map(|document| serde::Deserialize::deserialize(document).unwrap())
        .collect()
}

fn names(output: &Output) -> Vec<String> {
    documents(output).iter().map(|document| document["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

/// Secrets as this program makes them, from every kind of source.
fn made(namespace: &str, keyring: &Keyring, canary: &Canary) {
    let set = ours(namespace, &["keychain", "set", "--for", "db/password", "--stdin", "--yes"]).envs(keyring.env());
    set.stdin(canary.text()).run().success();
    let create =
        ["create", "generic", "db", "password=keychain", "token=generate:length=40", "pipe=stdin", "user=public:app"];
    ours(namespace, &create).args(["--label", "app=web"]).envs(keyring.env()).stdin(canary.text()).run().success();
    let policy = ["policy", "set", "db", "token", "--every", "90d", "--source", "generate:length=40", "--yes"];
    ours(namespace, &policy).run().success();
    let tls = ["create", "tls", "web", "--self-signed", "--host", "db.example.com"];
    ours(namespace, &tls).run().success();
}

#[test]
fn documents_say_which_keys_there_are_and_where_values_come_from() {
    let plane = ControlPlane::shared();
    let (namespace, keyring, canary) = (plane.namespace(), Keyring::secret_service(), Canary::random());
    made(&namespace, &keyring, &canary);
    let output = export(&namespace, &["db", "web", "-v", "6"]).success();
    assert_absent(std::slice::from_ref(&canary), &[output.stdout.clone(), output.stderr.clone()].concat(), "export");
    let expected = json!({
        "apiVersion": "secretsafe.dev/v1alpha1", "kind": "SecretSources",
        "metadata": {"name": "db", "namespace": namespace, "labels": {"app": "web"}},
        "policy": {"history": 1},
        "keys": {
            "password": {"from": "keychain"},
            "token": {"from": "generate:length=40", "policy": {"every": "90d"}},
            "pipe": {"from": "prompt"},
            "user": {"from": "prompt"},
        },
    });
    let documents = documents(&output);
    assert_eq!(documents[0], expected, "{}", output.out());
    assert_eq!(documents[1]["type"], "kubernetes.io/tls");
    assert_eq!(documents[1]["keys"]["tls.key"]["from"], "prompt:multiline");
    assert!(output.out().starts_with("# yaml-language-server: $schema=https://"), "{}", output.out());
    // No answer held data.
    let agent =
        |event: &&Value| event["userAgent"].as_str().is_some_and(|agent| agent.starts_with("kubectl-secretsafe"));
    let events = plane.secret_events(&namespace);
    assert!(events.iter().filter(agent).any(|event| event["verb"] == "get"));
    assert!(events.iter().filter(agent).all(|event| event["responseObject"].get("data").is_none()), "{events:#?}");
}

#[test]
fn of_many_those_that_others_make_are_left_out_and_counted() {
    let plane = ControlPlane::shared();
    let (one, two) = (plane.namespace(), plane.namespace());
    let label = format!("set-{}", random_hex(4));
    let make = |namespace: &str, name: &str, more: Value| {
        let mut object =
            json!({"metadata": {"name": name, "labels": {"of": label}}, "stringData": {"a": "not-a-real-password"}});
        object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        plane.create(&secrets(namespace), &object);
    };
    make(&one, "plain", json!({}));
    make(&two, "other", json!({}));
    make(&one, "helm", json!({"type": "helm.sh/release.v1"}));
    let flux = json!({"name": "flux", "labels": {"of": label, "kustomize.toolkit.fluxcd.io/name": "apps"}});
    make(&one, "flux", json!({"metadata": flux}));
    make(&one, "empty", json!({"stringData": {}}));
    let selector = format!("of={label}");
    let output = export(&one, &["-l", &selector]).success();
    assert_eq!(names(&output), ["plain"], "{}", output.out());
    for said in [
        "1 that a controller or GitOps tool writes left out",
        "1 of Helm, rotations and service accounts left out",
        "secret `empty` in namespace",
        "no key of it is known",
    ] {
        assert!(output.err().contains(said), "{said}: {}", output.err());
    }
    assert_eq!(names(&export(&one, &["-l", &selector, "--all"]).success()), ["flux", "helm", "plain"]);
    let everywhere = export(&one, &["-A", "-l", &selector]).success();
    let mut found: Vec<(String, String)> = documents(&everywhere)
        .iter()
        .map(|document| {
            let text = |field: &str| document["metadata"][field].as_str().unwrap().to_owned();
            (text("namespace"), text("name"))
        })
        .collect();
    let mut expected = vec![(one.clone(), "plain".to_owned()), (two, "other".to_owned())];
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    let nothing = export(&one, &["-l", "of=nothing"]).success();
    assert!(nothing.out().is_empty() && nothing.err().contains("No secrets found in"), "{}", nothing.err());
    // One that is missing does not keep the others back.
    let output = export(&one, &["absent", "plain", "flux"]).expect_code(5);
    assert_eq!(names(&output), ["plain", "flux"], "whoever is named is meant: {}", output.err());
}

/// Where managedFields do not name the keys, the Secret is read for their names, if it may be.
#[test]
fn names_of_keys_that_metadata_does_not_tell_are_read_or_missed() {
    let plane = ControlPlane::shared();
    let (namespace, canary) = (plane.namespace(), Canary::random());
    let object = json!({"metadata": {"name": "old", "labels": {"a": "b"}}, "stringData": {"a": canary.text(), "b": canary.text()}});
    plane.create(&secrets(&namespace), &object);
    let nobody = r#"{"metadata":{"managedFields":[{}]}}"#;
    plane.kubectl(&["patch", "secret", "old", "-n", &namespace, "--type=merge", "-p", nobody]).success();
    let output = export(&namespace, &["old", "-v", "6"]).success();
    assert_absent(std::slice::from_ref(&canary), &[output.stdout.clone(), output.stderr.clone()].concat(), "export");
    assert_eq!(documents(&output)[0]["keys"], json!({"a": {"from": "prompt"}, "b": {"from": "prompt"}}));
    // Who may list and not get, is told.
    let user = plane.user();
    plane.grant(&user, &namespace, &[("list", "secrets")]);
    let export = Secretsafe::new().args(["export", "-l", "a=b", "-n", &namespace]);
    let output = export.kubeconfig(&plane.kubeconfig_for(&user.token)).run().success();
    assert!(output.err().contains("secret `old` in namespace") && output.out().is_empty(), "{}", output.err());
}

#[test]
fn it_needs_get_for_a_name_and_list_for_many() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plane.create(
        &secrets(&namespace),
        &json!({"metadata": {"name": "db", "labels": {"a": "b"}}, "stringData": {"a": "x"}}),
    );
    for (verb, args, denied) in [("get", &["db"][..], &["-l", "a=b"][..]), ("list", &["-l", "a=b"], &["db"])] {
        let user = plane.user();
        plane.grant(&user, &namespace, &[(verb, "secrets")]);
        let kubeconfig = plane.kubeconfig_for(&user.token);
        let run = |args: &[&str]| {
            Secretsafe::new().args(["export", "-n", &namespace]).args(args).kubeconfig(&kubeconfig).run()
        };
        assert_eq!(names(&run(args).success()), ["db"]);
        assert!(run(denied).expect_code(5).out().is_empty());
    }
}

/// Labels are free text that anybody with `patch` can write.
#[test]
fn hostile_metadata_stays_text() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let annotations = json!({
        "key.secretsafe.dev/a": r#"{"v":1,"at":"2026-01-02T03:04:05Z","from":"exec:touch x\n---\nkind: Secret","n":1,"op":"o"}"#,
        "secretsafe.dev/policy": r#"{"v":1,"keys":{"a":{"every":"1d","source":"env:HOME\n---\nkind: Secret"}}}"#,
        "note": "not-a-real-password",
    });
    let labels = json!({"a": "true", "b": "1.5", "c": "null", "team": "web"});
    let object =
        json!({"metadata": {"name": "db", "labels": labels, "annotations": annotations}, "stringData": {"a": "x"}});
    plane.create(&secrets(&namespace), &object);
    let output = export(&namespace, &["db"]).success();
    let found = documents(&output);
    assert_eq!(found.len(), 1, "{}", output.out());
    assert_eq!(found[0]["metadata"]["labels"], labels, "texts stay texts: {}", output.out());
    assert_eq!(found[0]["keys"], json!({"a": {"from": "prompt"}}));
    assert!(!output.out().contains("not-a-real-password") && !output.out().contains("exec"), "{}", output.out());
    assert!(output.err().contains("the policy of key `a`"), "{}", output.err());
}

/// What is exported is what is there: nothing differs, and nothing is to be done.
#[test]
fn what_is_exported_differs_in_nothing() {
    let plane = ControlPlane::shared();
    let (namespace, keyring, canary) = (plane.namespace(), Keyring::secret_service(), Canary::random());
    made(&namespace, &keyring, &canary);
    let folder = temp_folder("export");
    let file: PathBuf = folder.path().join("all.yaml");
    let output = export(&namespace, &["db", "web"]).success();
    std::fs::write(&file, output.stdout).unwrap();
    let file = file.to_str().unwrap();
    let diff = ours(&namespace, &["diff", "-f", file]).envs(keyring.env()).run().success();
    assert!(!diff.out().contains("changed"), "{}", diff.out());
    let before = plane.get(&format!("{}/db", secrets(&namespace))).json();
    let apply = ours(&namespace, &["apply", "-f", file, "--yes"]).envs(keyring.env()).run().success();
    assert!(apply.out().contains("unchanged"), "{}", apply.out());
    assert_eq!(plane.get(&format!("{}/db", secrets(&namespace))).json(), before);
}
