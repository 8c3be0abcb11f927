//! The OS keychain: which store, which entry, and how the default entries are bound to a cluster.
//!
//! Nothing here reads a value: bytes from a store become a `SecretValue` at once, and leave through
//! `plaintext::lend`.

pub(crate) mod binding;
mod entry;
mod error;
pub(crate) mod intake;
#[cfg(target_os = "linux")]
mod keyutils;
mod read_back;
#[cfg(target_os = "linux")]
mod secret_service;
mod store;

pub(crate) use entry::{Entry, ForKey, own_service, use_service};
pub(crate) use read_back::{answer, asked as asked_to_compare};
pub(crate) use store::Keychain;
