//! The test bed: real parts, started on demand, and gone when the test binary is.

#![allow(dead_code, reason = "each test binary uses a part of the bed")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a part of the bed that fails must stop the test, and say why"
)]

pub(crate) mod binaries;
pub(crate) mod browser;
pub(crate) mod canary;
pub(crate) mod command;
pub(crate) mod controllers;
pub(crate) mod controlplane;
pub(crate) mod daemon;
pub(crate) mod desktop;
pub(crate) mod fault;
pub(crate) mod fixtures;
pub(crate) mod http;
pub(crate) mod https;
pub(crate) mod jobs;
pub(crate) mod keychain;
pub(crate) mod kubeconfig;
pub(crate) mod mcp;
pub(crate) mod proxy;
pub(crate) mod schema;
pub(crate) mod screen;
pub(crate) mod terminal;
pub(crate) mod tls;
pub(crate) mod webhook;

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use tempfile::TempDir;

/// Makes a folder that goes away with the value returned.
pub(crate) fn temp_folder(part: &str) -> TempDir {
    let prefix = format!("secretsafe-{part}-");
    tempfile::Builder::new().prefix(&prefix).tempdir().expect("a temporary folder")
}

/// Makes a folder that only we can enter.
pub(crate) fn private_folder(path: &Path) {
    DirBuilder::new().mode(0o700).create(path).expect("a folder in a folder of ours");
}

/// Writes a file that only we can read.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(bytes)).expect("a file in a folder of ours");
}

/// Returns so many random bytes in hex.
pub(crate) fn random_hex(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).expect("the system's random numbers");
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}
