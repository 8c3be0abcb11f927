//! What Git leaves out of the folders that were named. What it tracks is looked at, even if it is ignored as well
//! (requirement S23).

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::git::{Place, Repository};

/// Files and folders that are ignored and not tracked.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    paths: HashSet<PathBuf>,
    /// Why some could not be found out.
    pub(super) unknown: Vec<Error>,
}

impl Ignored {
    /// Asks Git about each folder; outside of a repository nothing is ignored.
    pub(super) fn of(roots: &[PathBuf]) -> Result<Self> {
        let mut ignored = Self::default();
        for root in roots.iter().filter(|root| root.is_dir()) {
            match Repository::of(root)? {
                Place::In(repository) => {
                    // A folder that is ignored itself was named, so it is meant.
                    let below = repository.ignored().unwrap_or_default();
                    let named = |path: PathBuf| if root == Path::new(".") { path } else { root.join(path) };
                    ignored.paths.extend(below.into_iter().map(named));
                }
                Place::Outside => {}
                Place::Unusable(error) => ignored.unknown.push(error),
            }
        }
        Ok(ignored)
    }

    /// Tells whether a file or folder is one of them.
    pub(super) fn has(&self, path: &Path) -> bool {
        !self.paths.is_empty() && self.paths.contains(path)
    }
}
