//! Completion: candidates for the word under the cursor, for kubectl and for the shells' own scripts.
//!
//! Nothing here asks a question, prints on stderr, fetches a value, or takes longer than its limit. The
//! candidates come from clap's own definition; what an argument's value can be is told by one table
//! (`arguments`), so that a new command completes by itself.

mod arguments;
mod cluster_names;
mod contexts;
mod keychain;
mod keys;
mod line;
mod protocol;
mod run;
mod scripts;
mod shim;
mod sources;

pub(crate) use run::{asked, run};
pub(crate) use scripts::Script;
pub(crate) use shim::{Installed, install};
