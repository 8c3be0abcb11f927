//! Why the log cannot be written or read: paths and reasons of the system.

use std::path::{Path, PathBuf};

use crate::error::Cause;

/// Why the log cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogError {
    /// There is no place for it.
    #[error("neither XDG_STATE_HOME nor HOME names a folder")]
    NoFolder,
    /// The system refused something.
    #[error("{path}: {why}", path = .path.display())]
    System {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        why: std::io::ErrorKind,
    },
    /// It is a link, a pipe, or belongs to somebody else.
    #[error("{path} is {what}", path = .path.display())]
    NotOurs {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Another process does not let go of it.
    #[error("{path} is locked by another process", path = .path.display())]
    Busy {
        /// The state file.
        path: PathBuf,
    },
    /// The system has no random numbers.
    #[error("the system gives no random numbers")]
    NoRandom,
}

impl Cause for LogError {}

impl LogError {
    /// Takes what the system said about a path.
    pub(super) fn system(path: &Path, err: &std::io::Error) -> Self {
        Self::System { path: path.to_owned(), why: err.kind() }
    }
}
