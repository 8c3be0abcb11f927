//! The program of `KUBECTL_EXTERNAL_DIFF`: compares two folders that kubectl has written, one object a file, and shows
//! no value of a Secret. What kubectl leaves in these files is out of our hands.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::{Error, Outcome, Result};
use crate::output;
use crate::plaintext::SecretValue;
use crate::plaintext::parse::{MAX_FILE, shown};
use crate::tree::Tree;

/// Tells whether kubectl asks, with two folders and nothing else: they are absolute, as no command or name is.
pub(crate) fn asked(args: impl Iterator<Item = OsString>) -> Option<(PathBuf, PathBuf)> {
    let args: Vec<PathBuf> = args.skip(1).take(3).map(PathBuf::from).collect();
    let [live, merged] = <[PathBuf; 2]>::try_from(args).ok()?;
    let is_folder = |path: &Path| path.is_absolute() && path.is_dir();
    (is_folder(&live) && is_folder(&merged)).then_some((live, merged))
}

/// Compares them: exit 0 and 1 as `diff` does, and above if it cannot be told.
pub(crate) fn run(live: &Path, merged: &Path) -> Result<Outcome> {
    let (live, merged) = (read(live)?, read(merged)?);
    let mut text = String::new();
    for name in super::union(&live, &merged) {
        let shown = shown(live.get(name), merged.get(name)).map_err(|error| {
            Error::usage("an object that kubectl has written cannot be compared")
                .caused_by(&error)
                .hint("compare the Secrets alone: kubectl secretsafe diff -f FILE")
        })?;
        text.push_str(&output::unified(name, &shown.left, &shown.right));
    }
    output::print(&text)?;
    Ok(if text.is_empty() { Outcome::Done } else { Outcome::Differences })
}

/// Reads the files of a folder, by name.
fn read(folder: &Path) -> Result<BTreeMap<String, SecretValue>> {
    let mut files = BTreeMap::new();
    let mut visit = |path: &Path, content: SecretValue| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        files.insert(name, content);
        Ok(())
    };
    Tree::new(false, MAX_FILE, &mut visit).with_any_name().read(folder)?;
    Ok(files)
}
