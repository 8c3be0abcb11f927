//! The way out to the OS keychain. Each function here hands a value to one kind of receiver, and
//! `tests/boundary.rs` holds the list of who may call it.

use super::SecretValue;

/// Writes a value into an entry of a keychain.
pub(crate) fn to_keychain(value: &SecretValue, entry: &keyring_core::Entry) -> keyring_core::Result<()> {
    entry.set_secret(value.expose())
}
