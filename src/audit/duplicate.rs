//! The same secret value in several places.

use crate::names::{KeyName, Namespace, SecretName};

use super::known::command;
use super::{Found, Object, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "duplicate",
    severity: Severity::Medium,
    finds: "the same secret value in several Secrets",
    why: "who reads one of them has the others, and a rotation of one breaks the rest",
    mend: "give each its own value, or rotate them together",
    sees: Sees::AllValues(look),
};

/// How many others are named.
const NAMED: usize = 3;

/// The places of one value: at least two Secrets.
#[derive(Debug)]
pub(crate) struct Same {
    /// Each with its key, in order.
    pub(super) places: Vec<(Namespace, SecretName, KeyName)>,
}

fn look(same: &Same, found: &mut Found) {
    let Some(((namespace, name, key), others)) = same.places.split_first() else { return };
    let shown = |(place, name, key): &(Namespace, SecretName, KeyName)| match place == namespace {
        true => format!("{name}/{key}"),
        false => format!("{place}/{name}/{key}"),
    };
    let mut names: Vec<String> = others.iter().take(NAMED).map(shown).collect();
    if others.len() > NAMED {
        names.push(format!("{} more", others.len() - NAMED));
    }
    let text = format!("the same value as {}", names.join(", "));
    let command = command("rotate", namespace, name, key.as_str());
    found.hit_at(Object::secret(namespace, name), Severity::Medium, Some(key), text, command);
}
