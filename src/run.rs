//! One run of the program: protect the process, parse, run, clean up, and only then say how it ended.
//!
//! Nothing calls `process::exit`: everything that could hold a value is dropped, and so wiped, first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::error::ErrorKind as ClapKind;
use clap::{CommandFactory, FromArgMatches};

use crate::cli::{GlobalArgs, errors};
#[cfg(target_os = "linux")]
use crate::clipboard;
use crate::commands::diff::external;
use crate::commands::{self, Cli};
use crate::completion;
use crate::config::{Config, LogMode};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::keychain;
use crate::log::{self, Verdict};
use crate::output;
#[cfg(target_os = "linux")]
use crate::process::child;
use crate::process::{descriptors, harden, panic, signals, stack};
use crate::report;
use crate::sources::SOURCES;
use crate::ui::{Ui, print_error};

/// How long threads that wait for a terminal or a keychain may take to give up after a signal.
const PATIENCE: Duration = Duration::from_millis(500);

/// Runs the program and returns its exit code (DESIGN: docs/exit-codes.md).
pub fn main() -> ExitCode {
    panic::install_hook();
    #[cfg(target_os = "linux")]
    if child::asked_to_keep(std::env::args_os()) {
        child::keep();
        return ExitCode::SUCCESS;
    }
    #[cfg(target_os = "linux")]
    if let Some(seconds) = clipboard::asked_to_hold(std::env::args_os()) {
        return stack::wiped(|| clipboard::hold(seconds));
    }
    // A panic unwinds to here, so that values are dropped and wiped on the way.
    let ended =
        stack::wiped(|| catch_unwind(AssertUnwindSafe(protected))).unwrap_or(Ended::With(ErrorKind::Bug.exit_code()));
    match ended {
        Ended::With(code) => ExitCode::from(code),
        Ended::BySignal(signal) => signals::end_by(signal),
    }
}

/// Returns the command line as clap knows it, for help, completion and man pages.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Returns name, form and summary of every value source, for documentation and its tests.
pub fn schemes() -> Vec<(&'static str, &'static str, &'static str)> {
    SOURCES.iter().map(|scheme| (scheme.name, scheme.form, scheme.summary)).collect()
}

/// Returns kind and JSON Schema of every report that `-o json` prints, for documentation and tests.
pub fn schemas() -> Vec<(&'static str, serde_json::Value)> {
    report::schemas()
}

/// Returns the kinds of files that are read, and their JSON Schemas.
pub fn file_schemas() -> Vec<(&'static str, serde_json::Value)> {
    report::file_schemas()
}

enum Ended {
    With(u8),
    BySignal(i32),
}

impl From<Outcome> for Ended {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::ChildBySignal(signal) => Self::BySignal(signal),
            other => Self::With(other.exit_code()),
        }
    }
}

fn protected() -> Ended {
    descriptors::remember_inherited();
    if let Some(words) = completion::asked(std::env::args_os()) {
        return complete(words);
    }
    if let Some(entry) = keychain::asked_to_compare(std::env::args_os()) {
        return Ended::With(
            harden::protect_memory()
                .and_then(|()| keychain::answer(&entry))
                .unwrap_or_else(|error| error.kind().exit_code()),
        );
    }
    if let Some((live, merged)) = external::asked(std::env::args_os()) {
        return ended(harden::protect_memory().and_then(|()| external::run(&live, &merged)).map(Ended::from));
    }
    let outcome = harden::protect_memory().and_then(|()| parse()).and_then(|parsed| match parsed {
        Parsed::Run(parsed) => run(*parsed),
        Parsed::Shown(code) => Ok(Ended::With(code)),
    });
    ended(outcome)
}

fn ended(outcome: Result<Ended>) -> Ended {
    match outcome {
        Ok(ended) => ended,
        Err(error) => {
            // The reader of stdout went away: it knows.
            if error.kind() != ErrorKind::StdoutClosed {
                print_error(&error);
            }
            Ended::With(error.kind().exit_code())
        }
    }
}

/// Completes without a word on stderr, which would end up in the middle of the line that is typed.
fn complete(words: Vec<std::ffi::OsString>) -> Ended {
    let outcome = harden::protect_memory().and_then(|()| completion::run(words));
    Ended::With(outcome.map_or_else(|error| error.kind().exit_code(), |()| Outcome::Done.exit_code()))
}

enum Parsed {
    Run(Box<(Cli, log::Settings, Config)>),
    Shown(u8),
}

fn parse() -> Result<Parsed> {
    // Sources are read together with the command line, and the config file may say what they mean. That it is
    // broken is no reason to keep help from who asks for it.
    let config = Config::load().and_then(Config::settle);
    let mut command = Cli::command();
    let matches = match command.try_get_matches_from_mut(std::env::args_os()) {
        Ok(matches) => matches,
        Err(err) => return shown(&err, &command),
    };
    let cli = Cli::from_arg_matches(&matches).map_err(|err| errors::from_clap(&err, &command))?;
    Ok(Parsed::Run(Box::new((cli, commands::logged::of_run(&matches), config?))))
}

/// Help and version are no errors, and hold nothing that was typed.
fn shown(err: &clap::Error, command: &clap::Command) -> Result<Parsed> {
    match err.kind() {
        ClapKind::DisplayHelp | ClapKind::DisplayVersion => {
            output::print(&err.render().ansi().to_string())?;
            Ok(Parsed::Shown(Outcome::Done.exit_code()))
        }
        ClapKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            crate::ui::print_help(&err.render().ansi().to_string());
            Ok(Parsed::Shown(ErrorKind::Usage.exit_code()))
        }
        _ => Err(errors::from_clap(err, command)),
    }
}

fn run((cli, settings, config): (Cli, log::Settings, Config)) -> Result<Ended> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|err| Error::bug("the runtime does not start").because(err.kind().to_string()))?;
    let outcome = runtime.block_on(async {
        let mut signals = signals::Signals::install()?;
        if cli.global.quiet {
            output::leave_out_summaries();
        }
        let journal = Arc::new(journal(settings, &cli.global, &config));
        let ctx = Context::new(cli.global, config, Arc::clone(&journal));
        output::colour(ctx.config.colour);
        ctx.global.check(&ctx.ui)?;
        tokio::select! {
            outcome = commands::run(cli.command, &ctx) => {
                let outcome = outcome.and_then(|outcome| ctx.end(outcome));
                journal.end_run(verdict(&outcome)).await;
                outcome.map(Ended::from)
            }
            signal = signals.next() => {
                journal.end_run(Verdict::by_signal(signal)).await;
                Ok(Ended::BySignal(signal))
            }
        }
    });
    runtime.shutdown_timeout(PATIENCE);
    outcome
}

/// How the run ended, for the local log.
fn verdict(outcome: &Result<Outcome>) -> Verdict {
    match outcome {
        Ok(Outcome::Declined) => Verdict::declined(Outcome::Declined.exit_code()),
        Ok(outcome) => Verdict::with(outcome.exit_code()),
        Err(error) => Verdict::failed(error.kind()),
    }
}

/// Makes the local log of this run.
fn journal(settings: log::Settings, global: &GlobalArgs, config: &Config) -> log::Journal {
    let mode = match () {
        () if global.no_log => LogMode::Off,
        () if global.require_log => LogMode::Required,
        () => config.log,
    };
    let reason = global.reason.as_ref().map(|reason| reason.0.clone());
    let settings = log::Settings { mode, reason, keychain: config.keychain.clone(), ..settings };
    log::Journal::new(settings, Ui::new(global.verbosity, global.quiet))
}
