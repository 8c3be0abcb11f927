//! The Linux kernel's keyring: joining a session keyring, and its limits (keyctl(2), keyrings(7)).

use std::fs;

use super::error::KeychainError;

/// Largest payload of a `user` key.
const LARGEST: usize = 32_767;

/// What one key costs beside its payload: the description with a terminating NUL, which is at most
/// about a kilobyte for the names that this program uses.
const OVERHEAD: usize = 1024;

/// Joins a new session keyring where none was made at log-in.
///
/// Without `pam_keyinit` (containers, cron, su) the session keyring is the user's default one, which
/// does not give the rights that reading back needs. It is a matter of the calling thread: others keep
/// the session keyring that they were started with.
pub(super) fn join_session() {
    // SAFETY: both calls take special ids and numbers; KEYCTL_JOIN_SESSION_KEYRING takes a name, and null
    // means an anonymous keyring.
    unsafe {
        let session = libc::syscall(libc::SYS_keyctl, libc::KEYCTL_GET_KEYRING_ID, libc::KEY_SPEC_SESSION_KEYRING, 0);
        let default =
            libc::syscall(libc::SYS_keyctl, libc::KEYCTL_GET_KEYRING_ID, libc::KEY_SPEC_USER_SESSION_KEYRING, 0);
        if session == default {
            libc::syscall(libc::SYS_keyctl, libc::KEYCTL_JOIN_SESSION_KEYRING, std::ptr::null::<libc::c_char>());
        }
    }
}

/// Refuses what the kernel would refuse, before the value travels.
pub(super) fn check_room(size: usize, store: &'static str) -> Result<(), KeychainError> {
    if size > LARGEST {
        return Err(KeychainError::TooLarge { store, limit: LARGEST });
    }
    // SAFETY: geteuid has no preconditions and cannot fail.
    let user = unsafe { libc::geteuid() };
    let Some((used, quota)) = fs::read_to_string("/proc/key-users").ok().and_then(|text| usage(&text, user)) else {
        return Ok(());
    };
    let free = quota.saturating_sub(used);
    if size + OVERHEAD > free { Err(KeychainError::NoRoom { store, free, quota }) } else { Ok(()) }
}

/// Reads used and allowed bytes from `/proc/key-users`: `UID: USAGE NKEYS/NIKEYS QNKEYS/MAXKEYS QNBYTES/MAXBYTES`.
fn usage(text: &str, user: u32) -> Option<(usize, usize)> {
    let wanted = format!("{user}:");
    let line = text.lines().find(|line| line.trim_start().starts_with(&wanted))?;
    let (used, quota) = line.split_whitespace().last()?.split_once('/')?;
    Some((used.parse().ok()?, quota.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_is_read() {
        let text = "    0:    88 87/87 83/1000000 1893/25000000\n 1000:     3 3/3 3/200 42/20000\n";
        assert_eq!(usage(text, 1000), Some((42, 20000)));
        assert_eq!(usage(text, 0), Some((1893, 25_000_000)));
        assert_eq!(usage(text, 7), None);
    }

    #[test]
    fn a_value_that_cannot_fit_is_refused() {
        assert_eq!(check_room(LARGEST + 1, "s"), Err(KeychainError::TooLarge { store: "s", limit: LARGEST }));
    }
}
