//! `log`: what was done on this machine, and whether the log of it is whole.

use std::collections::VecDeque;
use std::str::FromStr;

use jiff::Timestamp;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::keychain::{Entry, Keychain};
use crate::log::{Deed, LogError, Reader};
use crate::names::SecretName;
use crate::output::{self, Format, FormatParser, Opening, Stream};
use crate::plan::span::Span;
use crate::report::{API_VERSION, LogCheck, LogEntry, LogEntryList, LogTail};

/// Show who read or changed which Secret on this machine, when and why
///
/// Each command that reads values or changes something leaves a line: no value, and nothing of the command line but
/// names and --reason. With --verify, the chain of all lines is checked: exit code 1 if one was changed, removed, moved
/// or added. It is a note of this user on this machine; evidence is the API server's audit log.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe log --tail 20
  kubectl secretsafe log db --since 7d
  kubectl secretsafe log --since 2026-01-31T00:00:00Z -o json
  kubectl secretsafe log --verify --require-keyed")]
pub(crate) struct LogArgs {
    /// Name of the Secret, instead of all
    #[arg(conflicts_with = "verify")]
    name: Option<SecretName>,

    /// Only what is newer than a span such as 7d, or a time such as 2026-01-31T12:00:00Z
    #[arg(long, value_name = "SPAN|TIME", conflicts_with = "verify")]
    since: Option<Since>,

    /// Only the last ones
    #[arg(long, value_name = "N", conflicts_with = "verify")]
    tail: Option<usize>,

    /// Check that no line was changed, removed, moved or added
    #[arg(long)]
    verify: bool,

    /// With --verify: fail if the log has no key in a keychain, so that accidents only can be found
    #[arg(long, requires = "verify")]
    require_keyed: bool,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = FormatParser::of_lists())]
    output: Format,
}

/// `7d`, or a time.
#[derive(Debug, Clone)]
enum Since {
    Ago(Span),
    Time(Timestamp),
}

impl FromStr for Since {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Ok(time) = text.parse() {
            return Ok(Self::Time(time));
        }
        text.parse().map(Self::Ago).map_err(|_| {
            Error::usage("`--since` takes a span or a time")
                .hint("write one such as --since 7d or --since 2026-01-31T12:00:00Z")
        })
    }
}

/// How many entries are printed at a time, with columns that fit them.
const AT_ONCE: usize = 500;

const OPENING: Opening = Opening { api_version: API_VERSION, kind: LogEntryList::KIND };

/// Runs `log`.
pub(crate) async fn run(args: LogArgs, ctx: &Context) -> Result<Outcome> {
    let reader = Reader::open().map_err(|error| cannot(&error))?;
    if args.verify {
        return verify(reader.as_ref(), &args, ctx).await;
    }
    let wanted = Wanted {
        name: args.name.as_ref().map(SecretName::as_str),
        namespace: ctx.global.namespace.as_ref().map(ToString::to_string),
        context: ctx.global.context.as_deref(),
        since: args.since.as_ref().map(|since| match since {
            Since::Ago(span) => span.before(Timestamp::now()),
            Since::Time(time) => *time,
        }),
    };
    let wide = matches!(args.output, Format::Wide);
    let mut stream = Stream::new(&args.output, LogEntry::header(wide), LogEntry::KEPT);
    let mut tail = LogTail::default();
    let mut shown = 0_usize;
    if let Some(reader) = &reader {
        let (mut waiting, mut failed) = (VecDeque::new(), None);
        let take = |number, time, deed| {
            waiting.push_back(LogEntry::new(number, time, deed));
            shown += 1;
            match args.tail {
                Some(most) if waiting.len() > most => drop(waiting.pop_front()),
                None if waiting.len() >= AT_ONCE && failed.is_none() => {
                    failed = print(&mut stream, waiting.make_contiguous(), wide).err();
                    waiting.clear();
                }
                _ => {}
            }
        };
        tail.unreadable = reader.entries(|deed, at| wanted.wants(deed, at), take).map_err(|error| cannot(&error))?;
        failed.map_or(Ok(()), Err)?;
        print(&mut stream, waiting.make_contiguous(), wide)?;
    }
    if shown == 0 && matches!(args.output, Format::Table | Format::Wide) {
        ctx.ui.tell("Nothing found in the local log.");
    }
    if tail.unreadable > 0 {
        ctx.ui.warn(&format!("{} lines of the log cannot be read", tail.unreadable));
        ctx.ui.hint("see what is wrong with it: kubectl secretsafe log --verify");
    }
    stream.end(OPENING, &tail)?;
    Ok(Outcome::Done)
}

fn print(stream: &mut Stream, entries: &[LogEntry], wide: bool) -> Result<()> {
    stream.items(entries, OPENING, |entry| entry.row(wide), LogEntry::named)
}

/// Which lines are asked for.
struct Wanted<'a> {
    name: Option<&'a str>,
    namespace: Option<String>,
    context: Option<&'a str>,
    since: Option<Timestamp>,
}

impl Wanted<'_> {
    fn wants(&self, deed: &Deed, at: Timestamp) -> bool {
        let same =
            |wanted: Option<&str>, is: &Option<String>| wanted.is_none_or(|wanted| is.as_deref() == Some(wanted));
        same(self.name, &deed.name)
            && same(self.namespace.as_deref(), &deed.namespace)
            && same(self.context, &deed.context)
            && self.since.is_none_or(|since| at >= since)
    }
}

fn cannot(error: &LogError) -> Error {
    Error::usage("cannot read the local log")
        .caused_by(error)
        .hint("see what is there: ls -la ~/.local/state/secretsafe")
}

/// Checks the chain.
async fn verify(reader: Option<&Reader>, args: &LogArgs, ctx: &Context) -> Result<Outcome> {
    let Some(reader) = reader else {
        if !matches!(args.output, Format::Table) {
            output::write(&LogCheck::of_nothing(), Some(&args.output))?;
        }
        ctx.ui.tell("There is no local log.");
        return Ok(if args.require_keyed { Outcome::Differences } else { Outcome::Done });
    };
    reader.lock().await.map_err(|error| cannot(&error))?;
    let (beginning, seed) = match reader.beginning().map_err(|error| cannot(&error))? {
        Some(beginning) if beginning.keyed => {
            let entry = Entry::of_log(&beginning.log);
            let keychain = Keychain::open(ctx).await?;
            let seed = keychain.get(&entry).await?.ok_or_else(|| {
                Error::source("the keychain has no key for this log")
                    .because(format!("there is no entry `{entry}`, or it was deleted"))
                    .hint("begin a new log: move the folder of this one away")
            })?;
            (Some(beginning), Some(seed))
        }
        other => (other, None),
    };
    let checked = reader.check(beginning.as_ref(), seed.as_ref()).map_err(|error| cannot(&error))?;
    let keyed = seed.is_some();
    let report = LogCheck::new(&checked, beginning.map(|beginning| beginning.log), keyed);
    let is_whole = checked.findings.is_empty();
    output::write(&report, Some(&args.output))?;
    if !keyed {
        ctx.ui.note("unkeyed: finds accidents only, because its first key is in no keychain");
    }
    Ok(if is_whole && (keyed || !args.require_keyed) { Outcome::Done } else { Outcome::Differences })
}
