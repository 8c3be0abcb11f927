//! `clip`: a value in the clipboard for a short time.

use std::str::FromStr;
use std::time::Duration;

use crate::clipboard::{self, Clipboard, Left, NoClipboard};
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::plaintext::SecretValue;
use crate::plaintext::facts::{self, Class};
use crate::plan::Target;
use crate::plan::edit::absent;
use crate::process::stack;
use crate::ui::Ui;

use super::pick;

/// Put a value into the clipboard for a short time, without showing it
///
/// It is marked as secret for clipboard managers, and taken out again when the time is over or you press ctrl-C,
/// unless something else was copied meanwhile: that stays. The command runs for that time. It is refused over SSH and
/// where there is no desktop. What you paste the value into can show it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe clip db password
  kubectl secretsafe clip db password --for 1m
  kubectl secretsafe clip grafana admin-password -n monitoring")]
pub(crate) struct ClipArgs {
    /// Name of the Secret; without one, pick from a list
    #[arg(value_name = "NAME")]
    name: Option<SecretName>,

    /// Key whose value is wanted; without one, pick from a list
    #[arg(value_name = "KEY")]
    key: Option<KeyName>,

    /// How long the value stays in the clipboard, from 1s to 10m
    #[arg(long = "for", value_name = "DURATION", default_value = "30s")]
    time: Time,
}

/// How long a value stays, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Time(Duration);

/// The longest time: a value that is in the clipboard for longer was forgotten there.
const LONGEST: u64 = 600;

impl FromStr for Time {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let seconds = match text.parse::<u64>() {
            Ok(seconds) => Some(seconds),
            // As Go writes it, which kubectl does: `1m30s`. A part of a second counts as a whole one.
            Err(_) => text.parse::<jiff::SignedDuration>().ok().and_then(|span| {
                let part = u64::from(span.subsec_nanos() > 0);
                u64::try_from(span.as_secs()).ok().map(|seconds| seconds.saturating_add(part))
            }),
        };
        seconds
            .filter(|seconds| (1..=LONGEST).contains(seconds))
            .map(|seconds| Self(Duration::from_secs(seconds)))
            .ok_or_else(|| {
                Error::usage("`--for` takes a duration from 1s to 10m")
                    .because("a value that stays in the clipboard for longer is forgotten there")
                    .hint("write a number and a unit, such as --for 45s or --for 2m")
            })
    }
}

/// Runs `clip`.
pub(crate) async fn run(args: ClipArgs, ctx: &Context) -> Result<Outcome> {
    let way_out = match (&args.name, &args.key) {
        (Some(name), Some(key)) => format!("exec {name} {key} -- CMD"),
        (Some(name), None) => format!("exec {name} KEY -- CMD"),
        _ => "exec NAME KEY -- CMD".to_owned(),
    };
    clipboard::look().map_err(|reason| refused(reason, &way_out))?;
    let name = match pick::secret(args.name, FORM, ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    let key = match args.key {
        Some(key) => key,
        None => match pick::key(&name, "KEY", &FORM.replace("NAME", name.as_str()), ctx).await? {
            Ok(key) => key,
            Err(outcome) => return Ok(outcome),
        },
    };
    let target = ctx.target(name).await?;
    ctx.journal.about(&target, [&key]);
    ctx.confirm_protected().await?;
    // Before a value is asked for.
    let clipboard = Clipboard::open(args.time.0).await.map_err(|reason| refused(reason, &way_out))?;
    let mut offer = Offer { clipboard: Some(clipboard), is_in: false, ui: &ctx.ui };
    let name = target.name.clone();
    let value = fetch(target, &key, ctx).await?;
    let seconds = args.time.0.as_secs();
    offer.put(value).await.map_err(|reason| refused(reason, &way_out))?;
    // Decrypting the answer has left pieces below.
    stack::wiped(|| ());
    ctx.ui.tell(&format!("{key} of secret/{name} is in the clipboard for {seconds} s"));
    match ctx.ui.counting_down(args.time.0, offer.over()).await {
        Left::TimeOver => ctx.ui.tell(CLEARED),
        Left::Taken => ctx.ui.tell("left alone: something else was copied meanwhile"),
        Left::Gone => ctx.ui.tell("cleared: the desktop, or what held the value for it, went away"),
    }
    Ok(Outcome::Done)
}

const FORM: &str = "clip NAME KEY";
const CLEARED: &str = "cleared";

/// Reads the Secret once, and keeps the one value.
async fn fetch(target: Target, key: &KeyName, ctx: &Context) -> Result<SecretValue> {
    let mut values = ctx.cluster().await?.secret(&target).await?.object.values;
    let value = values.remove(key).ok_or_else(|| absent(key, values.keys(), &target))?;
    let name = &target.name;
    let reason = match facts::class(&value) {
        Class::Text => return Ok(value),
        Class::Empty => "it is empty",
        Class::Binary => "it is no text: it has bytes that are not UTF-8, or control characters",
    };
    Err(Error::usage(format!("key `{key}` of secret `{name}` cannot be put into the clipboard"))
        .because(reason)
        .hint(format!("hand it to a program instead: kubectl secretsafe exec {name} --stdin {key} -- CMD")))
}

fn refused(reason: NoClipboard, way_out: &str) -> Error {
    Error::refused("there is no clipboard to put a value into")
        .caused_by(&reason)
        .hint(format!("hand it to a program instead: kubectl secretsafe {way_out}"))
}

/// A value that is in the clipboard; a signal that ends the run takes it out too, and that is said.
struct Offer<'a> {
    clipboard: Option<Clipboard>,
    is_in: bool,
    ui: &'a Ui,
}

impl Offer<'_> {
    async fn put(&mut self, value: SecretValue) -> Result<(), NoClipboard> {
        let clipboard = self.clipboard.as_mut().ok_or(NoClipboard::NotTaken)?;
        clipboard.offer(value).await?;
        self.is_in = true;
        Ok(())
    }

    async fn over(&mut self) -> Left {
        let left = match &mut self.clipboard {
            Some(clipboard) => clipboard.over().await,
            None => Left::Gone,
        };
        self.is_in = false;
        left
    }
}

impl Drop for Offer<'_> {
    fn drop(&mut self) {
        drop(self.clipboard.take());
        if self.is_in {
            self.ui.tell(CLEARED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_seconds_within_bounds() {
        let seconds = |text: &str| text.parse::<Time>().map(|time| time.0.as_secs()).ok();
        for (text, read) in [("30s", 30), ("45", 45), ("1m30s", 90), ("10m", 600), ("1500ms", 2), ("0.2s", 1)] {
            assert_eq!(seconds(text), Some(read), "{text}");
        }
        for bad in ["", "0", "0s", "-5s", "601", "11m", "1h", "soon", "1500 years"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
