//! Keeps memory files open under a path, while the program runs.
//!
//! `/proc/self/fd/N` of the program would be gone where programs close what they did not open: ssh does so
//! first of all. `/proc/OURS/fd/N` cannot be opened, because this process hides its memory and with it that
//! folder. So a second process of ours that never held a value does nothing but hold the files.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use crate::process::descriptors;

/// The hidden word that makes a process a keeper.
const WORD: &str = "__keep";

/// The keeper; it ends when this is dropped, and also when this process ends in any other way.
#[derive(Debug)]
pub(super) struct Keeper(Child);

impl Keeper {
    /// Starts it with these files, and waits until they can be opened.
    pub(super) fn start(files: Vec<OwnedFd>) -> io::Result<Self> {
        // The link and not the path, which an upgrade may have replaced by another version.
        let mut command = Command::new("/proc/self/exe");
        command
            .arg0("kubectl-secretsafe")
            .arg(WORD)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        // Ctrl-C is for the program, which may go on.
        command.stderr(Stdio::null()).process_group(0);
        descriptors::pass_on(&mut command, files.into_iter().zip(3..).collect())?;
        let mut keeper = Self(command.spawn()?);
        if let Some(mut ready) = keeper.0.stdout.take() {
            // It closes its end when it has become a process of its own that may be looked into.
            ready.read_to_end(&mut Vec::new())?;
        }
        Ok(keeper)
    }

    /// Returns the path of the file with this index.
    pub(super) fn path(&self, index: usize) -> String {
        format!("/proc/{}/fd/{}", self.0.id(), index + 3)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Tells whether the command line asks for a keeper.
pub(crate) fn asked(mut arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.nth(1).as_deref() == Some(OsStr::new(WORD)) && arguments.next().is_none()
}

/// Holds what was inherited until our end of standard input is closed.
pub(crate) fn keep() {
    // SAFETY: nothing else in this process uses its standard output.
    drop(unsafe { OwnedFd::from_raw_fd(1) });
    // SAFETY: nothing else in this process uses its standard input.
    let mut input = unsafe { File::from_raw_fd(0) };
    while input.read(&mut [0]).is_ok_and(|count| count > 0) {}
}
