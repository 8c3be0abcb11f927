//! `history`: Events, managers and notes that quote values, and every failure.

use serde_json::json;

use crate::planted::{FORMATS, Planted, check};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;

fn history(namespace: &str, format: Option<&str>) -> Secretsafe {
    Secretsafe::new().args(["history", "db", "-n", namespace, "-v", "9"]).format(format)
}

/// Leaves Events that look like ours, with values in every text that they can have.
fn leave_events(plane: &ControlPlane, namespace: &str, planted: &Planted) {
    let uid = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json()["metadata"]["uid"].clone();
    for (number, (_, value)) in planted.values.iter().enumerate() {
        let text: String = String::from_utf8_lossy(value).chars().take(1000).collect();
        let reason: String = text.chars().take(128).collect();
        for (what, reason) in [("reason", reason.as_str()), ("message", "SecretRotated")] {
            let event = json!({"metadata": {"name": format!("{what}-{number}")},
                "involvedObject": {"kind": "Secret", "name": "db", "namespace": namespace, "uid": uid, "fieldPath": text},
                "reason": reason, "message": text, "type": "Normal", "source": {"component": "kubectl-secretsafe", "host": text},
                "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:00:00Z"});
            plane.create(&format!("/api/v1/namespaces/{namespace}/events"), &event);
        }
    }
}

#[test]
fn nothing_comes_out_of_events_and_annotations() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = Planted::applied(plane);
    leave_events(plane, &namespace, &planted);
    for format in FORMATS {
        let run = history(&namespace, *format).kubeconfig(plane.admin_kubeconfig());
        let output = run.run().success();
        assert!(output.out().contains("db"), "{}", output.out());
        check(&planted.canaries, &run, &output, &format!("history {format:?}"));
    }
}

#[test]
fn names_that_others_chose_cannot_act_on_the_terminal() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let record = json!({"v": 1, "at": "2026-01-01T00:00:00Z", "by": "\u{1b}[2Jmallory\u{202e}", "from": "\u{7}prompt", "n": 1,
        "op": "x"});
    let note = json!({"v": 1, "uid": "u", "op": "o", "at": "2026-01-01T00:00:00Z", "by": "\r\nmallory", "keys": ["k"]});
    let annotations = json!({"key.secretsafe.dev/k": record.to_string(), "secretsafe.dev/pending": note.to_string()});
    let object = json!({"metadata": {"name": "db", "annotations": annotations}, "stringData": {"k": "not-a-real-one"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets?fieldManager=kubectl-secretsafe"), &object);
    let output = history(&namespace, None).kubeconfig(plane.admin_kubeconfig()).run().success().out();
    assert!(output.contains("mallory") && output.contains("\\u{1b}[2J"), "{output}");
    assert!(!output.contains(['\u{1b}', '\u{202e}', '\u{7}', '\r']), "{output:?}");
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = Planted::applied(plane);
    for (what, fault) in planted.faults() {
        for part in ["secrets", "events"] {
            let proxy = Proxy::start(plane, vec![Rule::always(fault.clone()).path(part)]);
            let run = history(&namespace, Some("json")).kubeconfig(&proxy.kubeconfig(plane.admin_token()));
            let output = run.run();
            assert!(matches!(output.code, Some(0 | 5)), "{what}: {:?} {}", output.code, output.err());
            check(&planted.canaries, &run, &output, &format!("history with {what} at {part}"));
        }
    }
}
