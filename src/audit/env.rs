//! Values in the environment of containers.

use std::collections::BTreeSet;

use crate::plan::consumers::Consumer;

use super::known::command;
use super::{Found, Rule, Sees, Severity, Used};

pub(super) static RULE: Rule = Rule {
    id: "env",
    severity: Severity::Medium,
    finds: "Secrets in the environment of containers",
    why: "child processes inherit it, crash reports and debug pages print it, and it keeps the old value until a restart",
    mend: "mount the Secret as files; they are renewed without a restart",
    sees: Sees::Uses(look),
};

/// How many consumers are named.
const NAMED: usize = 3;

fn look(used: &Used<'_>, found: &mut Found) {
    let exposed = |one: &&&Consumer| one.is_exposed();
    let by: BTreeSet<String> =
        used.consumers.iter().filter(exposed).map(|one| format!("{}/{}", one.kind.to_lowercase(), one.name)).collect();
    if by.is_empty() {
        return;
    }
    let more = by.len().saturating_sub(NAMED);
    let mut names: Vec<String> = by.into_iter().take(NAMED).collect();
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let text = format!("in the environment of {}", names.join(", "));
    found.hit(Severity::Medium, None, text, command("usage", used.namespace, used.name, ""));
}
