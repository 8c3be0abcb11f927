//! Every content that a file ever had, once, with the first commit that has it. Of what was seen only ids are kept.

use std::collections::HashSet;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::plaintext::SecretValue;
use crate::process::budget::Budget;
use crate::process::group::Group;

use super::command::{Running, ended};
use super::contents::Contents;
use super::entry::{self, Mode};
use super::failure::GitFailure;
use super::{Content, Entry, Repository};

/// How many blobs are handed to a thread at once.
const PORTION: usize = 32;

/// What bounds the reading of a history.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HistoryLimits {
    /// Larger blobs are left out.
    pub(crate) blob: usize,
    /// How many bytes of content are held at once; at least one blob is.
    pub(crate) in_flight: usize,
    /// How many threads work, each with a git of its own.
    pub(crate) threads: usize,
}

/// What was read, and what was not.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HistoryEnd {
    /// Commits that were gone through.
    pub(crate) commits: usize,
    /// Blobs above the limit.
    pub(crate) large: usize,
    /// Blobs that are not here: not fetched, or broken.
    pub(crate) missing: usize,
}

impl Repository {
    /// Hands every blob of a range of commits to `take`, on several threads and in no order; without a range, of all
    /// branches, tags and stashes. Ends early, and well, once `stop` is set.
    pub(crate) fn history(
        &self,
        range: Option<&str>,
        limits: HistoryLimits,
        stop: &AtomicBool,
        wants: &(dyn Fn(&Entry) -> bool + Sync),
        take: &(dyn Fn(&Entry, SecretValue) + Sync),
    ) -> Result<HistoryEnd> {
        if range.is_some_and(is_odd) {
            return Err(unknown_range());
        }
        let (sender, receiver) = sync_channel(2 * limits.threads);
        let work = Work {
            repository: self,
            receiver: Mutex::new(receiver),
            budget: Budget::new(limits.in_flight),
            max: limits.blob,
            stop,
            take,
            large: AtomicUsize::new(0),
            missing: AtomicUsize::new(0),
        };
        let (listed, read) = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..limits.threads.max(1)).map(|_| scope.spawn(|| work.run())).collect();
            let listed = self.list(range, stop, wants, sender);
            let read: Result<(), GitFailure> = workers.into_iter().map(join).collect();
            (listed, read)
        });
        let commits = listed?;
        read.map_err(|failure| failure.explain("read the blobs of the history"))?;
        Ok(HistoryEnd {
            commits,
            large: work.large.load(Ordering::Relaxed),
            missing: work.missing.load(Ordering::Relaxed),
        })
    }

    /// Lists what each commit brings, oldest first, and returns how many commits there are.
    fn list(
        &self,
        range: Option<&str>,
        stop: &AtomicBool,
        wants: &(dyn Fn(&Entry) -> bool + Sync),
        sender: SyncSender<Vec<Entry>>,
    ) -> Result<usize> {
        let cannot = |failure: GitFailure| failure.explain("list the history of the repository");
        let git = self.git();
        let mut commits = git.command(["rev-list", "--topo-order", "--reverse"]);
        match range {
            None => commits.arg("--all"),
            Some(range) => commits.args(["--end-of-options", range]),
        };
        let mut commits = Group::start(commits.arg("--")).map_err(|err| cannot(err.into()))?;
        let mut changes = git.command(["diff-tree", "--stdin", "-r", "--root", "-c", "--raw", "-z", "--no-abbrev"]);
        changes.args(["--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all"]);
        changes.stdin(commits.child().stdout.take().map_or_else(Stdio::null, Stdio::from));
        let mut changes = Running::start(&mut changes).map_err(cannot)?;

        let mut seen: HashSet<u128> = HashSet::new();
        let mut portion = Vec::new();
        let (mut commit, mut count) = (String::new(), 0);
        while let Some(piece) = changes.piece().map_err(cannot)? {
            if stop.load(Ordering::Relaxed) {
                return Ok(count);
            }
            if !piece.starts_with(b":") {
                commit = entry::id(&piece).ok_or_else(|| cannot(GitFailure::Unheard))?;
                count += 1;
                continue;
            }
            let Some(path) = changes.piece().map_err(cannot)? else { break };
            let Some((Mode::File, blob)) = entry::newer(&piece) else { continue };
            // Half of an id: nobody finds two blobs with the same one.
            if blob.get(..32).is_none_or(|half| u128::from_str_radix(half, 16).map_or(true, |half| !seen.insert(half)))
            {
                continue;
            }
            let entry = Entry { path: entry::path(path), blob, commit: Some(commit.clone()) };
            if wants(&entry) {
                portion.push(entry);
            }
            // Nobody takes it any more where the threads have panicked.
            if portion.len() == PORTION && sender.send(std::mem::take(&mut portion)).is_err() {
                return Ok(count);
            }
        }
        let _ = sender.send(portion);
        match commits.wait().map_err(GitFailure::from).and_then(ended) {
            Err(failure) if failure.is_refusal() && range.is_some() => return Err(unknown_range()),
            ended => ended.map_err(cannot)?,
        }
        changes.end().map_err(cannot)?;
        Ok(count)
    }
}

/// What the threads share.
struct Work<'a> {
    repository: &'a Repository,
    receiver: Mutex<Receiver<Vec<Entry>>>,
    budget: Budget,
    max: usize,
    stop: &'a AtomicBool,
    take: &'a (dyn Fn(&Entry, SecretValue) + Sync),
    large: AtomicUsize,
    missing: AtomicUsize,
}

impl Work<'_> {
    fn run(&self) -> Result<(), GitFailure> {
        let mut contents = self.repository.contents();
        let mut outcome = Ok(());
        loop {
            let portion = self.receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(portion) = portion else { return outcome };
            // Whoever fails goes on emptying the list: who fills it would wait for ever.
            if outcome.is_ok() {
                outcome = self.read(&mut contents, &portion);
            }
        }
    }

    fn read(&self, contents: &mut Contents, portion: &[Entry]) -> Result<(), GitFailure> {
        let ids: Vec<&str> = portion.iter().map(|entry| entry.blob.as_str()).collect();
        contents.read(
            &ids,
            self.max,
            self.stop,
            &self.budget,
            &mut |index, content| match (content, portion.get(index)) {
                (Content::Value(value), Some(entry)) => (self.take)(entry, value),
                (Content::Large, _) => _ = self.large.fetch_add(1, Ordering::Relaxed),
                _ => _ = self.missing.fetch_add(1, Ordering::Relaxed),
            },
        )
    }
}

fn join<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// What git would take for a flag, or what is no range at all.
pub(super) fn is_odd(revision: &str) -> bool {
    revision.is_empty() || revision.starts_with('-') || revision.contains(|char: char| char.is_control() || char == ' ')
}

fn unknown_range() -> Error {
    Error::usage("the range of --history is not in this repository").hint(
        "name two commits, or one for all up to it, such as --history main..HEAD; see them with: git log --oneline",
    )
}
