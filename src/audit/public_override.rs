//! Keys that look secret and were filled with text from a command line all the same.

use super::{Found, Rule, Seen, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "public-override",
    severity: Severity::Low,
    finds: "keys that look secret and whose value came from `public:` by --public-ok",
    why: "the text stood on a command line: in the shell's history, and for a moment in the list of processes",
    mend: "if it is secret after all, rotate the key",
    sees: Sees::Metadata(look),
};

fn look(seen: &Seen<'_>, found: &mut Found) {
    for (key, change) in &seen.ages {
        let record = seen.outline.metadata.record(key);
        if record.is_some_and(|record| record.public_ok && !change.record_not_trusted) {
            let text = "its value came from public:, by --public-ok".to_owned();
            found.hit(Severity::Low, Some(key), text, seen.command("rotate", key.as_str()));
        }
    }
}
