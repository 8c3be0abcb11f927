//! Everything that is said to the user on stderr, and every question that is asked on the terminal.
//!
//! stdout is data and belongs to `output`; stderr is talk and belongs here. Nobody else prints.

use std::io::Write;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use console::Term;
use dialoguer::{Confirm, FuzzySelect, Input};

use crate::error::{Error, Outcome, Result};
use crate::output::escape::{InFull, Terminal};
use crate::terminal;

mod progress;

pub(crate) use progress::Task;

/// How many rows a picker shows; more are found by typing.
const ROWS: usize = 15;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();
const DIM: Style = Style::new().dimmed();

/// The writer of stderr.
#[derive(Debug, Clone)]
pub(crate) struct Ui {
    verbosity: u8,
    quiet: bool,
    progress: progress::Progress,
}

impl Ui {
    /// Makes it; `verbosity` is the number behind `-v`, `quiet` says only what failed.
    pub(crate) fn new(verbosity: u8, quiet: bool) -> Self {
        Self { verbosity, quiet, progress: progress::Progress::default() }
    }

    /// Begins work of several requests, so that the wait for them says how far it is.
    pub(crate) fn task(&self, label: &'static str) -> Task {
        self.progress.task(label)
    }

    /// Waits for one request; what takes over a second is said on a terminal until it is done.
    pub(crate) async fn waiting<T>(&self, work: impl Future<Output = T>) -> T {
        if self.quiet { work.await } else { self.progress.waiting(work).await }
    }

    /// Waits for what ends by itself after `time`; on a terminal the rest of it is shown until then.
    pub(crate) async fn counting_down<T>(&self, time: Duration, work: impl Future<Output = T>) -> T {
        if self.quiet { work.await } else { progress::counting_down(time, work).await }
    }

    /// Says that there is nothing to show, as kubectl does, without a label.
    pub(crate) fn tell(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// Says a line of a plan.
    pub(crate) fn say(&self, text: &str) {
        line(format_args!("{}", Terminal(text)));
    }

    /// Says something worth knowing.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            say(DIM, "note:", text);
        }
    }

    /// Says something of which the end counts as well, such as a public key to be pasted elsewhere.
    pub(crate) fn note_in_full(&self, text: &str) {
        if !self.quiet {
            line(format_args!("{DIM}note:{DIM:#} {}", InFull(text)));
        }
    }

    /// Says something that may be a mistake.
    pub(crate) fn warn(&self, text: &str) {
        if !self.quiet {
            say(WARNING, "warning:", text);
        }
    }

    /// Says how to go on.
    pub(crate) fn hint(&self, text: &str) {
        if !self.quiet {
            say(HINT, "hint:", text);
        }
    }

    /// Says what happens below, from `-v LEVEL` on. `text` is built only if it is shown.
    pub(crate) fn trace(&self, level: u8, text: impl FnOnce() -> String) {
        if self.verbosity >= level {
            say(DIM, "trace:", &text());
        }
    }
}

impl Ui {
    /// Tells whether there is somebody to ask.
    pub(crate) fn has_terminal(&self) -> bool {
        terminal::open().is_some()
    }

    /// Lets the user pick one of the items; `None` if they would rather not.
    pub(crate) fn pick(&self, question: &str, items: &[String]) -> Result<Option<usize>> {
        let shown: Vec<String> = items.iter().map(|item| Terminal(item).to_string()).collect();
        on_terminal(|term| {
            FuzzySelect::new().with_prompt(question).items(&shown).default(0).max_length(ROWS).interact_on_opt(term)
        })
    }

    /// Asks for a word that is not secret.
    pub(crate) fn ask(&self, question: &str) -> Result<String> {
        on_terminal(|term| Input::<String>::new().with_prompt(question).interact_text_on(term))
    }

    /// Asks yes or no; Enter alone means no.
    pub(crate) fn confirm(&self, question: &str) -> Result<bool> {
        let question = Terminal(question).to_string();
        on_terminal(|term| Confirm::new().with_prompt(&question).default(false).interact_on(term))
    }

    /// Asks for a word to be typed, for what cannot be undone.
    pub(crate) fn type_to_confirm(&self, question: &str, expected: &str) -> Result<bool> {
        let question = Terminal(question).to_string();
        let typed =
            on_terminal(|term| Input::<String>::new().with_prompt(&question).allow_empty(true).interact_text_on(term))?;
        Ok(typed == expected)
    }
}

/// Asks on the terminal itself, wherever stdin and stderr lead, and leaves it as it was.
fn on_terminal<T>(ask: impl FnOnce(&Term) -> dialoguer::Result<T>) -> Result<T> {
    let no_terminal = || {
        Error::refused("there is no terminal to ask on")
            .hint("run it from a terminal, or see --help for the flag that answers")
    };
    let tty = terminal::open().ok_or_else(no_terminal)?;
    let _guard = terminal::watch(&tty).map_err(|_| no_terminal())?;
    let term = terminal::dialogue(tty).map_err(|_| no_terminal())?;
    ask(&term).map_err(|_| {
        Error::refused("the question on the terminal was not answered")
            .hint("nothing was changed; add --yes to go on without the question")
    })
}

/// Prints an error with its causes and hints; the same on every platform, readable without colour.
pub(crate) fn print_error(error: &Error) {
    say(ERROR, "error:", error.message());
    for cause in error.causes() {
        line(format_args!("  {DIM}caused by:{DIM:#} {}", Terminal(cause)));
    }
    for hint in error.hints() {
        say(HINT, "hint:", hint);
    }
}

/// Failures of one run over several objects, which do not stop each other.
///
/// Each is printed as it comes, but for the one that decides the exit code, which comes last: the highest
/// code wins (docs/exit-codes.md).
#[derive(Debug, Default)]
pub(crate) struct Failures(Option<Error>);

impl Failures {
    /// Takes a failure; prints the one that is not the worst so far.
    pub(crate) fn push(&mut self, error: Error) {
        let worse = |error: &Error, other: &Error| error.kind().exit_code() > other.kind().exit_code();
        match self.0.take() {
            Some(worst) if !worse(&error, &worst) => {
                print_error(&error);
                self.0 = Some(worst);
            }
            before => {
                before.iter().for_each(print_error);
                self.0 = Some(error);
            }
        }
    }

    /// Ends the run: with the worst failure, or well.
    pub(crate) fn end(self) -> Result<Outcome> {
        self.0.map_or(Ok(Outcome::Done), Err)
    }
}

fn say(style: Style, label: &str, text: &str) {
    line(format_args!("{style}{label}{style:#} {}", Terminal(text)));
}

/// Writes one line; a stderr that is gone is nobody's error.
fn line(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Prints clap's help on stderr, for a command line that is too short to be understood.
pub(crate) fn print_help(text: &str) {
    let _ = write!(anstream::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn of_several_failures_the_highest_code_counts() {
        let end = |kinds: &[ErrorKind]| {
            let mut failures = Failures::default();
            kinds.iter().for_each(|kind| failures.push(Error::new(*kind, "it failed")));
            failures.end().map_or_else(|error| error.kind().exit_code(), Outcome::exit_code)
        };
        assert_eq!(end(&[]), 0);
        assert_eq!(end(&[ErrorKind::Source, ErrorKind::Unfinished, ErrorKind::Cluster]), 6);
        assert_eq!(end(&[ErrorKind::Cluster, ErrorKind::Source]), 5);
        assert_eq!(end(&[ErrorKind::Source, ErrorKind::Cluster]), 5);
    }
}
