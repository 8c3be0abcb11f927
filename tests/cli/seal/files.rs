//! `seal -f`: Secrets of manifests become SealedSecrets, without a request.

use std::fs;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{CERTIFICATE, Controller, FINGERPRINT, seal};
use crate::support::canary::{Canary, assert_absent};
use crate::support::command::{self, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::{binaries, temp_folder};

/// Seals what is in a file.
fn sealed(controller: &Controller, namespace: &str, text: &str, more: &[&str]) -> Secretsafe {
    seal(namespace, controller, &["-f", "-"]).args(more).stdin(text)
}

#[test]
fn manifests_become_sealed_secrets_that_the_controller_opens() {
    let (plane, controller, canary) = (ControlPlane::shared(), Controller::new(), Canary::random());
    let namespace = plane.namespace();
    let text = format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: {namespace}\n  labels: {{team: a, leak: {0}}}\n  \
         annotations: {{note: the database, other: x, url: \"https://u:{0}@db/\"}}\ntype: example.com/login\nimmutable: true\n\
         stringData:\n  password: {0}\ndata:\n  binary: /wAB\n---\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: x}}\n---\n\
         apiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, kind: Secret, metadata: {{name: web}}, data: {{a: eA==}}}}\n",
        canary.text()
    );
    let along = ["--annotation", "note", "--annotation", "url", "--annotation", "set=this", "--label", "tier=web"];
    let output = sealed(&controller, &namespace, &text, &along).run().success();
    assert_absent(std::slice::from_ref(&canary), &[&output.stdout[..], &output.stderr[..]].concat(), "seal -f");
    let documents: Vec<String> = output.out().split("---\n").skip(1).map(str::to_owned).collect();
    assert_eq!(documents.len(), 2);
    let db = controller.opened(documents[0].as_bytes());
    assert_eq!(db["data"], json!({"password": STANDARD.encode(canary.text()), "binary": "/wAB"}));
    assert_eq!((&db["type"], &db["immutable"]), (&json!("example.com/login"), &json!(true)));
    assert_eq!(db["metadata"]["labels"], json!({"team": "a", "tier": "web"}));
    assert_eq!(db["metadata"]["annotations"], json!({"note": "the database", "set": "this"}));
    assert_eq!(db["metadata"]["namespace"], json!(namespace));
    assert_eq!(controller.opened(documents[1].as_bytes())["data"], json!({"a": "eA=="}));
    for said in ["label `leak`", "annotation `url`", "annotations left behind: 1"] {
        assert!(output.err().contains(said), "{said}: {}", output.err());
    }
    let listed: Value =
        serde_json::from_slice(&sealed(&controller, &namespace, &text, &["-o", "json"]).run().success().stdout)
            .unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let names = sealed(&controller, &namespace, &text, &["-o", "name"]).run().success();
    assert_eq!(names.out(), "sealedsecret.bitnami.com/db\nsealedsecret.bitnami.com/web\n");
    assert!(plane.secret_events(&namespace).is_empty(), "no request about a Secret is made");
}

#[test]
fn a_folder_is_read_and_its_links_are_not() {
    let (controller, folder) = (Controller::new(), temp_folder("sealing"));
    let namespace = ControlPlane::shared().namespace();
    let secret =
        |name: &str| format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\nstringData: {{a: x}}\n");
    fs::create_dir(folder.path().join("below")).unwrap();
    fs::write(folder.path().join("a.yaml"), secret("a")).unwrap();
    fs::write(folder.path().join("below/b.yml"), secret("b")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("a.yaml"), folder.path().join("c.yaml")).unwrap();
    let run = |more: &[&str]| {
        seal(&namespace, &controller, &["-o", "name", "-f"]).args([folder.path()]).args(more).run().success()
    };
    let flat = run(&[]);
    assert_eq!(flat.out(), "sealedsecret.bitnami.com/a\n");
    assert!(flat.err().contains("1 manifest is left out"), "{}", flat.err());
    assert_eq!(run(&["-R"]).out(), "sealedsecret.bitnami.com/a\nsealedsecret.bitnami.com/b\n");
}

#[test]
fn what_cannot_be_sealed_is_refused_without_a_text_of_it() {
    let (controller, canary) = (Controller::new(), Canary::random());
    let namespace = ControlPlane::shared().namespace();
    let head = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n";
    for (text, more, code, said) in [
        (format!("{head}stringData: {{a: [{}]}}\n", canary.text()), &[][..], 2, "must be quoted"),
        (format!("{head}data: {{a: '{}!'}}\n", canary.text()), &[], 2, "not base64"),
        (format!("{head}  - {}\n", canary.text()), &[], 2, "neither YAML nor JSON"),
        (format!("{head}stringData: {{a: x}}\n").repeat(2).replace("}\napi", "}\n---\napi"), &[], 2, "stands twice"),
        (head.to_owned(), &[], 2, "has no keys"),
        ("kind: ConfigMap\n".to_owned(), &[], 2, "there is no Secret"),
        (head.replace("db", "db, namespace: elsewhere") + "stringData: {a: x}\n", &[], 3, "add -n elsewhere"),
        (format!("{head}stringData: {{a: x}}\nsops: {{}}\n"), &[], 2, "sops decrypt"),
        (String::new(), &["--type", "Opaque"], 2, "together with another flag"),
        (String::new(), &["--merge-into", "x"], 2, "together with another flag"),
    ] {
        let output = sealed(&controller, &namespace, &text, more).run().expect_code(code);
        assert!(output.err().contains(said) && output.stdout.is_empty(), "{text}: {}", output.err());
        assert_absent(std::slice::from_ref(&canary), &output.stderr, said);
    }
    // Where it is meant.
    let text = head.replace("db", "db, namespace: elsewhere") + "stringData: {a: x}\n";
    let output = sealed(&controller, &namespace, &text, &["-A"]).run().success();
    assert_eq!(controller.opened(&output.stdout)["metadata"]["namespace"], "elsewhere");
    let url = seal(&namespace, &controller, &["-f", "https://not-a-real-host.example/a.yaml"]).run().expect_code(2);
    assert!(url.err().contains("takes no URL"), "{}", url.err());
}

/// A document of SecretSources with these keys.
fn spec(keys: &str) -> String {
    format!(
        "apiVersion: secretsafe.dev/v1alpha1\nkind: SecretSources\nmetadata:\n  name: db\n  labels: {{team: a}}\nkeys:\n{keys}"
    )
}

#[test]
fn secret_sources_are_filled_and_sealed() {
    let (plane, controller) = (ControlPlane::shared(), Controller::new());
    let namespace = plane.namespace();
    let other = json!({"metadata": {"name": "other"}, "stringData": {"password": "not-a-real-password"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &other);
    let text = spec(&format!(
        "  password: {{from: 'secret:{namespace}/other/password', policy: {{every: 90d, source: generate}}}}\n  made: {{from: generate}}\n  \
         url: {{template: 'postgres://app:{{{{ password }}}}@db/app'}}\n"
    ));
    let output = sealed(&controller, &namespace, &text, &[]).run().success();
    let opened = controller.opened(&output.stdout);
    assert_eq!(opened["data"]["password"], STANDARD.encode("not-a-real-password"));
    assert_eq!(opened["data"]["url"], STANDARD.encode("postgres://app:not-a-real-password@db/app"));
    assert!(opened["data"]["made"].as_str().unwrap().len() > 20);
    assert_eq!(opened["metadata"]["labels"], json!({"team": "a"}));
    assert!(output.err().contains("the policy is left out"), "{}", output.err());
}

#[test]
fn what_a_file_may_not_name_is_refused_before_anything_is_opened() {
    let (plane, controller) = (ControlPlane::shared(), Controller::new());
    let namespace = plane.namespace();
    for (source, code) in [
        ("env:HOME", 3),
        ("keychain:team/db", 3),
        ("secret:kube-system/x/y", 3),
        ("public-file:/etc/passwd", 3),
        ("stdin", 3),
        ("fd:3", 3),
    ] {
        let output = sealed(&controller, &namespace, &spec(&format!("  a: {{from: '{source}'}}\n")), &[]).run();
        let output = output.expect_code(code);
        assert!(output.stdout.is_empty(), "{source}: {}", output.err());
    }
    let text = spec("  a: {from: generate}\n").replace("name: db\n", "name: db\n  namespace: elsewhere\n");
    let output = sealed(&controller, &namespace, &text, &[]).run().expect_code(3);
    assert!(output.err().contains("add -n elsewhere"), "{}", output.err());
    assert!(plane.secret_events(&namespace).is_empty());
}

#[test]
fn a_hostile_file_opens_nothing_connects_to_nothing_and_starts_nothing() {
    let folder = temp_folder("hostile");
    let [file, trace, state, canary] = ["a.yaml", "trace", "state", "planted"].map(|name| folder.path().join(name));
    fs::write(&canary, "not-a-real-password").unwrap();
    for source in [
        format!("public-file:{}", canary.display()),
        "public-file:../planted".to_owned(),
        "env:PLANTED".to_owned(),
        "keychain:team/db".to_owned(),
        "secret:kube-system/x/y".to_owned(),
        "exec:/bin/sh -c true".to_owned(),
        "summon:provider/x".to_owned(),
        "fd:0".to_owned(),
    ] {
        // A good document before it: nothing of it is filled either.
        let text = format!("{}---\n{}", spec("  a: {from: keychain}\n"), spec(&format!("  a: {{from: '{source}'}}\n")));
        fs::write(&file, text.replacen("name: db", "name: first", 1)).unwrap();
        let mut strace = Command::new(binaries::system("strace", "strace"));
        strace.args(["-f", "-qq", "-s", "200", "-e", "trace=connect,openat,execve", "-o"]).arg(&trace);
        strace.arg(env!("CARGO_BIN_EXE_kubectl-secretsafe"));
        strace.args(["seal", "--no-log", "--cert", CERTIFICATE, "--cert-fingerprint", FINGERPRINT, "-f"]).arg(&file);
        strace.env("KUBECONFIG", ControlPlane::shared().admin_kubeconfig()).env("XDG_STATE_HOME", &state);
        strace.env("HOME", folder.path()).env("XDG_CONFIG_HOME", &state).env("PLANTED", "not-a-real-password");
        let output = command::run(strace, b"not-a-real-password");
        assert!(matches!(output.code, Some(2 | 3)), "{source}: {:?} {}", output.code, output.err());
        assert!(output.stdout.is_empty() && !output.err().contains("not-a-real"), "{source}");
        let calls = fs::read_to_string(&trace).unwrap();
        assert_eq!(calls.matches("execve(").count(), 1, "{source}: {calls}");
        assert!(!calls.contains("connect(") && !calls.contains("/planted\""), "{source}: {calls}");
    }
}
