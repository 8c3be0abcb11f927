//! The files of the log, and their folder: of this user, 0600 in 0700, never opened through a link.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::LogError;

/// How long another process may hold the lock.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait before the lock is tried again.
pub(super) const PAUSE: Duration = Duration::from_millis(1);
/// No state is longer.
pub(super) const LONGEST_STATE: u64 = 1024;

/// Returns the folder of the log, by the platform's rule for state.
pub(super) fn folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else {
        absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local").join("state")))
    };
    folder.map(|folder| folder.join("secretsafe"))
}

/// Makes the folder, and takes rights of others away from it.
pub(super) fn make_folder(folder: &Path) -> Result<(), LogError> {
    let failed = |err: std::io::Error| LogError::system(folder, &err);
    if fs::symlink_metadata(folder).is_err() {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder).map_err(failed)?;
    }
    let metadata = fs::symlink_metadata(folder).map_err(failed)?;
    let not_ours = |what| LogError::NotOurs { path: folder.to_owned(), what };
    if !metadata.is_dir() {
        return Err(not_ours("no folder, or a link to one"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};

        if metadata.uid() != own_uid() {
            return Err(not_ours("the folder of another user"));
        }
        if metadata.mode() & 0o077 != 0 {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        }
    }
    Ok(())
}

/// Opens a file of ours: a regular one, not through a link, that others can neither read nor write.
pub(super) fn open(path: &Path, options: &mut OpenOptions) -> Result<File, LogError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        // A pipe of that name must not make us wait for its other end.
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    }
    let not_ours = |what| LogError::NotOurs { path: path.to_owned(), what };
    let file = options.open(path).map_err(|err| match err.kind() {
        _ if is_link(path) => not_ours("a link"),
        _ => LogError::system(path, &err),
    })?;
    let metadata = file.metadata().map_err(|err| LogError::system(path, &err))?;
    if !metadata.is_file() {
        return Err(not_ours("no regular file"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};

        if metadata.uid() != own_uid() {
            return Err(not_ours("a file of another user"));
        }
        if metadata.mode() & 0o077 != 0 {
            let private = file.set_permissions(fs::Permissions::from_mode(0o600));
            private.map_err(|err| LogError::system(path, &err))?;
        }
    }
    Ok(file)
}

/// Tells whether the file is still the one at its path.
#[cfg(unix)]
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let id = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    file.metadata().ok().map(id) == fs::symlink_metadata(path).ok().map(id)
}

/// An open file cannot be replaced there.
#[cfg(not(unix))]
pub(super) fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

/// Returns the number of the user that this process runs as.
#[cfg(unix)]
pub(super) fn own_uid() -> u32 {
    // SAFETY: geteuid has no preconditions and cannot fail.
    unsafe { libc::geteuid() }
}
