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

mod access;
mod access_compared;
mod adopt;
mod apply;
mod audit;
mod audit_log;
mod automation;
mod change;
mod clip;
mod clip_refused;
mod colour;
mod completion;
mod completion_shell;
mod config;
mod connect;
mod copy;
mod create;
mod create_kinds;
mod create_refused;
mod create_self_signed;
mod diff;
mod diff_external;
mod diff_files;
mod due;
mod due_refused;
mod due_restarts;
mod exec;
mod exec_jobs;
mod exec_programs;
mod export;
mod fault;
mod findings;
mod generate;
mod history;
mod html;
mod input;
mod keychain;
mod keychain_import;
mod kubectl_flags;
mod list;
mod log;
mod mcp;
mod owner;
mod picker;
mod policy;
mod process;
mod progress;
mod prompt;
mod protected;
mod race;
mod record;
mod refused;
mod restart;
mod rights;
mod rotation;
mod scan;
mod scan_git;
mod schedule;
mod seal;
mod sources;
mod usage;
mod usage_all;
mod usage_custom;
mod verbs;
mod view;
