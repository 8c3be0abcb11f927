//! `seal`: every format and source, every failure; what comes out is ciphertext only.

use std::path::Path;

use crate::planted::{Planted, check};
use crate::support::canary::{Canary, assert_absent};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;

/// The certificate of a key that nobody has, and SHA-256 of that key.
const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/seal/controller.pem");
const FINGERPRINT: &str = "4e85d1268a5e609bf80c3652c97c4bfe2fb8551296f0e4c39bc65ef412318c8f";

fn seal(namespace: &str, more: &[&str]) -> Secretsafe {
    let all = ["seal", "db", "-n", namespace, "--cert", CERTIFICATE, "--cert-fingerprint", FINGERPRINT, "-v", "9"];
    // Annotations that hold a value must be found by themselves.
    let along = ["--annotation", "note", "--annotation", "other", "--label", "app"];
    Secretsafe::new().args(all).args(along).args(more)
}

#[test]
fn nothing_comes_out_when_all_goes_well() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = (plane.namespace(), Planted::new());
    let mut manifest = planted.secret("db", &namespace);
    manifest["metadata"]["annotations"] = serde_json::json!({"note": "harmless", "other": planted.quote()});
    plane.kubectl_with(&["apply", "-f", "-"], manifest.to_string().as_bytes()).success();
    for scope in ["strict", "namespace-wide", "cluster-wide"] {
        for format in ["yaml", "json", "name"] {
            let run = seal(&namespace, &["--scope", scope, "-o", format]).kubeconfig(plane.admin_kubeconfig());
            let output = run.run().success();
            check(&planted.canaries, &run, &output, &format!("{scope} {format}"));
            assert!(format == "name" || output.out().contains("harmless"));
        }
    }
    let (one, other) = (Canary::random(), Canary::random());
    let run = Secretsafe::new()
        .args(["seal", "new", "-n", &namespace, "--cert", CERTIFICATE, "--cert-fingerprint", FINGERPRINT, "-v", "9"])
        .args(["a=stdin", "b=fd:7"])
        .stdin(one.bytes())
        .fd(7, other.bytes())
        .kubeconfig(plane.admin_kubeconfig());
    let output = run.run().success();
    check(&[one, other], &run, &output, "from sources");
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = Planted::applied(plane);
    for (what, fault) in planted.faults() {
        let proxy = Proxy::start(plane, vec![Rule::always(fault.clone())]);
        // The read of the values, and the question for the certificate.
        for more in [&["plain-0"][..], &["--controller-name", "none"]] {
            let run = if more.len() == 1 {
                seal(&namespace, &[])
            } else {
                Secretsafe::new().args(["seal", "db", "-n", &namespace, "-v", "9"])
            };
            let run = run.args(more).kubeconfig(&proxy.kubeconfig(plane.admin_token()));
            let output = run.run();
            assert!(matches!(output.code, Some(0 | 2 | 3 | 5)), "{more:?} {what}: {:?} {}", output.code, output.err());
            check(&planted.canaries, &run, &output, &format!("{more:?} {what}"));
        }
    }
}

#[test]
fn a_certificate_that_is_none_is_not_quoted() {
    let plane = ControlPlane::shared();
    let (canary, folder) = (Canary::random(), crate::support::temp_folder("certificate"));
    let path = folder.path().join(canary.text());
    let quoted = format!("-----BEGIN CERTIFICATE-----\n{0}\n-----END CERTIFICATE-----\n{0}", canary.text());
    std::fs::write(&path, quoted).unwrap();
    let url = format!("http://{0}:{0}@{0}/{0}", canary.text());
    for certificate in [path.as_path(), Path::new(&url)] {
        let run = Secretsafe::new().args(["seal", "db", "a=generate", "--cert"]).args([certificate]);
        let run = run.kubeconfig(plane.admin_kubeconfig());
        let output = run.run();
        assert!(matches!(output.code, Some(2 | 3)), "{}", output.err());
        assert_absent(std::slice::from_ref(&canary), &output.stderr, "the error");
        check(std::slice::from_ref(&canary), &run, &output, "a certificate");
    }
}
