//! What is lent to a program, and its start.

use std::ffi::{OsStr, OsString};
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::plaintext::{SecretValue, lend};
use crate::process::{descriptors, stack};

use super::running::Watch;
use super::variable::Variable;
use super::{DESCRIPTOR_VARIABLE, Ended, Unlent, not_started, pipe};

/// A program that is about to be started. It has no `Debug`: that of a command shows its environment.
pub(crate) struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
    command: Command,
    /// What does not fit into the pipes.
    rests: Vec<pipe::Rest<Arc<SecretValue>>>,
    /// Descriptors and their numbers in the program.
    lent: Vec<(OwnedFd, RawFd)>,
    /// Memory files and the variables that name them.
    #[cfg(target_os = "linux")]
    files: Vec<(OwnedFd, String)>,
}

impl Launch {
    /// Describes a program that is lent nothing yet.
    pub(crate) fn new(program: &Path, arguments: Vec<OsString>) -> Self {
        let mut command = Command::new(program);
        // Numbers that we were told ourselves mean nothing to the program: it does not get those descriptors.
        for (name, _) in std::env::vars_os() {
            if name.as_bytes().starts_with(DESCRIPTOR_VARIABLE.as_bytes()) {
                command.env_remove(name);
            }
        }
        Self {
            program: program.to_owned(),
            arguments,
            command,
            rests: Vec::new(),
            lent: Vec::new(),
            #[cfg(target_os = "linux")]
            files: Vec::new(),
        }
    }

    /// Lends a value on standard input.
    pub(crate) fn on_stdin(&mut self, value: Arc<SecretValue>) -> Result<(), Unlent> {
        let reader = self.pipe(value)?;
        self.command.stdin(reader);
        Ok(())
    }

    /// Lends a value on a pipe with this number, which the variable names.
    pub(crate) fn on_pipe(&mut self, value: Arc<SecretValue>, number: RawFd, variable: &str) -> Result<(), Unlent> {
        let reader = self.pipe(value)?;
        self.lent.push((reader, number));
        self.command.env(variable, number.to_string());
        Ok(())
    }

    /// Lends a value as a file whose path the variable names.
    #[cfg(target_os = "linux")]
    pub(crate) fn as_file(&mut self, value: &Arc<SecretValue>, _number: RawFd, variable: String) -> Result<(), Unlent> {
        self.files.push((super::memory_file::make(value)?, variable));
        Ok(())
    }

    /// Lends a value on a pipe that has a path, which the variable names.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn as_file(&mut self, value: &Arc<SecretValue>, number: RawFd, variable: String) -> Result<(), Unlent> {
        let reader = self.pipe(Arc::clone(value))?;
        self.lent.push((reader, number));
        self.name_path(&variable, &format!("/dev/fd/{number}"));
        Ok(())
    }

    /// Lends a value in the environment.
    pub(crate) fn as_variable(&mut self, value: &SecretValue, name: String) -> Result<(), Unlent> {
        lend::to_child(value, 0, &mut Variable { command: &mut self.command, name }).map(drop)
    }

    fn pipe(&mut self, value: Arc<SecretValue>) -> Result<OwnedFd, Unlent> {
        let (reader, rest) = pipe::fill(value)?;
        self.rests.extend(rest);
        Ok(reader.into())
    }

    /// Puts a path into the variable, and into the arguments in the place of its name in braces.
    fn name_path(&mut self, variable: &str, path: &str) {
        self.command.env(variable, path);
        for argument in &mut self.arguments {
            *argument = replaced(argument, &format!("{{{variable}}}"), path);
        }
    }

    /// Starts the program and waits for its end.
    pub(crate) async fn run(mut self) -> Result<Ended> {
        let cannot = |err: std::io::Error| Error::bug("values cannot be lent").because(err.kind().to_string());
        let watch = Watch::start()?;
        #[cfg(target_os = "linux")]
        let _keeper = self.keep_files().map_err(cannot)?;
        self.command.args(&self.arguments);
        descriptors::pass_on(&mut self.command, std::mem::take(&mut self.lent)).map_err(cannot)?;
        let program = self.command.spawn().map_err(|err| not_started(&self.program, &err))?.id();
        let rests = std::mem::take(&mut self.rests);
        // Our copies of what was lent are closed, and variables are wiped: the program has its own.
        drop(self);
        // It may run for days, and decrypting the answer has left pieces below.
        stack::wiped(|| ());
        let fed = async {
            futures::future::join_all(rests.into_iter().map(pipe::Rest::feed)).await;
            std::future::pending().await
        };
        let program = i32::try_from(program).map_err(|_| Error::bug("a process id is too large"))?;
        tokio::select! {
            ended = watch.over(program) => ended,
            ended = fed => ended,
        }
    }

    #[cfg(target_os = "linux")]
    fn keep_files(&mut self) -> std::io::Result<Option<super::keeper::Keeper>> {
        if self.files.is_empty() {
            return Ok(None);
        }
        let (files, variables): (Vec<_>, Vec<_>) = std::mem::take(&mut self.files).into_iter().unzip();
        let keeper = super::keeper::Keeper::start(files)?;
        for (index, variable) in variables.iter().enumerate() {
            self.name_path(variable, &keeper.path(index));
        }
        Ok(Some(keeper))
    }
}

fn replaced(argument: &OsStr, name: &str, path: &str) -> OsString {
    let (mut left, name) = (argument.as_bytes(), name.as_bytes());
    let mut made = Vec::new();
    while let Some(first) = left.first() {
        if let Some(behind) = left.strip_prefix(name) {
            made.extend_from_slice(path.as_bytes());
            left = behind;
        } else {
            made.push(*first);
            left = left.get(1..).unwrap_or_default();
        }
    }
    OsString::from_vec(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_in_braces_is_replaced() {
        let text = |argument: &str| replaced(OsStr::new(argument), "{KEY}", "/p").into_string().unwrap();
        assert_eq!(text("{KEY}"), "/p");
        assert_eq!(text("-i{KEY},{KEY}"), "-i/p,/p");
        for same in ["", "KEY", "{}", "{KEY", "{key}", "${KEYS}", "é"] {
            assert_eq!(text(same), same);
        }
    }
}
