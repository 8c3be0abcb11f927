//! `seal --re-encrypt`: the controller seals anew, and only ciphertext changes in the file.
//!
//! The stand-in behind the API server's proxy answers with the sealed-secrets project's own code (tests/seal).

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Controller, seal};
use crate::support::canary::{Canary, assert_absent};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule, StandIn};
use crate::support::http::Response;
use crate::support::proxy::Proxy;
use crate::support::temp_folder;

/// A Service of this name, behind which this answers the question for new ciphertext.
fn start(namespace: &str, certificate: &Controller, answer: StandIn) -> (Proxy, String) {
    let plane = ControlPlane::shared();
    let name = format!("sealed-{}", crate::support::random_hex(4));
    let object = json!({"metadata": {"name": name}, "spec": {"ports": [{"name": "http", "port": 8080}]}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/services"), &object);
    let path = |last: &str| format!("/api/v1/namespaces/{namespace}/services/http:{name}:http/proxy/v1/{last}");
    let pem = fs::read(certificate.certificate()).unwrap();
    let rules = vec![
        Rule::always(Fault::Garbage(pem)).path(path("cert.pem")),
        Rule::always(Fault::StandIn(answer)).path(path("rotate")).method("POST"),
    ];
    (Proxy::start(plane, rules), name)
}

fn re_encrypt(namespace: &str, proxy: &Proxy, service: &str, key: &Controller, files: &[&Path]) -> Output {
    let token = ControlPlane::shared().admin_token();
    let mut run = Secretsafe::new()
        .args(["seal", "-n", namespace, "--controller-namespace", namespace, "--controller-name", service])
        .args(["--cert-fingerprint", &key.fingerprint()])
        .kubeconfig(&proxy.kubeconfig(token));
    for file in files {
        run = run.args(["--re-encrypt"]).args([file]);
    }
    run.run()
}

/// Answers as the controller does that has both keys.
fn rotating(new: &Arc<Controller>, old: &Arc<Controller>) -> StandIn {
    let (new, old) = (Arc::clone(new), Arc::clone(old));
    StandIn(Arc::new(move |request| {
        let answer = new.rotate(&old, &request.body);
        let code = if answer.code == Some(0) { 200 } else { 500 };
        Response::new(code, "application/json", &answer.stdout)
    }))
}

#[test]
fn all_scopes_are_sealed_anew_for_the_newest_key_and_nothing_else_changes() {
    let (old, new) = (Arc::new(Controller::new()), Arc::new(Controller::new()));
    let (namespace, canary, folder) = (ControlPlane::shared().namespace(), Canary::random(), temp_folder("anew"));
    let (proxy, service) = start(&namespace, &new, rotating(&new, &old));
    let path = folder.path().join("all.yaml");
    let mut all = "# of team a\n".to_owned();
    for (name, scope) in [("a", "strict"), ("b", "namespace-wide"), ("c", "cluster-wide")] {
        let args = [name, "k=stdin", "user=public:app", "--scope", scope, "--label", "team=a", "--annotation", "n=x"];
        let output = seal(&namespace, &old, &args).stdin(canary.text()).run().success();
        all.push_str(&format!("---\n{}", output.out().replace("encryptedData:", "encryptedData: # sealed")));
    }
    fs::write(&path, &all).unwrap();
    let output = re_encrypt(&namespace, &proxy, &service, &new, &[&path]).success();
    assert!(output.out().contains("/c in ") && output.out().contains("sealed anew: 2 keys"), "{}", output.out());
    assert_absent(std::slice::from_ref(&canary), &[output.stdout, output.stderr].concat(), "re-encrypt");
    let after = fs::read_to_string(&path).unwrap();
    let sealed = |line: &str| line.starts_with("    k: ") || line.starts_with("    user: ");
    assert_eq!(all.lines().count(), after.lines().count());
    for (before, after) in all.lines().zip(after.lines()) {
        assert_eq!(sealed(before), before != after, "{before}");
    }
    for (before, after) in all.split("---\n").zip(after.split("---\n")).skip(1) {
        assert_eq!(new.opened(after.as_bytes()), old.opened(before.as_bytes()));
        assert_eq!(old.open(after.as_bytes()).code, Some(1), "the old key opens it no more");
    }
    // Nothing of the file but what is needed to open it went out.
    for seen in proxy.requests().iter().filter(|seen| seen.request.method == "POST") {
        let sent: Value = serde_json::from_slice(&seen.request.body).unwrap();
        assert!(!sent.to_string().contains("team") && sent["kind"] == "SealedSecret", "{sent}");
    }
}

#[test]
fn what_the_controller_does_not_open_or_answers_wrongly_stays_as_it_is() {
    let (old, new) = (Arc::new(Controller::new()), Arc::new(Controller::new()));
    let (namespace, folder) = (ControlPlane::shared().namespace(), temp_folder("anew"));
    let [path, good] = ["db.yaml", "good.yaml"].map(|name| folder.path().join(name));
    let make = |controller: &Controller, name: &str| {
        seal(&namespace, controller, &[name, "a=public:one", "b=public:two"]).run().success().stdout
    };
    fs::write(&path, make(&old, "db")).unwrap();
    let before = fs::read(&path).unwrap();
    let quoted = Canary::random();
    let with = |change: fn(&mut Value)| {
        let (new, old) = (Arc::clone(&new), Arc::clone(&old));
        StandIn(Arc::new(move |request| {
            let mut answer: Value = serde_json::from_slice(&new.rotate(&old, &request.body).stdout).unwrap();
            change(&mut answer["spec"]["encryptedData"]);
            Response::new(200, "application/json", answer.to_string().as_bytes())
        }))
    };
    let text = quoted.text().to_owned();
    let broken = StandIn(Arc::new(move |_| Response::new(500, "text/plain", text.as_bytes())));
    let text = quoted.text().to_owned();
    let garbage = StandIn(Arc::new(move |_| Response::new(200, "application/json", text.as_bytes())));
    for (answer, said) in [
        (broken, "does not open what is sealed there"),
        (garbage, "has not answered with what was sealed"),
        (with(|data| drop(data.as_object_mut().unwrap().remove("a"))), "has not answered"),
        (with(|data| data["a"] = data["c"].clone()), "has not answered"),
        (with(|data| data["a"] = json!("b25l".repeat(200))), "has not answered"),
        // A longer value cannot be the same one.
        (
            with(|data| data["a"] = json!(format!("{}AAAA", data["a"].as_str().unwrap().trim_end_matches('=')))),
            "has not answered",
        ),
        (rotating(&new, &new), "does not open what is sealed there"),
    ] {
        let (proxy, service) = start(&namespace, &new, answer);
        let output = re_encrypt(&namespace, &proxy, &service, &new, &[&path]).expect_code(5);
        assert!(output.err().contains(said) && output.err().contains("left as it is"), "{said}: {}", output.err());
        assert_absent(std::slice::from_ref(&quoted), &output.stderr, said);
        assert_eq!(fs::read(&path).unwrap(), before, "{said}");
    }
    // One that fails does not stop the others.
    fs::write(&good, make(&new, "web")).unwrap();
    let (proxy, service) = start(&namespace, &new, rotating(&new, &new));
    let output = re_encrypt(&namespace, &proxy, &service, &new, &[&path, &good]).expect_code(5);
    assert!(output.out().contains("/web in "), "{}", output.err());
    assert_ne!(fs::read(&good).unwrap(), make(&new, "web"));
}

#[test]
fn a_key_that_is_not_known_gets_nothing() {
    let (old, new) = (Arc::new(Controller::new()), Arc::new(Controller::new()));
    let (namespace, folder) = (ControlPlane::shared().namespace(), temp_folder("anew"));
    let path = folder.path().join("db.yaml");
    fs::write(&path, seal(&namespace, &old, &["db", "a=public:one"]).run().success().stdout).unwrap();
    let (proxy, service) = start(&namespace, &new, rotating(&new, &old));
    let output = re_encrypt(&namespace, &proxy, &service, &old, &[&path]).expect_code(3);
    assert!(output.err().contains("another key than `--cert-fingerprint` says"), "{}", output.err());
    let elsewhere = fs::read_to_string(&path).unwrap().replace(&namespace, "elsewhere");
    fs::write(&path, elsewhere).unwrap();
    let output = re_encrypt(&namespace, &proxy, &service, &new, &[&path]).expect_code(3);
    assert!(output.err().contains("add -n elsewhere"), "{}", output.err());
    assert!(proxy.requests().iter().all(|seen| seen.request.method == "GET"));
}
