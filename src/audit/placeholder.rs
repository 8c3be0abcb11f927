//! Words that stand for a value that nobody has set.

use crate::plaintext::facts::Fact;

use super::{Contents, Found, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "placeholder",
    severity: Severity::High,
    finds: "values such as `changeme` that nobody has replaced",
    why: "they stand in manifests, charts and manuals, and are tried first",
    mend: "set the real value",
    sees: Sees::Values(look),
};

fn look(contents: &Contents<'_>, found: &mut Found) {
    for key in contents.having(|fact| *fact == Fact::Placeholder) {
        // `none` can be the right text for what is not secret.
        let severity = if contents.says_secret(key) { Severity::High } else { Severity::Low };
        let text = "a placeholder".to_owned();
        found.hit(severity, Some(key), text, contents.command("set", key.as_str()));
    }
}
