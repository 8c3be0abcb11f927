//! Every content that a file ever had, once, with the first commit that has it. Of what was seen only ids are kept.

use std::collections::HashSet;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};
use crate::plaintext::SecretValue;

use super::blobs::{BlobLimits, BlobsLeftOut, Sender};
use super::command::{Running, Started};
use super::entry::{self, Mode};
use super::failure::GitFailure;
use super::{Entry, Repository};

impl Repository {
    /// Hands every blob of a range of commits to `take`, on several threads and in no order; without a range, of all
    /// branches, tags and stashes. Ends early, and well, once `stop` is set. Returns how many commits there are.
    pub(crate) fn history(
        &self,
        range: Option<&str>,
        limits: BlobLimits,
        stop: &AtomicBool,
        wants: &(dyn Fn(&Entry) -> bool + Sync),
        take: &(dyn Fn(&Entry, SecretValue) + Sync),
    ) -> Result<(usize, BlobsLeftOut)> {
        if range.is_some_and(is_odd) {
            return Err(unknown_range());
        }
        self.read_blobs(limits, stop, take, |sender| self.list(range, stop, wants, &sender))
    }

    /// Lists what each commit brings, oldest first, and returns how many commits there are.
    fn list(
        &self,
        range: Option<&str>,
        stop: &AtomicBool,
        wants: &(dyn Fn(&Entry) -> bool + Sync),
        sender: &Sender<'_>,
    ) -> Result<usize> {
        let cannot = |failure: GitFailure| failure.explain("list the history of the repository");
        let git = self.git();
        let mut commits = git.command(["rev-list", "--topo-order", "--reverse"]);
        match range {
            None => commits.arg("--all"),
            Some(range) => commits.args(["--end-of-options", range]),
        };
        let mut commits = Started::new(commits.arg("--")).map_err(cannot)?;
        let mut changes = git.command(["diff-tree", "--stdin", "-r", "--root", "-c", "--raw", "-z", "--no-abbrev"]);
        changes.args(["--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all"]);
        changes.stdin(commits.output().map_or_else(Stdio::null, Stdio::from));
        let mut changes = Running::start(&mut changes).map_err(cannot)?;

        let mut seen: HashSet<u128> = HashSet::new();
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
            let entry = Entry { path: entry::path(path), blob, commit: Some(commit.clone()), order: count };
            if wants(&entry) {
                sender.send(entry);
            }
        }
        match commits.end() {
            Err(failure) if failure.is_refusal() && range.is_some() => return Err(unknown_range()),
            ended => ended.map_err(cannot)?,
        }
        changes.end().map_err(cannot)?;
        Ok(count)
    }
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
