//! Below a folder: links are left out.

use std::fs::{File, read_dir, symlink_metadata};
use std::path::Path;

use crate::error::Result;

use super::{MAX_DEPTH, Tree, sorted, too_deep, unreadable};

/// Goes through a folder that the user named.
pub(super) fn walk(tree: &mut Tree<'_>, path: &Path) -> Result<()> {
    go(tree, path, 0)
}

fn go(tree: &mut Tree<'_>, path: &Path, depth: usize) -> Result<()> {
    if depth == MAX_DEPTH {
        return Err(too_deep(path));
    }
    let entries = read_dir(path).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    for full in sorted(entries.map_err(|err| unreadable(path, err.kind()))?) {
        let metadata = symlink_metadata(&full).map_err(|err| unreadable(&full, err.kind()))?;
        if metadata.is_dir() {
            if tree.recursive {
                go(tree, &full, depth + 1)?;
            }
        } else if tree.wants(&full) {
            if metadata.is_file() {
                let file = File::open(&full).map_err(|err| unreadable(&full, err.kind()))?;
                tree.take(file, &full)?;
            } else {
                tree.left_out += 1;
            }
        }
    }
    Ok(())
}
