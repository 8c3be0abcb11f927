//! Rotations that were not finished, and what they have left.

use crate::plan::span::Span;
use crate::plan::spoken;

use super::{Found, Rule, Seen, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "pending",
    severity: Severity::Medium,
    finds: "rotations that began more than an hour ago and are not finished",
    why: "old and new values lie side by side, and nobody can rotate the Secret until somebody ends it",
    mend: "go on with --resume, or put the old values back with --abort",
    sees: Sees::Metadata(look),
};

/// How long a rotation may take.
const LONGEST: &str = "1h";

fn look(seen: &Seen<'_>, found: &mut Found) {
    let Some(note) = &seen.outline.metadata.annotations.pending else { return };
    let over = LONGEST.parse::<Span>().is_ok_and(|longest| longest.after(note.at) <= seen.now);
    if over {
        let text = format!("begun {} ago, with {} keys", spoken::human(note.at, seen.now), note.keys.len());
        let end = if note.undo { "--abort" } else { "--resume" };
        found.hit(Severity::Medium, None, text, seen.command("rotate", end));
    }
}
