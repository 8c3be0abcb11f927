//! kubectl-secretsafe: create, rotate, compare and look at Kubernetes Secrets without showing a value.
//!
//! The public list is short on purpose: the binary needs `main`, the tests need `command`,
//! `schemes`, `schemas` and `file_schemas` for generated files, and `SecretValue` is public so that what must not compile can
//! be shown in its documentation. docs/architecture.md is the map.

mod audit;
mod cli;
mod clipboard;
mod cluster;
mod commands;
mod completion;
mod config;
mod context;
mod error;
mod git;
mod in_place;
mod keychain;
mod log;
mod names;
mod output;
mod plaintext;
mod plan;
mod process;
mod report;
mod run;
mod sources;
mod terminal;
mod tree;
mod ui;

pub use plaintext::SecretValue;
pub use run::{command, file_schemas, main, schemas, schemes};

#[global_allocator]
static ALLOCATOR: process::allocator::Wiping = process::allocator::Wiping;
