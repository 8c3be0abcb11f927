//! The terminal's settings while a hidden answer is typed, and their return in every case.
//!
//! The settings live in one place for the process, because a signal must be able to put them back
//! while another thread reads.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Ask the terminal to mark pastes, and not to.
const PASTE_MARKS_ON: &[u8] = b"\x1b[?2004h";
const PASTE_MARKS_OFF: &[u8] = b"\x1b[?2004l";
const SHOW_CURSOR: &[u8] = b"\x1b[?25h";

/// What must be put back, if something was changed.
static CHANGED: Mutex<Option<Changed>> = Mutex::new(None);

struct Changed {
    tty: File,
    before: libc::termios,
    /// The question, to be shown again after a stop; none for what a library draws.
    question: Option<String>,
}

/// Puts the settings back when it is dropped.
pub(super) struct Guard(());

impl Guard {
    /// Switches echo and line mode off for a hidden answer.
    ///
    /// Line mode would cut a line at 4,095 bytes in silence. Signals from keys stay on.
    pub(super) fn hidden(tty: &File, question: String) -> std::io::Result<Self> {
        let guard = Self::remember(tty, Some(question))?;
        hide(&lock())?;
        Ok(guard)
    }

    /// Remembers the settings for as long as a library changes them.
    pub(super) fn watched(tty: &File) -> std::io::Result<Self> {
        Self::remember(tty, None)
    }

    fn remember(tty: &File, question: Option<String>) -> std::io::Result<Self> {
        let before = settings(tty)?;
        *lock() = Some(Changed { tty: tty.try_clone()?, before, question });
        Ok(Self(()))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
        *lock() = None;
    }
}

/// Puts the terminal back as it was, if it was changed.
pub(super) fn restore() {
    if let Some(changed) = lock().as_mut() {
        let marks = if changed.question.is_some() { PASTE_MARKS_OFF } else { SHOW_CURSOR };
        let _ = changed.tty.write_all(marks);
        let _ = apply(&changed.tty, &changed.before);
    }
}

/// After a stop: hides again, and shows the question again.
pub(super) fn hide_again() {
    let mut changed = lock();
    let _ = hide(&changed);
    if let Some(Changed { tty, question: Some(question), .. }) = changed.as_mut() {
        let _ = tty.write_all(question.as_bytes());
    }
}

fn lock() -> MutexGuard<'static, Option<Changed>> {
    CHANGED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hide(changed: &Option<Changed>) -> std::io::Result<()> {
    let Some(Changed { tty, before, question: Some(_) }) = changed else { return Ok(()) };
    let mut hidden = *before;
    hidden.c_lflag &= !(libc::ECHO | libc::ECHONL | libc::ICANON | libc::IEXTEN);
    hidden.c_lflag |= libc::ISIG;
    // Flow control would swallow Ctrl-S and Ctrl-Q, which a password may not hold anyway; they are refused.
    hidden.c_iflag &= !(libc::IXON | libc::ISTRIP | libc::INLCR | libc::IGNCR);
    hidden.c_iflag |= libc::ICRNL;
    hidden.c_cc[libc::VMIN] = 1;
    hidden.c_cc[libc::VTIME] = 0;
    apply(tty, &hidden)?;
    let mut tty: &File = tty;
    tty.write_all(PASTE_MARKS_ON)
}

fn settings(tty: &File) -> std::io::Result<libc::termios> {
    let mut settings = std::mem::MaybeUninit::uninit();
    // SAFETY: the descriptor is open, and tcgetattr fills the whole structure if it returns 0.
    unsafe {
        if libc::tcgetattr(tty.as_raw_fd(), settings.as_mut_ptr()) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        Ok(settings.assume_init())
    }
}

fn apply(tty: &File, settings: &libc::termios) -> std::io::Result<()> {
    // SAFETY: the descriptor is open and `settings` is a whole structure that outlives the call.
    if unsafe { libc::tcsetattr(tty.as_raw_fd(), libc::TCSANOW, settings) } != 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(())
}
