//! Reads a hidden answer from the terminal itself, whatever stdin is.
//!
//! dialoguer asks the visible questions (`ui`). It does not read values: in line mode the kernel cuts a
//! line at 4,095 bytes in silence, a paste of several lines would answer the next question, Ctrl-C
//! would leave echo off, and copies would stay in buffers that nobody wipes.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::editor::{Editor, Lines, Refused, Step};
use super::guard::{self, Guard};

/// How often the reader looks whether a signal wants it to stop.
const LOOK: Duration = Duration::from_millis(50);
/// A pause in the input that a paste does not have.
const QUIET: Duration = Duration::from_millis(60);
/// The longest that pending input is thrown away.
const DRAIN: Duration = Duration::from_secs(5);

/// Set when a signal ends the run, so that the reader gives up and wipes what it has.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum AskError {
    /// There is no terminal.
    NoTerminal,
    /// The terminal failed.
    Io(std::io::ErrorKind),
    /// The answer cannot be accepted.
    Refused(Refused),
    /// A signal ended the run.
    Interrupted,
}

impl From<std::io::Error> for AskError {
    fn from(err: std::io::Error) -> Self {
        Self::Io(err.kind())
    }
}

/// Opens the controlling terminal.
pub(crate) fn open() -> Option<File> {
    OpenOptions::new().read(true).write(true).open("/dev/tty").ok()
}

/// Makes the reader give up, so that it wipes what it has.
pub(crate) fn interrupt() {
    INTERRUPTED.store(true, Ordering::SeqCst);
    guard::restore();
}

/// Puts the terminal back before the process stops.
pub(crate) fn suspend() {
    guard::restore();
}

/// Hides again after the process goes on.
pub(crate) fn resume() {
    guard::hide_again();
}

/// Makes a dialogue on the terminal, for the library that asks the visible questions.
pub(crate) fn dialogue(tty: File) -> std::io::Result<console::Term> {
    let write = tty.try_clone()?;
    Ok(console::Term::read_write_pair(tty, write))
}

/// Watches over the terminal's settings while a library asks on it.
pub(crate) fn watch(tty: &File) -> std::io::Result<impl Drop + use<>> {
    Guard::watched(tty)
}

/// Asks a question and reads the answer, which is not shown. Blocks; call it on a thread for that.
pub(crate) fn ask_hidden(question: &str, lines: Lines) -> Result<Zeroizing<Vec<u8>>, AskError> {
    let mut tty = open().ok_or(AskError::NoTerminal)?;
    let guard = Guard::hidden(&tty, question.to_owned())?;
    tty.write_all(question.as_bytes())?;
    let answer = read(&mut tty, lines);
    if !matches!(answer, Ok(_) | Err(AskError::Interrupted)) {
        drain(&tty);
    }
    drop(guard);
    tty.write_all(b"\n")?;
    answer
}

fn read(tty: &mut File, lines: Lines) -> Result<Zeroizing<Vec<u8>>, AskError> {
    let mut editor = Editor::new(lines);
    let mut buffer = Zeroizing::new([0_u8; 4096]);
    loop {
        if INTERRUPTED.load(Ordering::SeqCst) {
            return Err(AskError::Interrupted);
        }
        if !readable(tty, LOOK) {
            continue;
        }
        let count = tty.read(&mut *buffer)?;
        if count == 0 {
            return Err(AskError::Refused(Refused::Nothing));
        }
        let mut bytes = buffer.iter().take(count);
        while let Some(byte) = bytes.next() {
            match editor.push(*byte) {
                Step::More => {}
                Step::Refused(why) => return Err(AskError::Refused(why)),
                // A person types nothing in the moment after Enter, a paste of several lines does.
                Step::Done
                    if lines == Lines::One && (editor.is_pasting() || bytes.len() > 0 || readable(tty, QUIET)) =>
                {
                    return Err(AskError::Refused(Refused::SeveralLines));
                }
                Step::Done => return Ok(editor.finish()),
            }
        }
    }
}

/// Throws away what is still coming, so that it answers neither the next question nor the shell.
fn drain(tty: &File) {
    let until = Instant::now() + DRAIN;
    while Instant::now() < until && readable(tty, QUIET) {
        // SAFETY: the descriptor is open, and tcflush takes no pointers.
        unsafe { libc::tcflush(tty.as_raw_fd(), libc::TCIFLUSH) };
    }
}

/// Waits until there is something to read, but no longer than `limit`.
fn readable(tty: &File, limit: Duration) -> bool {
    let mut poll = libc::pollfd { fd: tty.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    let limit = libc::c_int::try_from(limit.as_millis()).unwrap_or(libc::c_int::MAX);
    // SAFETY: `poll` is one valid structure that outlives the call.
    let ready = unsafe { libc::poll(&raw mut poll, 1, limit) };
    ready > 0 && poll.revents & (libc::POLLIN | libc::POLLHUP | libc::POLLERR) != 0
}
