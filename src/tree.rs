//! Reads files that somebody else may have written, such as those of a repository: below a folder regular files only,
//! and nothing through a link (requirement S23). What is read is a value, because a manifest holds them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::plaintext::SecretValue;

#[cfg(unix)]
mod beneath;
#[cfg(windows)]
#[path = "tree/windows.rs"]
mod beneath;
pub(crate) mod parallel;

/// Folders are not gone into deeper.
const MAX_DEPTH: usize = 64;
/// Largest number of files of one run.
const MAX_FILES: usize = 100_000;

/// Goes through files, one at a time in the order of their names.
pub(crate) struct Tree<'a> {
    recursive: bool,
    any_name: bool,
    max_size: usize,
    visit: &'a mut dyn FnMut(&Path, SecretValue) -> Result<()>,
    files: usize,
    left_out: usize,
}

impl std::fmt::Debug for Tree<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tree").field("files", &self.files).finish_non_exhaustive()
    }
}

impl<'a> Tree<'a> {
    /// Hands each file to `visit`; of one that is larger than `max_size`, one byte more than that.
    pub(crate) fn new(
        recursive: bool,
        max_size: usize,
        visit: &'a mut dyn FnMut(&Path, SecretValue) -> Result<()>,
    ) -> Self {
        Self { recursive, any_name: false, max_size, visit, files: 0, left_out: 0 }
    }

    /// Reads files of any name in a folder.
    pub(crate) fn with_any_name(mut self) -> Self {
        self.any_name = true;
        self
    }

    /// Returns how many manifests were left out because they are links or no regular files.
    pub(crate) fn left_out(&self) -> usize {
        self.left_out
    }

    /// Reads what the user named: a file, a pipe, or a folder.
    pub(crate) fn read(&mut self, path: &Path) -> Result<()> {
        let metadata = std::fs::metadata(path).map_err(|err| unreadable(path, err.kind()))?;
        if metadata.is_dir() {
            return beneath::walk(self, path);
        }
        #[cfg(unix)]
        let is_pipe = std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type());
        #[cfg(windows)]
        let is_pipe = false;
        if !metadata.is_file() && !is_pipe {
            return Err(odd(path));
        }
        let file = File::open(path).map_err(|err| unreadable(path, err.kind()))?;
        self.take(file, path)
    }

    /// Reads a file to its end, or to the limit, and hands it on.
    fn take(&mut self, file: File, path: &Path) -> Result<()> {
        self.files += 1;
        if self.files > MAX_FILES {
            return Err(
                Error::usage(format!("there are more than {MAX_FILES} files")).hint("name fewer folders with -f")
            );
        }
        let content = self.content(file).map_err(|err| unreadable(path, err))?;
        (self.visit)(path, content)
    }

    fn content(&self, file: File) -> Result<SecretValue, std::io::ErrorKind> {
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(self.max_size as u64 + 1).read_to_end(&mut bytes).map_err(|err| err.kind())?;
        Ok(SecretValue::from_bytes(bytes))
    }

    /// Tells whether a file of this name in a folder is wanted: without a word, those that kubectl would read.
    fn wants(&self, path: &Path) -> bool {
        let is_known = |extension: &std::ffi::OsStr| ["yaml", "yml", "json"].iter().any(|known| extension == *known);
        self.any_name || path.extension().is_some_and(is_known)
    }

    /// Reads standard input, which is already open.
    pub(crate) fn read_stdin(&mut self, file: File) -> Result<()> {
        self.take(file, Path::new("stdin"))
    }
}

fn too_deep(path: &Path) -> Error {
    Error::usage(format!("folder {} is more than {MAX_DEPTH} folders deep", path.display()))
        .hint("name the folder itself with -f")
}

fn unreadable(path: &Path, kind: std::io::ErrorKind) -> Error {
    Error::usage(format!("{} cannot be read", name_of(path)))
        .because(kind.to_string())
        .hint("name a file or folder that is there and that you may read")
}

fn odd(path: &Path) -> Error {
    Error::usage(format!("{} is neither a file, a pipe nor a folder", name_of(path))).hint("name a file or folder")
}

/// A path that is there is a path; one that is not could be anything that was typed.
fn name_of(path: &Path) -> String {
    if path.exists() { path.display().to_string() } else { "a file or folder that was named".to_owned() }
}

/// A folder's entries, sorted.
fn sorted(mut names: Vec<PathBuf>) -> Vec<PathBuf> {
    names.sort();
    names
}
