//! Opaque Secrets whose keys are those of a type.

use super::{Found, Rule, Seen, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "type",
    severity: Severity::Low,
    finds: "Secrets of type Opaque with the keys of another type",
    why: "the API server does not check their form, and kubelet and Ingress controllers may not take them",
    mend: "make it anew with its type: that cannot be changed",
    sees: Sees::Metadata(look),
};

/// The keys of a type, all of which the Secret has.
const TYPES: &[(&[&str], &str, &str)] = &[
    (&["tls.crt", "tls.key"], "kubernetes.io/tls", "tls"),
    (&[".dockerconfigjson"], "kubernetes.io/dockerconfigjson", "docker-registry"),
    (&["ssh-privatekey"], "kubernetes.io/ssh-auth", "ssh-auth"),
];

fn look(seen: &Seen<'_>, found: &mut Found) {
    if seen.outline.secret_type != "Opaque" {
        return;
    }
    let has = |name: &&str| seen.ages.iter().any(|(key, _)| key.as_str() == *name);
    for (keys, secret_type, verb) in TYPES {
        if keys.iter().all(has) {
            let text = format!("it has {}, as {secret_type} has", keys.join(" and "));
            found.hit(Severity::Low, None, text, format!("kubectl secretsafe create {verb} --help"));
        }
    }
}
