//! Newlines behind values, which programs take for a part of them.

use crate::plaintext::facts::Fact;

use super::{Contents, Found, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "trailing-newline",
    severity: Severity::Low,
    finds: "one-line values that end in a newline",
    why: "many programs take it for a part of the value, and logins fail",
    mend: "set the value again: a newline behind a piped value is dropped",
    sees: Sees::Values(look),
};

fn look(contents: &Contents<'_>, found: &mut Found) {
    for key in contents.having(|fact| *fact == Fact::TrailingNewline) {
        found.hit(Severity::Low, Some(key), "ends in a newline".to_owned(), contents.command("set", key.as_str()));
    }
}
