//! References to Secrets, or to keys, that are not there.

use std::collections::BTreeSet;

use crate::names::{KeyName, Namespace};
use crate::plan::consumers::{Consumer, How, Use};
use crate::plan::unused::is_needed;

use super::known::Kept;
use super::{Found, Object, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "dangling",
    severity: Severity::Medium,
    finds: "references to Secrets or keys that are not there",
    why: "the next Pod may not start, and who may create the Secret can put into it what they like",
    mend: "create the Secret or the key, or take the reference away",
    sees: Sees::References(look),
};

/// What something names, and what is known of it.
#[derive(Debug)]
pub(crate) struct Reference<'a> {
    /// The namespace of the Secret; none where it may be in any.
    pub(crate) namespace: Option<&'a Namespace>,
    /// The name that stands there.
    pub(crate) secret: &'a str,
    /// The Secret, if it is there.
    pub(crate) found: Option<&'a Kept>,
    /// What names it.
    pub(crate) consumer: &'a Consumer,
}

fn look(reference: &Reference<'_>, found: &mut Found) {
    let Reference { namespace, secret, consumer, .. } = reference;
    let object = || Object::of(&consumer.kind, consumer.namespace.as_ref().map(Namespace::as_str), &consumer.name);
    let needed = || consumer.uses.iter().filter(|used| is_needed(used));
    // Without an image pull secret or a certificate things go on, if not as they should.
    let needs_it =
        needed().any(|way| matches!(way.how, How::Env | How::EnvFrom | How::Volume | How::Projected | How::SubPath));
    let severity = if needs_it { Severity::Medium } else { Severity::Low };
    let Some(kept) = reference.found else {
        if needed().next().is_some() {
            let (place, option) = match namespace {
                Some(namespace) => ("there", format!(" -n {namespace}")),
                None => ("in any namespace", String::new()),
            };
            let text = format!("it names secret {secret}, which is not {place}");
            // The keys that are asked for; whoever mounts all of them does not say which.
            let keys: BTreeSet<KeyName> = needed().filter_map(|used| KeyName::checked(used.key.as_deref()?)).collect();
            let keys: Vec<&str> = keys.iter().map(KeyName::as_str).collect();
            let keys = if keys.is_empty() { "KEY".to_owned() } else { keys.join(" ") };
            let command = format!("kubectl secretsafe create generic {secret} {keys}{option}");
            found.hit_at(object(), severity, None, text, command);
        }
        return;
    };
    for key in needed().filter_map(|Use { key, .. }| key.as_deref()) {
        if kept.keys.iter().any(|known| known.as_str() == key) {
            continue;
        }
        if !kept.complete {
            // Some keys have names that metadata does not tell.
            found.undecided();
            continue;
        }
        let text = format!("it names key {key} of secret {secret}, which has no such key");
        let option = namespace.map(|namespace| format!(" -n {namespace}")).unwrap_or_default();
        // Names are checked where they come in; keys are free text that would become a part of the command.
        let command = match KeyName::checked(key) {
            Some(key) => format!("kubectl secretsafe set {secret} {key}{option}"),
            None => format!("kubectl secretsafe view {secret}{option}"),
        };
        found.hit_at(object(), Severity::Medium, None, text, command);
    }
}
