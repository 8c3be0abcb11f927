//! The table: what kind of candidates an argument takes, by its flag or by the name of its value.

use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use clap::builder::PossibleValue;
use clap::{Arg, Command, CommandFactory, ValueHint};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::commands::Cli;

use super::line::Line;
use super::{cluster_names, contexts, keychain, keys, sources};

/// Gives candidates for what was typed so far.
type Complete = fn(&Line, &str) -> Vec<CompletionCandidate>;

/// Flags of kubectl whose values stand in the kubeconfig.
const BY_FLAG: &[(&str, Complete)] =
    &[("context", contexts::contexts), ("cluster", contexts::clusters), ("user", contexts::users)];

/// Everything else, by the name of the value.
const BY_VALUE: &[(&str, Complete)] = &[
    (NAME, cluster_names::secrets),
    ("NAMESPACE", cluster_names::namespaces),
    ("[CONTEXT:][NAMESPACE/]NAME", cluster_names::elsewhere),
    ("[CONTEXT:]NAMESPACE[/NAME]", cluster_names::places),
    ("KEY,...", keys::keys),
    ("KEY", keys::lent),
    ("OLD", keys::keys),
    (KEY_AND_SOURCE, keys::with_source),
    ("KEY[=N]", keys::lent),
    ("KEY=VARIABLE", keys::lent),
    ("NAME/KEY", keys::of_any),
    ("SOURCE", sources::sources),
    ("SERVICE/ACCOUNT", keychain::entries),
    ("TYPE", |_, current| words(TYPES, current)),
];

const NAME: &str = "NAME";
const KEY_AND_SOURCE: &str = "KEY[=SOURCE]";

/// Types of Secrets that Kubernetes knows.
const TYPES: &[&str] = &[
    "Opaque",
    "kubernetes.io/basic-auth",
    "kubernetes.io/dockerconfigjson",
    "kubernetes.io/ssh-auth",
    "kubernetes.io/tls",
];

/// Attaches candidates to every argument of the command and of those below.
pub(super) fn attach(command: Command, line: &Arc<Line>) -> Command {
    attach_below(command, line, false)
}

fn attach_below(command: Command, line: &Arc<Line>, fresh: bool) -> Command {
    let with_subcommands = command.mut_subcommands(|sub| {
        // A Secret that is to be made has no name yet.
        let fresh = fresh || sub.get_name() == "create";
        attach_below(sub, line, fresh)
    });
    with_subcommands.mut_args(|arg| {
        if fresh && is_secret_name(&arg) {
            return arg;
        }
        if !arg.get_action().takes_values() {
            return arg;
        }
        // Clap lists the values itself where it knows them; but `jsonpath=TEMPLATE` is to be typed from the `=` on.
        let known: Vec<PossibleValue> = arg.get_value_parser().possible_values().into_iter().flatten().collect();
        if known.iter().any(|value| value.get_name().contains('=')) {
            return arg.add(ArgValueCompleter::new(move |current: &OsStr| begun(&known, &current.to_string_lossy())));
        }
        if !known.is_empty() {
            return arg;
        }
        let line = Arc::clone(line);
        if let Some(complete) = complete_for(&arg) {
            return arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                current.to_str().map_or_else(Vec::new, |current| complete(&line, current))
            }));
        }
        match value_name(&arg) {
            // In capitals stand things, not words to type; of these, files can be offered.
            Some(things) if things.split('|').any(|thing| thing == "FILE") => arg.value_hint(ValueHint::AnyPath),
            Some(things) if things.contains(char::is_uppercase) => arg,
            Some(choice) if choice.contains('|') => arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                let known: Vec<&str> = choice.split('|').collect();
                words(&known, &current.to_string_lossy())
            })),
            _ => arg,
        }
    })
}

/// Tells whether what comes next belongs to another program: behind `--` of a command that runs one.
pub(super) fn are_of_another_program(before: &[OsString]) -> bool {
    let mut words = before.iter();
    let runs = words.any(|word| {
        let command = Cli::command();
        command.find_subcommand(word).is_some_and(|command| command.get_positionals().any(Arg::is_last_set))
    });
    runs && words.any(|word| word == "--")
}

/// Tells whether the argument names the Secret that the command is about.
pub(super) fn is_secret_name(arg: &Arg) -> bool {
    arg.is_positional() && value_name(arg).as_deref() == Some(NAME)
}

