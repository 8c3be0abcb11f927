//! `--deep`: the rules that look at values, and what is requested for them.

use crate::support::controlplane::ControlPlane;

use super::audit;
use super::cases::{DEEP, opaque};
use super::rules::both_sides;

#[test]
fn every_rule_about_values_fires_and_keeps_still() {
    let plane = ControlPlane::shared();
    DEEP.iter().for_each(|case| both_sides(plane, plane.admin_kubeconfig(), case, &["--deep"]));
}

#[test]
fn values_are_fetched_only_if_somebody_asks() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    opaque(plane, &namespace, "db", serde_json::json!({"password": "not-a-real-password"}));
    audit(plane, &["-n", &namespace]).run().success();
    let gets = || plane.secret_events(&namespace).into_iter().filter(|event| event["verb"] == "get").count();
    assert_eq!(gets(), 0);
    let refused = audit(plane, &["-n", &namespace, "--rule", "weak"]).run().expect_code(2);
    assert!(refused.err().contains("add --deep"), "{}", refused.err());
    audit(plane, &["-n", &namespace, "--deep"]).run().success();
    assert_eq!(gets(), 1);
}
