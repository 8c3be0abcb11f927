//! Namespaces whose Secrets many may read.

use std::collections::BTreeSet;

use super::rights::Rights;
use super::{Found, Object, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "many-readers",
    severity: Severity::Medium,
    finds: "namespaces all of whose Secrets more than 20 users, groups and accounts may read",
    why: "one of them is enough for a leak, and a group may have very many members",
    mend: "limit roles to the names of the Secrets that are needed, and take bindings away",
    sees: Sees::Access(look),
};

/// How many may read without a finding.
const MOST: usize = 20;

fn look(rights: &Rights<'_>, found: &mut Found) {
    let everywhere: BTreeSet<_> =
        rights.reads_everywhere().filter(|way| way.names.is_empty()).map(|way| way.subject).collect();
    let (object, readers, command) = match rights.namespace {
        None => (Object::cluster(), everywhere, "kubectl secretsafe access -n default".to_owned()),
        // The cluster has a finding of its own.
        Some(_) if everywhere.len() > MOST => return,
        Some(namespace) => {
            let here = rights.reads().filter(|way| way.names.is_empty()).map(|way| way.subject);
            let command = format!("kubectl secretsafe access -n {namespace}");
            (Object::of("Namespace", None, namespace.as_str()), here.chain(everywhere).collect(), command)
        }
    };
    if readers.len() > MOST {
        let text = format!("{} users, groups and accounts may read every Secret", readers.len());
        found.hit_at(object, Severity::Medium, None, text, command);
    }
}
