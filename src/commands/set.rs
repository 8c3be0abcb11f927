//! `set`: values for keys, whether they exist or not; and what it shares with `rotate`.

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::plaintext::facts::{self, Facts};
use crate::plaintext::wire::Edits;
use crate::plan::edit::{Missing, replace};
use crate::plan::record::{Author, new_op};
use crate::plan::{Target, Verb};
use crate::process::fault;
use crate::sources::{self, Allowed, Ask, KeySource, KeySources, is_public};

use super::allowed::AllowedFlags;
use super::change::{
    Beside, ChangeFlags, Done, DryRun, Looked, Proposal, RestartFlags, Restarts, Safety, SafetyFlags, Write, agree,
    finish, look, write,
};
use super::pick::{self, Picked};
use super::rotation::{Rotated, Rotation};

/// Add keys to a Secret, or change their values
///
/// Only the keys named are changed, all others stay as they are.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe set db api-token
  kubectl secretsafe set db user=public:app --yes")]
pub(crate) struct SetArgs {
    /// Name of the Secret; without one, pick from a list
    name: Option<SecretName>,

    /// Keys to add or change, and where each value comes from, as KEY[=SOURCE]; without one, pick from a list
    #[arg(value_name = "KEY[=SOURCE]")]
    keys: Vec<KeySource>,

    #[command(flatten)]
    allowed: AllowedFlags,

    #[command(flatten)]
    flags: ChangeFlags,
}

