//! `unset`: removes keys.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::plaintext::wire::Edits;
use crate::plan::Verb;
use crate::plan::edit::remove;

use super::change::{Beside, ChangeFlags, Done, DryRun, Proposal, Write, agree, finish, look, write};
use super::pick;
use super::set::author;

/// Remove keys from a Secret
///
/// Their values will be gone. All other keys stay as they are.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe unset db old-password
  kubectl secretsafe unset db a b -n prod --yes")]
pub(crate) struct UnsetArgs {
    /// Name of the Secret; without one, pick from a list
    name: Option<SecretName>,

    /// Keys to remove; without one, pick from a list
    #[arg(value_name = "KEY")]
    keys: Vec<KeyName>,

    #[command(flatten)]
    flags: ChangeFlags,
}

/// Runs `unset`.
pub(crate) async fn run(args: UnsetArgs, ctx: &Context) -> Result<Outcome> {
    let name = match pick::secret(args.name, "unset NAME KEY", ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    let (mut keys, flags) = (args.keys, args.flags);
    if keys.is_empty() {
        match pick::key(&name, "KEY", &format!("unset {name} KEY"), ctx).await? {
            Ok(key) => keys.push(key),
            Err(outcome) => return Ok(outcome),
        }
    }
    remove_keys(name, keys, flags, ctx).await
}

/// Removes keys.
pub(crate) async fn remove_keys(
    name: SecretName,
    keys: Vec<KeyName>,
    flags: ChangeFlags,
    ctx: &Context,
) -> Result<Outcome> {
    let target = ctx.target(name).await?;
    ctx.journal.about(&target, &keys);
    let looked = look(&target, flags.write_only, flags.override_owner, ctx).await?;
    let edits = remove(&keys, &looked.keys, &target)?;
    if let Some(outcome) = agree(&Proposal::of_keys(Verb::Updated, &target, &looked, &edits), &flags, ctx).await? {
        return Ok(outcome);
    }
    let author = author(&target, &looked, ctx).await?;
    let gone: Edits = keys.into_iter().map(|key| (key, None)).collect();
    let removal = Write {
        target: &target,
        plan: &edits,
        edits: &gone,
        from: &BTreeMap::new(),
        author: &author,
        verb: Verb::Updated,
        dry_run: flags.dry_run == DryRun::Server,
        write_only: flags.write_only,
        beside: &Beside::default(),
    };
    let metadata = write(&removal, &looked, ctx).await?;
    let done = Done {
        verb: Verb::Updated,
        metadata: &metadata,
        facts: Vec::new(),
        plan: &edits,
        op: author.op.clone(),
        restarted: &[],
    };
    finish(done, &target, &looked, &flags)?;
    Ok(Outcome::Done)
}
