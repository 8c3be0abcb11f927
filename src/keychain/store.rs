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
use crate::log::{Access, Journal};
use crate::plaintext::{SecretValue, lend};
use crate::process::stack;
use crate::ui::Ui;

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
            Self::Keyutils => super::keyutils::NAME,
            Self::Native if cfg!(target_os = "macos") => "macOS Keychain",
            Self::Native if cfg!(windows) => "Windows Credential Manager",
            Self::Native => "Secret Service (org.freedesktop.secrets)",
        }
    }

    /// Prepares the thread that is about to ask the store: session keyrings belong to threads.
    fn enter(self) -> Result<(), KeychainError> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Keyutils => super::keyutils::join_session(),
            Self::Native => Ok(()),
        }
    }

    /// Returns what an entry is made with: Windows would let it roam to other machines of a domain.
    fn modifiers(self) -> Option<HashMap<&'static str, &'static str>> {
        (cfg!(windows) && self == Self::Native).then(|| HashMap::from([("persistence", "Local")]))
    }

    fn choose(configured: Option<&str>) -> Result<Self> {
        // A name that is no text is a wrong name, and not none.
        let variable = std::env::var_os(VARIABLE).map(|name| name.to_string_lossy().into_owned());
        let chosen = variable.filter(|name| !name.is_empty()).or_else(|| configured.map(str::to_owned));
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
    /// What is changed here is noted there.
    journal: Option<Arc<Journal>>,
}

