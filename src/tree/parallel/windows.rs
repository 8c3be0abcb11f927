//! From the path of a folder to what is in it: links are left out.

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions, read_dir};
use std::io::Read;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::Result;
use crate::plaintext::SecretValue;
use crate::tree::{odd, unreadable};

use super::{MAX_DEPTH, Walk, count};

/// Opens a link itself, not what it leads to.
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// What is still to be done.
pub(super) enum Job {
    /// A file.
    File(File, PathBuf),
    /// A folder.
    Folder(PathBuf, usize),
}

/// Opens what was named: a file, or a folder.
pub(super) fn begin(path: &Path) -> Result<Job> {
    let metadata = std::fs::metadata(path).map_err(|err| unreadable(path, err.kind()))?;
    if metadata.is_dir() {
        return Ok(Job::Folder(path.to_owned(), 0));
    }
    if !metadata.is_file() {
        return Err(odd(path));
    }
    Ok(Job::File(File::open(path).map_err(|err| unreadable(path, err.kind()))?, path.to_owned()))
}

impl Job {
    /// Does it; what comes of it goes to the queue.
    pub(super) fn run(self, walk: &Walk<'_>) {
        match self {
            Self::File(file, path) => take(walk, file, &path),
            Self::Folder(path, depth) => list(walk, &path, depth),
        }
    }
}

fn list(walk: &Walk<'_>, folder: &Path, depth: usize) {
    let Ok(entries) = read_dir(folder) else { return count(&walk.counts.unreadable) };
    for entry in entries {
        if walk.is_over() {
            return;
        }
        let Ok((name, kind)) = entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?))) else {
            count(&walk.counts.unreadable);
            continue;
        };
        if name == ".git" {
            continue;
        }
        let path = join(folder, &name);
        if kind.is_symlink() {
            count(&walk.counts.links);
        } else if kind.is_dir() {
            match depth + 1 > MAX_DEPTH {
                true => count(&walk.counts.deep),
                false if walk.visitor.enters(&path) => walk.push(Job::Folder(path, depth + 1)),
                false => {}
            }
        } else if walk.visitor.wants(&path) {
            let opened = OpenOptions::new().read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(&path);
            match opened {
                Ok(file) => take(walk, file, &path),
                Err(_) => count(&walk.counts.unreadable),
            }
        }
    }
}

fn take(walk: &Walk<'_>, file: File, path: &Path) {
    let Ok(metadata) = file.metadata() else { return count(&walk.counts.unreadable) };
    if !metadata.is_file() {
        return count(&walk.counts.links);
    }
    let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if size > walk.max_size {
        return count(&walk.counts.large);
    }
    let Some(_room) = walk.budget.take(size, walk.stop) else { return };
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    match file.take(size as u64).read_to_end(&mut bytes) {
        Ok(_) => walk.visitor.take(path, SecretValue::from_bytes(bytes)),
        Err(_) => count(&walk.counts.unreadable),
    }
}

/// What is below the folder that one is in is named without it.
fn join(folder: &Path, name: &OsStr) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(OsString::from(name)) }
}
