//! Descriptors that the caller passed on: known before we open our own, and kept from our children.

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

#[cfg(not(unix))]
fn open_descriptors() -> Vec<i32> {
    Vec::new()
}
