//! How git is started: by its whole path, without a shell, with a config that outweighs the repository's own.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use crate::error::Result;
use crate::process::program;

use super::failure::GitFailure;

/// What a repository's config could make git run, or follow, is switched off. The last word counts, and this is it.
const CONFIG: &[&str] = &[
    // Empty, which is "no" for every git: older ones would take `false` for the name of a program.
    "core.fsmonitor=",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.alternateRefsCommand=",
    "core.attributesFile=/dev/null",
    "core.untrackedCache=false",
    "diff.external=",
    "diff.orderFile=/dev/null",
    "log.showSignature=false",
    "protocol.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
];

/// Variables that say which repository is meant; git sets them for its hooks.
const PLACE: &[&str] = &[
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_WORK_TREE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
];

/// Variables of the user that say where git finds its own config, and how far it looks for a repository.
const SEARCH: &[&str] = &[
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
];

/// What is set for every git.
const ENVIRONMENT: &[(&str, &str)] = &[
    // A missing object stays missing. The second says the same to those that do not know the first: the config of a
    // repository can allow single protocols, but not against this list.
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("LC_ALL", "C"),
];

/// The program, where it runs, and which repository it is told of.
#[derive(Debug, Clone)]
pub(super) struct Git {
    program: PathBuf,
    folder: PathBuf,
    /// Whether the variables that say which repository is meant count.
    here: bool,
}

impl Git {
    /// Looks for the program; `here` is for the repository that the caller is in, as git's hooks are.
    pub(super) fn find(folder: &Path, here: bool) -> Result<Option<Self>> {
        let program = program::find_tool("git", "it would read the repository")?;
        Ok(program.map(|program| Self { program, folder: folder.to_owned(), here }))
    }

    /// Returns the folder that it runs in.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes a command of which nothing is known but its arguments.
    pub(super) fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        self.command_with(CONFIG, arguments)
    }

    /// Makes one that sees what the repository says about hooks; for commands that run none.
    pub(super) fn command_about_hooks<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let config: Vec<&str> = CONFIG.iter().copied().filter(|line| !line.starts_with("core.hooksPath")).collect();
        self.command_with(&config, arguments)
    }

    fn command_with<S: AsRef<OsStr>>(&self, config: &[&str], arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            let known = |names: &[&str]| names.iter().any(|known| name == *known);
            let stays = known(SEARCH) || (self.here && known(PLACE));
            if name.as_encoded_bytes().starts_with(b"GIT_") && !stays {
                command.env_remove(name);
            }
        }
        command.envs(ENVIRONMENT.iter().copied());
        command.args(["--no-pager", "--no-replace-objects"]);
        for line in config {
            command.args(["-c", line]);
        }
        command.args(arguments).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    /// Runs a command that says little.
    pub(super) fn ask<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Result<Vec<u8>, GitFailure> {
        output(&mut self.command(arguments))
    }
}

/// Runs a command to its end.
pub(super) fn output(command: &mut Command) -> Result<Vec<u8>, GitFailure> {
    let mut running = Running::start(command)?;
    let mut bytes = Vec::new();
    running.output.read_to_end(&mut bytes)?;
    running.end()?;
    Ok(bytes)
}

/// A git that is killed when this is dropped before its end. It stays in our process group: what ends us from a terminal
/// ends it as well.
pub(super) struct Started {
    child: Child,
    ended: bool,
}

impl Started {
    /// Starts it.
    pub(super) fn new(command: &mut Command) -> Result<Self, GitFailure> {
        Ok(Self { child: command.spawn()?, ended: false })
    }

    /// Takes the end on which it writes.
    pub(super) fn output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Waits for its end.
    pub(super) fn end(mut self) -> Result<(), GitFailure> {
        let status = self.child.wait()?;
        self.ended = true;
        ended(status)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A git that is listened to.
pub(super) struct Running {
    started: Started,
    pub(super) output: BufReader<ChildStdout>,
}

impl Running {
    /// Starts it.
    pub(super) fn start(command: &mut Command) -> Result<Self, GitFailure> {
        let mut started = Started::new(command)?;
        let output = started.output().ok_or(GitFailure::Unheard)?;
        Ok(Self { started, output: BufReader::with_capacity(64 * 1024, output) })
    }

    /// Takes the end on which it is told what to do.
    pub(super) fn input(&mut self) -> Option<ChildStdin> {
        self.started.child.stdin.take()
    }

    /// Returns what comes up to the next NUL; none at the end.
    pub(super) fn piece(&mut self) -> Result<Option<Vec<u8>>, GitFailure> {
        let mut piece = Vec::new();
        if self.output.read_until(0, &mut piece)? == 0 {
            return Ok(None);
        }
        // Half a piece is one of a git that did not end well, which is seen then.
        Ok((piece.pop() == Some(0)).then_some(piece))
    }

    /// Waits for its end, after its output.
    pub(super) fn end(self) -> Result<(), GitFailure> {
        self.started.end()
    }
}

/// Tells how it went.
fn ended(status: ExitStatus) -> Result<(), GitFailure> {
    if status.success() { Ok(()) } else { Err(GitFailure::Ended(status.code())) }
}
