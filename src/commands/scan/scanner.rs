//! Looks at files as they come, from any number of threads: a tree, what is staged, a history. What is kept are places
//! and kinds; the content is wiped as soon as it was looked at.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::plaintext::SecretValue;
use crate::plaintext::parse::leaks::{self, Findings, Generated, Leak, LeakKind, Unread};
use crate::tree::parallel::LeftOut;

/// Larger files are parsed one at a time, so that several threads do not need several times the memory.
const LARGE: usize = 128 * 1024;

/// Where content comes from, if not from the file itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Origin {
    /// The number of the commit, the oldest first.
    pub(crate) order: usize,
    /// The commit, for a history.
    pub(crate) commit: Option<String>,
    /// Git's id of the content, where Git has it.
    pub(crate) blob: Option<String>,
    /// How many contents of the file have it, in a history.
    pub(crate) contents: usize,
}

/// A value in the clear, and in which file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// What could not be read, from which line on, and why.
    pub(crate) unread: Vec<(PathBuf, usize, Unread)>,
}

/// A file that becomes a Secret, by the folder of the kustomization that says so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GeneratedFile {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// What it says.
    pub(crate) generated: Generated,
    /// Where the kustomization comes from.
    pub(crate) origin: Origin,
}

/// What was there and was not read.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct NotRead {
    /// Of a tree.
    pub(crate) files: LeftOut,
    /// Files and folders that Git ignores.
    pub(crate) ignored: usize,
    /// Other repositories in this one.
    pub(crate) submodules: usize,
    /// Contents that Git does not have here, or that are broken.
    pub(crate) missing: usize,
    /// How many commits were gone through, for a history.
    pub(crate) commits: Option<usize>,
}

/// Takes files and remembers what is in them.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    files: AtomicUsize,
    gathered: Mutex<Gathered>,
    generated: Mutex<Vec<GeneratedFile>>,
    large: Mutex<()>,
    tracked: HashMap<PathBuf, String>,
}

impl Scanner {
    /// Knows the ids of contents that Git tracks, by path, if they are wanted.
    pub(crate) fn new(tracked: HashMap<PathBuf, String>) -> Self {
        Self { tracked, ..Self::default() }
    }

    /// Looks at a content that Git has.
    pub(crate) fn look(&self, path: &Path, content: &SecretValue, origin: &Origin) {
        let found = self.find(path, content);
        self.gather(path, found, origin);
    }

    /// Looks at a file.
    pub(crate) fn look_at_file(&self, path: &Path, content: &SecretValue) {
        let found = self.find(path, content);
        if !found.is_empty() || !found.generated.is_empty() {
            self.gather(path, found, &self.origin_of_file(path, content));
        }
    }

    /// Returns where the content of a file comes from: from Git, if it is just what Git tracks.
    pub(crate) fn origin_of_file(&self, path: &Path, content: &SecretValue) -> Origin {
        let plain = path.strip_prefix("./").unwrap_or(path);
        let blob = self.tracked.get(plain).filter(|id| leaks::is_blob(content, id)).cloned();
        Origin { blob, ..Origin::default() }
    }

    fn find(&self, path: &Path, content: &SecretValue) -> Findings {
        self.files.fetch_add(1, Ordering::Relaxed);
        let _one = (content.len() > LARGE).then(|| self.large.lock().unwrap_or_else(PoisonError::into_inner));
        leaks::find(path, content)
    }

    /// Looks at a file that becomes a Secret. What it was found to be by itself is the same value.
    pub(crate) fn look_at_generated(&self, path: &Path, content: &SecretValue, by_line: bool, origin: &Origin) {
        let found = leaks::find_generated(content, by_line);
        if found.leaks.is_empty() && found.allowed.is_empty() {
            return;
        }
        let mut gathered = self.gathered();
        let same = |found: &FileLeak| found.path == path && found.origin.commit == origin.commit;
        let by_itself = [LeakKind::EnvFile, LeakKind::PrivateKey, LeakKind::UrlPassword];
        let is_known = |found: &FileLeak| same(found) && !by_itself.contains(&found.leak.kind);
        if gathered.leaks.iter().any(is_known) {
            return;
        }
        gathered.leaks.retain(|found| !same(found));
        gathered.allowed.retain(|found| !same(found));
        gathered.without_reason.retain(|(other, _)| other != path);
        drop(gathered);
        self.gather(path, found, origin);
    }

    fn gather(&self, path: &Path, found: Findings, origin: &Origin) {
        if !found.generated.is_empty() {
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            let named = |generated| GeneratedFile { folder: folder.clone(), generated, origin: origin.clone() };
            let mut all = self.generated.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend(found.generated.iter().cloned().map(named));
        }
        if found.is_empty() {
            return;
        }
        let place = |leak: Leak| FileLeak { path: path.to_owned(), leak, origin: origin.clone() };
        let mut gathered = self.gathered();
        gathered.leaks.extend(found.leaks.into_iter().map(place));
        gathered.allowed.extend(found.allowed.into_iter().map(place));
        gathered.without_reason.extend(found.without_reason.into_iter().map(|line| (path.to_owned(), line)));
        gathered.unread.extend(found.unread.into_iter().map(|(why, line)| (path.to_owned(), line, why)));
    }

    /// Returns the files that become Secrets, and have not been returned yet.
    pub(crate) fn take_generated(&self) -> Vec<GeneratedFile> {
        let mut all = std::mem::take(&mut *self.generated.lock().unwrap_or_else(PoisonError::into_inner));
        all.sort();
        all.dedup();
        all
    }

    /// Returns how many files were looked at so far.
    pub(crate) fn count(&self) -> usize {
        self.files.load(Ordering::Relaxed)
    }

    /// Returns everything in order, and begins anew.
    pub(crate) fn end(&self) -> Gathered {
        let mut gathered = std::mem::take(&mut *self.gathered());
        gathered.files = self.count();
        gathered.leaks.sort();
        gathered.allowed.sort();
        gathered.without_reason.sort();
        gathered.without_reason.dedup();
        gathered.unread.sort();
        gathered
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
