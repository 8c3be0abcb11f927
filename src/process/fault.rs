//! Fault points: places where a test can make a debug build fail, or end without a word. Release builds have none.
//!
//! `tests/boundary.rs` looks for the variable's name in the release binary.

/// Fails at `name` if a test asked for it.
///
/// # Panics
///
/// In a debug build, when `SECRETSAFE_FAULT` names this point: to see what a panic shows. With
/// `SECRETSAFE_FAULT_KILLS` the process is killed there: to see what a power cut leaves.
#[cfg(debug_assertions)]
pub(crate) fn point(name: &str) {
    if std::env::var("SECRETSAFE_FAULT").is_ok_and(|wanted| wanted == name) {
        #[cfg(unix)]
        if std::env::var_os("SECRETSAFE_FAULT_KILLS").is_some() {
            // SAFETY: raise takes no pointers, and nothing is left to be done by this process.
            unsafe { libc::raise(libc::SIGKILL) };
        }
        // The payload stands for any panic message that quotes a value.
        #[expect(clippy::panic, reason = "the purpose of this function")]
        {
            panic!("fault point {}", std::env::var("SECRETSAFE_FAULT_TEXT").unwrap_or_default());
        }
    }
}

/// Does nothing in a release build.
#[cfg(not(debug_assertions))]
pub(crate) fn point(_name: &str) {}

/// Tells whether a test wants what comes next to be refused by the system.
#[cfg(debug_assertions)]
pub(crate) fn refuses(name: &str) -> bool {
    std::env::var("SECRETSAFE_FAULT").is_ok_and(|wanted| wanted == name)
}

/// Says no in a release build.
#[cfg(not(debug_assertions))]
pub(crate) fn refuses(_name: &str) -> bool {
    false
}