/// Runs `set`.
pub(crate) async fn run(args: SetArgs, ctx: &Context) -> Result<Outcome> {
    let name = match pick::secret(args.name, "set NAME KEY", ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    let keys = match keys_or_pick(args.keys, &name, "set", ctx).await? {
        Ok(keys) => keys,
        Err(outcome) => return Ok(outcome),
    };
    let allowed = args.allowed.into();
    let values =
        Values { name, keys, allowed, missing: Missing::Add, verb: Verb::Updated, flags: args.flags, rotation: None };
    put(values, ctx).await
}

/// Returns the keys that were typed, or lets the user pick one, whose value is then asked for.
pub(crate) async fn keys_or_pick(
    keys: Vec<KeySource>,
    name: &SecretName,
    verb: &str,
    ctx: &Context,
) -> Result<Picked<Vec<KeySource>>> {
    if !keys.is_empty() {
        return Ok(Ok(keys));
    }
    match pick::key(name, "KEY[=SOURCE]", &format!("{verb} {name} KEY"), ctx).await? {
        Ok(key) => Ok(Ok(vec![key.as_str().parse()?])),
        Err(outcome) => Ok(Err(outcome)),
    }
}

/// New values for keys of an existing Secret.
#[derive(Debug)]
pub(crate) struct Values {
    /// The Secret.
    pub(crate) name: SecretName,
    /// The keys and their sources.
    pub(crate) keys: Vec<KeySource>,
    /// What was allowed on the command line.
    pub(crate) allowed: Allowed,
    /// What to do about keys that are not there.
    pub(crate) missing: Missing,
    /// What it is called.
    pub(crate) verb: Verb,
    /// The flags of every change.
    pub(crate) flags: ChangeFlags,
    /// What happens to the workloads that use it and to old values, where the command asks about them.
    pub(crate) rotation: Option<RotationFlags>,
}

/// The flags of a rotation.
#[derive(Debug)]
pub(crate) struct RotationFlags {
    /// About workloads.
    pub(crate) restart: RestartFlags,
    /// About old values.
    pub(crate) safety: SafetyFlags,
    /// How many versions are kept, unless the flags say so.
    pub(crate) history: u64,
}

/// Looks, plans, asks, fills, writes and reports.
pub(crate) async fn put(values: Values, ctx: &Context) -> Result<Outcome> {
    let Values { name, keys, allowed, missing, verb, flags, rotation } = values;
    let safety = match &rotation {
        Some(RotationFlags { restart, safety, history }) => {
            safety.decide(restart.mode(ctx), restart.waits(), *history, &flags)?
        }
        None => Safety::default(),
    };
    let sources = KeySources::new(keys)?;
    let target = ctx.target(name).await?;
    ctx.journal.about(&target, sources.groups().iter().flat_map(|group| group.keys()));
    let early = |keys| Ask { keys, target: &target, secret_type: "", allowed: &allowed, flag: None };
    sources.check(early)?;
    if flags.dry_run != DryRun::Client {
        sources.prepare(early)?;
    }
    let looked = look(&target, flags.write_only, flags.override_owner, ctx).await?;
    // The type is known only now, and some keys of typed Secrets may not be public.
    sources.check(|keys| Ask {
        keys,
        target: &target,
        secret_type: &looked.outline.secret_type,
        allowed: &allowed,
        flag: None,
    })?;
    check_public(&sources, &allowed, &looked)?;
    let mut edits = replace(&sources, &looked.keys, missing, &target)?;
    safety.plan(&mut edits, &|key| looked.keys.has(key), &target)?;
    let restarts = match rotation.as_ref().map(|flags| &flags.restart) {
        // Who keeps the old value belongs into the plan; where none is shown, nobody is asked for it.
        Some(restart) => {
            let shown = flags.dry_run == DryRun::Client || (!flags.yes && ctx.ui.has_terminal());
            // Whoever takes all keys as variables gets a second slot as well, which is said in any case.
            let shown = shown || safety.keep_previous;
            restart.plan(&target, &looked, shown, ctx).await?
        }
        None => Restarts::none(),
    };
    if safety.keep_previous {
        restarts.warn_of_slots(ctx);
    }
    let proposal =
        Proposal { verb, target: &target, looked: &looked, edits: &edits, safety: &safety, restarts: &restarts };
    if let Some(outcome) = agree(&proposal, &flags, ctx).await? {
        return Ok(outcome);
    }
    fill_and_write(&proposal, &sources, &allowed, &flags, ctx).await?;
    Ok(Outcome::Done)
}

/// Refuses `public:` for a key that came from a secret source before (requirement S5).
pub(crate) fn check_public(sources: &KeySources, allowed: &Allowed, looked: &Looked) -> Result<()> {
    for group in sources.groups().iter().filter(|group| is_public(group.source().scheme())) {
        for key in group.keys().iter().filter(|key| !allowed.public.contains(key)) {
            let before = looked.metadata().record(key).map(|record| record.from.as_str());
            if before.is_some_and(|from| !is_public(from)) {
                return Err(Error::refused(format!(
                    "key `{key}` was not public before, so its value may not be public: now"
                ))
                .hint(format!("type {key} alone to be asked for it, or {key}=stdin to pipe it in"))
                .hint(format!("if it is really not secret any more, add --public-ok {key}")));
            }
        }
    }
    Ok(())
}

/// Fills the keys that the plan changes, and writes them.
async fn fill_and_write(
    proposal: &Proposal<'_>,
    sources: &KeySources,
    allowed: &Allowed,
    flags: &ChangeFlags,
    ctx: &Context,
) -> Result<()> {
    let Proposal { verb, target, looked, edits: plan, safety, restarts } = *proposal;
    let author = author(target, looked, ctx).await?;
    let filled = sources::fill(sources, target, &looked.outline.secret_type, allowed, ctx).await?;
    fault::point("after-fill");
    let facts: Vec<(KeyName, Facts)> = filled.iter().map(|(key, value)| (key.clone(), facts::of(value))).collect();
    let author = Author { at: looked.now(), ..author };
    let from = sources.provenance(allowed);
    let dry_run = flags.dry_run == DryRun::Server;
    let rotated = if safety.needs_old() {
        let rotation = Rotation { target, looked, plan, from: &from, author: &author, verb, safety, restarts, dry_run };
        rotation.run(filled, ctx).await?
    } else {
        let edits: Edits = filled.into_iter().map(|(key, value)| (key, Some(value))).collect();
        let write_it = Write {
            target,
            plan,
            edits: &edits,
            from: &from,
            author: &author,
            verb,
            dry_run,
            write_only: flags.write_only,
            beside: &Beside::default(),
        };
        let metadata = write(&write_it, looked, ctx).await?;
        // Waiting can take minutes, in which no value is held.
        drop(edits);
        let restarted = if dry_run { Vec::new() } else { restarts.carry_out(looked.now(), &author.op, ctx).await? };
        Rotated { metadata, restarted, left: None }
    };
    let Rotated { metadata, restarted, .. } = &rotated;
    finish(Done { verb, metadata, facts, plan, op: author.op, restarted }, target, looked, flags)?;
    rotated.check(target)
}

/// Who writes: asked before anybody types a value.
pub(crate) async fn author(target: &Target, looked: &Looked, ctx: &Context) -> Result<Author> {
    let identity = ctx.cluster().await?.identify_for("patch", target).await?;
    let op = new_op()?;
    Ok(Author { by: identity.user, at: looked.now(), op })
}
