//! `keychain set`: a value from a hidden prompt or a pipe into an entry.

use std::io::IsTerminal;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::keychain::{Entry, ForKey, Keychain, binding};
use crate::output;
use crate::plaintext::SecretValue;
use crate::plan::Target;
use crate::sources::{MAX_VALUE, Wanted, piped};

use super::{check_free, confirmed, store};

/// Store a value in the OS keychain
///
/// The value is asked for twice and not shown, or read from stdin. With --for, it becomes the entry
/// that `KEY=keychain` takes for this key, on this cluster only.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe keychain set team/db-password
  pwgen 40 1 | kubectl secretsafe keychain set team/db-password --stdin
  kubectl secretsafe keychain set --for db/password -n prod")]
pub(super) struct SetArgs {
    /// Entry to write, as SERVICE/ACCOUNT
    #[arg(value_name = "SERVICE/ACCOUNT", required_unless_present = "for_key")]
    entry: Option<Entry>,

    /// Key of a Secret whose default entry to write, as NAME/KEY
    #[arg(long = "for", id = "for_key", value_name = "NAME/KEY", conflicts_with = "entry")]
    for_key: Option<ForKey>,

    /// Read the value from stdin
    #[arg(long)]
    stdin: bool,

    /// Replace an existing entry without asking
    #[arg(short = 'y', long)]
    yes: bool,
}

/// Runs `keychain set`.
pub(super) async fn run(args: SetArgs, ctx: &Context) -> Result<Outcome> {
    let (entry, target) = named(&args, ctx).await?;
    check_free(&entry)?;
    if args.stdin && std::io::stdin().is_terminal() {
        return Err(Error::source("stdin is the terminal, which would show the value").hint(
            "leave out --stdin to be asked, or pipe the value in: … | kubectl secretsafe keychain set … --stdin",
        ));
    }
    let keychain = Keychain::open(ctx).await?;
    let exists = keychain.exists(&entry).await?;
    if exists && !confirmed(&format!("`{entry}` exists; replace its value?"), args.yes, ctx)? {
        return Ok(Outcome::Declined);
    }
    if let Some(caveat) = keychain.caveat().await? {
        ctx.ui.note(caveat);
    }
    let value = value(&entry, args.stdin, ctx).await?;
    if let Some(target) = target {
        binding::note(&keychain, &target).await?;
    }
    store(&keychain, &entry, value).await?;
    output::say(&[format!("keychain/{entry} {}", if exists { "replaced" } else { "set" })])?;
    Ok(Outcome::Done)
}

async fn named(args: &SetArgs, ctx: &Context) -> Result<(Entry, Option<Target>)> {
    match (&args.entry, &args.for_key) {
        (_, Some(ForKey { name, key })) => {
            let target = ctx.target(name.clone()).await?;
            Ok((Entry::default_for(&target, &target.fingerprint, key), Some(target)))
        }
        (Some(entry), None) => Ok((entry.clone(), None)),
        (None, None) => {
            Err(Error::usage("missing: SERVICE/ACCOUNT")
                .hint("name an entry, such as team/db-password, or --for NAME/KEY"))
        }
    }
}

async fn value(entry: &Entry, stdin: bool, ctx: &Context) -> Result<SecretValue> {
    let wanted = Wanted {
        what: format!("keychain entry `{entry}`"),
        pipe: "--stdin".to_owned(),
        multiline: "for a value of many lines use --stdin < FILE".to_owned(),
    };
    let value = if stdin {
        let filling = piped(&wanted.what).await?;
        for note in &filling.notes {
            ctx.ui.note(note);
        }
        filling.values.into_iter().next()
    } else {
        Some(wanted.twice(&format!("Value for {} (hidden): ", wanted.what), ctx).await?)
    };
    let value = value.filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| {
        Error::source(format!("the value for {} is empty", wanted.what))
            .hint("type or pipe the value; to remove an entry: kubectl secretsafe keychain delete SERVICE/ACCOUNT")
    })?;
    if value.len() > MAX_VALUE {
        return Err(Error::source(format!(
            "the value for {} has more than 1 MiB, the limit of Kubernetes for a Secret",
            wanted.what
        ))
        .hint("keep it in a file system or bucket, and its password here"));
    }
    Ok(value)
}
