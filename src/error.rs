//! The one error that users see, its kinds, and the exit code of each kind.
//!
//! It must not carry text that came from a server, a child process or a parser: causes are built
//! from the small typed errors of this crate only (`Cause`), whose fields are names, paths, codes
//! and counts.

use std::fmt;

/// The result of everything that can fail in front of the user.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as far as a script may care. It alone decides the exit code.
///
/// A signal is no error: the process ends by it after clean-up (`process::signals`), which a shell
/// shows as 130 or 143.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The command line or the config file is wrong.
    Usage,
    /// The user said no, or a rule of this program or of the team did.
    Refused,
    /// A value source failed.
    Source,
    /// The cluster or a permission failed; nothing was changed, or all was put back.
    Cluster,
    /// Something was changed but not finished, or the outcome cannot be known.
    Unfinished,
    /// A bug in this program.
    Bug,
    /// The reader of our stdout went away.
    StdoutClosed,
}

impl ErrorKind {
    /// Returns the process exit code (docs/exit-codes.md lists them).
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Source => 4,
            Self::Cluster => 5,
            Self::Unfinished => 6,
            Self::Bug => 70,
            Self::StdoutClosed => 141,
        }
    }
}

/// Marks the typed errors of this crate whose text is known to hold no value.
///
/// Errors of other crates never get this: their text may quote what they choked on.
pub(crate) trait Cause: std::error::Error + Send + Sync + 'static {}

/// An error as the user sees it: what failed, on which object, why, and what to type instead.
#[derive(Clone)]
pub(crate) struct Error {
    kind: ErrorKind,
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
}

impl Error {
    /// Starts an error; `message` is lower case, has no full stop and names the object.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    /// Starts a usage error (exit 2).
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Starts a refusal (exit 3).
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Refused, message)
    }

    /// Starts a failure of a value source (exit 4).
    pub(crate) fn source(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Source, message)
    }

    /// Starts a bug report (exit 70).
    pub(crate) fn bug(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Bug, message)
    }

    /// Adds what the layer below said, in our words.
    pub(crate) fn caused_by(mut self, cause: &impl Cause) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// Adds a reason that has no type of its own; the caller vouches that it quotes nobody.
    pub(crate) fn because(mut self, reason: impl Into<String>) -> Self {
        self.causes.push(reason.into());
        self
    }

    /// Adds one action, with the command to type.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns the kind.
    pub(crate) fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the first line, without the causes and hints.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Returns the causes, outermost first.
    pub(crate) fn causes(&self) -> &[String] {
        &self.causes
    }

    /// Returns the hints.
    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.message)
    }
}

impl std::error::Error for Error {}

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done, no difference, no finding: exit 0.
    Done,
    /// Differences, or findings at or above the threshold: exit 1.
    Differences,
    /// The user said no: exit 3, nothing was changed.
    Declined,
    /// The program that ran for the user ended, with this code.
    Child(u8),
    /// The program that ran for the user was ended by this signal, and so are we.
    ChildBySignal(i32),
}

impl Outcome {
    /// Returns the process exit code.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Differences => 1,
            Self::Declined => 3,
            Self::Child(code) => code,
            // As a shell shows it.
            Self::ChildBySignal(signal) => 128_u8.saturating_add(u8::try_from(signal).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_the_documented_ones() {
        let codes: Vec<u8> = [
            ErrorKind::Usage,
            ErrorKind::Refused,
            ErrorKind::Source,
            ErrorKind::Cluster,
            ErrorKind::Unfinished,
            ErrorKind::Bug,
            ErrorKind::StdoutClosed,
        ]
        .map(ErrorKind::exit_code)
        .to_vec();
        assert_eq!(codes, [2, 3, 4, 5, 6, 70, 141]);
    }
}
