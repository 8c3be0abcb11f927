//! Values in the annotation in which client-side `kubectl apply` keeps the manifest.

use crate::plaintext::wire::LastApplied;

use super::{Found, Rule, Seen, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "last-applied",
    severity: Severity::High,
    finds: "values in the annotation kubectl.kubernetes.io/last-applied-configuration",
    why: "who may read only metadata reads them there, and backups, tools and logs keep them; a rotation does not change them",
    mend: "strip the annotation, apply with --server-side from now on, and rotate the values: they have been seen",
    sees: Sees::Metadata(look),
};

fn look(seen: &Seen<'_>, found: &mut Found) {
    let command = || format!("kubectl secretsafe audit --fix {} -n {}", RULE.id, seen.namespace);
    match seen.outline.metadata.annotations.last_applied {
        Some(LastApplied::Values(count)) => {
            let noun = if count == 1 { "value" } else { "values" };
            found.hit(Severity::High, None, format!("{count} {noun} in the annotation"), command());
        }
        Some(LastApplied::Unreadable) => {
            let seen = "what stands in the annotation cannot be read; it may hold values".to_owned();
            found.hit(Severity::Medium, None, seen, command());
        }
        Some(LastApplied::NoValues) | None => {}
    }
}
