//! The ways out to the OS keychain, to a child process and to the clipboard. Each function here hands a value to one kind of
//! receiver, and `tests/boundary.rs` holds the list of who may call it.

use super::SecretValue;

/// Writes a value into an entry of a keychain.
pub(crate) fn to_keychain(value: &SecretValue, entry: &keyring_core::Entry) -> keyring_core::Result<()> {
    entry.set_secret(value.expose())
}

/// What carries a value to a child process (a pipe, a memory file, a variable of its environment) or to the clipboard.
///
/// The wall does no I/O, so the carriers are in `process::child` and `clipboard`, and `tests/boundary.rs` holds their
/// list.
pub(crate) trait Carrier {
    /// Why nothing was taken.
    type Error;

    /// Takes as many of the bytes as it can now, and tells how many. Must not keep a copy of its own.
    fn take(&mut self, bytes: &[u8]) -> Result<usize, Self::Error>;
}

/// Gives a carrier what is left of a value behind its first `taken` bytes, and tells how many more it took.
pub(crate) fn to_child<C: Carrier>(value: &SecretValue, taken: usize, carrier: &mut C) -> Result<usize, C::Error> {
    carrier.take(value.expose().get(taken..).unwrap_or_default())
}

/// Gives all of a value to what offers it to the programs of the desktop.
pub(crate) fn to_clipboard<C: Carrier>(value: &SecretValue, carrier: &mut C) -> Result<(), C::Error> {
    carrier.take(value.expose()).map(drop)
}
