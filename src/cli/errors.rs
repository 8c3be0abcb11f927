//! Turns clap's errors into ours (requirement S9).
//!
//! clap repeats the text that it could not use, and that text may be a value that was typed by habit.
//! So only its kind, and flag names that are our own, are taken from it.

use clap::error::{ContextKind, ContextValue, ErrorKind as Kind};

use crate::cli::argv;
use crate::error::Error;

/// kubectl's ways to pass a value that this program refuses, and what to type instead.
const REFUSED_FLAGS: &[(&str, &str)] = &[
    ("--from-literal", "name the key alone to be asked for its value: kubectl secretsafe create generic NAME KEY"),
    ("--from-file", "send the file through a pipe: kubectl secretsafe create generic NAME KEY=stdin < FILE"),
    ("--from-env-file", "name the keys one by one: kubectl secretsafe create generic NAME KEY KEY=stdin"),
    ("--docker-password", "name the key alone to be asked for its value"),
    ("--password", "log in through the kubeconfig; a password in argv is visible to every process"),
    ("--token", "put the token into a kubeconfig, or name its file there as tokenFile"),
    ("--reveal", "there is no way to print a value; `kubectl secretsafe view NAME` shows what may be said about it"),
    (
        "--show-values",
        "there is no way to print a value; `kubectl secretsafe view NAME` shows what may be said about it",
    ),
];

/// Renders `error` in our words, without any text that was typed.
pub(crate) fn from_clap(error: &clap::Error, command: &clap::Command) -> Error {
    let flag = text(error, ContextKind::InvalidArg);
    match error.kind() {
        Kind::UnknownArgument => unknown_argument(flag, error),
        Kind::InvalidSubcommand => with_suggestion(
            Error::usage(format!("{} is not a command", place(text(error, ContextKind::InvalidSubcommand)))),
            error,
            ContextKind::SuggestedSubcommand,
        )
        .hint("type `kubectl secretsafe --help` to see all commands"),
        Kind::ValueValidation => error
            .source_error()
            .unwrap_or_else(|| Error::usage(format!("the value of {} cannot be used", known(flag, command)))),
        Kind::InvalidValue => {
            let known = known(flag, command);
            match list(error, ContextKind::ValidValue) {
                valid if valid.is_empty() => Error::usage(format!("{known} needs a value")),
                valid => Error::usage(format!("{known} does not take this value"))
                    .hint(format!("it takes: {}", valid.join(", "))),
            }
        }
        Kind::MissingRequiredArgument => {
            let missing = list(error, ContextKind::InvalidArg);
            Error::usage(format!("missing: {}", missing.join(" "))).hint("add --help to see how the command is written")
        }
        Kind::MissingSubcommand => {
            Error::usage("a command is missing").hint("type `kubectl secretsafe --help` to see all commands")
        }
        Kind::ArgumentConflict => {
            Error::usage(format!("{} cannot be used here together with another flag", known(flag, command)))
        }
        Kind::TooManyValues | Kind::TooFewValues | Kind::WrongNumberOfValues => {
            Error::usage(format!("{} has the wrong number of values", known(flag, command)))
        }
        Kind::NoEquals => Error::usage(format!("{} needs `=` before its value", known(flag, command))),
        Kind::InvalidUtf8 => Error::usage("an argument is not valid UTF-8"),
        _ => Error::usage("the command line cannot be understood").hint("add --help to see how the command is written"),
    }
}

fn unknown_argument(argument: Option<&str>, error: &clap::Error) -> Error {
    let argument = argument.unwrap_or_default();
    let name = argument.split('=').next().unwrap_or_default();
    if let Some((flag, instead)) = REFUSED_FLAGS.iter().find(|(flag, _)| *flag == name) {
        return Error::usage(format!("`{flag}` is refused: values do not belong on the command line or in files"))
            .hint(*instead)
            .hint("if a value stood there, it is now in the shell history: change it");
    }
    let what = if argument.starts_with('-') { "is not a known flag" } else { "is not expected" };
    with_suggestion(Error::usage(format!("{} {what}", place(Some(argument)))), error, ContextKind::SuggestedArg)
        .hint("add --help to see how the command is written")
}

/// Adds clap's own suggestion: it is one of our names, not what was typed.
fn with_suggestion(ours: Error, error: &clap::Error, kind: ContextKind) -> Error {
    match list(error, kind).first() {
        Some(name) => ours.hint(format!("did you mean `{name}`?")),
        None => ours,
    }
}

/// Names a flag if it is one of ours, and its place on the command line otherwise.
fn known(argument: Option<&str>, command: &clap::Command) -> String {
    let Some(argument) = argument else { return "an argument".to_owned() };
    let word = argument.split([' ', '=', '[']).next().unwrap_or_default();
    if argument.starts_with('<') || argument.starts_with('[') {
        return format!("`{argument}`");
    }
    if is_flag_of(command, word) {
        return format!("`{word}`");
    }
    place(Some(argument))
}

fn is_flag_of(command: &clap::Command, word: &str) -> bool {
    let own = command.get_arguments().any(|argument| {
        argument.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long))
            || argument.get_short().is_some_and(|short| word.strip_prefix('-') == Some(short.encode_utf8(&mut [0; 4])))
    });
    own || command.get_subcommands().any(|sub| is_flag_of(sub, word))
}

fn place(text: Option<&str>) -> String {
    argv::name_of(text.unwrap_or_default())
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text),
        Some(ContextValue::Strings(texts)) => texts.first().map(String::as_str),
        _ => None,
    }
}

fn list(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

/// Finds the error of one of our own parsers behind clap's.
trait SourceError {
    fn source_error(&self) -> Option<Error>;
}

impl SourceError for clap::Error {
    fn source_error(&self) -> Option<Error> {
        std::error::Error::source(self).and_then(|source| source.downcast_ref::<Error>()).cloned()
    }
}
