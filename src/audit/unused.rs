//! Secrets that nothing known uses.

use super::known::command;
use super::{Found, Rule, Sees, Severity, Used};

pub(super) static RULE: Rule = Rule {
    id: "unused",
    severity: Severity::Low,
    finds: "Secrets that no workload, ServiceAccount, Ingress or known custom resource names",
    why: "what nobody needs can only leak",
    mend: "find out whether something outside reads it by the API, and delete it if not",
    sees: Sees::Uses(look),
};

fn look(used: &Used<'_>, found: &mut Found) {
    if used.consumers.iter().any(|consumer| consumer.is_user()) || !used.secret.ought_to_be_named {
        return;
    }
    if used.all_listed {
        let text = "nothing that is known names it".to_owned();
        found.hit(Severity::Low, None, text, command("usage", used.namespace, used.name, ""));
    } else {
        // What may not be listed may use it.
        found.undecided();
    }
}
