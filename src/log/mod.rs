//! The local log: who read or changed which Secret on this machine, when and why, in a chain that shows what was
//! changed in it later (requirement S20). docs/log.md says what it proves and what it does not.
//!
//! `journal` is what commands and the cluster's requests talk to; `files`, `store` and `reader` are
//! all that touches the disk.
//! No value and no argument of the command line is ever handed in.

mod chain;
mod check;
mod error;
mod files;
mod journal;
mod line;
mod reader;
mod run;
mod store;

pub(crate) use check::{Checked, Finding, Flaw};
pub(crate) use error::LogError;
pub(crate) use journal::Journal;
pub(crate) use line::{Access, Deed, Ended};
pub(crate) use reader::Reader;
pub(crate) use run::{Object, Settings, Verdict};
