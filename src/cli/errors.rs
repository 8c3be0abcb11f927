//! Turns clap's errors into ours (requirement S9).
//!
//! clap repeats the text that it could not use, and that text may be a value that was typed by habit.
//! So only its kind, and flag names that are our own, are taken from it.

use clap::error::{ContextKind, ContextValue, ErrorKind as Kind};

use crate::cli::{argv, hints};
use crate::error::Error;

/// A flag that is refused, why, and what to type instead.
struct RefusedFlag {
    name: &'static str,
    why: &'static str,
    instead: &'static str,
    /// Whether a value may have stood there, which is then in the shell history.
    held_value: bool,
}

const ON_THE_COMMAND_LINE: &str = "values do not belong on the command line";
const IN_FILES: &str = "values do not belong in files";
const NO_PASSWORDS: &str = "API servers take no user names and passwords since Kubernetes 1.19";
const NEVER_SHOWN: &str = "no command prints a value";

const fn refused(name: &'static str, why: &'static str, instead: &'static str, held_value: bool) -> RefusedFlag {
    RefusedFlag { name, why, instead, held_value }
}

/// kubectl's ways to pass or show a value, and wishes to see one.
const REFUSED_FLAGS: &[RefusedFlag] = &[
    refused(
        "--from-literal",
        ON_THE_COMMAND_LINE,
        "name the key alone to be asked for its value: kubectl secretsafe create generic NAME KEY",
        true,
    ),
    refused(
        "--from-file",
        IN_FILES,
        "send the file through a pipe: kubectl secretsafe create generic NAME KEY=stdin < FILE",
        false,
    ),
    refused(
        "--from-env-file",
        IN_FILES,
        "send the file through a pipe: kubectl secretsafe create generic NAME --env-stdin < FILE",
        false,
    ),
    refused(
        "--append-hash",
        "a hash of the values would stand in the name",
        "choose another name for each version, such as NAME-2, and add --immutable",
        false,
    ),
    refused(
        "--docker-password",
        ON_THE_COMMAND_LINE,
        "to be asked for it, type: kubectl secretsafe create docker-registry NAME --docker-username USER",
        true,
    ),
    refused("--password", NO_PASSWORDS, "log in with a token, a certificate or a plugin of the kubeconfig", true),
    refused("--username", NO_PASSWORDS, "log in with a token, a certificate or a plugin of the kubeconfig", false),
    refused("--reveal", NEVER_SHOWN, "see what may be said about it: kubectl secretsafe view NAME", false),
    refused("--show-values", NEVER_SHOWN, "see what may be said about it: kubectl secretsafe view NAME", false),
    refused("--show-secrets", NEVER_SHOWN, "see what may be said about it: kubectl secretsafe view NAME", false),
];

/// What to type instead where a kind of `create` has a way of its own.
const INSTEAD: &[(&str, &str, &str)] = &[
    ("tls", "--from-file", "kubectl secretsafe create tls NAME --cert CERTFILE --key stdin < KEYFILE"),
    ("tls", "--from-literal", "kubectl secretsafe create tls NAME --cert CERTFILE --key"),
    ("docker-registry", "--from-file", "kubectl secretsafe create docker-registry NAME --docker-config stdin < FILE"),
    ("docker-registry", "--from-literal", "kubectl secretsafe create docker-registry NAME --docker-username USER"),
    ("basic-auth", "--from-file", "kubectl secretsafe create basic-auth NAME --username USER --password stdin < FILE"),
    ("basic-auth", "--from-literal", "kubectl secretsafe create basic-auth NAME --username USER"),
    ("ssh-auth", "--from-file", "kubectl secretsafe create ssh-auth NAME --key stdin < FILE"),
    ("ssh-auth", "--from-literal", "kubectl secretsafe create ssh-auth NAME --key"),
];

/// The kinds of `create`, to tell which one a flag was meant for.
const KINDS: &[&str] = &["generic", "tls", "docker-registry", "basic-auth", "ssh-auth"];

/// Finds what to type instead of a refused flag.
fn instead(flag: &RefusedFlag, kind: Option<&str>) -> String {
    let own = INSTEAD.iter().find(|(of, name, _)| Some(*of) == kind && *name == flag.name);
    own.map_or_else(|| flag.instead.to_owned(), |(_, _, command)| format!("type: {command}"))
}

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
        Kind::ValueValidation => error.source_error().unwrap_or_else(|| {
            Error::usage(format!("the value of {} cannot be used", known(flag, command)))
                .hint("add --help to see what it takes")
        }),
        Kind::InvalidValue => {
            let known = known(flag, command);
            match list(error, ContextKind::ValidValue) {
                valid if valid.is_empty() => {
                    Error::usage(format!("{known} needs a value")).hint("add --help to see what it takes")
                }
                valid => Error::usage(format!("{known} does not take this value"))
                    .hint(format!("it takes: {}", valid.join(", "))),
            }
        }
        Kind::MissingRequiredArgument => {
            let missing = list(error, ContextKind::InvalidArg);
            let names: Vec<String> =
                missing.iter().map(|name| name.replace(['<', '>'], "").trim_end_matches('.').to_owned()).collect();
            let error = Error::usage(format!("missing: {}", names.join(" ")));
            if names.iter().any(|name| name == "CMD") {
                return error.hint("write the program and its arguments behind `--`: … -- CMD ARG");
            }
            error.hint("add --help to see how the command is written")
        }
        Kind::MissingSubcommand => {
            Error::usage("a command is missing").hint("type `kubectl secretsafe --help` to see all commands")
        }
        Kind::ArgumentConflict => {
            Error::usage(format!("{} cannot be used here together with another flag", known(flag, command)))
                .hint("leave one of them out; --help says what each is for")
        }
        Kind::TooManyValues | Kind::TooFewValues | Kind::WrongNumberOfValues => {
            Error::usage(format!("{} has the wrong number of values", known(flag, command)))
                .hint("add --help to see how the command is written")
        }
        Kind::NoEquals => Error::usage(format!("{} needs `=` before its value", known(flag, command)))
            .hint("write it in one word, such as --dry-run=client"),
        Kind::InvalidUtf8 => {
            Error::usage("an argument is not valid UTF-8").hint("pipe a value that is no text: KEY=stdin < FILE")
        }
        _ => Error::usage("the command line cannot be understood").hint("add --help to see how the command is written"),
    }
}

fn unknown_argument(argument: Option<&str>, error: &clap::Error) -> Error {
    let argument = argument.unwrap_or_default();
    let name = argument.split('=').next().unwrap_or_default();
    if let Some(flag) = REFUSED_FLAGS.iter().find(|flag| flag.name == name) {
        let error = Error::usage(format!("`{name}` is refused: {}", flag.why));
        let error = hints::without_redirection(error.hint(instead(flag, argv::created(KINDS))));
        return if flag.held_value {
            error.hint("if a value stood there, it is now in the shell history: change it")
        } else {
            error
        };
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
