//! A file of the user's that is changed or deleted where it is: a regular one, through no link, and only while it still is
//! what was read. What is in it is a value until something inside the wall has looked at it.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::plaintext::{SecretValue, compare};
use crate::process::fault;

/// A file, as it was when it was read.
#[derive(Debug)]
pub(crate) struct InPlace {
    path: PathBuf,
    longest: usize,
    content: SecretValue,
    metadata: Metadata,
}

impl InPlace {
    /// Reads a file; of one that is longer than `longest`, one byte more than that.
    pub(crate) fn open(path: &Path, longest: usize) -> Result<Self> {
        let (content, metadata) = read(path, longest)?;
        Ok(Self { path: path.to_owned(), longest, content, metadata })
    }

    /// Returns its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what is in it.
    pub(crate) fn content(&self) -> &SecretValue {
        &self.content
    }

    /// Puts another file in its place, whole or not at all, with the same mode.
    pub(crate) fn replace(self, text: &str) -> Result<()> {
        let failed = |err: &std::io::Error| {
            Error::usage(format!("cannot write {}", self.path.display()))
                .because(err.kind().to_string())
                .hint("its folder must be writable, because the new file is put in the place of the old one")
        };
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|err| failed(&err))?;
        file.write_all(text.as_bytes()).map_err(|err| failed(&err))?;
        // Behind the content: nobody reads a part of it, whatever the mode is.
        file.as_file().set_permissions(self.metadata.permissions()).map_err(|err| failed(&err))?;
        file.as_file().sync_all().map_err(|err| failed(&err))?;
        self.check_unchanged()?;
        fault::point("before-rename");
        file.persist(&self.path).map_err(|err| failed(&err.error))?;
        sync(folder);
        Ok(())
    }

    /// Deletes it.
    pub(crate) fn delete(self) -> Result<()> {
        self.check_unchanged()?;
        fs::remove_file(&self.path).map_err(|err| {
            Error::usage(format!("cannot delete {}", self.path.display()))
                .because(err.kind().to_string())
                .hint(format!("delete it yourself: rm {}", self.path.display()))
        })?;
        sync(self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")));
        Ok(())
    }

    /// Refuses to touch a file that somebody else has changed since it was read.
    pub(crate) fn check_unchanged(&self) -> Result<()> {
        let (content, metadata) = read(&self.path, self.longest)?;
        if is_same(&metadata, &self.metadata) && compare::same(&content, &self.content) {
            return Ok(());
        }
        Err(Error::refused(format!("{} was changed meanwhile, and is left as it is", self.path.display()))
            .hint("look at it, and run the command again"))
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    one.created().ok() == other.created().ok()
}

fn read(path: &Path, longest: usize) -> Result<(SecretValue, Metadata)> {
    let failed = |kind: ErrorKind| {
        Error::usage(format!("{} cannot be read", name_of(path)))
            .because(kind.to_string())
            .hint("name a file that is there, and that you may read")
    };
    let odd = |what: &str| {
        Error::refused(format!("{} is {what}", name_of(path)))
            .because("what is changed or deleted must be the file that was named")
            .hint("name the regular file itself")
    };
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let is_link = || fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    // Elsewhere than on Unix there is no flag for it.
    if cfg!(not(unix)) && is_link() {
        return Err(odd("a link"));
    }
    let file: File = options.open(path).map_err(|err| if is_link() { odd("a link") } else { failed(err.kind()) })?;
    let metadata = file.metadata().map_err(|err| failed(err.kind()))?;
    if !metadata.is_file() {
        return Err(odd(if metadata.is_dir() { "a folder" } else { "no regular file" }));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(longest as u64 + 1).read_to_end(&mut bytes).map_err(|err| failed(err.kind()))?;
    Ok((SecretValue::from_bytes(bytes), metadata))
}

/// Makes a rename or a deletion last; where a folder cannot be opened for that, it lasts as soon as the system likes.
fn sync(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        drop(folder.sync_all());
    }
}

/// A path that is there is a path; one that is not could be anything that was typed.
fn name_of(path: &Path) -> String {
    if fs::symlink_metadata(path).is_ok() { path.display().to_string() } else { "the file".to_owned() }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_file_is_replaced_with_its_mode_and_never_over_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let file = InPlace::open(&path, 100).unwrap();
        file.replace("two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
        // The same bytes in another file, and other bytes in the same file.
        let file = InPlace::open(&path, 100).unwrap();
        fs::write(folder.path().join("b"), "two").unwrap();
        fs::rename(folder.path().join("b"), &path).unwrap();
        assert_eq!(file.replace("three").unwrap_err().kind().exit_code(), 3);
        let file = InPlace::open(&path, 100).unwrap();
        fs::write(&path, "2wo").unwrap();
        assert_eq!(file.delete().unwrap_err().kind().exit_code(), 3);
        assert_eq!(fs::read(&path).unwrap(), b"2wo");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
        InPlace::open(&path, 100).unwrap().delete().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn links_and_what_is_no_file_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "not-a-real-password").unwrap();
        symlink(&file, &link).unwrap();
        for (path, code) in [(&link, 3), (&folder.path().to_owned(), 3), (&folder.path().join("none"), 2)] {
            assert_eq!(InPlace::open(path, 100).unwrap_err().kind().exit_code(), code, "{}", path.display());
        }
    }
}
