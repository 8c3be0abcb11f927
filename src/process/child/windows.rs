//! What is lent to a program on Windows, and its start: standard input and the environment.

use std::ffi::OsString;
use std::io::{self, PipeWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};
use crate::plaintext::SecretValue;
use crate::plaintext::lend::{self, Carrier};

use super::variable::Variable;
use super::{Ended, Unlent, not_started};

/// Whether a program runs, which ctrl-C reaches by itself.
static RUNS: AtomicBool = AtomicBool::new(false);

/// Leaves ctrl-C to the program; `false` if none runs.
pub(crate) fn takes(_number: i32) -> bool {
    RUNS.load(Ordering::Relaxed)
}

/// A program that is about to be started. It has no `Debug`: that of a command shows its environment.
pub(crate) struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
    command: Command,
    input: Option<(PipeWriter, Arc<SecretValue>)>,
}

struct End(PipeWriter);

impl Carrier for End {
    type Error = io::Error;

    fn take(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(bytes).map(|()| bytes.len())
    }
}

impl Launch {
    /// Describes a program that is lent nothing yet.
    pub(crate) fn new(program: &Path, arguments: Vec<OsString>) -> Self {
        Self { program: program.to_owned(), arguments, command: Command::new(program), input: None }
    }

    /// Lends a value on standard input.
    pub(crate) fn on_stdin(&mut self, value: Arc<SecretValue>) -> Result<(), Unlent> {
        let (reader, writer) = io::pipe()?;
        self.command.stdin(reader);
        self.input = Some((writer, value));
        Ok(())
    }

    /// There is no such way here; the plan has refused it.
    pub(crate) fn on_pipe(&mut self, _value: Arc<SecretValue>, _number: i32, _variable: &str) -> Result<(), Unlent> {
        Err(Unlent::System(io::ErrorKind::Unsupported))
    }

    /// There is no such way here; the plan has refused it.
    pub(crate) fn as_file(&mut self, _value: &Arc<SecretValue>, _number: i32, _variable: String) -> Result<(), Unlent> {
        Err(Unlent::System(io::ErrorKind::Unsupported))
    }

    /// Lends a value in the environment.
    pub(crate) fn as_variable(&mut self, value: &SecretValue, name: String) -> Result<(), Unlent> {
        lend::to_child(value, 0, &mut Variable { command: &mut self.command, name }).map(drop)
    }

    /// Starts the program and waits for its end.
    pub(crate) async fn run(mut self) -> Result<Ended> {
        self.command.args(&self.arguments);
        let mut child = self.command.spawn().map_err(|err| not_started(&self.program, &err))?;
        RUNS.store(true, Ordering::Relaxed);
        let input = self.input.take();
        drop(self);
        // The thread ends when nobody is left who could read.
        if let Some((writer, value)) = input {
            std::thread::spawn(move || {
                let _ = lend::to_child(&value, 0, &mut End(writer));
            });
        }
        let status = tokio::task::spawn_blocking(move || child.wait()).await;
        RUNS.store(false, Ordering::Relaxed);
        let code = status.ok().and_then(|status| status.ok()?.code());
        let code = code.ok_or_else(|| Error::bug("it is not known how the program ended"))?;
        Ok(Ended::Code(u8::try_from(code).unwrap_or(1)))
    }
}
