//! Keeps the memory of this process out of core files and away from other processes of the user.

use crate::error::{Error, Result};

use super::fault;

/// Turns core dumps off.
///
/// On Linux the process is also made undumpable: a `core_pattern` that pipes to a program ignores the
/// size limit, and other processes of the same user can no longer read our memory.
pub(crate) fn protect_memory() -> Result<()> {
    #[cfg(unix)]
    {
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: `none` is a valid `rlimit` that outlives the call.
        let limited = unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
        if limited != 0 || fault::refuses("core-limit") {
            return Err(unprotected("RLIMIT_CORE"));
        }
    }
    #[cfg(target_os = "linux")]
    {
        // SAFETY: PR_SET_DUMPABLE takes one number; the other arguments must be zero.
        let set = unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) };
        if set != 0 || fault::refuses("dumpable") {
            return Err(unprotected("PR_SET_DUMPABLE"));
        }
    }
    Ok(())
}

#[cfg(unix)]
fn unprotected(what: &str) -> Error {
    Error::bug(format!("cannot protect the memory of this process: {what} was refused"))
        .because("no value is touched without it: a crash could write values to disk")
}
