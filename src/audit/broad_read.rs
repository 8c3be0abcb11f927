//! Rights to read Secrets that very many have.

use super::rights::{Rights, Way, mend};
use super::{Found, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "broad-read",
    severity: Severity::High,
    finds: "bindings that let everybody, or all service accounts, read Secrets",
    why: "system:authenticated is everybody who can log in, a service account of any Pod too; patch and delete read as well",
    mend: "bind the role to those who need it, and to the names that they need",
    sees: Sees::Access(look),
};

fn look(rights: &Rights<'_>, found: &mut Found) {
    for Way { subject, binding, verbs, names } in rights.reads().filter(|way| way.subject.is_broad()) {
        let text = format!("{} may {}", subject.shown(), mend::reads(&verbs, &names));
        found.hit_at(mend::object(binding), Severity::High, None, text, mend::command(binding));
    }
}
