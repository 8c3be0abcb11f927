//! Old values that stay beside new ones.

use crate::plan::companions::previous_of;
use crate::plan::span::Span;
use crate::plan::spoken;

use super::{Found, Rule, Seen, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "open-slot",
    severity: Severity::Medium,
    finds: "old values that have been kept beside the new ones for more than 7 days",
    why: "a rotation ends only when the old value is of no use any more",
    mend: "finish the rotation: the old value goes",
    sees: Sees::Metadata(look),
};

/// How long consumers may take to change over.
const LONGEST: &str = "7d";

fn look(seen: &Seen<'_>, found: &mut Found) {
    let Ok(longest) = LONGEST.parse::<Span>() else { return };
    for (slot, change) in &seen.ages {
        let record = seen.outline.metadata.record(slot).filter(|_| !change.record_not_trusted);
        let Some((record, key)) = record.and_then(|record| Some((record, previous_of(slot, Some(&record.from))?)))
        else {
            continue;
        };
        if longest.after(record.at) <= seen.now {
            let text = format!("the old value is kept since {}", spoken::human(record.at, seen.now));
            found.hit(Severity::Medium, Some(&key), text, seen.command("rotate", &format!("{key} --finish")));
        }
    }
}
