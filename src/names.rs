//! Newtypes for names that get mixed up, checked by Kubernetes' own rules before any request.
//!
//! Their errors never repeat the text: a value that was typed where a name belongs must not reach
//! the screen. They say where on the command line it stood instead (`cli::argv`).

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::cli::argv;
use crate::error::{Error, Result};

mod pattern;

pub(crate) use pattern::fits;

/// Kubernetes' limit for object names (DNS-1123 subdomain).
const MAX_NAME: usize = 253;
/// Kubernetes' limit for namespaces (DNS-1123 label).
const MAX_LABEL: usize = 63;

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        #[serde(transparent)]
        pub(crate) struct $name(String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name_type! {
    /// The name of a Secret; `secret/NAME` is accepted as kubectl does.
    SecretName
}
name_type! {
    /// The name of one key in a Secret's `data`.
    KeyName
}
name_type! {
    /// The name of a namespace.
    Namespace
}

impl SecretName {
    /// Returns the name as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let name = ["secret/", "secrets/"].iter().find_map(|kind| text.strip_prefix(kind)).unwrap_or(text);
        if is_subdomain(name) {
            return Ok(Self(name.to_owned()));
        }
        Err(Error::usage(format!("{} is not a valid name for a Secret", argv::name_of(text)))
            .because(format!(
                "a name has at most {MAX_NAME} characters: lower-case letters, digits, `-` and `.`, and starts and ends with a letter or digit"
            )).hint("write one such as db-login; what there is: kubectl secretsafe list"))
    }
}

impl KeyName {
    /// Returns the key as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the key if `text` is one that the API server accepts, without an error text.
    pub(crate) fn checked(text: &str) -> Option<Self> {
        let fits = !text.is_empty()
            && text.len() <= MAX_NAME
            && text != "."
            && !text.starts_with("..")
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        fits.then(|| Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for KeyName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::checked(&text).ok_or_else(|| serde::de::Error::custom("not a key"))
    }
}

impl FromStr for KeyName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::checked(text).ok_or_else(|| {
            Error::usage(format!("{} is not a valid key", argv::name_of(text)))
                .because(format!(
                    "a key has at most {MAX_NAME} characters: letters, digits, `-`, `_` and `.`, and is not `.` or `..`"
                ))
                .hint("write one such as db-password")
        })
    }
}

impl Namespace {
    /// Returns the name as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Namespace {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.len() <= MAX_LABEL && is_label(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::usage(format!("{} is not a valid namespace", argv::name_of(text))).because(format!(
            "a namespace has at most {MAX_LABEL} characters: lower-case letters, digits and `-`, and starts and ends with a letter or digit"
        )).hint("see which there are: kubectl get namespaces"))
    }
}

/// Tells whether `text` can name an environment variable, as shells allow them.
pub(crate) fn is_variable(text: &str) -> bool {
    text.len() <= 256
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Returns the known name that was probably meant; the fewer letters, the nearer it must be.
pub(crate) fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = match typed.chars().count() {
        0..=1 => 0,
        2..=4 => 1,
        5..=9 => 2,
        _ => 3,
    };
    let near = known.into_iter().map(|name| (strsim::osa_distance(typed, name), name));
    near.filter(|(distance, _)| *distance <= allowed).min().map(|(_, name)| name)
}

/// Tells whether `text` is a DNS-1123 subdomain, the rule for names of Secrets and workloads.
pub(crate) fn is_subdomain(text: &str) -> bool {
    text.len() <= MAX_NAME && text.split('.').all(is_label)
}

/// Tells whether `text` can name a label or an annotation: `NAME` or `PREFIX/NAME`, the prefix a DNS subdomain.
pub(crate) fn is_qualified(text: &str) -> bool {
    match text.split_once('/') {
        None => is_label_value(text),
        Some((prefix, name)) => {
            !prefix.is_empty()
                && prefix.len() <= MAX_NAME
                && prefix.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
                && is_label_value(name)
        }
    }
}

/// Tells whether `text` can be the text of a label, apart from nothing at all.
pub(crate) fn is_label_value(text: &str) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric());
    text.len() <= MAX_LABEL
        && edge(text.bytes().next())
        && edge(text.bytes().last())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Tells whether `text` is a DNS-1123 label, apart from its length.
fn is_label(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    match text.as_bytes() {
        [] => false,
        [only] => inner(*only),
        [first, middle @ .., last] => inner(*first) && inner(*last) && middle.iter().all(|b| inner(*b) || *b == b'-'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_names_follow_the_api_servers_rule() {
        for good in ["db", "a", "a-b.c-1", "secret/db", "secrets/db"] {
            assert!(good.parse::<SecretName>().is_ok(), "{good}");
        }
        for bad in ["", "DB", "-a", "a-", "a..b", "a_b", "configmap/db", "secret/", "a/b", &"a".repeat(254)] {
            assert!(bad.parse::<SecretName>().is_err(), "{bad}");
        }
        assert_eq!("secret/db".parse::<SecretName>().unwrap().as_str(), "db");
    }

    #[test]
    fn keys_follow_the_api_servers_rule() {
        for good in ["tls.crt", "A_B-c.1", ".dockerconfigjson", "...a".strip_prefix("..").unwrap()] {
            assert!(KeyName::checked(good).is_some(), "{good}");
        }
        for bad in ["", ".", "..", "..a", "a b", "a/b", "a=b", "ä", &"k".repeat(254)] {
            assert!(KeyName::checked(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_nearest_name_is_one_that_could_be_meant() {
        assert_eq!(nearest("dbb", ["db", "api"]), Some("db"));
        assert_eq!(nearest("pasword", ["user", "password"]), Some("password"));
        assert_eq!(nearest("db", ["xy", "api"]), None);
        assert_eq!(nearest("a", ["b"]), None, "one letter is no hint");
    }

    #[test]
    fn an_error_does_not_repeat_what_was_typed() {
        let err = "S3cret+Value".parse::<KeyName>().unwrap_err();
        assert!(!err.message().contains("S3cret"), "{}", err.message());
    }
}
