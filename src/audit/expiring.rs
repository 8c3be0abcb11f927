//! Certificates that have expired, or soon will.

use crate::plaintext::facts::Fact;
use crate::plan::spoken;

use super::{Contents, Found, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "expiring",
    severity: Severity::High,
    finds: "certificates that have expired, or will within --expiring (30d)",
    why: "whoever checks it refuses the connection from that moment on",
    mend: "renew the certificate, or find out why nothing did",
    sees: Sees::Values(look),
};

fn look(contents: &Contents<'_>, found: &mut Found) {
    for content in &contents.keys {
        let until = content.facts.facts.iter().find_map(|fact| match fact {
            Fact::X509Certificate { not_after, .. } => Some(*not_after),
            _ => None,
        });
        let Some(until) = until else { continue };
        let command = || contents.command("view", "");
        if until <= contents.now {
            let text = format!("expired {} ago", spoken::human(until, contents.now));
            found.hit(Severity::High, Some(&content.key), text, command());
        } else if contents.settings.expiring.after(contents.now) >= until {
            let text = format!("expires in {}", spoken::human(contents.now, until));
            found.hit(Severity::Medium, Some(&content.key), text, command());
        }
    }
}
