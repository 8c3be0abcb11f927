//! `policy`: how old the keys of a Secret may become, and where their next values come from.

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::output;
use crate::plan::Target;
use crate::plan::policy::Policy;
use crate::report::{PolicyResult, SecretPolicy};

use super::change::{ChangeFlags, DryRun, Looked};

mod clear;
mod rotate;
mod set;
mod show;
mod store;

pub(crate) use rotate::{OfPolicy, of_secret};
pub(crate) use show::scope;

/// Say how old the keys of a Secret may become, and where their next values come from
///
/// The policy stands on the Secret itself, as an annotation and a label; it holds no value. `rotate --due` carries
/// it out.
#[derive(clap::Args, Debug)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Set(set::SetArgs),
    Show(show::ShowArgs),
    Clear(clear::ClearArgs),
}

/// Runs `policy`.
pub(crate) async fn run(args: PolicyArgs, ctx: &Context) -> Result<Outcome> {
    match args.command {
        Command::Set(args) => set::run(args, ctx).await,
        Command::Show(args) => show::run(args, ctx).await,
        Command::Clear(args) => clear::run(args, ctx).await,
    }
}

/// Shows what would change and asks; without a terminal, `--yes` must have answered.
///
/// In a protected context, its name is asked for first.
async fn confirm(target: &Target, lines: &[String], flags: &ChangeFlags, ctx: &Context) -> Result<bool> {
    if flags.dry_run == DryRun::None {
        ctx.confirm_protected().await?;
    }
    if flags.yes || flags.dry_run == DryRun::Server {
        return Ok(true);
    }
    if !ctx.ui.has_terminal() {
        return Err(Error::refused(format!(
            "the policy of secret `{}` in namespace `{}` was not changed",
            target.name, target.namespace
        ))
        .because("nobody is there to confirm")
        .hint("add --yes"));
    }
    ctx.ui.say(&format!("secret/{} in namespace {}, context {}", target.name, target.namespace, target.context));
    lines.iter().for_each(|line| ctx.ui.say(line));
    ctx.ui.confirm("Go on?")
}

/// Shows the plan, asks, stores, and reports.
async fn carry_out(
    target: &Target,
    looked: &Looked,
    lines: &[String],
    change: impl Fn(Option<&Policy>) -> Option<Policy>,
    [done, would_be]: [PolicyResult; 2],
    flags: &ChangeFlags,
    ctx: &Context,
) -> Result<Outcome> {
    let before = looked.metadata().annotations.policy.as_ref();
    let after = change(before);
    let report = |policy: Option<&Policy>, result| {
        let view = SecretPolicy::new(policy, looked.metadata(), &looked.keys, looked.now()).with_result(result);
        output::write(&view, flags.output.as_ref())
    };
    if after.as_ref() == before && !looked.metadata().has_unreadable_policy() && store::is_labelled(looked, &after) {
        report(before, PolicyResult::Unchanged)?;
        return Ok(Outcome::Done);
    }
    if flags.dry_run == DryRun::Client {
        report(after.as_ref(), would_be)?;
        return Ok(Outcome::Done);
    }
    if !confirm(target, lines, flags, ctx).await? {
        return Ok(Outcome::Declined);
    }
    let stored = store::store(target, looked, change, flags, ctx).await?;
    let result = if flags.dry_run == DryRun::Server { would_be } else { done };
    let policy = stored.annotations.policy.as_ref();
    let view = SecretPolicy::new(policy, &stored, &looked.keys, looked.now()).with_result(result);
    output::write(&view, flags.output.as_ref())?;
    Ok(Outcome::Done)
}
