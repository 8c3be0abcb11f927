//! `rotate`: new values for keys that exist.

use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::names::SecretName;
use crate::plan::Verb;
use crate::plan::edit::Missing;
use crate::sources::KeySource;

use super::allowed::AllowedFlags;
use super::change::{ChangeFlags, RestartFlags};
use super::pick;
use super::set::{self, Values, put};

/// Replace values of a Secret
///
/// Each key takes its new value from a source: a hidden prompt unless you name one. Only the keys named
/// are changed. The plan is shown first, and says that the old value will be gone, and which workloads keep it until
/// they are restarted. With --restart they are restarted, and waited for; if one does not become ready, that is said
/// (exit 6), and the new values stay.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe rotate db password
  kubectl secretsafe rotate db password=generate --yes
  kubectl secretsafe rotate db password=generate --restart=auto --timeout 10m
  kubectl secretsafe rotate db password=keychain:team/db-password -n prod")]
pub(crate) struct RotateArgs {
    /// Name of the Secret; without one, pick from a list
    name: Option<SecretName>,

    /// Keys to replace, and where each new value comes from, as KEY[=SOURCE]; without one, pick from a list
    #[arg(value_name = "KEY[=SOURCE]")]
    keys: Vec<KeySource>,

    /// Add keys that do not exist yet
    #[arg(long)]
    add_keys: bool,

    #[command(flatten)]
    allowed: AllowedFlags,

    #[command(flatten)]
    restart: RestartFlags,

    #[command(flatten)]
    flags: ChangeFlags,
}

/// Runs `rotate`.
pub(crate) async fn run(args: RotateArgs, ctx: &Context) -> Result<Outcome> {
    let name = match pick::secret(args.name, "rotate NAME KEY", ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    let keys = match set::keys_or_pick(args.keys, &name, "rotate", ctx).await? {
        Ok(keys) => keys,
        Err(outcome) => return Ok(outcome),
    };
    let missing = if args.add_keys { Missing::Add } else { Missing::Refuse };
    let allowed = args.allowed.into();
    put(
        Values { name, keys, allowed, missing, verb: Verb::Rotated, flags: args.flags, restart: Some(args.restart) },
        ctx,
    )
    .await
}
