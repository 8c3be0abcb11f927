//! What files want: read once and as a whole, checked before anything is sent, and valued the same way by `apply` and
//! `diff -f`.

mod document;
mod values;

pub(crate) use document::{Desired, Rules};
pub(crate) use values::{Asking, Mode, Outcome, needs_live, values};
