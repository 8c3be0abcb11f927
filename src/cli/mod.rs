//! The command line: kubectl's flags, and errors that never repeat what was typed.

mod accepted;
pub(crate) mod argv;
mod connection;
pub(crate) mod errors;
mod global;
pub(crate) mod hints;

pub(crate) use connection::{ConnectionArgs, given};
pub(crate) use global::{GlobalArgs, Timeout};
