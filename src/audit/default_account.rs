//! Rights to read Secrets that every Pod without an account of its own has.

use super::rights::{Rights, Way, mend};
use super::{Found, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "default-account",
    severity: Severity::High,
    finds: "bindings that let a namespace's `default` service account read Secrets",
    why: "every Pod that names no account runs as this one, and has its token",
    mend: "make an account for the workload that needs it, and bind the role to that",
    sees: Sees::Access(look),
};

fn look(rights: &Rights<'_>, found: &mut Found) {
    for Way { subject, binding, verbs, names } in rights.reads().filter(|way| way.subject.is_default_account()) {
        let text = format!("{} may {}", subject.shown(), mend::reads(&verbs, &names));
        // Of some Secrets only: those that its Pods may well need.
        let severity = if names.is_empty() { Severity::High } else { Severity::Medium };
        found.hit_at(mend::object(binding), severity, None, text, mend::command(binding));
    }
}
