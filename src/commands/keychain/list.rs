//! `keychain list`: the names of entries.

use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::keychain::{Keychain, own_service};
use crate::output::{self, Format};
use crate::report::KeychainList;

/// List the entries of the OS keychain by name
///
/// Not every store can: the kernel keyring cannot, and says so.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe keychain list
  kubectl secretsafe keychain list --service team -o name")]
pub(super) struct ListArgs {
    /// Service whose entries to list; our own if none is named
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: Format,
}

/// Runs `keychain list`.
pub(super) async fn run(args: ListArgs, ctx: &Context) -> Result<Outcome> {
    let entries = Keychain::open(ctx).await?.list(args.service.as_deref().unwrap_or(own_service())).await?;
    if entries.is_empty() && matches!(args.output, Format::Table) {
        ctx.ui.note("the keychain has no entries of this service");
        return Ok(Outcome::Done);
    }
    output::write(&KeychainList::new(&entries), Some(&args.output))?;
    Ok(Outcome::Done)
}
