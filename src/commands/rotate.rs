//! `rotate`: new values for keys that exist.

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::output::FormatParser;
use crate::plan::Verb;
use crate::plan::companions::previous;
use crate::plan::edit::Missing;
use crate::sources::KeySource;

use super::allowed::AllowedFlags;
use super::change::{ChangeFlags, RestartFlags, SafetyFlags};
use super::due::{self, DueFlags};
use super::pick;
use super::policy::{self, OfPolicy};
use super::rotation::{self, Resume};
use super::set::{self, RotationFlags, Values, put};
use super::unset;

/// Replace values of a Secret
///
/// Each key takes its new value from a source: a hidden prompt unless you name one. Only the keys named
/// are changed. The plan is shown first, and says what becomes of the old value, and which workloads keep it until
/// they are restarted. With --restart they are restarted, and waited for; if one does not become ready, that is said
/// (exit 6), and the new values stay, unless --rollback-on-failure puts the old ones back (exit 5).
///
/// With --hook a program changes the credential where it lives. What is cut off half way, --resume goes on with, and
/// --abort puts back: until then both values are in the pending Secret NAME.secretsafe-pending.
///
/// With --due, all keys that are too old by the policies of their Secrets are rotated,
/// in one run; nobody is asked for a value.
#[derive(clap::Args, Debug)]
#[command(mut_arg("output", |output| output.value_parser(FormatParser::of_rotations())))]
#[command(after_help = "Examples:
  kubectl secretsafe rotate db password
  kubectl secretsafe rotate db
  kubectl secretsafe rotate --due -A --dry-run
  kubectl secretsafe rotate db password=generate --yes
  kubectl secretsafe rotate db password=generate --restart=auto --timeout 10m --rollback-on-failure
  kubectl secretsafe rotate db password=generate --keep-previous
  kubectl secretsafe rotate db password --finish
  kubectl secretsafe rotate db password=generate --history 2
  kubectl secretsafe rotate db password=generate --restart=auto --hook /opt/hooks/postgresql --host db.example.com
  kubectl secretsafe rotate db --resume --hook /opt/hooks/postgresql --host db.example.com")]
pub(crate) struct RotateArgs {
    /// Name of the Secret; without one, pick from a list
    name: Option<SecretName>,

    /// Keys to replace, and where each new value comes from, as KEY[=SOURCE]; without one, those of the policy, or pick
    #[arg(value_name = "KEY[=SOURCE]")]
    keys: Vec<KeySource>,

    /// Add keys that do not exist yet
    #[arg(long)]
    add_keys: bool,

    /// Go on with a rotation that was cut off
    #[arg(long, conflicts_with_all = ["abort", "finish", "keys", "add_keys", "dry_run", "write_only", "rollback_on_failure", "keep_previous", "history"])]
    resume: bool,

    /// Put a rotation back that was cut off
    #[arg(long, conflicts_with_all = ["finish", "keys", "add_keys", "dry_run", "write_only", "rollback_on_failure", "keep_previous", "history"])]
    abort: bool,

    /// Remove KEY.previous, where --keep-previous left the old value
    #[arg(long, conflicts_with = "keep_previous")]
    finish: bool,

    #[command(flatten)]
    allowed: AllowedFlags,

    #[command(flatten)]
    due: DueFlags,

    #[command(flatten)]
    restart: RestartFlags,

    #[command(flatten)]
    safety: SafetyFlags,

    #[command(flatten)]
    flags: ChangeFlags,
}

/// Runs `rotate`.
pub(crate) async fn run(mut args: RotateArgs, ctx: &Context) -> Result<Outcome> {
    if args.due.are_meant()? {
        return due::run(&args.due, &args.restart, &args.safety, &args.flags, ctx).await;
    }
    let name = match pick::secret(args.name, "rotate NAME KEY", ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    if args.resume || args.abort {
        let asked = Resume { name, flags: args.flags, hook: args.safety.hook, restart: args.restart };
        return if args.resume { rotation::resume(&asked, ctx).await } else { rotation::abort(&asked, ctx).await };
    }
    if args.finish {
        return unset::remove_keys(name, slots(&args.keys)?, args.flags, ctx).await;
    }
    let mut history = 0;
    if args.keys.is_empty()
        && let Some(of) = policy::of_secret(&name, args.flags.write_only, &args.due.listed()?, ctx).await?
    {
        let OfPolicy { keys, restart, kept } = of;
        (args.keys, args.restart, history) = (keys, args.restart.or(restart), kept);
    }
    let keys = match set::keys_or_pick(args.keys, &name, "rotate", ctx).await? {
        Ok(keys) => keys,
        Err(outcome) => return Ok(outcome),
    };
    let missing = if args.add_keys { Missing::Add } else { Missing::Refuse };
    let allowed = args.allowed.into();
    let rotation = Some(RotationFlags { restart: args.restart, safety: args.safety, history });
    put(Values { name, keys, allowed, missing, verb: Verb::Rotated, flags: args.flags, rotation }, ctx).await
}

/// The second slots of the keys named.
fn slots(keys: &[KeySource]) -> Result<Vec<KeyName>> {
    if keys.is_empty() {
        return Err(Error::usage("--finish needs the key whose second slot goes")
            .hint("write it, such as: kubectl secretsafe rotate db password --finish"));
    }
    let of = |key: &KeyName| {
        previous(key).ok_or_else(|| {
            Error::usage(format!("key `{key}` is too long to have a second slot"))
                .hint("see its keys with: kubectl secretsafe view NAME")
        })
    };
    keys.iter().flat_map(KeySource::keys).map(of).collect()
}
