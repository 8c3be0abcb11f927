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

/// A public key of age whose private key nobody has here.
const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

#[test]
fn nothing_comes_out_of_manifests_and_into_age_files() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = (plane.namespace(), Planted::new());
    let mut manifest = planted.secret("db", &namespace);
    manifest["metadata"]["annotations"] = serde_json::json!({"note": "harmless", "other": planted.quote()});
    let text = manifest.to_string();
    let known = ["--cert", CERTIFICATE, "--cert-fingerprint", FINGERPRINT];
    for (to, formats) in [(&known[..], &["yaml", "json", "name"][..]), (&["--age", RECIPIENT], &[""])] {
        for format in formats {
            let args =
                ["seal", "-f", "-", "-n", &namespace, "-v", "9", "--annotation", "note", "--annotation", "other"];
            let mut run = Secretsafe::new().args(args).args(to).stdin(text.as_bytes());
            if !format.is_empty() {
                run = run.args(["-o", format]);
            }
            let run = run.kubeconfig(plane.admin_kubeconfig());
            let output = run.run().success();
            check(&planted.canaries, &run, &output, &format!("-f {to:?} {format}"));
        }
    }
    plane.kubectl_with(&["apply", "-f", "-"], text.as_bytes()).success();
    let run = Secretsafe::new().args(["seal", "db", "-n", &namespace, "--age", RECIPIENT, "-v", "9"]);
    let run = run.kubeconfig(plane.admin_kubeconfig());
    check(&planted.canaries, &run, &run.run().success(), "age");
    // Broken in each line: what stands there is not quoted.
    let lines: Vec<String> = lines_of(&manifest);
    for index in 0..lines.len() {
        let mut broken = lines.clone();
        broken[index].push_str(": [");
        let run = Secretsafe::new().args(["seal", "-f", "-", "-n", &namespace]).args(known).args(["-v", "9"]);
        let run = run.stdin(broken.join("\n")).kubeconfig(plane.admin_kubeconfig());
        check(&planted.canaries, &run, &run.run(), &format!("line {index} is broken"));
    }
}

/// A manifest as lines of YAML, which JSON is as well.
fn lines_of(manifest: &serde_json::Value) -> Vec<String> {
    serde_json::to_string_pretty(manifest).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn nothing_comes_out_of_a_file_that_is_merged_into_or_sealed_anew() {
    let plane = ControlPlane::shared();
    let (namespace, folder) = (plane.namespace(), crate::support::temp_folder("merged"));
    let (given, planted) = (Canary::random(), Canary::random());
    let path = folder.path().join("sealed.yaml");
    let known = ["--cert", CERTIFICATE, "--cert-fingerprint", FINGERPRINT, "-n", &namespace, "-v", "9"];
    let seal =
        |args: &[&str]| Secretsafe::new().args(["seal"]).args(args).args(known).kubeconfig(plane.admin_kubeconfig());
    let made = seal(&["db", "a=generate"]).run().success();
    let merged = |text: &[u8]| {
        std::fs::write(&path, text).unwrap();
        let run = seal(&["db", "a=stdin", "b=fd:7"]).args(["--merge-into"]).args([&path]);
        let run = run.stdin(given.bytes()).fd(7, given.bytes());
        let output = run.run();
        check(&[given.clone(), planted.clone()], &run, &output, "merge");
        let run =
            Secretsafe::new().args(["seal", "-n", &namespace, "--controller-name", "none", "-v", "9", "--re-encrypt"]);
        let run = run.args([&path]).kubeconfig(plane.admin_kubeconfig());
        check(&[given.clone(), planted.clone()], &run, &run.run(), "re-encrypt");
        output.code
    };
    assert_eq!(merged(&made.stdout), Some(0));
    assert_absent(std::slice::from_ref(&given), &std::fs::read(&path).unwrap(), "the file");
    // Files that hold a value of somebody's in the place of each of their texts.
    let text = made.out();
    for (index, line) in text.lines().enumerate() {
        let Some((field, _)) = line.split_once(':') else { continue };
        let broken = text.replace(line, &format!("{field}: {}", planted.text()));
        assert!(matches!(merged(broken.as_bytes()), Some(0 | 2 | 3)), "line {index}");
    }
}
