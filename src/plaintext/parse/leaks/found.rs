//! What was found in a file: places and kinds. Nothing here holds text of a value, its length or its hash.

use super::LeakKind;

/// A value in the clear.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Leak {
    /// The line of its key, from 1; of the value itself where it has no key.
    pub(crate) line: usize,
    /// The column, from 1, in characters.
    pub(crate) column: usize,
    /// What it is.
    pub(crate) kind: LeakKind,
    /// The document of the file, from 1; none where a file has no documents.
    pub(crate) document: Option<usize>,
    /// Kind and name of the object, if they are names as Kubernetes has them.
    pub(crate) object: Option<(String, String)>,
    /// The path of its key, such as `data.password`.
    pub(crate) key: Option<String>,
}

/// What is in a file.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// The values, in the order of the file.
    pub(crate) leaks: Vec<Leak>,
    /// Those that a comment in the file allows.
    pub(crate) allowed: Vec<Leak>,
    /// Lines with `secretsafe:allow` and no reason, which do not count.
    pub(crate) without_reason: Vec<usize>,
    /// Files that a Kustomize generator reads, relative to the folder of this one.
    pub(crate) generated: Vec<Generated>,
    /// Why the file, or a part of it, could not be read, and from which line on.
    pub(crate) unread: Vec<(Unread, usize)>,
}

/// A file that becomes a Secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Generated {
    /// The path, as it is written.
    pub(crate) path: String,
    /// Whether it has a value a line, or is one.
    pub(crate) lines: bool,
}

/// Why something could not be read. The texts are ours, and hold nothing of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum Unread {
    /// Broken, and read line by line instead.
    #[error("it is neither YAML nor JSON; it was read line by line")]
    Broken,
    /// JSON that ends in the middle, or is none from somewhere on.
    #[error("it is no JSON from here on; what follows was not read")]
    Cut,
    /// More levels than objects have.
    #[error("it is nested too deeply")]
    TooDeep,
    /// More than is held in memory at once.
    #[error("a document has more than 8 MiB, or more than 500,000 entries")]
    LargeDocument,
    /// More than anybody reads.
    #[error("it has more than 1,000 values in the clear; the others are not listed")]
    TooMany,
    /// More than is read at all.
    #[error("it has more than 64 MiB")]
    LargeFile,
    /// Not text, though its name says so.
    #[error("it is not text: neither UTF-8 nor UTF-16")]
    NotText,
}

impl Findings {
    /// Tells whether there is nothing to say about the file.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { leaks, allowed, without_reason, generated: _, unread } = self;
        leaks.is_empty() && allowed.is_empty() && without_reason.is_empty() && unread.is_empty()
    }
}
