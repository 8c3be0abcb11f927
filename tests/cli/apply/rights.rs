//! Least privilege of `apply -f`.

use super::*;

#[test]
fn apply_needs_get_and_create_or_patch() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let user = plane.service_account(&namespace, "applier");
    let apply = |keys: &str| {
        Secretsafe::new()
            .args(["apply", "-f", "-", "--yes", "-n", &namespace])
            .kubeconfig(&plane.kubeconfig_for(&user.token))
            .stdin(document("db", keys))
            .run()
    };
    let denied = apply("  a: {from: generate}\n").expect_code(5);
    assert!(denied.err().contains("may not do that (403)"), "{}", denied.err());
    plane.grant(&user, &namespace, &[("get", "secrets"), ("create", "secrets")]);
    assert_eq!(apply("  a: {from: generate}\n").success().out(), "secret/db created\n");
    let denied = apply("  a: {from: generate}\n  b: {from: generate}\n").expect_code(5);
    assert!(denied.err().contains("cannot patch secrets `db`"), "{}", denied.err());
    plane.grant(&user, &namespace, &[("patch", "secrets")]);
    assert_eq!(apply("  a: {from: generate}\n  b: {from: generate}\n").success().out(), "secret/db configured\n");
}
