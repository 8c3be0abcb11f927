//! A repository: found, and asked for what is tracked, staged and ignored.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use crate::error::{Error, ErrorKind, Result};
use crate::plaintext::SecretValue;

use super::blobs::{BlobLimits, BlobsLeftOut, Sender};
use super::command::{Git, Running};
use super::entry::{self, Entry, Mode};
use super::failure::GitFailure;
use super::history::is_odd;

/// The id of the tree without entries, which every git knows: what there is before the first commit.
const EMPTY_TREE: [&str; 2] =
    ["4b825dc642cb6eb9a060e54bf8d69288fbee4904", "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"];

/// Where a folder is.
#[derive(Debug)]
pub(crate) enum Place {
    /// In a repository.
    In(Repository),
    /// In none.
    Outside,
    /// In one that is not asked, and why.
    Unusable(Error),
}

/// A repository that git has opened.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    git: Git,
    shallow: bool,
    sha256: bool,
}

/// What is staged.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Staged {
    /// Files that are new or changed.
    pub(crate) files: Vec<Entry>,
    /// Links, which are not followed.
    pub(crate) links: usize,
    /// Other repositories, which are not entered.
    pub(crate) submodules: usize,
}

impl Repository {
    /// Opens the repository that the user is in, or that git runs a hook for.
    pub(crate) fn here() -> Result<Self> {
        match Self::look(Path::new("."), true)? {
            Place::In(repository) => Ok(repository),
            Place::Unusable(error) => Err(error),
            Place::Outside => Err(Error::usage("the folder that you are in belongs to no Git repository")
                .hint("go into one, or look at files alone: kubectl secretsafe scan PATH")),
        }
    }

    /// Looks for the repository of a folder.
    pub(crate) fn of(folder: &Path) -> Result<Place> {
        // Where there is none, no program is run to say so.
        if mark_above(folder).is_none() {
            return Ok(Place::Outside);
        }
        Self::look(folder, false)
    }

    fn look(folder: &Path, here: bool) -> Result<Place> {
        let git = match Git::find(folder, here) {
            Ok(Some(git)) => git,
            Ok(None) => return Ok(Place::Unusable(no_git())),
            Err(error) => return Ok(Place::Unusable(error)),
        };
        // Nothing of a path is asked for here: an answer has a line each.
        let asked = git.ask(["rev-parse", "--is-shallow-repository", "--show-object-format"]);
        let answer = match asked {
            Ok(answer) => answer,
            Err(failure) if failure.is_refusal() && here && std::env::var_os("GIT_DIR").is_some() => {
                return Ok(Place::Unusable(
                    Error::usage("git does not open the repository that GIT_DIR names")
                        .hint("to have it looked for in the folder that you are in: unset GIT_DIR"),
                ));
            }
            Err(failure) if failure.is_refusal() => {
                return Ok(mark_above(folder).map_or(Place::Outside, |mark| Place::Unusable(refused(&mark))));
            }
            Err(failure) => return Ok(Place::Unusable(failure.explain("look for the Git repository"))),
        };
        let mut lines = answer.split(|byte| *byte == b'\n');
        let (shallow, format) = (lines.next() == Some(b"true"), lines.next());
        Ok(match format {
            Some(b"sha1" | b"sha256") => Place::In(Self { git, shallow, sha256: format == Some(b"sha256") }),
            _ => Place::Unusable(GitFailure::Unheard.explain("look for the Git repository")),
        })
    }

    /// Tells whether older commits were left behind when it was cloned.
    pub(crate) fn is_shallow(&self) -> bool {
        self.shallow
    }

    pub(super) fn git(&self) -> &Git {
        &self.git
    }

