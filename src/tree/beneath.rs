//! Below a folder, step by step from its own descriptor: no step follows a link, also not one that appears meanwhile.

use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, fstat, openat, statat};
use rustix::io::Errno;

use crate::error::Result;

use super::{MAX_DEPTH, Tree, sorted, too_deep, unreadable};

/// Goes through a folder that the user named.
pub(super) fn walk(tree: &mut Tree<'_>, path: &Path) -> Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = openat(CWD, path, flags, Mode::empty()).map_err(|err| failed(path, err))?;
    go(tree, &folder, path, 0)
}

fn go(tree: &mut Tree<'_>, folder: &OwnedFd, path: &Path, depth: usize) -> Result<()> {
    if depth == MAX_DEPTH {
        return Err(too_deep(path));
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    for name in names(folder).map_err(|err| failed(path, err))? {
        let full = path.join(&name);
        let stat = statat(folder, &name, AtFlags::SYMLINK_NOFOLLOW).map_err(|err| failed(&full, err))?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory if tree.recursive => {
                let below = openat(folder, &name, flags | OFlags::DIRECTORY, Mode::empty());
                go(tree, &below.map_err(|err| failed(&full, err))?, &full, depth + 1)?;
            }
            FileType::Directory => {}
            _ if !tree.wants(&name) => {}
            FileType::RegularFile => {
                let file = openat(folder, &name, flags, Mode::empty()).map_err(|err| failed(&full, err))?;
                // It may have been replaced since.
                let stat = fstat(&file).map_err(|err| failed(&full, err))?;
                if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
                    tree.take(File::from(file), &full)?;
                } else {
                    tree.left_out += 1;
                }
            }
            _ => tree.left_out += 1,
        }
    }
    Ok(())
}

fn names(folder: &OwnedFd) -> Result<Vec<PathBuf>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder.as_fd())? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name != "." && name != ".." {
            names.push(PathBuf::from(name));
        }
    }
    Ok(sorted(names))
}

fn failed(path: &Path, err: Errno) -> crate::error::Error {
    unreadable(path, err.kind())
}
