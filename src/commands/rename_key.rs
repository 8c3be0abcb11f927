//! `rename-key`: the value of a key under another name, in one write.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::plaintext::facts;
use crate::plaintext::wire::Edits;
use crate::plan::edit::{Keys, no_key};
use crate::plan::record::Provenance;
use crate::plan::{EditKind, PlannedEdit, Verb};

use super::change::{Beside, ChangeFlags, Done, DryRun, Proposal, Write, agree, finish, look, write};
use super::pick;
use super::set::author;

/// Rename a key of a Secret
///
/// The value is moved in one write, so there is no moment without it. An existing key is never replaced.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe rename-key db password PASSWORD
  kubectl secretsafe rename-key db user username -n prod --yes")]
pub(crate) struct RenameKeyArgs {
    /// Name of the Secret; without one, pick from a list
    name: Option<SecretName>,

    /// Key to rename; without one, pick from a list
    #[arg(value_name = "OLD")]
    old: Option<KeyName>,

    /// New name of the key; without one, it is asked for
    #[arg(value_name = "NEW")]
    new: Option<KeyName>,

    #[command(flatten)]
    flags: ChangeFlags,
}

/// Runs `rename-key`.
pub(crate) async fn run(args: RenameKeyArgs, ctx: &Context) -> Result<Outcome> {
    let flags = args.flags;
    let form = "rename-key NAME OLD NEW";
    let name = match pick::secret(args.name, form, ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    let old = match args.old {
        Some(old) => old,
        None => match pick::key(&name, "OLD NEW", form, ctx).await? {
            Ok(old) => old,
            Err(outcome) => return Ok(outcome),
        },
    };
    let new = pick::new_key(args.new, "NEW", form, ctx)?;
    if old == new {
        return Err(Error::usage("the two names are the same")
            .hint(format!("name another one: kubectl secretsafe rename-key {name} {old} NEW")));
    }
    if flags.write_only {
        return Err(Error::usage("`--write-only` cannot rename: the value has to be read to be moved")
            .hint("leave --write-only out; to set a new value instead, use set and unset"));
    }
    let target = ctx.target(name).await?;
    let looked = look(&target, false, flags.override_owner, ctx).await?;
    check(&old, &new, &looked.keys, &target)?;
    let planned = |name: &KeyName, edit| PlannedEdit { name: name.clone(), edit, source: None, old: None };
    let edits = vec![planned(&old, EditKind::Remove), planned(&new, EditKind::Add)];
    if let Some(outcome) = agree(&Proposal::of_keys(Verb::Updated, &target, &looked, &edits), &flags, ctx).await? {
        return Ok(outcome);
    }
    let author = author(&target, &looked, ctx).await?;
    let mut live = ctx.cluster().await?.secret(&target).await?.object;
    if live.metadata.resource_version != looked.metadata().resource_version {
        return Err(Error::new(
            crate::error::ErrorKind::Cluster,
            format!("secret `{}` was changed in between", target.name),
        )
        .hint("look at it, and run the command again"));
    }
    let value = live.values.remove(&old).ok_or_else(|| no_key(&old, &looked.keys, &target))?;
    drop(live);
    let facts = vec![(new.clone(), facts::of(&value))];
    let moved: Edits = BTreeMap::from([(old, None), (new.clone(), Some(value))]);
    let from = BTreeMap::from([(new, Provenance { scheme: "rename-key".to_owned(), public_ok: false })]);
    let moving = Write {
        target: &target,
        plan: &edits,
        edits: &moved,
        from: &from,
        author: &author,
        verb: Verb::Updated,
        dry_run: flags.dry_run == DryRun::Server,
        write_only: false,
        beside: &Beside::default(),
    };
    let metadata = write(&moving, &looked, ctx).await?;
    drop(moved);
    let done =
        Done { verb: Verb::Updated, metadata: &metadata, facts, plan: &edits, op: author.op.clone(), restarted: &[] };
    finish(done, &target, &looked, &flags)?;
    Ok(Outcome::Done)
}

fn check(old: &KeyName, new: &KeyName, keys: &Keys, target: &crate::plan::Target) -> Result<()> {
    if keys.has(old) == Some(false) {
        return Err(no_key(old, keys, target));
    }
    if keys.has(new) == Some(true) {
        return Err(Error::refused(format!(
            "secret `{}` has a key `{new}` already, and its value would be lost",
            target.name
        ))
        .hint(format!("remove it first: kubectl secretsafe unset {} {new}", target.name)));
    }
    Ok(())
}
