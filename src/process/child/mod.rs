//! The programs that are lent values, of `exec` and of hooks: what they get, how they start, and how they end.
//!
//! Values pass through `plaintext::lend` into what carries them; nothing here reads one.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::error::Error;
use crate::plaintext::SecretValue;

mod variable;

#[cfg(unix)]
mod hook;

#[cfg(target_os = "linux")]
mod keeper;
#[cfg(unix)]
mod launch;
#[cfg(windows)]
#[path = "windows.rs"]
mod launch;
#[cfg(target_os = "linux")]
mod memory_file;
#[cfg(unix)]
mod pipe;
#[cfg(unix)]
mod running;

#[cfg(unix)]
pub(crate) use hook::run_hook;
#[cfg(target_os = "linux")]
pub(crate) use keeper::{asked as asked_to_keep, keep};
pub(crate) use launch::Launch;
#[cfg(windows)]
pub(crate) use launch::takes;
#[cfg(target_os = "linux")]
pub(crate) use pipe::feed;
#[cfg(unix)]
pub(crate) use running::takes;

/// What the names of variables begin with that say on which descriptor a value is.
pub(crate) const DESCRIPTOR_VARIABLE: &str = "SECRETSAFE_FD_";

/// Whether a program can be handed descriptors by number.
pub(crate) const HAS_DESCRIPTORS: bool = cfg!(unix);

/// Whether there are files in memory, which need no descriptor in the program.
pub(crate) const HAS_MEMORY_FILES: bool = cfg!(target_os = "linux");

/// One run of a hook.
#[derive(Debug)]
pub(crate) struct HookCall<'a> {
    /// The program, by its whole path.
    pub(crate) program: &'a Path,
    /// Its arguments.
    pub(crate) arguments: &'a [OsString],
    /// Variables of its environment; none is secret.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// The value before; none if there was none.
    pub(crate) old: Option<&'a SecretValue>,
    /// The value after; none if there will be none.
    pub(crate) new: Option<&'a SecretValue>,
    /// How long it may take.
    pub(crate) limit: Option<Duration>,
    /// Whether its output goes to the terminal; otherwise nobody sees it.
    pub(crate) shows: bool,
}

/// How a hook ended; of its output only the size is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HookEnd {
    /// Well.
    Done {
        /// Bytes that it wrote.
        bytes: usize,
    },
    /// With another exit code than 0.
    Failed {
        /// The code.
        code: i32,
        /// Bytes that it wrote.
        bytes: usize,
    },
    /// By a signal.
    BySignal {
        /// The signal.
        signal: i32,
        /// Bytes that it wrote.
        bytes: usize,
    },
    /// It was killed, with all that it had started.
    TimedOut,
    /// The system did not start it: why.
    NotStarted(String),
}

/// Says that there are no hooks here.
#[cfg(not(unix))]
pub(crate) async fn run_hook(_call: HookCall<'_>) -> crate::error::Result<HookEnd> {
    Ok(HookEnd::NotStarted("values cannot be lent on descriptors on this system".to_owned()))
}

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With an exit code.
    Code(u8),
    /// By a signal.
    #[cfg_attr(windows, expect(dead_code, reason = "programs there end with a code"))]
    BySignal(i32),
}

/// Why a value could not be lent.
#[derive(Debug)]
pub(crate) enum Unlent {
    /// The system gave no pipe or file.
    System(io::ErrorKind),
    /// It cannot stand in an environment.
    NotForEnvironment(&'static str),
}

impl Unlent {
    /// Says it to the user.
    pub(crate) fn explain(&self, key: &str) -> Error {
        match self {
            Self::System(kind) => Error::bug(format!("key `{key}` cannot be lent")).because(kind.to_string()),
            Self::NotForEnvironment(reason) => Error::usage(format!("key `{key}` cannot be lent in the environment"))
                .because(*reason)
                .hint(format!("lend it with --stdin {key}, or as a file with --file {key}=VARIABLE")),
        }
    }
}

impl From<io::Error> for Unlent {
    fn from(err: io::Error) -> Self {
        Self::System(err.kind())
    }
}

/// Says why the program did not start.
fn not_started(program: &Path, err: &io::Error) -> Error {
    let error = Error::usage(format!("`{}` does not start", program.display()));
    match err.kind() {
        io::ErrorKind::ArgumentListTooLong => error
            .because("its arguments and environment are larger than the system allows")
            .hint("lend large values with --stdin KEY or --file KEY=VARIABLE instead of --env"),
        io::ErrorKind::NotFound => error.because("what should run it, named behind its `#!`, is not there"),
        kind => error.because(kind.to_string()),
    }
}
