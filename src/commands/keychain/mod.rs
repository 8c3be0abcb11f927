//! `keychain`: the local entries, by name, never with their values on screen.

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::keychain::{Entry, Keychain, own_service};
use crate::plaintext::{SecretValue, compare};

mod delete;
mod import;
mod list;
mod rebind;
mod rename;
mod set;

/// Keep values in the OS keychain, from where a Secret can take them
///
/// Entries are named SERVICE/ACCOUNT. Nothing here shows a value.
#[derive(clap::Args, Debug)]
pub(crate) struct KeychainArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Set(set::SetArgs),
    Import(import::ImportArgs),
    List(list::ListArgs),
    Delete(delete::DeleteArgs),
    Rename(rename::RenameArgs),
    Rebind(rebind::RebindArgs),
}

/// Runs `keychain`.
pub(crate) async fn run(args: KeychainArgs, ctx: &Context) -> Result<Outcome> {
    match args.command {
        Command::Set(args) => set::run(args, ctx).await,
        Command::Import(args) => import::run(args, ctx).await,
        Command::List(args) => list::run(args, ctx).await,
        Command::Delete(args) => delete::run(args, ctx).await,
        Command::Rename(args) => rename::run(args, ctx).await,
        Command::Rebind(args) => rebind::run(args, ctx).await,
    }
}

/// Writes an entry, reads it back, and compares: a store that lost the value must not look like one
/// that has it.
async fn store(keychain: &Keychain, entry: &Entry, value: SecretValue) -> Result<()> {
    let value = keychain.set(entry, value).await?;
    let kept = keychain.get(entry).await?;
    if kept.is_some_and(|kept| compare::same(&kept, &value)) {
        return Ok(());
    }
    Err(Error::source(format!("the keychain does not give back what was written to `{entry}`"))
        .hint("choose another store: SECRETSAFE_KEYCHAIN=keyutils, or unlock this one, and set it again"))
}

/// Refuses entries of other programs, unless the user says that they are meant.
fn check_own(entry: &Entry, foreign: bool) -> Result<()> {
    if entry.is_own() || foreign {
        return Ok(());
    }
    Err(Error::refused(format!("`{entry}` is not of service `{}`, so another program may need it", own_service()))
        .hint("if it is really meant, add --foreign"))
}

/// Refuses to put a value where our own notes are, which would be lost or be read as one.
fn check_free(entry: &Entry) -> Result<()> {
    if !entry.is_note() {
        return Ok(());
    }
    Err(Error::usage(format!("`{entry}` is where this program keeps notes of its own")).hint("choose another name"))
}

/// Asks on a terminal; without one, the flag must have answered already.
pub(super) fn confirmed(question: &str, yes: bool, ctx: &Context) -> Result<bool> {
    if yes {
        return Ok(true);
    }
    if !ctx.ui.has_terminal() {
        return Err(Error::refused("nobody is there to confirm")
            .because(question.trim_end_matches('?'))
            .hint("add --yes"));
    }
    ctx.ui.confirm(question)
}

/// Says that there is no such entry.
fn no_entry(entry: &Entry) -> Error {
    Error::source(format!("the keychain has no entry `{entry}`"))
        .hint("see what is there with: kubectl secretsafe keychain list")
}
