//! `policy clear`: takes rules away.

use crate::commands::change::{ChangeFlags, look};
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::plan::policy::Policy;
use crate::report::PolicyResult;

/// Take the rules of keys away, or the whole policy
///
/// With the rule of the last key, the annotation and the label go. Values are not changed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe policy clear db api-token
  kubectl secretsafe policy clear db -n prod --yes")]
pub(crate) struct ClearArgs {
    /// Name of the Secret
    name: SecretName,

    /// Keys whose rules go; without one, all
    #[arg(value_name = "KEY")]
    keys: Vec<KeyName>,

    #[command(flatten)]
    flags: ChangeFlags,
}

/// Runs `policy clear`.
pub(super) async fn run(args: ClearArgs, ctx: &Context) -> Result<Outcome> {
    let ClearArgs { name, keys, flags } = args;
    let target = ctx.target(name).await?;
    let looked = look(&target, flags.write_only, flags.override_owner, ctx).await?;
    ctx.journal.about(&target, &keys);
    let rules = looked.metadata().annotations.policy.as_ref().map(|policy| &policy.keys);
    if let Some(key) = keys.iter().find(|key| rules.is_none_or(|rules| !rules.contains_key(key))) {
        let there: Vec<&str> = rules.into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        let rest = if there.is_empty() { "it has no rules".to_owned() } else { format!("rules: {}", there.join(", ")) };
        return Err(Error::usage(format!(
            "the policy of secret `{}` in namespace `{}` has no rule for key `{key}`",
            target.name, target.namespace
        ))
        .because(rest)
        .hint(format!("see them with: kubectl secretsafe policy show {} -n {}", target.name, target.namespace)));
    }
    let change = |before: Option<&Policy>| {
        let mut policy = before?.clone();
        policy.keys.retain(|key, _| !keys.is_empty() && !keys.contains(key));
        (!policy.keys.is_empty()).then_some(policy)
    };
    let lines: Vec<String> = if keys.is_empty() {
        vec!["  clear the whole policy".to_owned()]
    } else {
        keys.iter().map(|key| format!("  clear the rule of {key}")).collect()
    };
    let results = [PolicyResult::Cleared, PolicyResult::WouldClear];
    super::carry_out(&target, &looked, &lines, change, results, &flags, ctx).await
}
