//! Flows: everything that writes, asks, or needs a real part. One module per verb or concern.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

#[allow(unreachable_pub, missing_docs, reason = "each test binary uses a part of the bed")]
#[path = "../support/mod.rs"]
mod support;

mod audit;
mod connect;
mod create;
mod input;
mod keychain;
mod process;
mod prompt;
mod refused;
mod rights;
mod sources;
mod view;