impl std::fmt::Debug for Keychain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keychain").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Keychain {
    /// Opens the store that the user chose, or the platform's own.
    pub(crate) async fn open(ctx: &Context) -> Result<Self> {
        let keychain = Self::choose(ctx.config.keychain.as_deref(), &ctx.ui).await?;
        Ok(Self { journal: Some(Arc::clone(&ctx.journal)), ..keychain })
    }

    /// The same for what is no value of the user's: nothing of it is noted in the local log.
    pub(crate) async fn choose(configured: Option<&str>, ui: &Ui) -> Result<Self> {
        let kind = Kind::choose(configured)?;
        let opened = tokio::task::spawn_blocking(move || open(kind)).await.map_err(thread_ended)?;
        let store = opened.map_err(|err| err.explain("cannot open the keychain"))?;
        ui.trace(1, || format!("keychain: {}", kind.describe()));
        Ok(Self { store, kind, journal: None })
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

    /// Tells whether an entry is there; its value stays where it is, as far as the store can tell without.
    pub(crate) async fn exists(&self, entry: &Entry) -> Result<bool> {
        let found = self.ask(entry, |raw| match raw.get_credential() {
            Ok(_) => Ok(true),
            Err(Keyring::NoEntry) => Ok(false),
            Err(err) => Err(err),
        });
        found.await?.map_err(|err| err.explain(format!("cannot look for the keychain entry `{entry}`")))
    }

    /// Writes an entry, and gives the value back.
    pub(crate) async fn set(&self, entry: &Entry, value: SecretValue) -> Result<SecretValue> {
        self.note(entry).await?;
        self.set_own(entry, value).await
    }

    /// The same for what is no value of the user's, and is not noted.
    pub(crate) async fn set_own(&self, entry: &Entry, value: SecretValue) -> Result<SecretValue> {
        self.check_size(entry, value.len())?;
        let failed = |err: KeychainError| err.explain(format!("cannot write the keychain entry `{entry}`"));
        let written = self.ask(entry, move |raw| lend::to_keychain(&value, raw).map(|()| value));
        written.await?.map_err(failed)
    }

    /// Deletes an entry; tells whether it was there.
    pub(crate) async fn delete(&self, entry: &Entry) -> Result<bool> {
        self.note(entry).await?;
        let deleted = self.ask(entry, |raw| match raw.delete_credential() {
            Ok(()) => Ok(true),
            Err(Keyring::NoEntry) => Ok(false),
            Err(err) => Err(err),
        });
        deleted.await?.map_err(|err| err.explain(format!("cannot delete the keychain entry `{entry}`")))
    }

    /// Lists the entries of a service, names only.
    pub(crate) async fn list(&self, service: &str) -> Result<Vec<Entry>> {
        let (store, kind, name, service) =
            (Arc::clone(&self.store), self.kind, self.kind.describe(), service.to_owned());
        let listed = tokio::task::spawn_blocking(move || {
            kind.enter()?;
            // The Credential Manager has no services to search by: `account` sorts out what it finds.
            let all = HashMap::new();
            let found = store.search(&if cfg!(windows) { all } else { HashMap::from([("service", service.as_str())]) });
            let cannot = |err: Keyring| match err {
                Keyring::NotSupportedByStore(_) => KeychainError::Cannot { store: name, what: "list its entries" },
                err => KeychainError::sort(&err, name),
            };
            let accounts = found.map_err(cannot)?.into_iter().filter_map(|raw| account(&raw, &service));
            let mut entries: Vec<Entry> = accounts.map(|account| Entry::new(&service, account)).collect();
            entries.sort();
            Ok(entries)
        });
        listed.await.map_err(thread_ended)?.map_err(|err: KeychainError| err.explain("cannot list the keychain"))
    }

    /// Says what the user should know before a value is kept here, if anything.
    pub(crate) async fn caveat(&self) -> Result<Option<&'static str>> {
        match self.kind {
            #[cfg(target_os = "linux")]
            Kind::Keyutils => {
                Ok(Some("the kernel keyring is memory: it forgets at reboot, and about three days after the last use"))
            }
            #[cfg(target_os = "linux")]
            Kind::Native => {
                let volatile = tokio::task::spawn_blocking(super::secret_service::default_is_volatile);
                let said = "the default collection of the Secret Service is `session`: it forgets when you log out";
                Ok(volatile.await.map_err(thread_ended)?.then_some(said))
            }
            #[cfg(not(target_os = "linux"))]
            Kind::Native => Ok(None),
        }
    }

    /// Notes in the local log that an entry is about to be changed; our own notes are none of it.
    async fn note(&self, entry: &Entry) -> Result<()> {
        match &self.journal {
            Some(journal) if !entry.is_note() => journal.begin(entry, Access::Write).await,
            _ => Ok(()),
        }
    }

    /// Refuses what does not fit, before anything is written.
    pub(crate) fn check_size(&self, entry: &Entry, size: usize) -> Result<()> {
        let failed = |err: KeychainError| err.explain(format!("cannot write the keychain entry `{entry}`"));
        self.check_room(entry, size).map_err(failed)
    }

    #[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "only the kernel counts names as well"))]
    fn check_room(&self, entry: &Entry, size: usize) -> Result<(), KeychainError> {
        match self.kind {
            #[cfg(target_os = "linux")]
            Kind::Keyutils => super::keyutils::check_room(entry, size),
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
            kind.enter()?;
            let modifiers = kind.modifiers();
            let raw =
                store.build(&service, &account, modifiers.as_ref()).map_err(|err| KeychainError::sort(&err, name))?;
            // The Secret Service sends values encrypted, and the cipher leaves blocks of them on the stack.
            stack::wiped(|| what(&raw)).map_err(|err| KeychainError::sort(&err, name))
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
            kind.enter()?;
            // Descriptions are ACCOUNT@SERVICE: a service with an `@` could be taken for another entry.
            let unambiguous = HashMap::from([("service_no_divider", "true")]);
            match linux_keyutils_keyring_store::Store::new_with_configuration(&unambiguous) {
                Ok(opened) => Ok(opened),
                Err(err) => Err(KeychainError::sort(&err, store)),
            }
        }
    }
}

/// Finds the account of an entry that a search for `service` found.
fn account(raw: &Raw, service: &str) -> Option<String> {
    if let Some((_, account)) = raw.get_specifiers() {
        return Some(account);
    }
    let mut attributes = raw.get_attributes().ok()?;
    let account = attributes.remove("username")?;
    // The Credential Manager knows an entry by one name, which the crate makes of both parts.
    let fits = attributes.get("target_name").is_none_or(|name| *name == format!("{account}.{service}"));
    fits.then_some(account)
}

fn thread_ended(_: tokio::task::JoinError) -> Error {
    Error::bug("the thread of the keychain ended")
}
