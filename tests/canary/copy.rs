//! `copy`: every format, every failure, here and at the place it goes to.

use crate::planted::{FORMATS, Planted, check};
use crate::support::canary::assert_absent;
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;

fn copy(home: &str, there: &str, more: &[&str]) -> Secretsafe {
    let all = ["copy", "db", "--to", there, "--yes", "-n", home, "-v", "9"];
    // Annotations that hold a value must be found by themselves.
    let annotations = ["--annotation", "note", "--annotation", "other", "--label", "app"];
    Secretsafe::new().args(all).args(annotations).args(more)
}

/// A Secret whose annotations quote its values, as those of careless tools do.
fn manifest(planted: &Planted, namespace: &str) -> String {
    let mut manifest = planted.secret("db", namespace);
    manifest["metadata"]["annotations"] = serde_json::json!({"note": "harmless", "other": planted.quote()});
    manifest.to_string()
}

#[test]
fn nothing_comes_out_when_all_goes_well() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    for format in FORMATS.iter().copied().flatten() {
        let [home, there] = std::array::from_fn(|_| plane.namespace());
        let manifest = manifest(&planted, &home);
        plane.kubectl_with(&["apply", "-f", "-"], manifest.as_bytes()).success();
        for more in [&["--dry-run=client"][..], &["--dry-run=server"], &[], &["--apply"]] {
            let run = copy(&home, &there, &[more, &["-o", format]].concat()).kubeconfig(plane.admin_kubeconfig());
            let output = run.run().success();
            check(&planted.canaries, &run, &output, &format!("{more:?} {format}"));
        }
        let copied = plane.get(&format!("/api/v1/namespaces/{there}/secrets/db")).json();
        let annotations = copied["metadata"]["annotations"].to_string();
        assert_absent(&planted.canaries, annotations.as_bytes(), "the copy's annotations");
        assert_eq!(copied["metadata"]["annotations"]["note"], "harmless");
    }
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    let [home, there] = std::array::from_fn(|_| plane.namespace());
    let manifest = manifest(&planted, &home);
    plane.kubectl_with(&["apply", "-f", "-"], manifest.as_bytes()).success();
    for (what, fault) in planted.faults() {
        // The read of the values, the look at the place, and the write.
        for part in [format!("/{home}/secrets"), format!("/{there}/secrets/db"), format!("/{there}/secrets?")] {
            let proxy = Proxy::start(plane, vec![Rule::always(fault.clone()).path(part.clone())]);
            let run = copy(&home, &there, &["--apply"]).kubeconfig(&proxy.kubeconfig(plane.admin_token()));
            let output = run.run();
            assert!(matches!(output.code, Some(0 | 3..=6)), "{part} {what}: {:?} {}", output.code, output.err());
            check(&planted.canaries, &run, &output, &format!("{part} {what}"));
        }
    }
}
