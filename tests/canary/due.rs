//! `policy` and `rotate --due`: every format, every failure, with values where a policy, a record or a label can hold one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::planted::{FORMATS, Planted, check};
use crate::support::canary::Canary;
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::http::Request;
use crate::support::proxy::Proxy;

/// Commands that look at policies or carry them out.
const COMMANDS: &[&[&str]] = &[
    &["rotate", "--due", "--yes"],
    &["rotate", "--due", "--yes", "--dry-run=server"],
    &["rotate", "--due", "--dry-run=client"],
    &["rotate", "db-0", "--yes"],
    &["policy", "show"],
    &["policy", "show", "db-0"],
    &["policy", "set", "db-0", "plain-0", "--every", "90d", "--source", "generate", "--yes"],
    &["policy", "clear", "db-0", "--yes"],
];

/// Texts of a policy in which somebody has put a value by habit, or to have it shown.
fn policies(canary: &str) -> Vec<Value> {
    let of = |source: &str| json!({"v": 1, "keys": {"plain-0": {"every": "1m", "source": source}}});
    // What stands behind `keychain:` and `secret:` is a name, and `policy show` shows it.
    let schemes = ["", "public:", "exec:", "generate:", "generate:length=", "ref+vault://", "keychain://", "secret:/"];
    let mut all: Vec<Value> = schemes.iter().map(|scheme| of(&format!("{scheme}{canary}"))).collect();
    all.push(json!({"v": 1, "keys": {"plain-0": {"every": canary, "source": "generate"}}}));
    all.push(json!({"v": 1, "keys": {canary: {"every": "1m", "source": canary}, "../": {}}}));
    all.push(
        json!({"v": 1, "keys": {"plain-0": {"every": "1m", "source": "generate", "note": canary}}, "restart": canary}),
    );
    all.push(
        json!({"v": 1, "keys": {"plain-0": {"every": "1m", "source": "generate", "note": canary}}, "note": canary}),
    );
    all
}

/// A namespace with a Secret for each policy. Its keys are due, as our records say.
fn namespace(plane: &ControlPlane, planted: &Planted) -> String {
    let namespace = plane.namespace();
    let canary = planted.canaries[0].text();
    for (number, policy) in policies(canary).iter().enumerate() {
        let record = json!({"v": 1, "at": "2020-01-01T00:00:00Z", "from": "prompt", "n": 1, "op": "x", "note": canary});
        let mut object = planted.secret(&format!("db-{number}"), &namespace);
        object["metadata"]["labels"] = json!({"secretsafe.dev/policy": "true"});
        object["metadata"]["annotations"] = json!({"secretsafe.dev/policy": policy.to_string(),
            "key.secretsafe.dev/plain-0": record.to_string(),
            "kubectl.kubernetes.io/last-applied-configuration": planted.quote()});
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets?fieldManager=kubectl-secretsafe"), &object);
    }
    namespace
}

fn run(command: &[&str], namespace: &str, format: Option<&str>) -> Secretsafe {
    Secretsafe::new().args(command).args(["-n", namespace, "-v", "9"]).format(format)
}

/// What the program has made: those values must not come out either.
fn made(plane: &ControlPlane, namespace: &str) -> Vec<Canary> {
    let list = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets")).json();
    let values = list["items"].as_array().unwrap().iter().map(|item| item["data"]["plain-0"].as_str().unwrap());
    values.map(|value| Canary::of(&STANDARD.decode(value).unwrap())).collect()
}

#[test]
fn nothing_comes_out_when_all_goes_well() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    for format in FORMATS.iter().chain(&[Some("jsonl")]) {
        let namespace = namespace(plane, &planted);
        for command in COMMANDS {
            if *format == Some("jsonl") && command[0] != "rotate" {
                continue;
            }
            let run = run(command, &namespace, *format).kubeconfig(plane.admin_kubeconfig());
            let output = run.run();
            assert!(matches!(output.code, Some(0..=5)), "{command:?}: {:?} {}", output.code, output.err());
            let canaries = [planted.canaries.clone(), made(plane, &namespace)].concat();
            check(&canaries, &run, &output, &format!("{command:?} {format:?}"));
        }
    }
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    let namespace = namespace(plane, &planted);
    for (what, fault) in planted.faults() {
        for (index, command) in COMMANDS.iter().enumerate() {
            // The list is hit in one half, what follows it in the other.
            let rule =
                if index % 2 == 1 { Rule::always(fault.clone()) } else { Rule::always(fault.clone()).method("PATCH") };
            let proxy = Proxy::start(plane, vec![rule]);
            let run = run(command, &namespace, FORMATS[index % FORMATS.len()])
                .kubeconfig(&proxy.kubeconfig(plane.admin_token()));
            let output = run.run();
            assert!(matches!(output.code, Some(0..=6)), "{command:?} with {what}: {:?} {}", output.code, output.err());
            let canaries = [planted.canaries.clone(), made(plane, &namespace)].concat();
            check(&canaries, &run, &output, &format!("{command:?} with {what}"));
        }
    }
}

/// A file of allowed sources in which a value stands.
#[test]
fn a_line_of_the_file_of_allowed_sources_is_not_shown() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    let namespace = namespace(plane, &planted);
    let folder = crate::support::temp_folder("sources");
    let list = folder.path().join("allowed");
    for line in ["", "a/b=", "prod/db/k=", "=", "#"] {
        std::fs::write(&list, format!("{line}{}\n", planted.canaries[0].text())).unwrap();
        let run = run(COMMANDS[0], &namespace, None)
            .args(["--allow-sources", list.to_str().unwrap()])
            .kubeconfig(plane.admin_kubeconfig());
        let output = run.run();
        check(&planted.canaries, &run, &output, line);
    }
    // And one that is in the policy, where a webhook could quote it.
    let patch = json!({"metadata": {"annotations": {"secretsafe.dev/policy": planted.quote()}}}).to_string();
    let request = Request::new("PATCH", &format!("/api/v1/namespaces/{namespace}/secrets/db-0"))
        .body("application/merge-patch+json", patch.as_bytes());
    assert_eq!(plane.request(plane.admin_token(), request).code, 200);
    for command in COMMANDS {
        let run = run(command, &namespace, Some("json").filter(|_| command[0] == "policy"))
            .kubeconfig(plane.admin_kubeconfig());
        check(&planted.canaries, &run, &run.run(), &format!("{command:?}"));
    }
}
