//! Step by step from the descriptor of a folder to what is in it: no step follows a link, also not one that appears
//! meanwhile, and none waits for a pipe or wakes a device.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, fstat, openat, statat};
use rustix::io::Errno;
use zeroize::Zeroizing;

use crate::error::Result;
use crate::plaintext::SecretValue;
use crate::tree::{odd, unreadable};

use super::{MAX_DEPTH, Walk, count};

/// How many files of one folder a thread takes at a time.
const PORTION: usize = 64;

/// For what is below the folders that were named.
const BENEATH: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// An open folder.
pub(super) struct Folder {
    descriptor: OwnedFd,
    path: PathBuf,
    depth: usize,
}

/// What is still to be done.
pub(super) enum Job {
    /// A file that was named.
    Named(File, PathBuf),
    /// An open folder.
    Open(Arc<Folder>),
    /// A folder in another one.
    Below(Arc<Folder>, OsString),
    /// Files in a folder.
    Files(Arc<Folder>, Vec<OsString>),
}

/// Opens what was named: a file, a pipe, or a folder.
pub(super) fn begin(path: &Path) -> Result<Job> {
    let failed = |err: std::io::Error| unreadable(path, err.kind());
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor = openat(CWD, path, flags, Mode::empty()).map_err(|err| unreadable(path, err.kind()))?;
        return Ok(Job::Open(Arc::new(Folder { descriptor, path: path.to_owned(), depth: 0 })));
    }
    let is_pipe = std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type());
    if !metadata.is_file() && !is_pipe {
        return Err(odd(path));
    }
    Ok(Job::Named(File::open(path).map_err(failed)?, path.to_owned()))
}

impl Job {
    /// Does it; what comes of it goes to the queue.
    pub(super) fn run(self, walk: &Walk<'_>) {
        match self {
            Self::Named(file, path) => named(walk, file, &path),
            Self::Open(folder) => list(walk, &folder),
            Self::Below(parent, name) => {
                let path = join(&parent.path, &name);
                match openat(&parent.descriptor, &name, BENEATH | OFlags::DIRECTORY, Mode::empty()) {
                    Ok(descriptor) => {
                        let depth = parent.depth + 1;
                        // The one above need not stay open.
                        drop(parent);
                        list(walk, &Arc::new(Folder { descriptor, path, depth }));
                    }
                    Err(err) => refused(walk, err),
                }
            }
            Self::Files(folder, names) => {
                for name in names {
                    if walk.is_over() {
                        return;
                    }
                    take(walk, &folder, &name);
                }
            }
        }
    }
}

/// Lists a folder: folders in it are for later, and so are its files, in portions.
fn list(walk: &Walk<'_>, folder: &Arc<Folder>) {
    let Ok(entries) = Dir::read_from(folder.descriptor.as_fd()) else { return count(&walk.counts.unreadable) };
    let mut files = Vec::new();
    let mut folders = Vec::new();
    for entry in entries {
        let Ok(entry) = entry else {
            count(&walk.counts.unreadable);
            break;
        };
        if walk.is_over() {
            return;
        }
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name == "." || name == ".." || name == ".git" {
            continue;
        }
        let kind = match entry.file_type() {
            FileType::Unknown => match statat(&folder.descriptor, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                Err(_) => {
                    count(&walk.counts.unreadable);
                    continue;
                }
            },
            known => known,
        };
        let path = join(&folder.path, name);
        match kind {
            FileType::Directory if !walk.visitor.enters(&path) => {}
            FileType::Directory if folder.depth + 1 > MAX_DEPTH => count(&walk.counts.deep),
            FileType::Directory => folders.push(name.to_owned()),
            _ if !walk.visitor.wants(&path) => {}
            FileType::RegularFile => {
                files.push(name.to_owned());
                if files.len() == PORTION {
                    walk.push(Job::Files(Arc::clone(folder), std::mem::take(&mut files)));
                }
            }
            FileType::Symlink => count(&walk.counts.links),
            _ => count(&walk.counts.special),
        }
    }
    for name in folders {
        walk.push(Job::Below(Arc::clone(folder), name));
    }
    if !files.is_empty() {
        walk.push(Job::Files(Arc::clone(folder), files));
    }
}

fn take(walk: &Walk<'_>, folder: &Folder, name: &OsStr) {
    let file = match openat(&folder.descriptor, name, BENEATH, Mode::empty()) {
        Ok(file) => file,
        Err(err) => return refused(walk, err),
    };
    // It may have been replaced since.
    let Ok(stat) = fstat(&file) else { return count(&walk.counts.unreadable) };
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return count(&walk.counts.special);
    }
    let size = usize::try_from(stat.st_size).unwrap_or(usize::MAX);
    hand_on(walk, File::from(file), size, &join(&folder.path, name));
}

/// A file that was named may be a pipe, whose size nobody knows.
fn named(walk: &Walk<'_>, file: File, path: &Path) {
    let Ok(metadata) = file.metadata() else { return count(&walk.counts.unreadable) };
    if metadata.is_file() {
        return hand_on(walk, file, usize::try_from(metadata.len()).unwrap_or(usize::MAX), path);
    }
    let Some(_room) = walk.budget.take(walk.max_size, walk.stop) else { return };
    let mut bytes = Zeroizing::new(Vec::new());
    match file.take(walk.max_size as u64 + 1).read_to_end(&mut bytes) {
        Ok(read) if read > walk.max_size => count(&walk.counts.large),
        Ok(_) => walk.visitor.take(path, SecretValue::from_bytes(bytes)),
        Err(_) => count(&walk.counts.unreadable),
    }
}

/// Reads as much as the file has now, and hands it on.
fn hand_on(walk: &Walk<'_>, file: File, size: usize, path: &Path) {
    if size > walk.max_size {
        return count(&walk.counts.large);
    }
    let Some(_room) = walk.budget.take(size, walk.stop) else { return };
    // Just as large as the file, so that nothing is moved, and nothing is asked for behind its end.
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    match file.take(size as u64).read_to_end(&mut bytes) {
        Ok(_) => walk.visitor.take(path, SecretValue::from_bytes(bytes)),
        Err(_) => count(&walk.counts.unreadable),
    }
}

/// Counts what was not opened: with these flags a link is an error of its own.
fn refused(walk: &Walk<'_>, err: Errno) {
    count(match err {
        Errno::LOOP | Errno::MLINK => &walk.counts.links,
        // A socket; or a folder that is one no longer.
        Errno::NXIO | Errno::OPNOTSUPP | Errno::NOTDIR => &walk.counts.special,
        _ => &walk.counts.unreadable,
    });
}

/// What is below the folder that one is in is named without it.
fn join(folder: &Path, name: &OsStr) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) }
}
