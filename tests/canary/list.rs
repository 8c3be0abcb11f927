//! `list`: every format, with metadata that holds values, and every failure.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::planted::{Planted, check};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;

const FORMATS: &[&str] = &["table", "wide", "json", "yaml", "csv", "name"];

fn list(namespace: &str, format: &str) -> Secretsafe {
    Secretsafe::new().args(["list", "-n", namespace, "-o", format, "--show-labels", "-v", "9"])
}

#[test]
fn nothing_comes_out_when_all_goes_well() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = Planted::applied(plane);
    for format in FORMATS {
        let findings = &["--stale", "100d", "--due", "--unmanaged", "--expiring", "30d", "--deep", "--all-types"];
        let more: [&[&str]; 4] = [
            &[],
            &["--sort-by", ".metadata.name"],
            &["--all-types", "--chunk-size", "1", "--sort-by=age"],
            &findings[..],
        ];
        for more in more {
            let run = list(&namespace, format).args(more).kubeconfig(plane.admin_kubeconfig());
            let output = run.run().success();
            assert!(output.out().contains("db") || more.contains(&"--deep"), "{}", output.out());
            check(&planted.canaries, &run, &output, &format!("list {format} {more:?}"));
        }
    }
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = Planted::applied(plane);
    for (what, fault) in planted.faults() {
        let proxy = Proxy::start(plane, vec![Rule::always(fault)]);
        let run = list(&namespace, "json").kubeconfig(&proxy.kubeconfig(plane.admin_token()));
        let output = run.run();
        assert!(matches!(output.code, Some(0 | 5)), "{what}: {:?} {}", output.code, output.err());
        check(&planted.canaries, &run, &output, &format!("list with {what}"));
    }
}

/// `--deep` reads values: of Secrets whose certificate is none, and whose key is one.
#[test]
fn certificates_that_are_read_show_nothing_but_their_end() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = (plane.namespace(), Planted::new());
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    for (number, (_, value)) in planted.values.iter().enumerate() {
        let text = STANDARD.encode(value);
        let object = json!({"metadata": {"name": format!("tls-{number}")}, "type": "kubernetes.io/tls",
            "data": {"tls.crt": text, "tls.key": text}});
        plane.create(&path, &object);
    }
    let deep = ["--expiring", "36600d", "--deep"];
    for format in FORMATS {
        let run = list(&namespace, format).args(deep).kubeconfig(plane.admin_kubeconfig());
        let output = run.run().success();
        assert!(output.err().contains("more may be expiring"), "{}", output.err());
        check(&planted.canaries, &run, &output, &format!("list --deep {format}"));
    }
    for (what, fault) in planted.faults() {
        let proxy = Proxy::start(plane, vec![Rule::always(fault).path("secrets/")]);
        let run = list(&namespace, "json").args(deep).kubeconfig(&proxy.kubeconfig(plane.admin_token()));
        check(&planted.canaries, &run, &run.run(), &format!("list --deep with {what}"));
    }
}
