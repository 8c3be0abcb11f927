//! The wall: the only place where the bytes of a value can be read.
//!
//! The core is `value`, `wire`, `lend` and `compare`; a reviewer who knows these knows where a value
//! can go. Beside it are pure rooms without I/O that answer questions about values (`facts`) or make one
//! out of others (`render`). There are three ways out: `wire` (the API server), `lend` (the keychain, the
//! program that `exec` runs, and the clipboard) and `seal` (ciphertext). None leads to a terminal, a log or a file.
//! What is no value at all comes out of `parse`: names, and objects of `kubectl diff` that are no Secret.

pub(crate) mod bookkeeping;
pub(crate) mod compare;
pub(crate) mod derive;
pub(crate) mod facts;
pub(crate) mod lend;
pub(crate) mod parse;
pub(crate) mod render;
pub(crate) mod seal;
mod value;
pub(crate) mod wire;

pub(crate) use compare::{Tag, Tagger};
pub use value::SecretValue;
