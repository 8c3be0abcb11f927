//! What stands earlier on the line: kubectl's flags and the Secret's name, and the cluster they lead to.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use clap::{ArgMatches, Command, CommandFactory, FromArgMatches};
use tokio::runtime::Runtime;

use crate::cli::GlobalArgs;
use crate::commands::Cli;
use crate::config::Config;
use crate::context::Context;
use crate::error::Result;
use crate::names::{KeyName, SecretName};

use super::arguments;

/// The words before the one under the cursor, understood as far as they can be.
pub(super) struct Line {
    global: GlobalArgs,
    /// `None` if it cannot be used: then nothing is asked.
    config: Option<Config>,
    name: Option<SecretName>,
    words: Vec<String>,
    runtime: Option<Runtime>,
    until: Instant,
}

impl Line {
    /// Reads the words; all requests together may take as long as `patience`.
    pub(super) fn read(before: &[OsString], patience: Duration) -> Option<Self> {
        let until = Instant::now() + patience;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let mut command = lenient(Cli::command(), true).ignore_errors(true);
        let arguments = std::iter::once(OsString::from("kubectl-secretsafe")).chain(before.iter().cloned());
        let mut global = GlobalArgs::default();
        let mut name = None;
        if let Ok(matches) = command.try_get_matches_from_mut(arguments) {
            // Flags that cannot be read are as good as absent: the command itself will complain.
            let _ = global.update_from_arg_matches(&matches);
            name = secret_name(&command, &matches);
        }
        let words = before.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        let config = Config::load().and_then(Config::settle).ok();
        Some(Self { global, config, name, words, runtime: Some(runtime), until })
    }

    /// Returns kubectl's flags.
    pub(super) fn global(&self) -> &GlobalArgs {
        &self.global
    }

    /// Returns the Secret that is named earlier.
    pub(super) fn name(&self) -> Option<&SecretName> {
        self.name.as_ref()
    }

    /// Tells whether a key is named already, behind the Secret.
    pub(super) fn has_key(&self, key: &KeyName) -> bool {
        let name = self.name.as_ref().map(SecretName::as_str);
        let behind = self.words.iter().skip_while(|word| word.rsplit('/').next() != name).skip(1);
        behind.filter_map(|word| word.split('=').next()).any(|keys| keys.split(',').any(|named| named == key.as_str()))
    }

    /// Asks for something in the time that is left; `None` if there is none, or it fails.
    pub(super) fn ask<T>(&self, global: GlobalArgs, what: impl AsyncFnOnce(&Context) -> Result<T>) -> Option<T> {
        let ctx = Context::for_completion(global, self.config.clone()?);
        let left = self.until.saturating_duration_since(Instant::now());
        self.runtime.as_ref()?.block_on(async { tokio::time::timeout(left, what(&ctx)).await }).ok()?.ok()
    }
}

impl Drop for Line {
    /// Leaves behind what still waits on a thread, such as a resolver: what is known must be shown in time.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Makes a command take any text: a source that is only half written must not hide the flags behind it.
fn lenient(command: Command, root: bool) -> Command {
    let command = command.disable_help_flag(true).mut_subcommands(|sub| lenient(sub, false));
    // The root's own arguments are kubectl's flags, which are read as what they are.
    if root {
        return command.disable_version_flag(true);
    }
    command.mut_args(|arg| {
        if arg.get_action().takes_values() { arg.value_parser(clap::value_parser!(OsString)) } else { arg }
    })
}

fn secret_name(command: &Command, matches: &ArgMatches) -> Option<SecretName> {
    if let Some((verb, inner)) = matches.subcommand() {
        return secret_name(command.find_subcommand(verb)?, inner);
    }
    let argument = command.get_positionals().find(|argument| arguments::is_secret_name(argument))?;
    matches.get_raw(argument.get_id().as_str())?.next()?.to_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str]) -> Line {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        Line::read(&words, Duration::from_secs(1)).unwrap()
    }

    #[test]
    fn flags_and_name_are_found_wherever_they_stand() {
        for words in [
            &["rotate", "db", "-n", "prod", "--context=c"][..],
            &["-n", "prod", "--context", "c", "rotate", "secret/db"],
            &["rotate", "db", "a=no-such-source:", "-nprod", "--context", "c"],
            &["rotate", "db", "a", "--context", "c", "-n", "prod", "--dry-run=x", "--kubeconfig"],
        ] {
            let line = line(words);
            assert_eq!(line.name().map(ToString::to_string).as_deref(), Some("db"), "{words:?}");
            assert_eq!(line.global().namespace.as_ref().map(ToString::to_string).as_deref(), Some("prod"), "{words:?}");
            assert_eq!(line.global().context.as_deref(), Some("c"), "{words:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_absent() {
        for words in
            [&["--help"][..], &["no-such-command"], &["view"], &["view", "--no-such-flag"], &["view", "-n"], &[]]
        {
            let line = line(words);
            assert!(line.name().is_none() && line.global().namespace.is_none(), "{words:?}");
        }
    }

    #[test]
    fn keys_named_before_are_known() {
        let line = line(&["rotate", "db", "a,b=generate", "c"]);
        assert!(!line.has_key(&KeyName::checked("db").unwrap()), "the name of the Secret is no key");
        assert!(["a", "b", "c"].iter().all(|key| line.has_key(&KeyName::checked(key).unwrap())));
        assert!(!line.has_key(&KeyName::checked("generate").unwrap()));
    }
}
