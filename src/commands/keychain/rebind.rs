//! `keychain rebind`: tells that a cluster moved, so that its entries are found again (requirement S4).

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::keychain::{Entry, ForKey, Keychain, binding};
use crate::output;

use super::{no_entry, store};

/// Bind the entry of a key to the cluster that the context now leads to
///
/// Entries made with --for belong to one server. When a context of the same name leads elsewhere they
/// are refused, until you say here that it is the same cluster.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe keychain rebind --for db/password -n prod")]
pub(super) struct RebindArgs {
    /// Key of a Secret whose entry to bind anew, as NAME/KEY
    #[arg(long = "for", value_name = "NAME/KEY")]
    for_key: ForKey,
}

/// Runs `keychain rebind`.
pub(super) async fn run(args: RebindArgs, ctx: &Context) -> Result<Outcome> {
    let ForKey { name, key } = args.for_key;
    let target = ctx.target(name).await?;
    let keychain = Keychain::open(ctx).await?;
    let own = Entry::default_for(&target, &target.fingerprint, &key);
    if keychain.exists(&own).await? {
        ctx.ui.note(&format!("the entry of key `{key}` is bound to {} already", target.server));
        return Ok(Outcome::Done);
    }
    let other = binding::elsewhere(&keychain, &target, &key).await?.ok_or_else(|| no_entry(&own))?;
    if !ctx.ui.has_terminal() {
        return Err(Error::refused("binding an entry to another server needs a person at a terminal").hint(
            "run it from a terminal, or store the value anew: kubectl secretsafe keychain set --for NAME/KEY --stdin",
        ));
    }
    ctx.ui.note(&format!("the value was stored for {}; this context now leads to {}", other.url, target.server));
    if !ctx.ui.type_to_confirm(&format!("Type `{}` to use it there", target.context), &target.context)? {
        return Ok(Outcome::Declined);
    }
    let old = Entry::default_for(&target, &other.fingerprint, &key);
    let value = keychain.get(&old).await?.ok_or_else(|| no_entry(&old))?;
    binding::note(&keychain, &target).await?;
    store(&keychain, &own, value).await?;
    keychain.delete(&old).await?;
    output::say(&[format!("keychain/{own} bound to {}", target.server)])?;
    Ok(Outcome::Done)
}
