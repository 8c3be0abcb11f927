//! The controlling terminal: asking on it with stdin piped or not, and leaving it as it was.

use std::io::{self, IsTerminal};

mod editor;
#[cfg(unix)]
mod guard;
#[cfg(unix)]
mod tty;
#[cfg(windows)]
#[path = "windows.rs"]
mod tty;

pub(crate) use editor::{Lines, Refused};
pub(crate) use tty::{AskError, ask_hidden, dialogue, open};
#[cfg(unix)]
pub(crate) use tty::{interrupt, resume, suspend, watch};
#[cfg(windows)]
pub(crate) use tty::{restore, watch};

/// Tells whether what is said on stderr is seen by somebody, and not written down.
pub(crate) fn stderr_is_seen() -> bool {
    io::stderr().is_terminal()
}

/// Returns a copy of stderr for a child that is to be seen.
#[cfg(unix)]
pub(crate) fn stderr_copy() -> io::Result<std::os::fd::OwnedFd> {
    std::os::fd::AsFd::as_fd(&io::stderr()).try_clone_to_owned()
}
