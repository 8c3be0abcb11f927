//! What docs/automation.md promises to scripts: every report fits its schema, nothing is asked without a terminal,
//! stdout is one document or nothing, and `-q` is silent.

mod findings;
mod questions;
mod reports;
mod rotations;
mod scan;
mod streams;

use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;

/// Runs a command in a namespace, without a terminal.
fn run(namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new().args(["-n", namespace]).args(args).kubeconfig(ControlPlane::shared().admin_kubeconfig())
}
