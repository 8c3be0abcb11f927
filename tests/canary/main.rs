//! Plants random values everywhere a value can be, makes things go wrong in every way the bed knows,
//! and looks for any piece of them in everything that comes out.

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

mod access;
mod admission;
mod apply;
mod arguments;
mod audit;
mod change;
mod children;
mod clip;
mod control;
mod copy;
mod create;
mod create_kinds;
mod due;
mod exec;
mod export;
mod generate;
mod history;
mod keychain;
mod list;
mod mcp;
mod planted;
mod rotation;
mod scan;
mod seal;
mod view;
mod workloads;
