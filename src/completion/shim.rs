//! Puts the file in place by which kubectl completes `kubectl secretsafe`; krew links one program only.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind as Io, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

use super::Script;

/// The name that kubectl looks for.
const NAME: &str = if cfg!(windows) { "kubectl_complete-secretsafe.cmd" } else { "kubectl_complete-secretsafe" };
/// This program, as kubectl finds it.
const PLUGIN: &str = if cfg!(windows) { "kubectl-secretsafe.exe" } else { "kubectl-secretsafe" };
/// What tells a file of ours from others.
const MARK: &str = "Made by `kubectl secretsafe completion`.";

/// What was done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Installed {
    /// It was not there.
    Created(PathBuf),
    /// It was there from another version.
    Replaced(PathBuf),
    /// It was there as it is.
    Unchanged(PathBuf),
}

/// Writes the file into `folder`, or next to the plugin where kubectl finds it.
pub(crate) fn install(folder: Option<&Path>) -> Result<Installed> {
    if let Some(folder) = folder {
        return write(folder).map_err(|failed| explain(failed, folder));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path)
        // kubectl refuses to run what it finds through a relative folder.
        .filter(|folder| folder.is_absolute() && folder.join(PLUGIN).is_file())
        .collect();
    let mut last = None;
    for folder in &folders {
        match write(folder) {
            Ok(installed) => return Ok(installed),
            // Another folder of PATH may be ours to write; a foreign file of that name would come first.
            Err(failed @ Failed::Cannot(_)) => last = Some(explain(failed, folder)),
            Err(failed) => return Err(explain(failed, folder)),
        }
    }
    Err(last.unwrap_or_else(|| {
        Error::usage(format!("no folder of PATH holds `{PLUGIN}`, so kubectl would not find it either"))
            .hint("name a folder of PATH: kubectl secretsafe completion --install --dir DIR")
    }))
}

enum Failed {
    Foreign,
    Cannot(Io),
}

impl From<std::io::Error> for Failed {
    fn from(err: std::io::Error) -> Self {
        Self::Cannot(err.kind())
    }
}

fn write(folder: &Path) -> std::result::Result<Installed, Failed> {
    let path = folder.join(NAME);
    let text = Script::Kubectl.text();
    match fs::symlink_metadata(&path) {
        Err(err) if err.kind() == Io::NotFound => {
            create(&path, text)?;
            Ok(Installed::Created(path))
        }
        Err(err) => Err(err.into()),
        Ok(found) if found.is_file() && found.len() < 4096 => {
            let there = fs::read(&path)?;
            if there == text.as_bytes() {
                return Ok(Installed::Unchanged(path));
            }
            if !String::from_utf8_lossy(&there).contains(MARK) {
                return Err(Failed::Foreign);
            }
            // By a rename, so that a shell never runs half of it.
            let fresh = folder.join(format!(".{NAME}.{}", std::process::id()));
            create(&fresh, text)?;
            fs::rename(&fresh, &path).inspect_err(|_| {
                let _ = fs::remove_file(&fresh);
            })?;
            Ok(Installed::Replaced(path))
        }
        // A link to the program itself does the same; where any other leads is not ours to change.
        Ok(found) if found.is_symlink() && fs::canonicalize(&path).is_ok_and(|to| to.ends_with(PLUGIN)) => {
            Ok(Installed::Unchanged(path))
        }
        Ok(_) => Err(Failed::Foreign),
    }
}

fn create(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
    options.open(path)?.write_all(text.as_bytes())
}

fn explain(failed: Failed, folder: &Path) -> Error {
    let path = folder.join(NAME);
    match failed {
        Failed::Foreign => Error::refused(format!("{} is there and not ours", path.display()))
            .hint(format!("look at it; if it is not needed, remove it: rm {}", path.display())),
        Failed::Cannot(kind) => Error::usage(format!("cannot write {}", path.display()))
            .because(kind.to_string())
            .hint("name a folder of PATH that you may write to: kubectl secretsafe completion --install --dir DIR"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shim_bears_the_mark() {
        assert!(Script::Kubectl.text().contains(MARK));
    }
}
