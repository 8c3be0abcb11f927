//! The keys of controllers that were confirmed: `sealing-keys.json` in the user's config folder. Nothing in it is secret, but
//! whoever can write it decides who reads what is sealed.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config;
use crate::error::{Error, Result};
use crate::plan::Target;

const NAME: &str = "sealing-keys.json";
/// Longest file that is read.
const LONGEST: u64 = 1024 * 1024;

/// The keys that are known.
#[derive(Debug)]
pub(super) struct Pins {
    path: PathBuf,
    list: Vec<Pin>,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pin {
    /// The fingerprint of the cluster: context names can be given to another one.
    cluster: String,
    /// The URL of its API server, for readers.
    server: String,
    /// Namespace and Service.
    controller: String,
    /// SHA-256 of the key, in hex.
    key: String,
    /// When it was confirmed.
    since: Timestamp,
}

impl Pins {
    /// Reads the file; one that is not there is an empty one. One that others can write is refused.
    pub(super) fn load() -> Result<Self> {
        let folder = config::folder().ok_or_else(|| {
            Error::usage("there is no folder to keep the keys of controllers in").hint("set HOME, or XDG_CONFIG_HOME")
        })?;
        let path = folder.join(NAME);
        let Some(mut file) = open(&path)? else { return Ok(Self { path, list: Vec::new() }) };
        let mut text = Vec::new();
        let read = (&mut file).take(LONGEST).read_to_end(&mut text);
        read.map_err(|err| failed("read", &path, &err))?;
        let list = serde_json::from_slice(&text).map_err(|_| {
            Error::refused(format!("{} is not what this program wrote", path.display()))
                .because("it holds the keys of controllers that you have confirmed")
                .hint(format!("look at it; to confirm all keys anew, type: rm {}", path.display()))
        })?;
        Ok(Self { path, list })
    }

    /// Returns the key that is known for a controller.
    pub(super) fn key_of(&self, target: &Target, controller: &str) -> Option<&str> {
        let pin = self.list.iter().find(|pin| pin.cluster == target.fingerprint && pin.controller == controller);
        pin.map(|pin| pin.key.as_str())
    }

    /// Keeps a key, instead of the one before; the file appears whole or not at all.
    pub(super) fn keep(&mut self, target: &Target, controller: &str, key: &str) -> Result<()> {
        self.list.retain(|pin| pin.cluster != target.fingerprint || pin.controller != controller);
        self.list.push(Pin {
            cluster: target.fingerprint.clone(),
            server: target.server.clone(),
            controller: controller.to_owned(),
            key: key.to_owned(),
            since: Timestamp::now(),
        });
        let text = serde_json::to_vec_pretty(&self.list).map_err(|_| Error::bug("a list of keys cannot be written"))?;
        put(&self.path, &text).map_err(|err| failed("write", &self.path, &err))
    }
}

fn put(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().ok_or(ErrorKind::NotFound)?;
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)?;
    // Made with mode 0600, under a name that nobody can guess.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text)?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|err| err.error)
}

/// Opens the file if it is a regular one of this user that nobody else can write.
fn open(path: &Path) -> Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = match options.open(path) {
        Ok(file) => file,
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(None),
        Err(_) if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) => {
            return Err(not_ours(path, "it is a link"));
        }
        Err(err) => return Err(failed("read", path, &err)),
    };
    let metadata = file.metadata().map_err(|err| failed("read", path, &err))?;
    if !metadata.is_file() {
        return Err(not_ours(path, "it is no regular file"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;

        // SAFETY: geteuid has no preconditions and cannot fail.
        if metadata.uid() != unsafe { libc::geteuid() } {
            return Err(not_ours(path, "it belongs to another user"));
        }
        if metadata.mode() & 0o022 != 0 {
            return Err(not_ours(path, "it can be written by others"));
        }
    }
    Ok(Some(file))
}

fn not_ours(path: &Path, why: &str) -> Error {
    Error::refused(format!("{} is not believed", path.display()))
        .because(why)
        .because("it holds the keys of controllers that you have confirmed")
        .hint(format!("look at it; to confirm all keys anew, type: rm {}", path.display()))
}

fn failed(what: &str, path: &Path, err: &std::io::Error) -> Error {
    Error::refused(format!("cannot {what} {}", path.display()))
        .because(err.kind().to_string())
        .hint("keys of controllers that you have confirmed are kept there")
}
