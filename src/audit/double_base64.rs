//! Values that were encoded for a manifest once too often.

use crate::plaintext::facts::Fact;

use super::{Contents, Found, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "double-base64",
    severity: Severity::Low,
    finds: "values that look encoded in base64 once too often",
    why: "programs get the encoded text instead of the value",
    mend: "set the value itself: it is encoded on the way",
    sees: Sees::Values(look),
};

fn look(contents: &Contents<'_>, found: &mut Found) {
    for key in contents.having(|fact| *fact == Fact::DoubleBase64) {
        found.hit(Severity::Low, Some(key), "looks encoded twice".to_owned(), contents.command("set", key.as_str()));
    }
}
