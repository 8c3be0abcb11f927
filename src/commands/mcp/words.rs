//! kubectl's flags of this run, as words for the runs that it starts.

use clap::Command;
use clap::parser::ValueSource;

use crate::error::{Error, Result};

/// What was fixed when the server was started.
#[derive(Debug, Clone)]
pub(super) struct Fixed {
    /// The flags, one word each.
    pub(super) words: Vec<String>,
    /// Whether the context was named.
    pub(super) context: bool,
    /// Whether the namespace was named.
    pub(super) namespace: bool,
}

impl Fixed {
    /// Reads the command line once more: flags that every command has are passed on as they are.
    pub(super) fn of_this_run(command: &Command) -> Result<Self> {
        Self::of(command, std::env::args_os()).ok_or_else(|| Error::bug("the command line cannot be read again"))
    }

    fn of(command: &Command, line: impl IntoIterator<Item = std::ffi::OsString>) -> Option<Self> {
        let matches = command.clone().try_get_matches_from(line).ok()?;
        let matches = matches.subcommand().map(|(_, matches)| matches)?;
        let mut fixed = Self { words: Vec::new(), context: false, namespace: false };
        for arg in command.get_arguments().filter(|arg| arg.is_global_set()) {
            let (id, Some(long)) = (arg.get_id().as_str(), arg.get_long()) else { continue };
            if matches.value_source(id) != Some(ValueSource::CommandLine) {
                continue;
            }
            fixed.context |= long == "context";
            fixed.namespace |= long == "namespace";
            if !arg.get_action().takes_values() {
                fixed.words.push(format!("--{long}"));
                continue;
            }
            for value in matches.get_raw(id)? {
                fixed.words.push(format!("--{long}={}", value.to_str()?));
            }
        }
        Some(fixed)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn flags_of_every_command_are_passed_on_as_one_word_each() {
        let line = ["x", "-n", "mcp", "mcp", "--allow-writes", "--context=-odd", "--as-group=a", "--as-group", "b"];
        let fixed = Fixed::of(&crate::commands::Cli::command(), line.map(Into::into)).unwrap();
        let mut words = fixed.words.clone();
        words.sort();
        assert_eq!(words, ["--as-group=a", "--as-group=b", "--context=-odd", "--namespace=mcp"]);
        assert!(fixed.context && fixed.namespace);
        let none = Fixed::of(&crate::commands::Cli::command(), ["x", "mcp"].map(Into::into)).unwrap();
        assert!(none.words.is_empty() && !none.context && !none.namespace);
    }
}