    /// Hands what is staged to `take`, as far as it is wanted, on several threads and in no order.
    pub(crate) fn read_staged(
        &self,
        staged: Staged,
        limits: BlobLimits,
        stop: &AtomicBool,
        wants: &dyn Fn(&Entry) -> bool,
        take: &(dyn Fn(&Entry, SecretValue) + Sync),
    ) -> Result<BlobsLeftOut> {
        let send = |sender: Sender<'_>| {
            staged.files.into_iter().filter(wants).for_each(|entry| sender.send(entry));
            Ok(())
        };
        self.read_blobs(limits, stop, take, send).map(|((), left_out)| left_out)
    }

    /// Returns the files of the index below the folder, by their path from there, and the ids of their contents.
    pub(crate) fn tracked(&self) -> Result<HashMap<PathBuf, String>> {
        let list = || {
            let mut list = Running::start(&mut self.git.command(["ls-files", "--cached", "--stage", "-z"]))?;
            let mut files = HashMap::new();
            while let Some(line) = list.piece()? {
                let tab = line.iter().position(|byte| *byte == b'\t').ok_or(GitFailure::Unheard)?;
                let (about, path) = line.split_at(tab);
                let mut words = about.split(|byte| *byte == b' ');
                let mode = words.next().and_then(entry::mode);
                if let (Some(Mode::File), Some(blob)) = (mode, words.next().and_then(entry::id)) {
                    files.insert(entry::path(path.iter().skip(1).copied().collect()), blob);
                }
            }
            list.end()?;
            Ok(files)
        };
        list().map_err(|failure: GitFailure| failure.explain("list what Git tracks"))
    }

    /// Returns files and folders below the folder that are ignored and not tracked, by their path from there. A folder
    /// stands for all that is in it. None if git cannot say, as in a folder that is ignored itself.
    pub(crate) fn ignored(&self) -> Option<HashSet<PathBuf>> {
        let flags = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"];
        let mut list = Running::start(&mut self.git.command(flags)).ok()?;
        let mut paths = HashSet::new();
        while let Some(mut path) = list.piece().ok()? {
            if path == b"./" {
                return None;
            }
            if path.last() == Some(&b'/') {
                path.pop();
            }
            paths.insert(entry::path(path));
        }
        list.end().ok()?;
        Some(paths)
    }

    /// Returns what the next commit would bring: what is in the index and not in HEAD.
    pub(crate) fn staged(&self) -> Result<Staged> {
        self.staged_against("HEAD")
            .or_else(|failure| {
                // Before the first commit there is no HEAD; that it is broken is another matter.
                let is_first = failure.is_refusal()
                    && self.git.ask(["rev-parse", "--quiet", "--verify", "HEAD"]).is_err()
                    && self.git.ask(["symbolic-ref", "--quiet", "HEAD"]).is_ok();
                let [short, long] = EMPTY_TREE;
                if is_first { self.staged_against(if self.sha256 { long } else { short }) } else { Err(failure) }
            })
            .map_err(|failure| failure.explain("list what is staged"))
    }

    /// Returns everything in the index, as if all of it were staged.
    pub(crate) fn indexed(&self) -> Result<Staged> {
        let [short, long] = EMPTY_TREE;
        let tree = if self.sha256 { long } else { short };
        self.staged_against(tree).map_err(|failure| failure.explain("list what Git tracks"))
    }

    fn staged_against(&self, tree: &str) -> Result<Staged, GitFailure> {
        let mut command = self.git.command(["diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames"]);
        command.args(["--no-relative", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none", tree, "--"]);
        let mut list = Running::start(&mut command)?;
        let mut staged = Staged::default();
        while let Some(line) = list.piece()? {
            let path = list.piece()?.ok_or(GitFailure::Unheard)?;
            match entry::newer(&line) {
                Some((Mode::File, blob)) => {
                    staged.files.push(Entry { path: entry::path(path), blob, commit: None, order: 0 });
                }
                Some((Mode::Link, _)) => staged.links += 1,
                Some((Mode::Submodule, _)) => staged.submodules += 1,
                None => {}
            }
        }
        list.end()?;
        Ok(staged)
    }

    /// Returns the baseline at a path from the folder, in a commit. It holds no value.
    pub(crate) fn baseline_at(&self, revision: &str, path: &Path) -> Result<String> {
        let blob = self.blob_at(revision, path)?;
        let text = self.git.ask(["cat-file", "blob", &blob]);
        let text = text.map_err(|failure| failure.explain("read the baseline of --baseline-from"))?;
        String::from_utf8(text).map_err(|_| {
            Error::usage("the file of --baseline is not text in that commit")
                .hint("see which commits have it: git log --oneline -- FILE")
        })
    }

    /// Returns the id of the blob at a path from the folder, in a commit.
    pub(super) fn blob_at(&self, revision: &str, path: &Path) -> Result<String> {
        let unknown = || {
            Error::usage(format!("there is no {} in the revision of --baseline-from", path.display()))
                .hint("see which commits have it: git log --oneline -- FILE")
        };
        if is_odd(revision) || revision.contains(':') {
            return Err(unknown());
        }
        let mut name = OsString::from(format!("{revision}:./"));
        name.push(path);
        let name = [OsString::from("rev-parse"), "--quiet".into(), "--verify".into(), "--end-of-options".into(), name];
        let answer = self.git.ask(name).map_err(|failure| match failure.is_refusal() {
            true => unknown(),
            false => failure.explain("look for the baseline of --baseline-from"),
        })?;
        answer.split(|byte| *byte == b'\n').find_map(entry::id).ok_or_else(unknown)
    }
}

/// Returns the folder, at or above this one, that has a repository, even one that git does not open.
fn mark_above(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let is_bare = |folder: &Path| folder.join("HEAD").is_file() && folder.join("objects").is_dir();
    folder.ancestors().find(|folder| folder.join(".git").exists() || is_bare(folder)).map(Path::to_owned)
}

fn no_git() -> Error {
    Error::usage("git is not there")
        .because("it was looked for in the absolute folders of PATH")
        .hint("install Git, or look at files alone: kubectl secretsafe scan PATH")
}

/// Why git does not open it: mostly because it is somebody else's, whose config it would follow.
fn refused(mark: &Path) -> Error {
    let error = Error::new(ErrorKind::Refused, format!("git does not open the repository in {}", mark.display()));
    if is_ours(mark) {
        return error
            .because("it is broken, or made by a newer git")
            .hint(format!("what is wrong, git says itself: git -C {} status", mark.display()));
    }
    error
        .because("it belongs to another user")
        .hint(format!("if you trust it: git config --global --add safe.directory {}", mark.display()))
}

#[cfg(unix)]
fn is_ours(mark: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    // SAFETY: geteuid takes nothing and cannot fail.
    let ours = unsafe { libc::geteuid() };
    let owned = |path: &Path| path.symlink_metadata().is_ok_and(|metadata| metadata.uid() == ours);
    owned(mark) && (!mark.join(".git").exists() || owned(&mark.join(".git")))
}

#[cfg(not(unix))]
fn is_ours(_mark: &Path) -> bool {
    false
}
