//! The words that a run has for the log: what something is done to, how it ended, who does it.

use crate::config::LogMode;
use crate::error::ErrorKind;
use crate::plan::Target;

use super::chain::ID_DIGITS;
use super::line::{Access, Ended, cut};

/// What something is done to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Object {
    /// `Secret`, `KeychainEntry`, or the kind of another object of Kubernetes.
    pub(crate) kind: String,
    /// The context and the fingerprint of the cluster; none for what is on this machine.
    pub(crate) cluster: Option<(String, String)>,
    /// The namespace.
    pub(crate) namespace: Option<String>,
    /// The name; none where it is text that was typed.
    pub(crate) name: Option<String>,
}

impl From<&Target> for Object {
    fn from(target: &Target) -> Self {
        Self {
            kind: String::from("Secret"),
            cluster: Some((target.context.clone(), target.fingerprint.clone())),
            namespace: Some(target.namespace.to_string()),
            name: Some(target.name.to_string()),
        }
    }
}

/// How something ended, as far as the log is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(super) result: Ended,
    pub(super) exit: u8,
}

impl Verdict {
    /// It went well.
    pub(crate) const DONE: Self = Self { result: Ended::Done, exit: 0 };

    /// It ended with this code, and not by a failure of ours.
    pub(crate) fn with(exit: u8) -> Self {
        Self { exit, ..Self::DONE }
    }

    /// The user said no.
    pub(crate) fn declined(exit: u8) -> Self {
        Self { result: Ended::Declined, exit }
    }

    /// A signal ended it; shells show so many more than its number.
    pub(crate) fn by_signal(signal: i32) -> Self {
        let exit = 128_u8.saturating_add(u8::try_from(signal).unwrap_or_default());
        Self { result: Ended::Interrupted, exit }
    }

    /// It failed.
    pub(crate) fn failed(kind: ErrorKind) -> Self {
        let result = match kind {
            ErrorKind::Refused => Ended::Refused,
            ErrorKind::Unfinished => Ended::Unfinished,
            // All was done before nobody wanted to read about it any more.
            ErrorKind::StdoutClosed => Ended::Done,
            ErrorKind::Usage | ErrorKind::Source | ErrorKind::Cluster | ErrorKind::Bug => Ended::Failed,
        };
        Self { result, exit: kind.exit_code() }
    }
}

/// What is known of the run before it begins.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// The command, as words of this program.
    pub(crate) action: String,
    /// What the command is for: what to note of an attempt that did not come to it; `None` if it reads no value and
    /// changes nothing.
    pub(crate) intent: Option<Access>,
    /// Nothing is stored.
    pub(crate) dry_run: bool,
    /// Nothing is even asked: a failure is no attempt.
    pub(crate) plan_only: bool,
    /// What the user says it is for.
    pub(crate) reason: Option<String>,
    /// Whether there is a log.
    pub(crate) mode: LogMode,
    /// Which keychain to use.
    pub(crate) keychain: Option<String>,
}

/// Returns a random id.
pub(super) fn random_hex() -> Option<String> {
    let mut bytes = [0_u8; ID_DIGITS / 2];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The user of this machine, as the environment tells: a claim, like all of the log.
pub(super) fn os_user() -> Option<String> {
    let name = ["LOGNAME", "USER", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok())?;
    Some(cut(&name)).filter(|name| !name.is_empty() && !name.contains(char::is_control))
}

/// Returns the number of the user that this process runs as.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "Windows has none")]
pub(super) fn uid() -> Option<u32> {
    Some(super::files::own_uid())
}

/// There is none.
#[cfg(not(unix))]
pub(super) fn uid() -> Option<u32> {
    None
}
