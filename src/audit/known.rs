//! What is known of Secrets without a value: one of them while it is looked at, and little of each for later.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::names::{KeyName, Namespace, SecretName};
use crate::plaintext::wire::Outline;
use crate::plan::age::{LastChange, last_change};
use crate::plan::consumers::Consumer;
use crate::plan::unused::other_use;

use super::{Object, Settings};

/// Types that Kubernetes, or a tool, makes and looks after by itself.
const LOOKED_AFTER: &[&str] =
    &["kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token", "helm.sh/release.v1"];

/// One Secret, as its metadata shows it.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    /// What was listed.
    pub(crate) outline: &'a Outline,
    /// Its name.
    pub(crate) name: &'a SecretName,
    /// Its namespace.
    pub(crate) namespace: &'a Namespace,
    /// The server's time.
    pub(crate) now: Timestamp,
    /// From where on something counts.
    pub(crate) settings: &'a Settings,
    /// When the keys whose names are known were changed.
    pub(crate) ages: Vec<(KeyName, LastChange)>,
    /// How many more keys it has.
    pub(crate) more_keys: usize,
}

impl<'a> Seen<'a> {
    /// Looks at a Secret.
    pub(super) fn new(
        outline: &'a Outline,
        (namespace, name): (&'a Namespace, &'a SecretName),
        now: Timestamp,
        settings: &'a Settings,
    ) -> Self {
        let metadata = &outline.metadata;
        let created = metadata.creation_timestamp;
        let age = |key: KeyName| {
            let change = last_change(metadata.record(&key), &metadata.owners(&key), created, now);
            (key, change)
        };
        let ages: Vec<_> = metadata.known_keys().into_iter().map(age).collect();
        let more_keys = outline.count.saturating_sub(ages.len());
        Self { outline, name, namespace, now, settings, ages, more_keys }
    }

    /// Returns the object.
    pub(crate) fn object(&self) -> Object {
        Object::secret(self.namespace, self.name)
    }

    /// Tells whether people change its values.
    pub(crate) fn is_of_people(&self) -> bool {
        !self.outline.is_machinery() && !LOOKED_AFTER.contains(&self.outline.secret_type.as_str())
    }

    /// Writes a command about this Secret; `verb` comes before its name, `rest` behind.
    pub(crate) fn command(&self, verb: &str, rest: &str) -> String {
        command(verb, self.namespace, self.name, rest)
    }
}

/// Writes a command about a Secret.
pub(super) fn command(verb: &str, namespace: &Namespace, name: &SecretName, rest: &str) -> String {
    let rest = if rest.is_empty() { String::new() } else { format!(" {rest}") };
    format!("kubectl secretsafe {verb} {name}{rest} -n {namespace}")
}

/// Little of each Secret, for what can be told only when all were seen.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Only those of a selector were listed.
    pub(crate) selected: bool,
    /// The Secrets.
    pub(crate) secrets: BTreeMap<(Namespace, SecretName), Kept>,
}

/// What is kept of a Secret.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Its uid.
    pub(crate) uid: String,
    /// The names of its keys that are known.
    pub(crate) keys: BTreeSet<KeyName>,
    /// Whether these are all.
    pub(crate) complete: bool,
    /// Whether something ought to name it, if it is used.
    pub(crate) ought_to_be_named: bool,
    /// The uids of the companions that it lists.
    pub(crate) companions: Vec<String>,
}

impl Kept {
    pub(super) fn of(seen: &Seen<'_>) -> Self {
        let annotations = &seen.outline.metadata.annotations;
        let versions = annotations.kept.iter().flat_map(|kept| kept.versions.iter().map(|version| version.uid.clone()));
        Self {
            uid: seen.outline.metadata.uid.clone(),
            keys: seen.ages.iter().map(|(key, _)| key.clone()).collect(),
            complete: seen.more_keys == 0,
            ought_to_be_named: seen.is_of_people() && other_use(seen.outline).is_none(),
            companions: annotations.pending.iter().map(|note| note.uid.clone()).chain(versions).collect(),
        }
    }
}

/// A Secret together with what uses it.
#[derive(Debug)]
pub(crate) struct Used<'a> {
    /// Its name.
    pub(crate) name: &'a SecretName,
    /// Its namespace.
    pub(crate) namespace: &'a Namespace,
    /// What is known of it.
    pub(crate) secret: &'a Kept,
    /// What uses it.
    pub(crate) consumers: Vec<&'a Consumer>,
    /// Whether everything that could use it was listed.
    pub(crate) all_listed: bool,
}
