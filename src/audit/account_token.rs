//! Tokens of service accounts that never expire.

use super::{Found, Rule, Seen, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "account-token",
    severity: Severity::Medium,
    finds: "Secrets with a token of a service account",
    why: "such a token does not expire and is bound to no Pod; Kubernetes has made none by itself since 1.24",
    mend: "use tokens that expire (projected volumes, kubectl create token), and delete the Secret when nothing uses it",
    sees: Sees::Metadata(look),
};

const TYPE: &str = "kubernetes.io/service-account-token";

fn look(seen: &Seen<'_>, found: &mut Found) {
    if seen.outline.secret_type == TYPE {
        let text = "its token is valid until the Secret is deleted".to_owned();
        found.hit(Severity::Medium, None, text, seen.command("usage", ""));
    }
}
