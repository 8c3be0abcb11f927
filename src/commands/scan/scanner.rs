//! Looks at files as they come, from any number of threads: a tree, what is staged, a history. What is kept are places
//! and kinds; the content is wiped as soon as it was looked at.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::plaintext::SecretValue;
use crate::plaintext::parse::leaks::{self, Generated, Leak, Unread};

/// Where content comes from, if not from the file itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    /// The commit, for a history.
    pub(crate) commit: Option<String>,
    /// Git's id of the content, where Git has it.
    pub(crate) blob: Option<String>,
}

/// A value in the clear, and in which file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileLeak {
    /// The file.
    pub(crate) path: PathBuf,
    /// Where it is in there, and what.
    pub(crate) leak: Leak,
    /// Where the content comes from.
    pub(crate) origin: Origin,
}

/// Everything that was seen.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// How many files were looked at.
    pub(crate) files: usize,
    /// The values.
    pub(crate) leaks: Vec<FileLeak>,
    /// Those that a comment allows.
    pub(crate) allowed: Vec<FileLeak>,
    /// Lines with an allowance that has no reason.
    pub(crate) without_reason: Vec<(PathBuf, usize)>,
    /// Files that Kustomize makes Secrets of, by the file that says so.
    pub(crate) generated: Vec<(PathBuf, Generated)>,
    /// What could not be read, from which line on, and why.
    pub(crate) unread: Vec<(PathBuf, usize, Unread)>,
}

/// Takes files and remembers what is in them.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    gathered: Mutex<Gathered>,
}

impl Scanner {
    /// Looks at a file.
    pub(crate) fn look(&self, path: &Path, content: &SecretValue, origin: &Origin) {
        let found = leaks::find(path, content);
        let place = |leak: Leak| FileLeak { path: path.to_owned(), leak, origin: origin.clone() };
        let mut gathered = self.gathered();
        gathered.files += 1;
        gathered.leaks.extend(found.leaks.into_iter().map(place));
        gathered.allowed.extend(found.allowed.into_iter().map(place));
        gathered.without_reason.extend(found.without_reason.into_iter().map(|line| (path.to_owned(), line)));
        gathered.generated.extend(found.generated.into_iter().map(|generated| (path.to_owned(), generated)));
        gathered.unread.extend(found.unread.into_iter().map(|(why, line)| (path.to_owned(), line, why)));
    }

    /// Returns how many files were looked at so far.
    pub(crate) fn count(&self) -> usize {
        self.gathered().files
    }

    /// Ends it, and returns everything in order.
    pub(crate) fn end(self) -> Gathered {
        let mut gathered = self.gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
        gathered.leaks.sort();
        gathered.allowed.sort();
        gathered.without_reason.sort();
        gathered.generated.sort();
        gathered.unread.sort();
        gathered
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
