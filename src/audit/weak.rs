//! Values that are guessed at once.

use crate::plaintext::facts::{Class, Fact};

use super::{Contents, Found, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "weak",
    severity: Severity::High,
    finds: "passwords that everybody tries first, and secret values of less than 8 bytes",
    why: "they are found by guessing",
    mend: "rotate the key to a generated value",
    sees: Sees::Values(look),
};

/// Fewer bytes than these can be tried one after the other.
const SHORTEST: usize = 8;

fn look(contents: &Contents<'_>, found: &mut Found) {
    let command = |key: &str| contents.command("rotate", &format!("{key}=generate"));
    let weak: Vec<_> = contents.having(|fact| *fact == Fact::Weak).collect();
    for key in &weak {
        let text = "everybody tries it first".to_owned();
        found.hit(Severity::High, Some(key), text, command(key.as_str()));
    }
    for content in contents.keys.iter().filter(|content| !weak.contains(&&content.key)) {
        let short = content.facts.exact_size() < SHORTEST && content.facts.class != Class::Empty;
        let placeholder = content.facts.facts.contains(&Fact::Placeholder);
        if short && !placeholder && contents.says_secret(&content.key) {
            let text = format!("shorter than {SHORTEST} bytes");
            found.hit(Severity::Medium, Some(&content.key), text, command(content.key.as_str()));
        }
    }
}
