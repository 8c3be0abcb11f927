//! Keys without a value.

use crate::plaintext::facts::Class;

use super::{Contents, Found, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "empty",
    severity: Severity::Low,
    finds: "keys with an empty value",
    why: "a failed substitution leaves these, and some programs then take any password",
    mend: "set the value, or take the key away",
    sees: Sees::Values(look),
};

fn look(contents: &Contents<'_>, found: &mut Found) {
    for content in contents.keys.iter().filter(|content| content.facts.class == Class::Empty) {
        let command = contents.command("set", content.key.as_str());
        found.hit(Severity::Low, Some(&content.key), "empty".to_owned(), command);
    }
}
