//! What `--deep` knows of a Secret: for each key what may be said about its value.

use crate::names::{KeyName, Namespace, SecretName};
use crate::plaintext::Tag;
use crate::plaintext::facts::{Fact, Facts, PairError};
use crate::plan::secret_keys::says_secret;

use super::Settings;
use super::known::command;

/// One Secret, its values fetched and looked at inside the wall.
#[derive(Debug)]
pub(crate) struct Contents<'a> {
    /// Its name.
    pub(crate) name: &'a SecretName,
    /// Its namespace.
    pub(crate) namespace: &'a Namespace,
    /// Its type.
    pub(crate) secret_type: &'a str,
    /// Its keys.
    pub(crate) keys: Vec<Content>,
    /// For type kubernetes.io/tls: whether certificate and key belong together.
    pub(crate) pair: Option<Result<(), PairError>>,
    /// The server's time.
    pub(crate) now: jiff::Timestamp,
    /// From where on something counts.
    pub(crate) settings: &'a Settings,
}

/// One key.
#[derive(Debug)]
pub(crate) struct Content {
    /// The key.
    pub(crate) key: KeyName,
    /// What may be said about its value.
    pub(crate) facts: Facts,
    /// The same for the same value, within this run only; none for what may be the same everywhere.
    pub(crate) tag: Option<Tag>,
}

impl Contents<'_> {
    /// Returns the keys that have a fact.
    pub(super) fn having(&self, is: impl Fn(&Fact) -> bool) -> impl Iterator<Item = &KeyName> {
        self.keys.iter().filter(move |content| content.facts.facts.iter().any(&is)).map(|content| &content.key)
    }

    /// Finds a key.
    pub(super) fn key(&self, name: &str) -> Option<&Content> {
        self.keys.iter().find(|content| content.key.as_str() == name)
    }

    /// Tells whether a key's name or the Secret's type says that the value is secret.
    pub(super) fn says_secret(&self, key: &KeyName) -> bool {
        says_secret(key, self.secret_type)
    }

    /// Writes a command about this Secret.
    pub(super) fn command(&self, verb: &str, rest: &str) -> String {
        command(verb, self.namespace, self.name, rest)
    }
}