fn complete_for(arg: &Arg) -> Option<Complete> {
    if let Some((_, complete)) = BY_FLAG.iter().find(|(flag, _)| arg.get_long() == Some(*flag)) {
        return Some(*complete);
    }
    let name = value_name(arg)?;
    // A flag's NAME is that of something else, such as a label.
    if name == NAME && !arg.is_positional() {
        return None;
    }
    // `KEY[,KEY…][=SOURCE]` and the like.
    let name = if name.starts_with("KEY") && name.ends_with("[=SOURCE]") { KEY_AND_SOURCE } else { &name };
    BY_VALUE.iter().find(|(value, _)| *value == name).map(|(_, complete)| *complete)
}

fn value_name(arg: &Arg) -> Option<String> {
    arg.get_value_names()?.first().map(ToString::to_string)
}

/// Offers those of the words that begin with what was typed.
pub(super) fn words(known: &[&str], current: &str) -> Vec<CompletionCandidate> {
    known.iter().filter(|word| word.starts_with(current)).map(|word| CompletionCandidate::new(*word)).collect()
}

/// Offers known values, up to where the reader has to go on.
fn begun(known: &[PossibleValue], current: &str) -> Vec<CompletionCandidate> {
    let begins = |value: &PossibleValue| value.get_name().split_inclusive('=').next().unwrap_or_default().to_owned();
    let offered = known.iter().map(|value| (begins(value), value.get_help().cloned()));
    offered
        .filter(|(begin, _)| begin.starts_with(current))
        .map(|(begin, help)| CompletionCandidate::new(begin).help(help))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn behind_two_dashes_stands_another_program() {
        let asked = |words: &[&str]| are_of_another_program(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert!(asked(&["-n", "prod", "exec", "db", "a", "--"]));
        assert!(asked(&["exec", "db", "--", "psql", "-h"]));
        assert!(!asked(&["exec", "db", "a"]));
        assert!(!asked(&["view", "--", "db"]));
    }

    #[test]
    fn choices_are_offered() {
        let line = Arc::new(Line::read(&[], Duration::from_secs(1)).unwrap());
        let mut command = attach(Cli::command(), &line);
        let words = ["kubectl-secretsafe", "rotate", "db", "a", "--dry-run=c"].map(Into::into).to_vec();
        let found = clap_complete::engine::complete(&mut command, words, 4, None).unwrap();
        let values: Vec<_> = found.iter().map(|found| found.get_value().to_str().unwrap()).collect();
        assert_eq!(values, ["--dry-run=client"]);
    }

    #[test]
    fn files_are_offered_where_files_are_named() {
        let offered = |words: &[&str]| {
            let line = Arc::new(Line::read(&[], Duration::from_secs(1)).unwrap());
            let words: Vec<OsString> = std::iter::once(&"kubectl-secretsafe").chain(words).map(Into::into).collect();
            let last = words.len() - 1;
            let here = Some(std::path::Path::new(env!("CARGO_MANIFEST_DIR")));
            let found = clap_complete::engine::complete(&mut attach(Cli::command(), &line), words, last, here).unwrap();
            found.iter().map(|found| found.get_value().to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        for words in
            [&["apply", "-f", "Car"][..], &["diff", "-f", "Car"], &["seal", "db", "--cert", "Car"], &["scan", "Car"]]
        {
            assert!(offered(words).contains(&"Cargo.toml".to_owned()), "{words:?}: {:?}", offered(words));
        }
        assert!(offered(&["log", "--since", ""]).is_empty());
    }

    #[test]
    fn a_format_with_a_parameter_is_offered_up_to_it() {
        let offered = |current: &str| {
            let line = Arc::new(Line::read(&[], Duration::from_secs(1)).unwrap());
            let words = ["kubectl-secretsafe", "view", "db", "-o", current].map(Into::into).to_vec();
            let found = clap_complete::engine::complete(&mut attach(Cli::command(), &line), words, 4, None).unwrap();
            found.iter().map(|found| found.get_value().to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(offered("jsonpath"), ["jsonpath=", "jsonpath-as-json=", "jsonpath-file="]);
        assert_eq!(offered("y"), ["yaml"]);
        assert!(offered("jsonpath={.m").is_empty());
    }
}
