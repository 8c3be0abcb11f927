//! `list`: every format, with metadata that holds values, and every failure.

use crate::planted::{Planted, check};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;

const FORMATS: &[&str] = &["table", "wide", "json", "yaml", "name"];

fn list(namespace: &str, format: &str) -> Secretsafe {
    Secretsafe::new().args(["list", "-n", namespace, "-o", format, "--show-labels", "-v", "9"])
}

#[test]
fn nothing_comes_out_when_all_goes_well() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = Planted::applied(plane);
    for format in FORMATS {
        for more in [&[][..], &["--sort-by", ".metadata.name"], &["--all-types", "--chunk-size", "1"]] {
            let run = list(&namespace, format).args(more).kubeconfig(plane.admin_kubeconfig());
            let output = run.run().success();
            assert!(output.out().contains("db"), "{}", output.out());
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
