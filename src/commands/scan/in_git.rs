//! What is in Git and not in the tree: what is staged, and what ever was.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::git::{BlobLimits, BlobsLeftOut, Entry, Installed, Repository};
use crate::output;
use crate::plaintext::SecretValue;
use crate::plaintext::parse::leaks::{MAX_FILE, Wanted, wants};
use crate::tree::parallel::{LeftOut, Limits};

use super::files::limits;
use super::scanner::Origin;
use super::{FileLeak, NotRead, Scanner, thread};

/// Flags of what concerns Git.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Git")]
pub(super) struct GitFlags {
    /// Look at what is staged for the next commit, as it is staged, instead of at files
    #[arg(long, conflicts_with_all = ["paths", "history", "write_baseline"])]
    pub(super) staged: bool,

    /// Look at everything that was ever committed, or in a range of commits, such as main..HEAD
    ///
    /// Without a range, all branches, tags and stashes. Each finding is shown once, with the first commit that has it.
    #[arg(long, value_name = "REV..REV", num_args = 0..=1, conflicts_with_all = ["paths", "write_baseline"])]
    pub(super) history: Option<Option<String>>,

    /// Take the file of --baseline as it is in this commit, not as it is in the tree
    ///
    /// For CI: who changes the baseline in a pull request does not hide a finding by it.
    #[arg(long, value_name = "REV", requires = "baseline")]
    pub(super) baseline_from: Option<String>,

    /// Look at files that Git ignores as well
    #[arg(long, conflicts_with_all = ["staged", "history"])]
    pub(super) ignored: bool,

    /// Install a hook that looks at what is staged before each commit; never over another hook
    #[arg(long, exclusive = true)]
    pub(super) install_hook: bool,
}

impl GitFlags {
    /// Tells whether something else than files is looked at.
    pub(super) fn is_about_contents(&self) -> bool {
        self.staged || self.history.is_some()
    }
}

fn blob_limits(threads: usize) -> BlobLimits {
    let Limits { in_flight, .. } = limits();
    BlobLimits { blob: MAX_FILE, in_flight, threads }
}

fn origin(entry: &Entry) -> Origin {
    Origin { order: entry.order, commit: entry.commit.clone(), blob: Some(entry.blob.clone()), contents: 0 }
}

/// Looks at what is staged, or at a history.
pub(super) async fn look_at(flags: &GitFlags, scanner: &Arc<Scanner>, ctx: &Context) -> Result<NotRead> {
    let repository = Repository::here()?;
    let scanner = Arc::clone(scanner);
    if let Some(range) = flags.history.clone() {
        if repository.is_shallow() {
            ctx.ui.warn("older commits are not here, and not looked at: this is a shallow clone");
            ctx.ui.hint("to have them: git fetch --unshallow");
        }
        return history(repository, range, scanner, ctx).await;
    }
    thread::run(ctx, "scanning what is staged", move |work| {
        let staged = repository.staged()?;
        let (links, submodules) = (staged.links, staged.submodules);
        let wanted = |entry: &Entry| wants(&entry.path) != Wanted::Never;
        let take = |entry: &Entry, content: SecretValue| {
            scanner.look(&entry.path, &content, &origin(entry));
            work.count(scanner.count());
        };
        let left_out = repository.read_staged(staged, blob_limits(limits().threads()), &work.stop, &wanted, &take)?;
        generated(&repository, &scanner, &work.stop)?;
        Ok(NotRead { submodules, files: LeftOut { links, ..LeftOut::default() }, ..not_read(left_out) })
    })
    .await
}

async fn history(
    repository: Repository,
    range: Option<String>,
    scanner: Arc<Scanner>,
    ctx: &Context,
) -> Result<NotRead> {
    let looked = thread::run(ctx, "scanning the history", move |work| {
        let wanted = |entry: &Entry| wants(&entry.path) != Wanted::Never;
        let take = |entry: &Entry, content: SecretValue| {
            scanner.look(&entry.path, &content, &origin(entry));
            work.count(scanner.count());
        };
        repository.history(range.as_deref(), blob_limits(limits().threads()), &work.stop, &wanted, &take)
    });
    let (commits, left_out) = looked.await?;
    Ok(NotRead { commits: Some(commits), ..not_read(left_out) })
}

