//! Keys that are older than the policy of their Secret says.

use crate::plan::due::{State, judge};
use crate::plan::edit::Keys;
use crate::plan::spoken;

use super::{Found, Rule, Seen, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "overdue",
    severity: Severity::Medium,
    finds: "keys that are older than the policy of their Secret says, and policies that nobody can read",
    why: "the team has decided how old a value may become, and nothing rotates it",
    mend: "rotate what is due, or let a schedule do it",
    sees: Sees::Metadata(look),
};

fn look(seen: &Seen<'_>, found: &mut Found) {
    let metadata = &seen.outline.metadata;
    if metadata.has_unreadable_policy() {
        let text = "there is a policy, and it cannot be read".to_owned();
        found.hit(Severity::Medium, None, text, seen.command("policy show", ""));
        return;
    }
    let Some(policy) = &metadata.annotations.policy else { return };
    let keys = Keys { known: metadata.known_keys(), complete: seen.more_keys == 0 };
    let mut undecided = false;
    for (key, rule) in &policy.keys {
        match judge(key, &rule.every, metadata, &keys, seen.now) {
            State::Due { changed, since } => {
                let bound = if changed.exact { "" } else { "≥ " };
                let text = format!("due since {bound}{}, every {}", spoken::human(since, seen.now), rule.every);
                found.hit(Severity::Medium, Some(key), text, seen.command("rotate", "--due"));
            }
            State::Absent => {
                let text = "the policy names it, and there is no such key".to_owned();
                found.hit(Severity::Low, Some(key), text, seen.command("policy show", ""));
            }
            State::Undecided { .. } => undecided = true,
            State::NotDue { .. } => {}
        }
    }
    if undecided {
        found.undecided();
    }
}
