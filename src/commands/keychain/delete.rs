//! `keychain delete`: removes entries.

use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::keychain::{Entry, Keychain};
use crate::output;

use super::{check_own, confirmed, no_entry};

/// Delete entries of the OS keychain
///
/// Copies of a value may remain on the disk, in backups and in the Secrets that were made from it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe keychain delete secretsafe/old-password
  kubectl secretsafe keychain delete team/db-password --foreign")]
pub(super) struct DeleteArgs {
    /// Entries to delete, as SERVICE/ACCOUNT
    #[arg(value_name = "SERVICE/ACCOUNT", required = true)]
    entries: Vec<Entry>,

    /// Delete entries of other services than `secretsafe` too
    #[arg(long)]
    foreign: bool,

    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,
}

/// Runs `keychain delete`.
pub(super) async fn run(args: DeleteArgs, ctx: &Context) -> Result<Outcome> {
    args.entries.iter().try_for_each(|entry| check_own(entry, args.foreign))?;
    let keychain = Keychain::open(ctx).await?;
    for entry in &args.entries {
        if !keychain.exists(entry).await? {
            return Err(no_entry(entry));
        }
    }
    let names: Vec<String> = args.entries.iter().map(|entry| format!("`{entry}`")).collect();
    if !confirmed(&format!("Delete {} for good?", names.join(", ")), args.yes, ctx)? {
        return Ok(Outcome::Declined);
    }
    for entry in &args.entries {
        if !keychain.delete(entry).await? {
            return Err(no_entry(entry));
        }
        output::say(&[format!("keychain/{entry} deleted")])?;
    }
    ctx.ui.note("deleted; copies may remain on disk, in backups and in Git");
    Ok(Outcome::Done)
}
