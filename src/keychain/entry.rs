//! Names of entries: `SERVICE/ACCOUNT`, and the default entry of a key.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use crate::cli::argv;
use crate::error::{Error, Result};
use crate::log::Object;
use crate::names::{KeyName, SecretName};
use crate::plan::Target;

/// The service under which this program keeps its own entries, unless the config file names another.
const SERVICE: &str = "secretsafe";

static OWN: OnceLock<String> = OnceLock::new();

/// Keeps our own entries under this service from now on, as the config file says.
pub(crate) fn use_service(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > MAX || name.contains('/') || name.contains(char::is_control) {
        return Err(Error::usage("`keychainService` in the config file cannot be the name of a service")
            .because("a service has no `/` in its name, and is not empty")
            .hint("leave it out, or write one such as: keychainService: team-x"));
    }
    let _ = OWN.set(name.to_owned());
    Ok(())
}

/// Returns the service of our own entries.
pub(crate) fn own_service() -> &'static str {
    OWN.get().map_or(SERVICE, String::as_str)
}

/// What the accounts of our own notes begin with.
const NOTES: &str = "bindings/";
/// What the accounts of the first keys of local logs begin with.
const LOGS: &str = "log/";

/// Longest service or account: enough for the default entry of the longest names.
const MAX: usize = 1024;

/// One entry of a keychain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    service: String,
    account: String,
}

impl Entry {
    /// Names an entry whose parts are known to be good.
    pub(crate) fn new(service: impl Into<String>, account: impl Into<String>) -> Self {
        Self { service: service.into(), account: account.into() }
    }

    /// Returns the default entry of a key: bound to the cluster by its fingerprint (requirement S4).
    pub(crate) fn default_for(target: &Target, fingerprint: &str, key: &KeyName) -> Self {
        let Target { context, namespace, name, .. } = target;
        Self::new(own_service(), format!("{context}@{fingerprint}/{namespace}/{name}/{key}"))
    }

    /// Returns the entry of our own notes on a context: which servers it led to.
    pub(super) fn notes_on(context: &str) -> Self {
        Self::new(own_service(), format!("{NOTES}{context}"))
    }

    /// Returns the entry of the first key of a local log.
    pub(crate) fn of_log(id: &str) -> Self {
        Self::new(own_service(), format!("{LOGS}{id}"))
    }

    /// Tells whether it is of a service of ours, and no other program's.
    pub(crate) fn is_own(&self) -> bool {
        self.service == SERVICE || self.service == own_service()
    }

    /// Tells whether it is one of our own notes, where no value belongs.
    pub(crate) fn is_note(&self) -> bool {
        self.is_own() && [NOTES, LOGS].iter().any(|start| self.account.starts_with(start))
    }

    /// Returns the service.
    pub(crate) fn service(&self) -> &str {
        &self.service
    }

    /// Returns the account.
    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    /// Reads `SERVICE/ACCOUNT`, split at the first `/`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (service, account) = text.split_once('/')?;
        let fits = |part: &str| !part.is_empty() && part.len() <= MAX && !part.contains(char::is_control);
        (fits(service) && fits(account)).then(|| Self::new(service, account))
    }
}

/// What the local log says about an entry that is about to be changed.
impl From<&Entry> for Object {
    fn from(entry: &Entry) -> Self {
        Self { kind: String::from("KeychainEntry"), cluster: None, namespace: None, name: Some(entry.to_string()) }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.service, self.account)
    }
}

impl FromStr for Entry {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text).ok_or_else(|| {
            Error::usage(format!("{} is not the name of an entry", argv::name_of(text)))
                .hint("write SERVICE/ACCOUNT, such as team/db-password")
        })
    }
}

/// `NAME/KEY`: a key of a Secret, whose default entry is meant.
#[derive(Debug, Clone)]
pub(crate) struct ForKey {
    /// The Secret.
    pub(crate) name: SecretName,
    /// The key.
    pub(crate) key: KeyName,
}

impl FromStr for ForKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.strip_prefix("secret/").unwrap_or(text);
        let parts = text.split_once('/').and_then(|(name, key)| Some((name.parse().ok()?, KeyName::checked(key)?)));
        parts.map(|(name, key)| Self { name, key }).ok_or_else(|| {
            Error::usage("`--for` takes a key of a Secret").hint("write --for NAME/KEY, such as --for db/password")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_slash_divides() {
        let entry: Entry = "team/db/password".parse().unwrap();
        assert_eq!((entry.service(), entry.account()), ("team", "db/password"));
        for bad in ["", "team", "/a", "team/", "te\nam/a"] {
            assert!(bad.parse::<Entry>().is_err(), "{bad}");
        }
    }

    #[test]
    fn notes_are_told_from_values() {
        assert!(Entry::notes_on("prod").is_note() && Entry::of_log("0123").is_note());
        for other in ["secretsafe/bindings", "team/bindings/prod", "secretsafe/prod@0/bindings/a"] {
            assert!(!other.parse::<Entry>().unwrap().is_note(), "{other}");
        }
    }

    #[test]
    fn every_default_entry_can_be_named_again() {
        let target = Target {
            context: "c".repeat(253),
            server: "https://a/".to_owned(),
            fingerprint: "0123456789abcdef".to_owned(),
            namespace: "n".repeat(63).parse().unwrap(),
            name: "s".repeat(253).parse().unwrap(),
        };
        let entry = Entry::default_for(&target, &target.fingerprint, &KeyName::checked(&"k".repeat(253)).unwrap());
        assert_eq!(entry.to_string().parse::<Entry>().unwrap(), entry);
    }

    #[test]
    fn a_key_is_named_by_its_secret() {
        let key: ForKey = "secret/db/tls.key".parse().unwrap();
        assert_eq!((key.name.as_str(), key.key.as_str()), ("db", "tls.key"));
        assert!("db".parse::<ForKey>().is_err());
    }
}
