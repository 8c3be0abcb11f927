//! `view`: every format, with and without values, every failure.

use crate::planted::{FORMATS, Planted, check};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;

fn view(namespace: &str, more: &[&str], format: Option<&str>) -> Secretsafe {
    let run = Secretsafe::new().args(["view", "db", "-n", namespace, "-v", "9"]).args(more);
    run.format(format)
}

#[test]
fn nothing_comes_out_when_all_goes_well() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = Planted::applied(plane);
    for format in FORMATS {
        for more in [&[][..], &["--metadata-only"], &["--sizes"]] {
            let run = view(&namespace, more, *format).kubeconfig(plane.admin_kubeconfig());
            let output = run.run().success();
            assert!(output.err().contains("last-applied-configuration"), "the copy is pointed out: {}", output.err());
            check(&planted.canaries, &run, &output, &format!("view {more:?} {format:?}"));
        }
    }
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = Planted::applied(plane);
    for (what, fault) in planted.faults() {
        for (index, more) in [&[][..], &["--metadata-only"]].iter().enumerate() {
            let proxy = Proxy::start(plane, vec![Rule::always(fault.clone())]);
            let run = view(&namespace, more, FORMATS[index + 1]).kubeconfig(&proxy.kubeconfig(plane.admin_token()));
            let output = run.run();
            assert!(matches!(output.code, Some(0 | 5)), "{what}: {:?} {}", output.code, output.err());
            check(&planted.canaries, &run, &output, &format!("view {more:?} with {what}"));
        }
    }
}
