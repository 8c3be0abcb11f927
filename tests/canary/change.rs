//! Commands that change or compare: every format, every failure.

use crate::planted::{FORMATS, Planted, check};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;

/// Each command; the new value comes through stdin.
const COMMANDS: &[&[&str]] = &[
    &["rotate", "db", "plain-0=stdin", "--yes"],
    &["rotate", "db", "plain-0=stdin", "--yes", "--write-only"],
    &["set", "db", "new=stdin", "--yes"],
    &["unset", "db", "plain-1", "--yes"],
    &["rename-key", "db", "plain-2", "renamed", "--yes"],
    &["rotate", "db", "plain-3=secret:NAMESPACE/other/plain-0", "--yes"],
    &["diff", "db", "plain-0=stdin"],
    &["diff", "db", "--with", "other"],
    &["create", "generic", "db", "--apply", "plain-0=stdin", "applied=stdin"],
    &["create", "generic", "db", "--apply", "applied=stdin"],
];

/// A namespace with two Secrets that hold every planted value, also in the annotation of `kubectl apply`.
fn namespace(plane: &ControlPlane, planted: &Planted) -> String {
    let namespace = plane.namespace();
    for name in ["db", "other"] {
        let manifest = planted.secret(name, &namespace).to_string();
        plane.kubectl_with(&["apply", "-f", "-"], manifest.as_bytes()).success();
    }
    namespace
}

fn run(command: &[&str], namespace: &str, format: Option<&str>, value: &[u8]) -> Secretsafe {
    let run = Secretsafe::new()
        .args(command.iter().map(|word| word.replace("NAMESPACE", namespace)))
        .args(["-n", namespace, "-v", "9"])
        .stdin(value);
    run.format(format)
}

#[test]
fn nothing_comes_out_when_all_goes_well() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    for format in FORMATS {
        let namespace = namespace(plane, &planted);
        for (index, command) in COMMANDS.iter().enumerate() {
            let (_, value) = &planted.values[index];
            let run = run(command, &namespace, *format, value).kubeconfig(plane.admin_kubeconfig());
            let output = run.run();
            assert!(matches!(output.code, Some(0..=2)), "{command:?}: {:?} {}", output.code, output.err());
            check(&planted.canaries, &run, &output, &format!("{command:?} {format:?}"));
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
            // The look before is hit in one half, what follows it in the other.
            let rule =
                if index % 2 == 0 { Rule::always(fault.clone()) } else { Rule::nth(1, fault.clone()).path("/secrets") };
            let proxy = Proxy::start(plane, vec![rule]);
            let (_, value) = &planted.values[index];
            let run = run(command, &namespace, FORMATS[index % FORMATS.len()], value)
                .kubeconfig(&proxy.kubeconfig(plane.admin_token()));
            let output = run.run();
            assert!(matches!(output.code, Some(0..=6)), "{command:?} with {what}: {:?} {}", output.code, output.err());
            check(&planted.canaries, &run, &output, &format!("{command:?} with {what}"));
        }
    }
}
