//! What is in a Git repository, also in one that somebody else has prepared: nothing that its config names is run, nothing
//! is fetched, and no file in its tree is opened (requirement S22).
//!
//! It asks the `git` program, and only such commands of it that neither look at the working tree nor show a patch. What git
//! writes to stderr is read by nobody (requirement S8).

mod blobs;
mod command;
mod contents;
mod entry;
mod failure;
mod history;
mod hook;
mod repository;

pub(crate) use blobs::{BlobLimits, BlobsLeftOut};
pub(crate) use entry::Entry;
pub(crate) use hook::Installed;
pub(crate) use repository::{Place, Repository};

#[cfg(unix)]
#[cfg(test)]
mod tests;
