//! Real admission webhooks and policies that quote the data, in refusals and in warnings.

use crate::planted::{FORMATS, check};
use crate::support::canary::Canary;
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::random_hex;
use crate::support::webhook::{Action, Admission, Verdict};

fn create_under(admission: impl Fn(&'static ControlPlane, &str) -> Admission<'static>, code: i32) {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let quoting = admission(plane, &namespace);
    let canary = Canary::random();
    for format in FORMATS {
        let name = format!("s-{}", random_hex(4));
        let mut run = Secretsafe::new()
            .args(["create", "generic", &name, "a=stdin", "-n", &namespace, "-v", "9"])
            .kubeconfig(plane.admin_kubeconfig())
            .stdin(canary.bytes());
        if let Some(format) = format {
            run = run.args(["-o", format]);
        }
        let output = run.run().expect_code(code);
        check(std::slice::from_ref(&canary), &run, &output, &format!("{format:?}"));
    }
    drop(quoting);
}

#[test]
fn a_webhook_that_refuses_and_quotes() {
    for code in [400, 403] {
        create_under(move |plane, namespace| Admission::webhook(plane, namespace, Verdict::Deny(code)), 5);
    }
}

#[test]
fn a_webhook_that_warns_and_quotes() {
    create_under(|plane, namespace| Admission::webhook(plane, namespace, Verdict::Warn), 0);
}

#[test]
fn a_policy_that_refuses_and_quotes() {
    create_under(|plane, namespace| Admission::policy(plane, namespace, Action::Deny), 5);
}

#[test]
fn a_policy_that_warns_and_quotes() {
    create_under(|plane, namespace| Admission::policy(plane, namespace, Action::Warn), 0);
}
