//! The two ends of a pseudo-terminal, and what was shown on it.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use libc::c_int;

use super::jobs::{self, MARK};

/// What was shown so far, filled by [`Screen::fill`] and watched from elsewhere.
#[derive(Default)]
pub(crate) struct Screen {
    bytes: Mutex<Vec<u8>>,
    changed: Condvar,
}

impl Screen {
    /// Returns what was shown so far.
    pub(crate) fn shown(&self) -> Vec<u8> {
        split_marks(&self.lock()).0
    }

    /// Waits until `look` finds something in what was shown and in the number of marks; `None` when
    /// it did not until `end`.
    pub(crate) fn wait_until<T>(&self, end: Instant, look: impl Fn(&[u8], usize) -> Option<T>) -> Option<T> {
        let mut bytes = self.lock();
        loop {
            let (shown, marks) = split_marks(&bytes);
            if let Some(found) = look(&shown, marks) {
                return Some(found);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let woken = self.changed.wait_timeout(bytes, left);
            bytes = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Reads the terminal until nobody has it open any more.
    pub(crate) fn fill(&self, mut master: &File) {
        let mut buffer = [0; 4096];
        loop {
            jobs::readable(master.as_raw_fd(), Duration::from_secs(60));
            match master.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => {
                    self.lock().extend_from_slice(&buffer[..count]);
                    self.changed.notify_all();
                }
                Err(err) if matches!(err.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(_) => return,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a pseudo-terminal and returns its master, which does not block, and the terminal itself.
///
/// Not with `openpty`: a program that another test starts at the same moment would inherit both.
pub(crate) fn open(rows: u16, columns: u16) -> (File, OwnedFd) {
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
    // SAFETY: takes no pointers.
    let master = owned(unsafe { libc::posix_openpt(flags) });
    let mut name = [0; 128];
    // SAFETY: the descriptor is a master; the length is the array's, less the NUL that ends it.
    let named = unsafe {
        libc::grantpt(master.as_raw_fd()) == 0
            && libc::unlockpt(master.as_raw_fd()) == 0
            && libc::ptsname_r(master.as_raw_fd(), name.as_mut_ptr(), name.len() - 1) == 0
    };
    assert!(named, "no pseudo-terminal: {}", io::Error::last_os_error());
    // SAFETY: the array ends in NUL, as it is longer than what was filled.
    let name = unsafe { CStr::from_ptr(name.as_ptr()) };
    // SAFETY: the name is a C string.
    let tty = owned(unsafe { libc::open(name.as_ptr(), flags) });
    resize(&master, rows, columns);
    // SAFETY: takes no pointers.
    unsafe { libc::fcntl(master.as_raw_fd(), libc::F_SETFL, libc::O_RDWR | libc::O_NONBLOCK) };
    (File::from(master), tty)
}

/// Sets the size of the window.
pub(crate) fn resize(master: &impl AsRawFd, rows: u16, columns: u16) {
    let size = libc::winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCSWINSZ reads one winsize.
    let set = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) };
    assert_eq!(set, 0, "the window cannot be resized");
}

/// Returns where `part` begins in `text`, at `from` or later.
pub(crate) fn find(text: &[u8], part: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.windows(part.len()).position(|window| window == part).map(|at| from + at)
}

fn owned(descriptor: c_int) -> OwnedFd {
    assert!(descriptor >= 0, "no pseudo-terminal: {}", io::Error::last_os_error());
    // SAFETY: it was just opened and belongs to nobody else.
    unsafe { OwnedFd::from_raw_fd(descriptor) }
}

/// Returns what is on the screen, and how many marks the leader put between.
fn split_marks(bytes: &[u8]) -> (Vec<u8>, usize) {
    let mut left = bytes;
    let mut shown = Vec::with_capacity(bytes.len());
    let mut marks = 0;
    while let Some(at) = find(left, MARK, 0) {
        shown.extend_from_slice(&left[..at]);
        left = &left[at + MARK.len()..];
        marks += 1;
    }
    shown.extend_from_slice(left);
    (shown, marks)
}
