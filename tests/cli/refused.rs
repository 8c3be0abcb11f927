//! Our reports are refused by kubectl: as a `Secret` their empty fields would blank live values.

use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;

#[test]
fn kubectl_refuses_our_output() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let create = |name: &str, format: &str| {
        Secretsafe::new()
            .args(["create", "generic", name, "a=generate", "-n", &namespace, "-o", format])
            .kubeconfig(plane.admin_kubeconfig())
            .run()
            .success()
            .stdout
    };
    for (index, format) in ["yaml", "json"].iter().enumerate() {
        let report = create(&format!("db-{index}"), format);
        for verb in ["apply", "create", "replace"] {
            let output = plane.kubectl_with(&[verb, "-n", &namespace, "-f", "-"], &report);
            assert_ne!(output.code, Some(0), "kubectl {verb} took our {format}: {}", output.out());
            assert!(output.err().contains("SecretView"), "for the right reason: {}", output.err());
        }
        let live = crate::create::live_value(plane, &namespace, &format!("db-{index}"), "a");
        assert!(live.is_some_and(|value| !value.is_empty()), "the live value is untouched");
    }
}
