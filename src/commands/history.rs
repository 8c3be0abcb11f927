//! `history`: what is known of the past of a Secret; no value is requested.

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::log::{Deed, LogError, Reader};
use crate::names::{KeyName, SecretName};
use crate::output::{self, Format};
use crate::plaintext::wire::Outline;
use crate::plan::Target;
use crate::plan::edit::absent;
use crate::plan::history::{Noted, What, timeline};
use crate::report::SecretHistory;

use super::pick;

/// Show what is known of the past of a Secret, or of one of its keys
///
/// One timeline of the records of this program, the managers of the API server's managedFields, kept versions, a rotation
/// that is not finished, the Events of this program, and the local log of this machine. Kubernetes keeps no history: of each key the last write is known,
/// and Events last an hour or so. Who and when are claims that anyone who may change the Secret can write; evidence is
/// the API server's audit log. No value is requested.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe history db
  kubectl secretsafe history db password -n prod
  kubectl secretsafe history db -o json")]
pub(crate) struct HistoryArgs {
    /// Name of the Secret; without one, pick from a list
    name: Option<SecretName>,

    /// The key, instead of all
    key: Option<KeyName>,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: Format,
}

/// Runs `history`.
pub(crate) async fn run(args: HistoryArgs, ctx: &Context) -> Result<Outcome> {
    let name = match pick::secret(args.name, "history NAME", ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    let target = ctx.target(name).await?;
    let cluster = ctx.cluster().await?;
    let found = cluster.describe(&target).await?;
    let (outline, now) = (found.object, found.now);
    let uid = &outline.metadata.uid;
    // Events name no keys: of one key they tell nothing.
    let events = if args.key.is_none() { cluster.events_of(&target, uid).await? } else { None };
    if events.is_none() && args.key.is_none() {
        ctx.ui.warn("Events are left out: this user may not list them");
    }
    let log = noted(&target);
    if let Err(error) = &log {
        ctx.ui.warn(&format!("the local log is left out: {error}"));
    }
    let (log_read, log) = (log.is_ok(), log.unwrap_or_default());
    let items = timeline(&outline.metadata, events.as_deref().unwrap_or_default(), log, args.key.as_ref(), now);
    let more_keys = outline.count.saturating_sub(outline.metadata.known_keys().len());
    if let Some(key) = &args.key
        && more_keys == 0
        && items.iter().all(|entry| matches!(entry.what, What::Created | What::Logged))
    {
        return Err(unknown(key, &outline, &target));
    }
    if more_keys > 0 {
        ctx.ui.note(&format!("{more_keys} more keys, whose names are not known from metadata"));
    }
    let report = SecretHistory::new(&target, uid, args.key, items, now).seen(more_keys, events.is_some(), log_read);
    output::write(&report, Some(&args.output))?;
    if matches!(args.output, Format::Table) {
        ctx.ui.note(
            "claims can be written by anyone who may change the Secret, and a manager is a name that its client chose",
        );
    }
    Ok(Outcome::Done)
}

/// Finds what the local log says about this Secret of this cluster.
fn noted(target: &Target) -> std::result::Result<Vec<Noted>, LogError> {
    let Some(reader) = Reader::open()? else { return Ok(Vec::new()) };
    let is = |text: &Option<String>, wanted: &str| text.as_deref() == Some(wanted);
    let about_it = |deed: &Deed, _| {
        is(&deed.kind, "Secret")
            && is(&deed.cluster, &target.fingerprint)
            && is(&deed.namespace, target.namespace.as_str())
            && is(&deed.name, target.name.as_str())
    };
    let mut found = Vec::new();
    reader.entries(about_it, |_, time, deed| found.push(Noted { time, deed }))?;
    Ok(found)
}

/// Neither is the key there, nor does anything tell of it.
fn unknown(key: &KeyName, outline: &Outline, target: &Target) -> Error {
    let known = outline.metadata.known_keys();
    absent(key, &known, target)
        .hint(format!("see what is known of all: kubectl secretsafe history {} -n {}", target.name, target.namespace))
}
