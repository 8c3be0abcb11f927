//! `audit` on the real API server: every rule fires and keeps still, a clean cluster is silent, and what cannot be seen is
//! said. Rules about the whole cluster have a control plane of their own.

pub(crate) mod cases;
mod deep;
mod fix;
mod refused;
mod rights;
mod rules;
mod sarif;

use serde_json::Value;

use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;

/// `audit` as the administrator.
pub(crate) fn audit(plane: &ControlPlane, args: &[&str]) -> Secretsafe {
    Secretsafe::new().args(["audit"]).args(args).kubeconfig(plane.admin_kubeconfig())
}

/// Reads the report.
pub(crate) fn report(output: &Output) -> Value {
    let report: Value =
        serde_json::from_str(&output.out()).unwrap_or_else(|_| panic!("{} {}", output.out(), output.err()));
    assert_eq!(report["kind"], "SecretAudit");
    report
}

/// The findings of a rule.
pub(crate) fn found<'a>(report: &'a Value, rule: &str) -> Vec<&'a Value> {
    report["items"].as_array().unwrap().iter().filter(|item| item["rule"] == rule).collect()
}
