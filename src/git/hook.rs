//! Installs the hook that looks at what is about to be committed: only in the repository's own folder for hooks, and never
//! over another one (requirement S22).

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

use super::command::output;
use super::failure::GitFailure;
use super::{Place, Repository, entry};

/// The file's name, which says to Git when it runs.
const NAME: &str = "pre-commit";
/// What it does.
const HOOK: &str = "#!/bin/sh
# Looks for values of Secrets in what is about to be committed: kubectl secretsafe scan --staged
# To commit all the same, once: git commit --no-verify
# To remove it, delete this file.
exec kubectl-secretsafe scan --staged
";
/// How it is done by hand.
const BY_HAND: &str = "have your own hook run this, and fail if it fails: kubectl-secretsafe scan --staged";

/// What was done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Installed {
    /// The hook is there now.
    New(PathBuf),
    /// It was there.
    Before(PathBuf),
}

impl Repository {
    /// Installs the hook into the repository that the user is in.
    pub(crate) fn install_hook(folder: &Path) -> Result<Installed> {
        let repository = match Self::of(folder)? {
            Place::In(repository) => repository,
            Place::Unusable(error) => return Err(error),
            Place::Outside => {
                return Err(Error::usage("the folder that you are in belongs to no Git repository")
                    .hint("go into one, and type: kubectl secretsafe scan --install-hook"));
            }
        };
        let home = repository.home()?;
        let name = home.join("hooks").join(NAME);
        match write(&home) {
            Ok(()) => Ok(Installed::New(name)),
            Err(Unwritten::Exists) if std::fs::read(&name).is_ok_and(|text| text == HOOK.as_bytes()) => {
                Ok(Installed::Before(name))
            }
            Err(Unwritten::Exists) => Err(Error::refused("the repository has a hook of its own before each commit")
                .because(format!("{} is there", name.display()))
                .hint(BY_HAND)),
            Err(Unwritten::Link) => Err(Error::refused("the repository's folder for hooks is a link")
                .because("what it leads to may belong to others")
                .hint(BY_HAND)),
            Err(Unwritten::System(kind)) => Err(Error::usage("the hook cannot be written")
                .because(kind.to_string())
                .hint(format!("see who may write there: ls -ld {}", home.join("hooks").display()))),
        }
    }

    /// Returns the folder of the repository itself, in which its hooks are, links resolved.
    fn home(&self) -> Result<PathBuf> {
        let cannot = |failure: GitFailure| failure.explain("find the repository's folder for hooks");
        let ask = |words: &[&str]| {
            let mut answer = output(&mut self.git().command_about_hooks(words.iter().copied()))?;
            // A path may end with a line end as well, so one is taken off and no more.
            answer.pop().filter(|last| *last == b'\n').ok_or(GitFailure::Unheard)?;
            self.git().folder().join(entry::path(answer)).canonicalize().map_err(GitFailure::from)
        };
        let Ok(top) = ask(&["rev-parse", "--show-toplevel"]) else {
            return Err(Error::usage("nothing is committed in the folder that you are in")
                .because("it is a repository without a working tree, or the inside of one")
                .hint("go to where you commit, and type: kubectl secretsafe scan --install-hook"));
        };
        match output(&mut self.git().command_about_hooks(["config", "--get", "core.hooksPath"])) {
            Err(GitFailure::Ended(Some(1))) => {}
            Err(failure) => return Err(cannot(failure)),
            Ok(_) => {
                return Err(Error::refused("Git runs other hooks than those of this repository")
                    .because("core.hooksPath is set")
                    .hint(BY_HAND));
            }
        }
        let own = ask(&["rev-parse", "--git-dir"]).map_err(cannot)?;
        let home = ask(&["rev-parse", "--git-common-dir"]).map_err(cannot)?;
        if home.starts_with(&top) || is_worktree(&own, &home, &top) {
            return Ok(home);
        }
        Err(Error::refused("the hooks of this folder are kept outside of it")
            .because("its .git leads elsewhere: it is a submodule, or its repository is kept apart")
            .hint(BY_HAND))
    }
}

/// Tells whether a working tree is one that its repository knows, so that its `.git` cannot lead to any other.
fn is_worktree(own: &Path, home: &Path, top: &Path) -> bool {
    let Ok(mut back) = std::fs::read(own.join("gitdir")) else { return false };
    back.pop();
    own.starts_with(home.join("worktrees")) && own.join(entry::path(back)).canonicalize().ok() == Some(top.join(".git"))
}

/// Why there is no new hook.
enum Unwritten {
    Exists,
    Link,
    System(std::io::ErrorKind),
}

#[cfg(unix)]
fn write(home: &Path) -> Result<(), Unwritten> {
    use std::fs::{File, Permissions};
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, mkdirat, openat, unlinkat};
    use rustix::io::Errno;

    let failed = |err: Errno| Unwritten::System(err.kind());
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let home = openat(CWD, home, folder, Mode::empty()).map_err(failed)?;
    match mkdirat(&home, "hooks", Mode::from(0o755)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(err) => return Err(failed(err)),
    }
    let hooks = openat(&home, "hooks", folder, Mode::empty()).map_err(|err| match err {
        // A link that is not followed is no folder.
        Errno::LOOP | Errno::NOTDIR | Errno::MLINK => Unwritten::Link,
        err => failed(err),
    })?;
    let new = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = openat(&hooks, NAME, new, Mode::from(0o755)).map_err(|err| match err {
        Errno::EXIST => Unwritten::Exists,
        err => failed(err),
    })?;
    let mut file = File::from(file);
    let written = file.write_all(HOOK.as_bytes()).and_then(|()| file.set_permissions(Permissions::from_mode(0o755)));
    written.map_err(|err| {
        // Half a hook would stop every commit.
        let _ = unlinkat(&hooks, NAME, AtFlags::empty());
        Unwritten::System(err.kind())
    })
}

#[cfg(not(unix))]
fn write(home: &Path) -> Result<(), Unwritten> {
    use std::fs::OpenOptions;
    use std::io::Write;

    let failed = |err: std::io::Error| Unwritten::System(err.kind());
    let hooks = home.join("hooks");
    if hooks.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir()) {
        return Err(Unwritten::Link);
    }
    std::fs::create_dir_all(&hooks).map_err(failed)?;
    let file = OpenOptions::new().write(true).create_new(true).open(hooks.join(NAME));
    let mut file = file.map_err(|err| match err.kind() {
        std::io::ErrorKind::AlreadyExists => Unwritten::Exists,
        kind => Unwritten::System(kind),
    })?;
    file.write_all(HOOK.as_bytes()).map_err(failed)
}
