//! What can be wrong with Secrets: one file per rule, one row each in `RULES`.
//!
//! Pure: what is known comes in, findings go out. A rule sees metadata, consumers, roles, or, with `--deep`, what
//! `plaintext::facts` says of values; never a value.

mod account_token;
mod audit_log;
mod broad_read;
mod content;
mod dangling;
mod default_account;
mod double_base64;
mod duplicate;
mod empty;
mod encryption;
mod env;
mod expiring;
mod last_applied;
mod many_readers;
mod newline;
mod open_slot;
mod orphan;
mod overdue;
mod pending;
mod placeholder;
mod public_override;
mod size;
mod stale;
mod type_mismatch;
mod unused;
mod weak;

mod auditor;
pub(crate) mod baseline;
mod contents;
mod control_plane;
mod finding;
mod known;
mod rights;
mod typed;

pub(crate) use auditor::{Auditor, Extent, Judgement};
pub(crate) use contents::{Content, Contents};
pub(crate) use control_plane::{ControlPlane, Encryption, Flags, Metrics, Written};
pub(crate) use finding::{Finding, Found, Object, Severity};
pub(crate) use known::{Known, Seen, Used};
pub(crate) use rights::Rights;

use crate::plan::span::Span;

/// One thing that can be wrong.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Its name, for `--rule`, `--skip` and `--fix`.
    pub(crate) id: &'static str,
    /// How bad it is at worst.
    pub(crate) severity: Severity,
    /// What it finds.
    pub(crate) finds: &'static str,
    /// Why that matters.
    pub(crate) why: &'static str,
    /// What mends it.
    pub(crate) mend: &'static str,
    /// What it looks at.
    pub(crate) sees: Sees,
}

/// What a rule looks at, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sees {
    /// The metadata of each Secret.
    Metadata(fn(&Seen<'_>, &mut Found)),
    /// Each Secret, together with what uses it.
    Uses(fn(&Used<'_>, &mut Found)),
    /// Each reference to a Secret, and what is at its end.
    References(fn(&dangling::Reference<'_>, &mut Found)),
    /// Everything that was seen of all Secrets.
    Everything(fn(&Known, &mut Found)),
    /// Who may read, by RBAC.
    Access(fn(&Rights<'_>, &mut Found)),
    /// The values of each Secret, as far as something may be said about them.
    Values(fn(&Contents<'_>, &mut Found)),
    /// Values of several Secrets together.
    AllValues(fn(&duplicate::Same, &mut Found)),
    /// How the API server is run.
    ControlPlane(fn(&ControlPlane, &mut Found)),
}

impl Sees {
    /// Tells whether values have to be fetched for it.
    pub(crate) fn needs_values(self) -> bool {
        matches!(self, Self::Values(_) | Self::AllValues(_))
    }

    /// Tells whether workloads have to be listed for it.
    pub(crate) fn needs_uses(self) -> bool {
        matches!(self, Self::Uses(_) | Self::References(_))
    }
}

/// From where on something counts.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Keys without a policy may be as old as this.
    pub(crate) stale: Span,
    /// Certificates that expire within this count.
    pub(crate) expiring: Span,
}

/// Every rule, in the order in which they are documented.
pub(crate) static RULES: &[&Rule] = &[
    &last_applied::RULE,
    &broad_read::RULE,
    &default_account::RULE,
    &many_readers::RULE,
    &encryption::RULE,
    &audit_log::RULE,
    &overdue::RULE,
    &stale::RULE,
    &pending::RULE,
    &orphan::RULE,
    &open_slot::RULE,
    &account_token::RULE,
    &env::RULE,
    &dangling::RULE,
    &unused::RULE,
    &type_mismatch::RULE,
    &public_override::RULE,
    &expiring::RULE,
    &weak::RULE,
    &placeholder::RULE,
    &duplicate::RULE,
    &content::RULE,
    &double_base64::RULE,
    &newline::RULE,
    &empty::RULE,
    &size::RULE,
];

/// Finds a rule by its name.
pub(crate) fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_is_described_and_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(names.len(), RULES.len());
        for found in RULES {
            assert!(found.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
            for text in [found.finds, found.why, found.mend] {
                assert!(text.len() > 10 && !text.ends_with('.'), "{}: {text}", found.id);
            }
            assert!(std::ptr::eq(rule(found.id).unwrap(), *found));
        }
    }
}
