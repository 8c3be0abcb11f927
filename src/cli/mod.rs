//! The command line: kubectl's flags, and errors that never repeat what was typed.

pub(crate) mod argv;
pub(crate) mod errors;
mod global;
pub(crate) mod hints;

pub(crate) use global::GlobalArgs;
