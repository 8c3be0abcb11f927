//! `keychain rename`: moves a value to another name. It is deleted only where it is known to be twice.

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::keychain::{Entry, Keychain};
use crate::output;

use super::{check_free, check_own, no_entry, store};

/// Rename an entry of the OS keychain
///
/// An existing entry is never replaced. If it is interrupted, the value has both names.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe keychain rename secretsafe/db secretsafe/db-password
  kubectl secretsafe keychain rename team/db team/db-password --foreign")]
pub(super) struct RenameArgs {
    /// Entry to rename, as SERVICE/ACCOUNT
    #[arg(value_name = "SERVICE/ACCOUNT")]
    from: Entry,

    /// New name, as SERVICE/ACCOUNT
    #[arg(value_name = "NEW-SERVICE/NEW-ACCOUNT")]
    to: Entry,

    /// Rename an entry of another service than `secretsafe` too
    #[arg(long)]
    foreign: bool,
}

/// Runs `keychain rename`.
pub(super) async fn run(args: RenameArgs, ctx: &Context) -> Result<Outcome> {
    check_own(&args.from, args.foreign)?;
    check_free(&args.to)?;
    let keychain = Keychain::open(ctx).await?;
    if keychain.exists(&args.to).await? {
        return Err(Error::refused(format!("`{}` exists already, and its value would be lost", args.to))
            .hint("choose another name, or delete it first"));
    }
    let value = keychain.get(&args.from).await?.ok_or_else(|| no_entry(&args.from))?;
    store(&keychain, &args.to, value).await?;
    keychain.delete(&args.from).await?;
    output::say(&[format!("keychain/{} renamed to {}", args.from, args.to)])?;
    Ok(Outcome::Done)
}
