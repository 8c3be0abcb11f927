//! The commands: one file per verb, one variant and one arm each.

use clap::{Parser, Subcommand};

use crate::cli::GlobalArgs;
use crate::context::Context;
use crate::error::{Outcome, Result};

mod access;
mod allowed;
mod apply;
mod audit;
mod baseline;
mod change;
mod clip;
mod completion;
mod copy;
mod create;
mod desired;
pub(crate) mod diff;
mod due;
mod everywhere;
mod exec;
mod export;
mod fail_on;
mod history;
mod keychain;
mod list;
mod log;
pub(crate) mod logged;
mod manifests;
mod mcp;
mod pick;
mod policy;
mod rename_key;
mod rollback;
mod rotate;
mod rotation;
pub(crate) mod scan;
mod schedule;
mod seal;
mod set;
mod unset;
mod usage;
mod view;

/// Create, rotate, compare and look at Kubernetes Secrets, without ever showing a value
///
/// Values come from the OS keychain, a hidden prompt, a pipe or a generator: never from the command
/// line or a file. No command prints a value; `exec` hands it to a program, and `clip` to the clipboard,
/// from which it can be shown; `seal` prints ciphertext.
#[derive(Parser, Debug)]
#[command(
    name = "kubectl-secretsafe",
    bin_name = "kubectl secretsafe",
    version,
    disable_help_subcommand = true,
    infer_long_args = false,
    propagate_version = false
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Every command.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Create(create::CreateArgs),
    Apply(apply::ApplyArgs),
    Rotate(rotate::RotateArgs),
    Rollback(rollback::RollbackArgs),
    Set(set::SetArgs),
    Unset(unset::UnsetArgs),
    RenameKey(rename_key::RenameKeyArgs),
    Diff(diff::DiffArgs),
    View(view::ViewArgs),
    Exec(exec::ExecArgs),
    Clip(clip::ClipArgs),
    List(list::ListArgs),
    History(history::HistoryArgs),
    Copy(copy::CopyArgs),
    Export(export::ExportArgs),
    Seal(seal::SealArgs),
    Policy(policy::PolicyArgs),
    Usage(usage::UsageArgs),
    Schedule(schedule::ScheduleArgs),
    Access(access::AccessArgs),
    Audit(audit::AuditArgs),
    Scan(scan::ScanArgs),
    Keychain(keychain::KeychainArgs),
    Log(log::LogArgs),
    Completion(completion::CompletionArgs),
    Mcp(mcp::McpArgs),
}

/// Runs the command.
pub(crate) async fn run(command: Command, ctx: &Context) -> Result<Outcome> {
    match command {
        Command::Create(args) => create::run(args, ctx).await,
        Command::Apply(args) => apply::run(args, ctx).await,
        Command::Rotate(args) => rotate::run(args, ctx).await,
        Command::Rollback(args) => rollback::run(args, ctx).await,
        Command::Set(args) => set::run(args, ctx).await,
        Command::Unset(args) => unset::run(args, ctx).await,
        Command::RenameKey(args) => rename_key::run(args, ctx).await,
        Command::Diff(args) => diff::run(args, ctx).await,
        Command::View(args) => view::run(args, ctx).await,
        Command::Exec(args) => exec::run(args, ctx).await,
        Command::Clip(args) => clip::run(args, ctx).await,
        Command::List(args) => list::run(args, ctx).await,
        Command::History(args) => history::run(args, ctx).await,
        Command::Usage(args) => usage::run(args, ctx).await,
        Command::Access(args) => access::run(args, ctx).await,
        Command::Audit(args) => audit::run(args, ctx).await,
        Command::Scan(args) => scan::run(args, ctx).await,
        Command::Copy(args) => copy::run(args, ctx).await,
        Command::Export(args) => export::run(args, ctx).await,
        Command::Seal(args) => seal::run(args, ctx).await,
        Command::Policy(args) => policy::run(args, ctx).await,
        Command::Schedule(args) => schedule::run(args, ctx).await,
        Command::Keychain(args) => keychain::run(args, ctx).await,
        Command::Log(args) => log::run(args, ctx).await,
        Command::Mcp(args) => mcp::run(args, ctx).await,
        Command::Completion(args) => completion::run(&args, ctx),
    }
}
