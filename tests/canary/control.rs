//! The control: what leaks on purpose is caught by the same check.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::planted::{Planted, check};
use crate::support::canary::{Canary, find};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;

fn is_caught(canaries: &[Canary], output: &Output) -> bool {
    catch_unwind(AssertUnwindSafe(|| check(canaries, &Secretsafe::new(), output, "control"))).is_err()
}

#[test]
fn kubectl_is_caught() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let planted = Planted::new();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &planted.secret("db", &namespace));
    let output = plane.kubectl(&["get", "secret", "db", "-n", &namespace, "-o", "yaml"]).success();
    assert!(is_caught(&planted.canaries, &output));
    for (index, canary) in planted.canaries.iter().enumerate() {
        assert!(
            find(std::slice::from_ref(canary), &output.stdout).is_some(),
            "canary {index} is not found where it is"
        );
    }
}

#[test]
fn our_own_words_are_not_caught() {
    let planted = Planted::new();
    let help = Secretsafe::new().args(["create", "generic", "--help"]).run().success();
    assert!(!is_caught(&planted.canaries, &help));
    let leak = Output { stderr: planted.quote().into_bytes(), ..help };
    assert!(is_caught(&planted.canaries, &leak));
}

#[test]
fn the_local_log_is_looked_into() {
    let canary = Canary::random();
    let output = Output { log: canary.bytes().to_vec(), ..Output::default() };
    assert!(is_caught(std::slice::from_ref(&canary), &output));
    let run = Secretsafe::new().args(["view", "db"]).kubeconfig(ControlPlane::shared().admin_kubeconfig());
    assert!(!run.run().log.is_empty(), "a run that reads values has one");
}

#[test]
fn a_file_is_looked_into() {
    let canary = Canary::random();
    let run = Secretsafe::new();
    std::fs::write(run.home().join("left"), canary.bytes()).unwrap();
    let output = Output { files_created_under_home: vec!["left".into()], ..Output::default() };
    assert!(catch_unwind(AssertUnwindSafe(|| check(std::slice::from_ref(&canary), &run, &output, "control"))).is_err());
}
