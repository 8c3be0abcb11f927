//! Keys without a policy that nobody has changed for a long time.

use crate::plan::spoken;
use crate::plan::stale::{Staleness, judge};

use super::{Found, Rule, Seen, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "stale",
    severity: Severity::Medium,
    finds: "keys without a policy that are older than --stale (365d)",
    why: "who has copied a value once can use it until it changes",
    mend: "rotate the keys, and give them a policy",
    sees: Sees::Metadata(look),
};

fn look(seen: &Seen<'_>, found: &mut Found) {
    if !seen.is_of_people() {
        return;
    }
    let metadata = &seen.outline.metadata;
    let ruled = |key| metadata.annotations.policy.as_ref().is_some_and(|policy| policy.keys.contains_key(key));
    let mut undecided = seen.more_keys > 0;
    for (key, change) in seen.ages.iter().filter(|(key, _)| !ruled(key)) {
        let state = judge(change.at.as_ref(), metadata.creation_timestamp, &seen.settings.stale, seen.now);
        match (state, &change.at) {
            (Staleness::Stale, Some(at)) => {
                let text = format!("unchanged for {} (by its {})", spoken::bounded(at, seen.now), at.basis.word());
                found.hit(Severity::Medium, Some(key), text, seen.command("rotate", key.as_str()));
            }
            (Staleness::Undecided, _) => undecided = true,
            _ => {}
        }
    }
    if undecided && found.findings.is_empty() {
        let young = judge(None, metadata.creation_timestamp, &seen.settings.stale, seen.now);
        if young == Staleness::Undecided {
            found.undecided();
        }
    }
}
