//! Secrets that are near the largest size.

use super::{Contents, Found, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "size",
    severity: Severity::Low,
    finds: "Secrets of more than 512 KiB in all",
    why: "the API server takes at most 1 MiB, and every list of Secrets carries it",
    mend: "keep large files elsewhere, and only their keys in Secrets",
    sees: Sees::Values(look),
};

/// Half of the largest size (core/v1 `MaxSecretSize`).
const MOST: usize = 512 * 1024;

fn look(contents: &Contents<'_>, found: &mut Found) {
    let size: usize = contents.keys.iter().map(|content| content.facts.exact_size()).sum();
    if size > MOST {
        found.hit(Severity::Low, None, "more than 512 KiB".to_owned(), contents.command("view", "--sizes"));
    }
}
