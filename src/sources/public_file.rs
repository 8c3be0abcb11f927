//! `public-file:PATH`: a file that is not secret, such as a certificate (requirement S5).

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::BoxFuture;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::{SecretValue, facts};

use super::public::{check_key, check_text};
use super::stdin::key_name;
use super::{AnySource, Ask, Filling, MAX_VALUE, Origin, Scheme, Source};

/// Makes the source for a flag that takes the path itself.
pub(crate) fn public_file(path: PathBuf) -> AnySource {
    Arc::new(PublicFile { path, below: None })
}

pub(super) const SCHEME: Scheme = Scheme {
    name: "public-file",
    aliases: &[],
    form: "public-file:PATH",
    summary: "a file that is not secret, such as a certificate",
    origins: Origin::NOT_OBJECT,
    parse,
};

#[derive(Debug)]
pub(super) struct PublicFile {
    path: PathBuf,
    /// The folder that it must be in, also when links are resolved.
    below: Option<PathBuf>,
}

fn parse(rest: Option<&str>) -> Result<AnySource> {
    match rest {
        Some(path) if !path.is_empty() => Ok(public_file(PathBuf::from(path))),
        _ => Err(Error::usage("`public-file:` needs a path behind it")
            .hint("write KEY=public-file:PATH, such as ca.crt=public-file:ca.crt")),
    }
}

impl PublicFile {
    /// A file that somebody else names: below a folder, whatever links there are (requirement S2).
    pub(super) fn below(folder: PathBuf, path: &Path) -> Self {
        Self { path: folder.join(path), below: Some(folder) }
    }

    /// Resolves links, and refuses what they lead out of the folder to.
    fn resolved(&self, what: &str) -> Result<PathBuf> {
        let Some(folder) = &self.below else { return Ok(self.path.clone()) };
        let real = |path: &Path| path.canonicalize().map_err(|err| self.failed(what, err.kind().to_string()));
        // An empty path is the working directory.
        let folder = real(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?;
        let path = real(&self.path)?;
        if path.starts_with(&folder) {
            return Ok(path);
        }
        Err(Error::refused(format!("the file for {what} is outside of the folder of the SecretSources"))
            .because("a link leads there")
            .hint("put the file itself beside the SecretSources"))
    }

    fn failed(&self, what: &str, reason: impl Into<String>) -> Error {
        // A path that is there is a path; one that is not could be anything that was typed.
        let name = if self.path.exists() { format!("{}", self.path.display()) } else { "the file".to_owned() };
        Error::source(format!("{name} for {what} cannot be read"))
            .because(reason)
            .hint("name a file that is there and that you may read")
    }

    /// Opens the file, if it is a regular one; a FIFO in its place does not make us wait for a writer.
    fn open(&self, what: &str) -> Result<File> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(
            &mut options,
            libc::O_NONBLOCK | if self.below.is_some() { libc::O_NOFOLLOW } else { 0 },
        );
        let file = options.open(self.resolved(what)?).map_err(|err| self.failed(what, err.kind().to_string()))?;
        let metadata = file.metadata().map_err(|err| self.failed(what, err.kind().to_string()))?;
        if metadata.is_file() { Ok(file) } else { Err(self.failed(what, "it is not a regular file")) }
    }

    fn read(&self, what: &str) -> Result<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(Vec::new());
        self.open(what)?
            .take(MAX_VALUE as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|err| self.failed(what, err.kind().to_string()))?;
        Ok(bytes)
    }
}

impl Source for PublicFile {
    fn scheme(&self) -> &'static str {
        SCHEME.name
    }

    fn summary(&self) -> String {
        "public-file".to_owned()
    }

    fn check(&self, ask: &Ask<'_>) -> Result<()> {
        check_key(self.scheme(), ask)
    }

    /// A file that is not there is said before anybody types a value for another key.
    fn prepare(&self, ask: &Ask<'_>) -> Result<()> {
        self.open(&key_name(ask)).map(drop)
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, _ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move {
            let value = SecretValue::from_bytes(self.read(&key_name(ask))?);
            check_text(self.scheme(), facts::looks_secret(&value), ask)?;
            Ok(Filling::one(value))
        })
    }
}
