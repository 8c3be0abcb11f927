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
    /// The user has as many entries as the store allows.
    #[error("the {store} has no room left: this user has all of {limit} entries")]
    TooMany {
        /// The store.
        store: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The store has rules for names that this one does not follow.
    #[error("the {store} does not take an entry of this name")]
    BadName {
        /// The store.
        store: &'static str,
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
            Keyring::TooLong(what, limit) if what == "secret" => {
                Self::TooLarge { store, limit: usize::try_from(*limit).unwrap_or(usize::MAX) }
            }
            Keyring::TooLong(..) | Keyring::Invalid(..) => Self::BadName { store },
            Keyring::NotSupportedByStore(_) => Self::Cannot { store, what: "do this" },
            Keyring::NoDefaultStore => Self::NotThere { store },
            Keyring::Ambiguous(_) => Self::Ambiguous { store },
            _ => Self::Failed { store },
        }
    }

    /// Turns it into what the user sees; `doing` is such as `cannot read the keychain`.
    pub(crate) fn explain(&self, doing: impl Into<String>) -> Error {
        let error = Error::new(ErrorKind::Source, doing).caused_by(self);
        let other_way = "or give the value another way: KEY=stdin through a pipe, or KEY alone to be asked for it";
        match self {
            #[cfg(target_os = "linux")]
            Self::NotThere { store } | Self::Denied { store } if *store == super::keyutils::NAME => {
                error.hint("containers often forbid it: see `man 2 keyctl`").hint(other_way)
            }
            Self::NotThere { .. } | Self::Denied { .. } if cfg!(target_os = "linux") => {
                error.hint("to use the kernel's keyring instead, set SECRETSAFE_KEYCHAIN=keyutils").hint(other_way)
            }
            Self::NotThere { .. } | Self::Denied { .. } => error.hint(other_way.trim_start_matches("or ")),
            Self::NoRoom { .. } | Self::TooMany { .. } => {
                error.hint("make room: kubectl secretsafe keychain delete SERVICE/ACCOUNT")
            }
            Self::Cannot { .. } => error.hint("use another store, such as SECRETSAFE_KEYCHAIN=secret-service"),
            Self::TooLarge { .. } => error.hint("give it another way: KEY=stdin through a pipe"),
            Self::BadName { .. } => error.hint("choose a shorter name of letters and digits, such as team/db"),
            Self::Ambiguous { .. } => error.hint("delete all but one of them in the keychain's own program"),
            Self::Failed { .. } => error.hint(other_way.trim_start_matches("or ")),
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

    #[test]
    fn a_name_that_is_too_long_is_not_taken_for_a_value() {
        let sort = |what: &str| KeychainError::sort(&Keyring::TooLong(what.to_owned(), 513), "store");
        assert_eq!(sort("secret"), KeychainError::TooLarge { store: "store", limit: 513 });
        assert_eq!(sort("user"), KeychainError::BadName { store: "store" });
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_way_out_is_never_the_store_that_failed() {
        let hints = |store| KeychainError::NotThere { store }.explain("cannot open the keychain").hints().join("\n");
        assert!(hints("Secret Service").contains("SECRETSAFE_KEYCHAIN=keyutils"));
        let kernel = hints(crate::keychain::keyutils::NAME);
        assert!(!kernel.contains("SECRETSAFE_KEYCHAIN") && kernel.contains("KEY=stdin"), "{kernel}");
    }
}
