//! Which store is used, and what it is asked: read, write, delete, list.
//!
//! The store is chosen by name and never replaced by another in silence. All stores block, so each call
//! runs on a thread for blocking work.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry as Raw, Error as Keyring};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::{SecretValue, lend};

use super::entry::Entry;
use super::error::KeychainError;

/// The variable that chooses a store.
const VARIABLE: &str = "SECRETSAFE_KEYCHAIN";

/// The stores that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The platform's own: Secret Service, macOS Keychain, Windows Credential Manager.
    Native,
    /// The Linux kernel's keyring.
    #[cfg(target_os = "linux")]
    Keyutils,
}

impl Kind {
    fn describe(self) -> &'static str {
        match self {
            #[cfg(target_os = "linux")]
            Self::Keyutils => "kernel keyring",
            Self::Native if cfg!(target_os = "macos") => "macOS Keychain",
            Self::Native if cfg!(windows) => "Windows Credential Manager",
            Self::Native => "Secret Service (org.freedesktop.secrets)",
        }
    }

    /// Prepares the thread that is about to ask the store: session keyrings belong to threads.
    fn enter(self) {
        #[cfg(target_os = "linux")]
        if self == Self::Keyutils {
            super::keyutils::join_session();
        }
    }

    fn choose(ctx: &Context) -> Result<Self> {
        let chosen =
            std::env::var(VARIABLE).ok().filter(|name| !name.is_empty()).or_else(|| ctx.config.keychain.clone());
        match chosen.as_deref() {
            None | Some("native") => Ok(Self::Native),
            #[cfg(target_os = "linux")]
            Some("secret-service") => Ok(Self::Native),
            #[cfg(target_os = "linux")]
            Some("keyutils") => Ok(Self::Keyutils),
            Some(_) => {
                let known = if cfg!(target_os = "linux") { "secret-service, keyutils" } else { "native" };
                Err(Error::usage(format!("the keychain named by {VARIABLE} or the config file is not known"))
                    .hint(format!("on this system there is: {known}")))
            }
        }
    }
}

/// An open keychain.
pub(crate) struct Keychain {
    store: Arc<CredentialStore>,
    kind: Kind,
}

