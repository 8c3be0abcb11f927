//! How git failed, and nothing of what it said about it.

use crate::error::{Cause, Error, ErrorKind};

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GitFailure {
    /// With another exit code than 0, or by a signal.
    #[error("git ended with {}", .0.map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}")))]
    Ended(Option<i32>),
    /// It could not be started or read.
    #[error("git cannot be run: {0}")]
    System(std::io::ErrorKind),
    /// It says something that no git says.
    #[error("its answer is not one that git gives")]
    Unheard,
}

impl Cause for GitFailure {}

impl From<std::io::Error> for GitFailure {
    fn from(err: std::io::Error) -> Self {
        Self::System(err.kind())
    }
}

impl GitFailure {
    /// Tells whether git itself refused, and not the system.
    pub(super) fn is_refusal(self) -> bool {
        matches!(self, Self::Ended(Some(128 | 1)))
    }

    /// Says it to the user.
    pub(super) fn explain(&self, doing: &str) -> Error {
        Error::new(ErrorKind::Source, format!("cannot {doing}"))
            .caused_by(self)
            .hint("what is wrong with the repository, git says itself: git fsck")
    }
}
