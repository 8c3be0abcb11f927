//! `export`: metadata that holds values, keys whose names have to be read, and every failure.

use crate::planted::{Planted, check};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;

const ALL: [&[&str]; 3] = [&["db"], &["-l", "!of-nobody"], &["-l", "!of-nobody", "--all"]];

fn export(namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new().args(["export", "-n", namespace, "-v", "9"]).args(args)
}

#[test]
fn nothing_comes_out_when_all_goes_well() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = Planted::applied(plane);
    let runs = |what: &str| {
        for args in ALL {
            let run = export(&namespace, args).kubeconfig(plane.admin_kubeconfig());
            let output = run.run().success();
            assert!(output.out().contains("kind: SecretSources"), "{}", output.out());
            check(&planted.canaries, &run, &output, &format!("export {args:?} {what}"));
        }
    };
    runs("by metadata");
    let nobody = r#"{"metadata":{"managedFields":[{}]}}"#;
    plane.kubectl(&["patch", "secret", "db", "-n", &namespace, "--type=merge", "-p", nobody]).success();
    runs("by reading the names");
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = Planted::applied(plane);
    std::thread::scope(|scope| {
        for (what, fault) in planted.faults() {
            let (namespace, planted) = (&namespace, &planted);
            scope.spawn(move || {
                let proxy = Proxy::start(plane, vec![Rule::always(fault)]);
                for args in ALL {
                    let run = export(namespace, args).kubeconfig(&proxy.kubeconfig(plane.admin_token()));
                    let output = run.run();
                    assert!(matches!(output.code, Some(0 | 5)), "{what}: {:?} {}", output.code, output.err());
                    check(&planted.canaries, &run, &output, &format!("export {args:?} with {what}"));
                }
            });
        }
    });
}