impl std::fmt::Debug for Keychain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keychain").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Keychain {
    /// Opens the store that the user chose, or the platform's own.
    pub(crate) async fn open(ctx: &Context) -> Result<Self> {
        let kind = Kind::choose(ctx)?;
        let opened = tokio::task::spawn_blocking(move || open(kind)).await.map_err(thread_ended)?;
        let store = opened.map_err(|err| err.explain("cannot open the keychain"))?;
        ctx.ui.trace(1, || format!("keychain: {}", kind.describe()));
        Ok(Self { store, kind })
    }

    /// Reads an entry; `None` if it is not there.
    pub(crate) async fn get(&self, entry: &Entry) -> Result<Option<SecretValue>> {
        let bytes = self.ask(entry, |raw| match raw.get_secret() {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(Keyring::NoEntry) => Ok(None),
            Err(err) => Err(err),
        });
        let bytes = bytes.await?.map_err(|err| err.explain(format!("cannot read the keychain entry `{entry}`")))?;
        Ok(bytes.map(SecretValue::from_bytes))
    }

    /// Writes an entry, and gives the value back.
    pub(crate) async fn set(&self, entry: &Entry, value: SecretValue) -> Result<SecretValue> {
        let failed = |err: KeychainError| err.explain(format!("cannot write the keychain entry `{entry}`"));
        self.check_room(value.len()).map_err(failed)?;
        let written = self.ask(entry, move |raw| lend::to_keychain(&value, raw).map(|()| value));
        written.await?.map_err(failed)
    }

    /// Deletes an entry; tells whether it was there.
    pub(crate) async fn delete(&self, entry: &Entry) -> Result<bool> {
        let deleted = self.ask(entry, |raw| match raw.delete_credential() {
            Ok(()) => Ok(true),
            Err(Keyring::NoEntry) => Ok(false),
            Err(err) => Err(err),
        });
        deleted.await?.map_err(|err| err.explain(format!("cannot delete the keychain entry `{entry}`")))
    }

    /// Lists the entries of a service, names only.
    pub(crate) async fn list(&self, service: &str) -> Result<Vec<Entry>> {
        let (store, name, service) = (Arc::clone(&self.store), self.kind.describe(), service.to_owned());
        let listed = tokio::task::spawn_blocking(move || {
            let found = store.search(&HashMap::from([("service", service.as_str())]));
            let cannot = |err: Keyring| match err {
                Keyring::NotSupportedByStore(_) => KeychainError::Cannot { store: name, what: "list its entries" },
                err => KeychainError::sort(&err, name),
            };
            let accounts = found.map_err(cannot)?.into_iter().filter_map(|raw| account(&raw));
            let mut entries: Vec<Entry> = accounts.map(|account| Entry::new(&service, account)).collect();
            entries.sort();
            Ok(entries)
        });
        listed.await.map_err(thread_ended)?.map_err(|err: KeychainError| err.explain("cannot list the keychain"))
    }

    /// Says what the user should know before a value is kept here, if anything.
    pub(crate) fn caveat(&self) -> Option<String> {
        match self.kind {
            #[cfg(target_os = "linux")]
            Kind::Keyutils => Some(
                "the kernel keyring is memory: it forgets at reboot, and about three days after the last use"
                    .to_owned(),
            ),
            #[cfg(target_os = "linux")]
            Kind::Native if super::secret_service::default_is_volatile() => Some(
                "the default collection of the Secret Service is `session`: it forgets when you log out".to_owned(),
            ),
            Kind::Native => None,
        }
    }

    fn check_room(&self, size: usize) -> Result<(), KeychainError> {
        match self.kind {
            #[cfg(target_os = "linux")]
            Kind::Keyutils => super::keyutils::check_room(size, self.kind.describe()),
            // CRED_MAX_CREDENTIAL_BLOB_SIZE of the Credential Manager.
            Kind::Native if cfg!(windows) && size > 2560 => {
                Err(KeychainError::TooLarge { store: self.kind.describe(), limit: 2560 })
            }
            Kind::Native => Ok(()),
        }
    }

    async fn ask<T: Send + 'static>(
        &self,
        entry: &Entry,
        what: impl FnOnce(&Raw) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<Result<T, KeychainError>> {
        let (store, kind, name) = (Arc::clone(&self.store), self.kind, self.kind.describe());
        let (service, account) = (entry.service().to_owned(), entry.account().to_owned());
        let answer = tokio::task::spawn_blocking(move || {
            kind.enter();
            let raw = store.build(&service, &account, None).map_err(|err| KeychainError::sort(&err, name))?;
            what(&raw).map_err(|err| KeychainError::sort(&err, name))
        });
        answer.await.map_err(thread_ended)
    }
}

fn open(kind: Kind) -> Result<Arc<CredentialStore>, KeychainError> {
    let store = kind.describe();
    match kind {
        Kind::Native => {
            if keyring::Entry::store_status().is_err() {
                return Err(KeychainError::NotThere { store });
            }
            keyring_core::get_default_store().ok_or(KeychainError::NotThere { store })
        }
        #[cfg(target_os = "linux")]
        Kind::Keyutils => {
            kind.enter();
            match linux_keyutils_keyring_store::Store::new() {
                Ok(opened) => Ok(opened),
                Err(err) => Err(KeychainError::sort(&err, store)),
            }
        }
    }
}

/// Finds the account of an entry that a search found.
fn account(raw: &Raw) -> Option<String> {
    match raw.get_specifiers() {
        Some((_, account)) => Some(account),
        None => raw.get_attributes().ok()?.remove("username"),
    }
}

fn thread_ended(_: tokio::task::JoinError) -> Error {
    Error::bug("the thread of the keychain ended")
}
