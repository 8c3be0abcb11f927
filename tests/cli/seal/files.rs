//! `seal -f`: Secrets of manifests become SealedSecrets, without a request.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Controller, seal};
use crate::support::canary::{Canary, assert_absent};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::temp_folder;

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
