//! What can go wrong with a keychain, in our words.
//!
//! keyring's errors are looked at by kind only: `BadEncoding` and `BadDataFormat` carry the secret, and
//! the text of the others comes from the system.

use keyring_core::Error as Keyring;

use crate::error::{Cause, Error, ErrorKind};

/// Why a keychain did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeychainError {
    /// The service that keeps the entries is not there.
    #[error("there is no {store} here")]
    NotThere {
        /// The store.
        store: &'static str,
    },
    /// It is locked, or access was denied.
    #[error("the {store} is locked or denies access")]
    Denied {
        /// The store.
        store: &'static str,
    },
    /// It cannot do that.
    #[error("the {store} cannot {what}")]
    Cannot {
        /// The store.
        store: &'static str,
        /// What it cannot do.
        what: &'static str,
    },
    /// The value does not fit.
    #[error("the {store} takes at most {limit} bytes, and the value has more")]
    TooLarge {
        /// The store.
        store: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The user's quota of the store is used up.
    #[error("the {store} has no room left: {free} of {quota} bytes are free for this user")]
    NoRoom {
        /// The store.
        store: &'static str,
        /// What is left.
        free: usize,
        /// The quota.
        quota: usize,
    },
    /// Several entries have this name.
    #[error("several entries of the {store} have this name")]
    Ambiguous {
        /// The store.
        store: &'static str,
    },
    /// Something else.
    #[error("the {store} failed")]
    Failed {
        /// The store.
        store: &'static str,
    },
}

impl Cause for KeychainError {}

impl KeychainError {
    /// Sorts a failure by its kind; its text is not looked at.
    pub(super) fn sort(err: &Keyring, store: &'static str) -> Self {
        match err {
            Keyring::NoStorageAccess(_) => Self::Denied { store },
            Keyring::TooLong(_, limit) => {
                Self::TooLarge { store, limit: usize::try_from(*limit).unwrap_or(usize::MAX) }
            }
            Keyring::NotSupportedByStore(_) => Self::Cannot { store, what: "do this" },
            Keyring::NoDefaultStore => Self::NotThere { store },
            Keyring::Ambiguous(_) => Self::Ambiguous { store },
            _ => Self::Failed { store },
        }
    }

    /// Turns it into what the user sees; `doing` is such as `cannot read the keychain`.
    pub(crate) fn explain(&self, doing: impl Into<String>) -> Error {
        let error = Error::new(ErrorKind::Source, doing).caused_by(self);
        match self {
            Self::NotThere { .. } | Self::Denied { .. } if cfg!(target_os = "linux") => error
                .hint("to use the kernel's keyring instead, set SECRETSAFE_KEYCHAIN=keyutils")
                .hint("or give the value another way: KEY=stdin through a pipe, or KEY alone to be asked for it"),
            Self::NotThere { .. } | Self::Denied { .. } => {
                error.hint("give the value another way: KEY=stdin through a pipe, or KEY alone to be asked for it")
            }
            _ => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_inside_of_an_error_is_not_looked_at() {
        let secret = b"not-a-real-password".to_vec();
        for err in [Keyring::BadEncoding(secret.clone()), Keyring::BadDataFormat(secret, "not-a-real-password".into())]
        {
            let ours = KeychainError::sort(&err, "store");
            assert_eq!(ours, KeychainError::Failed { store: "store" });
            assert!(!format!("{ours:?}{ours}").contains("not-a-real"));
        }
    }
}
