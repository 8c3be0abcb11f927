//! Descriptors that the caller passed on: known before we open our own, and kept from our children; and those
//! that are passed on to a child on purpose.

#[cfg(unix)]
use std::io;
#[cfg(unix)]
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::OnceLock;

static INHERITED: OnceLock<Vec<i32>> = OnceLock::new();

/// Notes which descriptors from 3 on are open, and makes them close when a child starts.
///
/// Must run before the runtime is built: its own pipes must not pass for inherited ones, and a child
/// gets 0 to 2 and what is lent to it, nothing else (requirement S6).
pub(crate) fn remember_inherited() {
    let _ = INHERITED.set(open_descriptors());
}

/// Tells whether the caller passed this descriptor on.
#[cfg(unix)]
pub(crate) fn is_inherited(number: i32) -> bool {
    INHERITED.get().is_some_and(|inherited| inherited.contains(&number))
}

/// Tells whether it can be read.
#[cfg(unix)]
pub(crate) fn is_readable(number: i32) -> bool {
    // SAFETY: F_GETFL takes no pointers; a closed descriptor gives -1.
    let flags = unsafe { libc::fcntl(number, libc::F_GETFL) };
    flags != -1 && matches!(flags & libc::O_ACCMODE, libc::O_RDONLY | libc::O_RDWR)
}

#[cfg(unix)]
fn open_descriptors() -> Vec<i32> {
    // Linux and macOS list them in a folder; the listing's own descriptor is gone when it is checked.
    let folder = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };
    let listed: Vec<i32> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    listed.into_iter().filter(|number| *number > 2 && close_on_exec(*number)).collect()
}

#[cfg(unix)]
fn close_on_exec(number: i32) -> bool {
    // SAFETY: neither call takes a pointer; a closed descriptor gives -1 and is left out.
    unsafe {
        let flags = libc::fcntl(number, libc::F_GETFD);
        flags != -1 && libc::fcntl(number, libc::F_SETFD, flags | libc::FD_CLOEXEC) != -1
    }
}

/// Makes descriptors appear in the child under these numbers.
#[cfg(unix)]
pub(crate) fn pass_on(command: &mut std::process::Command, lent: Vec<(OwnedFd, RawFd)>) -> io::Result<()> {
    let above = lent.iter().map(|(_, number)| number + 1).max().unwrap_or_default();
    // Moved out of the way first, so that no number is the place of another.
    let moved = lent
        .into_iter()
        .map(|(descriptor, number)| Ok((copy_from(&descriptor, above)?, number)))
        .collect::<io::Result<Vec<_>>>()?;
    // A number that is free here would be that of the pipe on which std learns that a program did not start.
    let mut held = Vec::new();
    for (descriptor, number) in &moved {
        // SAFETY: fcntl takes no pointers here; a closed descriptor gives -1.
        if unsafe { libc::fcntl(*number, libc::F_GETFD) } == -1 {
            held.push(copy_from(descriptor, *number)?);
        }
    }
    let place = move || {
        let _held = &held;
        for (descriptor, number) in &moved {
            // The copy stays open when the program starts, which the original does not.
            // SAFETY: dup2 takes no pointers.
            if unsafe { libc::dup2(descriptor.as_raw_fd(), *number) } == -1 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    };
    // SAFETY: between fork and exec the closure calls dup2 only, which is async-signal-safe, and allocates nothing.
    unsafe { std::os::unix::process::CommandExt::pre_exec(command, place) };
    Ok(())
}

/// Copies a descriptor to the first free number from `lowest` on; no child inherits the copy.
#[cfg(unix)]
fn copy_from(descriptor: &OwnedFd, lowest: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: fcntl takes no pointers here.
    let copy = unsafe { libc::fcntl(descriptor.as_raw_fd(), libc::F_DUPFD_CLOEXEC, lowest) };
    if copy == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a descriptor that was just made, and that nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

#[cfg(not(unix))]
fn open_descriptors() -> Vec<i32> {
    Vec::new()
}
