//! The way to a user: the release archive, krew's manifest, and the real krew that installs from both.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod archive;
mod install;
mod manifest;
#[allow(unreachable_pub, missing_docs, reason = "each test binary uses a part of the bed")]
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::command::{self, Output};

const VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));
const RELEASES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/releases/download");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn release_binary() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let path = target.join("release/kubectl-secretsafe");
    assert!(path.is_file(), "{} is missing: type `cargo build --release` (make test does)", path.display());
    path
}

/// A run of one of the scripts in `release/`.
fn script(name: &str) -> Command {
    let mut command = Command::new(root().join("release").join(name));
    command.env("SOURCE_DATE_EPOCH", "1700000000");
    command
}

/// Makes the archive of `binary` in `folder`, as `make dist` does after its build.
fn archive(binary: &Path, folder: &Path) -> PathBuf {
    let mut dist = script("dist");
    dist.arg("--binary").arg(binary).arg("--into").arg(folder);
    archive_named_by(&command::run(dist, b"").success())
}

fn archive_named_by(output: &Output) -> PathBuf {
    PathBuf::from(output.out().lines().last().expect("the archive is named"))
}

/// Krew's manifest for the archives in `folder`, as `make dist` writes it.
fn filled_manifest(folder: &Path) -> String {
    let mut manifest = script("manifest");
    manifest.arg(folder);
    command::run(manifest, b"").success().out()
}