fn not_read(left_out: BlobsLeftOut) -> NotRead {
    let files = LeftOut { large: left_out.large, ..LeftOut::default() };
    NotRead { files, missing: left_out.missing, ..NotRead::default() }
}

/// Looks at files of the index that a staged kustomization reads into Secrets.
fn generated(repository: &Repository, scanner: &Scanner, stop: &std::sync::atomic::AtomicBool) -> Result<()> {
    let mut files: HashMap<PathBuf, bool> = HashMap::new();
    for file in scanner.take_generated() {
        files.extend(
            super::files::below(&file.folder, Path::new(&file.generated.path)).map(|path| (path, file.generated.lines)),
        );
    }
    if files.is_empty() {
        return Ok(());
    }
    let wanted = |entry: &Entry| files.contains_key(&entry.path);
    let take = |entry: &Entry, content: SecretValue| {
        if let Some(by_line) = files.get(&entry.path) {
            scanner.look_at_generated(&entry.path, &content, *by_line, &origin(entry));
        }
    };
    repository.read_staged(repository.indexed()?, blob_limits(1), stop, &wanted, &take).map(|_| ())
}

/// Leaves one finding of each value that a file had over time: that of the first commit.
pub(super) fn first_of_each(leaks: Vec<FileLeak>) -> Vec<FileLeak> {
    // The second value of the same name in one content is another one.
    let mut met: HashMap<(String, FileLeak), usize> = HashMap::new();
    let mut first: BTreeMap<(FileLeak, usize), FileLeak> = BTreeMap::new();
    for found in leaks {
        let mut name = found.clone();
        (name.leak.line, name.leak.column, name.leak.document, name.origin) = (0, 0, None, Origin::default());
        let count = met.entry((found.origin.blob.clone().unwrap_or_default(), name.clone())).or_default();
        *count += 1;
        let kept = first.entry((name, *count)).or_insert_with(|| found.clone());
        let contents = kept.origin.contents + 1;
        if found.origin.order < kept.origin.order {
            *kept = found;
        }
        kept.origin.contents = contents;
    }
    let mut leaks: Vec<FileLeak> = first.into_values().collect();
    leaks.sort();
    leaks
}

/// Installs the hook.
pub(super) fn install_hook(ctx: &Context) -> Result<Outcome> {
    let (said, path) = match Repository::install_hook(Path::new("."))? {
        Installed::New(path) => ("installed", path),
        Installed::Before(path) => ("unchanged", path),
    };
    output::print(&format!("hook/pre-commit {said}\n"))?;
    ctx.ui.note(&format!("to remove it: rm {}", path.display()));
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use crate::plaintext::parse::leaks::{Leak, LeakKind};

    use super::*;

    fn found(path: &str, line: usize, key: &str, blob: &str, order: usize) -> FileLeak {
        let kind = LeakKind::Values;
        let leak = Leak { line, column: 1, kind, document: Some(1), object: None, key: Some(key.to_owned()) };
        let origin = Origin { order, commit: Some(format!("c{order}")), blob: Some(blob.to_owned()), contents: 0 };
        FileLeak { path: PathBuf::from(path), leak, origin }
    }

    #[test]
    fn a_value_is_shown_once_with_its_first_commit() {
        let leaks = vec![
            found("a", 9, "password", "3", 7),
            found("a", 2, "password", "1", 1),
            found("a", 5, "password", "2", 4),
            found("a", 5, "token", "2", 4),
            found("b", 5, "password", "9", 3),
        ];
        let left = first_of_each(leaks);
        let seen: Vec<_> =
            left.iter().map(|found| (found.leak.line, found.origin.order, found.origin.contents)).collect();
        assert_eq!(seen, [(2, 1, 3), (5, 4, 1), (5, 3, 1)]);
    }

    #[test]
    fn two_values_under_one_name_in_one_content_stay_two() {
        let left = first_of_each(vec![
            found("a", 2, "password", "1", 1),
            found("a", 8, "password", "1", 1),
            found("a", 3, "password", "2", 2),
        ]);
        let seen: Vec<_> = left.iter().map(|found| (found.leak.line, found.origin.contents)).collect();
        assert_eq!(seen, [(2, 2), (8, 1)]);
    }
}
