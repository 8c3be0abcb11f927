//! `policy set`: a rule for keys.

use crate::commands::change::{ChangeFlags, look};
use crate::config::Restart;
use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::plan::edit::no_key;
use crate::plan::policy::{KEPT, MOST_KEPT, Policy, Rule};
use crate::plan::span::Span;
use crate::report::PolicyResult;
use crate::sources::{PolicySource, Standing};

/// Set how old keys may become, and where their next values come from
///
/// The rules of other keys stay. A source that generates a value runs by itself; any other one runs only where
/// --allow-sources of `rotate` lists it, because anyone who may patch the Secret can write a policy.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe policy set db password --every 90d --source generate:length=40
  kubectl secretsafe policy set db password api-token --every 12w --source generate --restart auto --yes")]
pub(crate) struct SetArgs {
    /// Name of the Secret
    name: SecretName,

    /// Keys that the rule is for
    #[arg(value_name = "KEY", required = true)]
    keys: Vec<KeyName>,

    /// How old the keys may become, such as 90d or 12w
    #[arg(long, value_name = "SPAN")]
    every: Span,

    /// Where the next values come from, such as generate:length=40
    #[arg(long, value_name = "SOURCE")]
    source: PolicySource,

    /// Workloads that a rotation restarts, unless it says so itself
    #[arg(long, value_name = "never|auto|always")]
    restart: Option<Restart>,

    /// How many earlier versions a rotation keeps, at most 20 [default: what it was, or 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=i64::from(MOST_KEPT)))]
    history: Option<u8>,

    #[command(flatten)]
    flags: ChangeFlags,
}

/// Runs `policy set`.
pub(super) async fn run(args: SetArgs, ctx: &Context) -> Result<Outcome> {
    let SetArgs { name, keys, every, source, restart, history, flags } = args;
    let target = ctx.target(name).await?;
    let looked = look(&target, flags.write_only, flags.override_owner, ctx).await?;
    ctx.journal.about(&target, &keys);
    for key in &keys {
        if looked.keys.has(key) == Some(false) {
            return Err(no_key(key, &looked.keys, &target));
        }
        source.check(key, &target, &looked.outline.secret_type)?;
    }
    if looked.metadata().has_unreadable_policy() {
        ctx.ui.warn(&format!("the annotation of secret `{}` is no policy, and is replaced", target.name));
    }
    if source.standing() == Standing::Listed {
        for key in &keys {
            ctx.ui.note(&format!(
                "each run that rotates `{key}` needs --allow-sources FILE with the line {}/{}/{key}=SOURCE",
                target.namespace, target.name
            ));
        }
    }
    let rule = Rule::new(every, source.text().to_owned());
    let change = |before: Option<&Policy>| {
        let mut policy = before.cloned().unwrap_or_else(Policy::empty);
        keys.iter().for_each(|key| policy.set(key.clone(), &rule));
        policy.restart = restart.or(policy.restart);
        policy.history = history.or(policy.history).or(Some(KEPT));
        Some(policy)
    };
    let line = |key: &KeyName| format!("  rotate {key} every {} from {}", rule.every, source.summary());
    let mut lines: Vec<String> = keys.iter().map(line).collect();
    lines.extend(restart.map(|restart| format!("  restart workloads: {}", restart.word())));
    super::carry_out(&target, &looked, &lines, change, [PolicyResult::Set, PolicyResult::WouldSet], &flags, ctx).await
}
