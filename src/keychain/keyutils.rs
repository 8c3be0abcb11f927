//! The Linux kernel's keyring: joining a session keyring, and its limits (keyctl(2), keyrings(7)).

use std::{fs, io};

use super::entry::Entry;
use super::error::KeychainError;

/// What this store is called in messages.
pub(super) const NAME: &str = "kernel keyring";

/// Largest payload of a `user` key.
const LARGEST: usize = 32_767;

/// What a write costs beside description and payload: the terminating NUL, the links to the key, and a
/// session keyring for the thread that writes.
const OVERHEAD: usize = 64;

/// Makes sure that the calling thread can read what it writes, and that others can.
///
/// Without `pam_keyinit` (containers, cron, su) the session keyring is the user's default one, which
/// does not give the rights that reading back needs; what is written there would stay behind. So a new
/// one is joined, which ends with the thread: entries outlive it through the user's persistent keyring.
/// It is a matter of the calling thread: others keep the session keyring that they were started with.
pub(super) fn join_session() -> Result<(), KeychainError> {
    let session = keyring(libc::KEY_SPEC_SESSION_KEYRING)?;
    if session != keyring(libc::KEY_SPEC_USER_SESSION_KEYRING)? {
        return Ok(());
    }
    // SAFETY: KEYCTL_JOIN_SESSION_KEYRING takes a name, and null means an anonymous keyring.
    let joined =
        unsafe { libc::syscall(libc::SYS_keyctl, libc::KEYCTL_JOIN_SESSION_KEYRING, std::ptr::null::<libc::c_char>()) };
    if joined < 0 {
        return Err(failure());
    }
    // SAFETY: KEYCTL_GET_PERSISTENT takes a user id, where -1 is the caller's, and a special id.
    let persistent =
        unsafe { libc::syscall(libc::SYS_keyctl, libc::KEYCTL_GET_PERSISTENT, -1, libc::KEY_SPEC_SESSION_KEYRING) };
    if persistent < 0 {
        return Err(KeychainError::Cannot { store: NAME, what: "keep entries for other processes in this session" });
    }
    Ok(())
}

/// Returns the serial number of a special keyring.
fn keyring(special: i32) -> Result<libc::c_long, KeychainError> {
    // SAFETY: KEYCTL_GET_KEYRING_ID takes a special id and a flag.
    let id = unsafe { libc::syscall(libc::SYS_keyctl, libc::KEYCTL_GET_KEYRING_ID, special, 0) };
    if id < 0 { Err(failure()) } else { Ok(id) }
}

/// Sorts the error of the last call.
fn failure() -> KeychainError {
    match io::Error::last_os_error().raw_os_error() {
        // Docker's seccomp profile answers with EPERM.
        Some(libc::ENOSYS | libc::EPERM) => KeychainError::NotThere { store: NAME },
        Some(libc::EDQUOT) => quota().map_or(KeychainError::Failed { store: NAME }, |quota| quota.full()),
        _ => KeychainError::Denied { store: NAME },
    }
}

/// Refuses what the kernel would refuse, before the value travels.
pub(super) fn check_room(entry: &Entry, size: usize) -> Result<(), KeychainError> {
    if size > LARGEST {
        return Err(KeychainError::TooLarge { store: NAME, limit: LARGEST });
    }
    // An old value is freed after the new one is written, so it makes no room.
    let needed = size + entry.to_string().len() + "keyring:".len() + OVERHEAD;
    match quota() {
        Some(quota) if needed > quota.bytes.saturating_sub(quota.used_bytes) => Err(quota.full()),
        // The entry, and a session keyring.
        Some(quota) if quota.used_keys + 2 > quota.keys => {
            Err(KeychainError::TooMany { store: NAME, limit: quota.keys })
        }
        _ => Ok(()),
    }
}

/// How much of the kernel's memory a user's keys may take, and take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Quota {
    used_keys: usize,
    keys: usize,
    used_bytes: usize,
    bytes: usize,
}

impl Quota {
    fn full(self) -> KeychainError {
        let free = self.bytes.saturating_sub(self.used_bytes);
        KeychainError::NoRoom { store: NAME, free, quota: self.bytes }
    }

    /// Reads `/proc/key-users`: `UID: USAGE NKEYS/NIKEYS QNKEYS/MAXKEYS QNBYTES/MAXBYTES`.
    fn parse(text: &str, user: u32) -> Option<Self> {
        let wanted = format!("{user}:");
        let line = text.lines().find(|line| line.split_whitespace().next() == Some(&wanted))?;
        let mut pairs = line.split_whitespace().rev().map(|pair| {
            let (used, most) = pair.split_once('/')?;
            Some((used.parse().ok()?, most.parse().ok()?))
        });
        let (used_bytes, bytes) = pairs.next()??;
        let (used_keys, keys) = pairs.next()??;
        Some(Self { used_keys, keys, used_bytes, bytes })
    }
}

/// Asks the kernel; `None` where it does not say.
fn quota() -> Option<Quota> {
    // SAFETY: geteuid has no preconditions and cannot fail.
    let user = unsafe { libc::geteuid() };
    Quota::parse(&fs::read_to_string("/proc/key-users").ok()?, user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_is_read() {
        let text = "    0:    88 87/87 83/1000000 1893/25000000\n 1000:     3 3/3 3/200 42/20000\n";
        let quota = |user| Quota::parse(text, user).map(|quota| (quota.used_keys, quota.used_bytes, quota.bytes));
        assert_eq!(quota(1000), Some((3, 42, 20000)));
        assert_eq!(quota(0), Some((83, 1893, 25_000_000)));
        assert_eq!(quota(7), None);
        assert_eq!(Quota::parse("7: nonsense", 7), None);
    }

    #[test]
    fn a_value_that_cannot_fit_is_refused() {
        let entry = Entry::new("team", "db");
        let refused = check_room(&entry, LARGEST + 1);
        assert_eq!(refused, Err(KeychainError::TooLarge { store: NAME, limit: LARGEST }));
    }
}
