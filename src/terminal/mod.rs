//! The controlling terminal: asking on it with stdin piped or not, and leaving it as it was.

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
