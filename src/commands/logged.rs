//! Which commands the local log notes, and what of the command line it may know (requirement S9): words of this program
//! and two flags, never an argument.
//!
//! Whatever reads values or changes something is noted wherever the request is sent. This table is for attempts that do
//! not come so far; `tests` below fail where a command is in neither list.

use clap::ArgMatches;

use crate::log::{Access, Settings};

use super::change::DryRun;

/// Commands that read values or change something, and which.
const NOTED: &[(&str, Access)] = &[
    ("create generic", Access::Write),
    ("create tls", Access::Write),
    ("create docker-registry", Access::Write),
    ("create basic-auth", Access::Write),
    ("create ssh-auth", Access::Write),
    ("apply", Access::ReadWrite),
    ("rotate", Access::Write),
    ("rollback", Access::Write),
    ("set", Access::Write),
    ("unset", Access::Write),
    ("rename-key", Access::Write),
    ("diff", Access::Read),
    ("view", Access::Read),
    ("exec", Access::Read),
    ("clip", Access::Read),
    ("copy", Access::ReadWrite),
    ("seal", Access::Read),
    ("policy set", Access::Write),
    ("policy clear", Access::Write),
    ("schedule", Access::Write),
    ("schedule remove", Access::Write),
    ("keychain set", Access::Write),
    ("keychain import", Access::Write),
    ("keychain delete", Access::Write),
    ("keychain rename", Access::ReadWrite),
    ("keychain rebind", Access::ReadWrite),
];

/// Commands that do not, and why.
const NOT_NOTED: &[(&str, &str)] = &[
    ("list", "metadata only; what --deep reads is noted where it is read"),
    ("audit", "metadata only; what --deep reads and --fix writes is noted where it is sent"),
    ("export", "metadata only; a read for the names of keys is noted where it is sent"),
    ("scan", "files only, and nothing of a cluster; --adopt writes into the keychain, and is noted"),
    ("history", "metadata only"),
    ("policy show", "metadata only"),
    ("usage", "metadata only"),
    ("access", "metadata only"),
    ("schedule show", "objects without values"),
    ("keychain list", "names only"),
    ("completion", "prints a script"),
    ("mcp", "each call is a run of its own"),
    ("log", "reads the log"),
];

/// Returns what the log knows of a run from its command line.
pub(crate) fn of_run(matches: &ArgMatches) -> Settings {
    let (mut words, mut leaf) = (Vec::new(), matches);
    while let Some((word, below)) = leaf.subcommand() {
        words.push(word);
        leaf = below;
    }
    let action = words.join(" ");
    let dry_run = leaf.try_get_one::<DryRun>("dry_run").ok().flatten().copied().unwrap_or(DryRun::None);
    let metadata_only = leaf.try_get_one::<bool>("metadata_only").ok().flatten().copied().unwrap_or_default();
    let adopts = leaf.try_get_one::<bool>("adopt").ok().flatten().copied().unwrap_or_default();
    Settings {
        intent: if adopts { Some(Access::Write) } else { intent(&action) },
        action,
        dry_run: dry_run == DryRun::Server,
        plan_only: dry_run == DryRun::Client || metadata_only,
        ..Settings::default()
    }
}

fn intent(action: &str) -> Option<Access> {
    debug_assert!(
        NOTED.iter().any(|(noted, _)| *noted == action) || NOT_NOTED.iter().any(|(other, _)| *other == action),
        "{action} is in no list"
    );
    NOTED.iter().find(|(noted, _)| *noted == action).map(|(_, access)| *access)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::commands::Cli;

    fn runnable(command: &clap::Command, path: &str, all: &mut Vec<String>) {
        for sub in command.get_subcommands() {
            let path = format!("{path}{}", sub.get_name());
            if !sub.has_subcommands() || sub.is_args_conflicts_with_subcommands_set() {
                all.push(path.clone());
            }
            runnable(sub, &format!("{path} "), all);
        }
    }

    #[test]
    fn every_command_is_noted_or_says_why_not() {
        let mut all = Vec::new();
        runnable(&Cli::command(), "", &mut all);
        all.sort();
        let listed = NOTED.iter().map(|(path, _)| *path).chain(NOT_NOTED.iter().map(|(path, _)| *path));
        let mut listed: Vec<String> = listed.map(str::to_owned).collect();
        listed.sort();
        assert_eq!(all, listed);
    }

    #[test]
    fn of_the_command_line_it_knows_words_and_dry_runs() {
        let of = |line: &[&str]| of_run(&Cli::command().try_get_matches_from(line).unwrap());
        let run = of(&["x", "-n", "prod", "rotate", "db", "a=generate", "--dry-run=server"]);
        assert_eq!((run.action.as_str(), run.intent), ("rotate", Some(Access::Write)));
        assert!(run.dry_run && !run.plan_only);
        assert!(of(&["x", "rotate", "db", "a=generate", "--dry-run"]).plan_only);
        assert!(of(&["x", "view", "db", "--metadata-only"]).plan_only);
        assert_eq!(of(&["x", "create", "generic", "db", "a"]).action, "create generic");
        assert_eq!(of(&["x", "list"]).intent, None);
        assert_eq!(of(&["x", "scan"]).intent, None);
        assert_eq!(of(&["x", "scan", "--adopt"]).intent, Some(Access::Write));
        assert_eq!(of(&["x", "schedule", "remove"]).intent, Some(Access::Write));
    }
}
