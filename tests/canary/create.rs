//! `create`: every source that a value can come through, every format, every failure.

use crate::planted::{FORMATS, Planted, check};
use crate::support::canary::Canary;
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;
use crate::support::random_hex;
use crate::support::terminal::Terminal;

/// A run of `create generic` that fills two keys through a pipe and a descriptor.
fn create(name: &str, namespace: &str, format: Option<&str>, pipe: &[u8], descriptor: &[u8]) -> Secretsafe {
    let run = Secretsafe::new()
        .args(["create", "generic", name, "piped=stdin", "lent=fd:7", "-n", namespace, "-v", "9"])
        .stdin(pipe)
        .fd(7, descriptor);
    run.format(format)
}

#[test]
fn nothing_comes_out_when_all_goes_well() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let planted = Planted::new();
    for format in FORMATS {
        for pair in planted.values.chunks(2) {
            let (first, last) = (&pair[0], &pair[pair.len() - 1]);
            let run = create(&format!("s-{}", random_hex(4)), &namespace, *format, &first.1, &last.1)
                .kubeconfig(plane.admin_kubeconfig());
            let output = run.run().success();
            check(&planted.canaries, &run, &output, &format!("create {format:?} {} {}", first.0, last.0));
        }
    }
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let planted = Planted::new();
    for (what, fault) in planted.faults() {
        for (index, format) in FORMATS.iter().enumerate() {
            // Formats differ on success only, so the first requests are hit in one format each.
            let rule =
                if index == 0 { Rule::always(fault.clone()) } else { Rule::always(fault.clone()).path("/secrets") };
            let proxy = Proxy::start(plane, vec![rule]);
            let (_, value) = &planted.values[index];
            let run = create(&format!("s-{}", random_hex(4)), &namespace, *format, value, value)
                .kubeconfig(&proxy.kubeconfig(plane.admin_token()));
            let output = run.run();
            let codes = [0, 5, 6];
            assert!(
                output.code.is_some_and(|code| codes.contains(&code)),
                "{what}: {:?} {}",
                output.code,
                output.err()
            );
            check(&planted.canaries, &run, &output, &format!("create {format:?} with {what}"));
        }
    }
}

#[test]
fn a_source_that_fails_half_way_keeps_what_was_filled() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let canary = Canary::random();
    for last in ["b=env:NOT_THERE", "b=fd:9", "b=prompt", "b=public-file:/nowhere", "b=keychain:a/b"] {
        let run = Secretsafe::new()
            .args(["create", "generic", "db", "a=stdin", last, "-n", &namespace, "-v", "9"])
            .env("SECRETSAFE_KEYCHAIN", "keyutils")
            .kubeconfig(plane.admin_kubeconfig())
            .stdin(canary.bytes());
        let output = run.run();
        assert!(matches!(output.code, Some(2..=4)), "{last}: {:?} {}", output.code, output.err());
        check(std::slice::from_ref(&canary), &run, &output, last);
        let found = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db"));
        assert_eq!(found.code, 404, "{last}: nothing may be stored");
    }
}

#[test]
fn a_panic_shows_its_place_and_nothing_else() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let canary = Canary::random();
    for point in ["after-fill", "between-sources"] {
        let run = Secretsafe::new()
            .args(["create", "generic", "db", "a=stdin", "-n", &namespace, "-v", "9"])
            .env("SECRETSAFE_FAULT", point)
            .env("SECRETSAFE_FAULT_TEXT", canary.text())
            .env("RUST_BACKTRACE", "full")
            .kubeconfig(plane.admin_kubeconfig())
            .stdin(canary.bytes());
        let output = run.run().expect_code(70);
        assert!(output.err().contains("a bug in kubectl-secretsafe"), "{}", output.err());
        check(std::slice::from_ref(&canary), &run, &output, point);
    }
}

#[test]
fn what_is_typed_at_a_prompt_is_not_on_the_screen() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let canary = Canary::random();
    let run = Secretsafe::through_kubectl()
        .args(["create", "generic", "db", "a", "b=prompt:once", "-n", &namespace, "-v", "9", "-o", "table"])
        .kubeconfig(plane.admin_kubeconfig());
    let mut session = Terminal::spawn(&run.command());
    for question in ["`a`", "gain", "`b`"] {
        session.expect(question);
        session.expect_echo(false);
        session.send(format!("{}\n", canary.text()));
    }
    session.expect("secret/db created");
    assert!(session.wait().success(), "{}", session.screen());
    crate::support::canary::assert_absent(std::slice::from_ref(&canary), &session.screen_bytes(), "screen");
}
