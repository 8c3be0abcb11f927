//! Goes through whole trees on several threads, and stops at nothing: what cannot be read, or must not be, is counted
//! (requirement S23). Files come in no order.
//!
//! It keeps no content: a file is handed on as a value, and how many bytes are handed out at once is bounded.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::Result;
use crate::plaintext::SecretValue;
use crate::process::budget::{Budget, NAP};

#[cfg(unix)]
mod steps;
#[cfg(windows)]
#[path = "parallel/windows.rs"]
mod steps;

use steps::Job;

/// More than real trees have; deeper ones are made to be endless.
const MAX_DEPTH: usize = 512;
/// More do not help: what is left to do is then waiting for memory.
const MAX_THREADS: usize = 8;

/// Decides what is read, and takes it; called from several threads at once.
pub(crate) trait Visitor: Sync {
    /// Tells whether a folder below the one that was named is gone into.
    fn enters(&self, folder: &Path) -> bool;

    /// Tells whether a file below a folder is wanted, by its name.
    fn wants(&self, file: &Path) -> bool;

    /// Takes a file.
    fn take(&self, file: &Path, content: SecretValue);
}

/// What bounds a walk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Larger files are left out.
    pub(crate) file: usize,
    /// How many bytes of files are held at once; at least one file is.
    pub(crate) in_flight: usize,
    /// How many threads; as many as there are processors if none.
    pub(crate) threads: Option<usize>,
}

impl Limits {
    /// Returns how many threads work side by side.
    pub(crate) fn threads(&self) -> usize {
        let processors = || std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
        self.threads.unwrap_or_else(processors).max(1)
    }
}

/// What was there, would have been read, and was not.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// Symbolic links.
    pub(crate) links: usize,
    /// Sockets, pipes and devices.
    pub(crate) special: usize,
    /// Files above the limit.
    pub(crate) large: usize,
    /// Files and folders that could not be read.
    pub(crate) unreadable: usize,
    /// Folders below too many others.
    pub(crate) deep: usize,
}

/// The same, while threads count.
#[derive(Debug, Default)]
struct Counts {
    links: AtomicUsize,
    special: AtomicUsize,
    large: AtomicUsize,
    unreadable: AtomicUsize,
    deep: AtomicUsize,
}

fn count(counter: &AtomicUsize) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Goes through files and folders that the user named; these may be links. Ends early, and well, once `stop` is set.
pub(crate) fn walk(paths: &[PathBuf], limits: Limits, stop: &AtomicBool, visitor: &dyn Visitor) -> Result<LeftOut> {
    let walk = Walk {
        visitor,
        stop,
        max_size: limits.file,
        queue: Mutex::default(),
        changed: Condvar::new(),
        budget: Budget::new(limits.in_flight),
        counts: Counts::default(),
    };
    // The last one is begun first.
    for path in paths.iter().rev() {
        let job = steps::begin(path)?;
        walk.push(job);
    }
    std::thread::scope(|scope| {
        for _ in 1..limits.threads() {
            scope.spawn(|| walk.work());
        }
        walk.work();
    });
    let number = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    let Counts { links, special, large, unreadable, deep } = &walk.counts;
    Ok(LeftOut {
        links: number(links),
        special: number(special),
        large: number(large),
        unreadable: number(unreadable),
        deep: number(deep),
    })
}

/// What is still to be done: the last thing first, so that few folders are open at a time.
#[derive(Default)]
struct Queue {
    jobs: Vec<Job>,
    /// How many threads work on a job, which may bring more.
    busy: usize,
}

struct Walk<'a> {
    visitor: &'a dyn Visitor,
    stop: &'a AtomicBool,
    max_size: usize,
    queue: Mutex<Queue>,
    changed: Condvar,
    budget: Budget,
    counts: Counts,
}

impl Walk<'_> {
    fn push(&self, job: Job) {
        self.queue().jobs.push(job);
        self.changed.notify_one();
    }

    fn work(&self) {
        while let Some(job) = self.next() {
            // Also where a visitor panics: the others must not wait for ever.
            let _done = Done(self);
            job.run(self);
        }
    }

    fn next(&self) -> Option<Job> {
        let mut queue = self.queue();
        loop {
            if self.is_over() {
                return None;
            }
            if let Some(job) = queue.jobs.pop() {
                queue.busy += 1;
                return Some(job);
            }
            if queue.busy == 0 {
                self.changed.notify_all();
                return None;
            }
            queue = self.changed.wait_timeout(queue, NAP).map_or_else(|err| err.into_inner().0, |(queue, _)| queue);
        }
    }

    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a job when it is dropped.
struct Done<'w, 'a>(&'w Walk<'a>);

impl Drop for Done<'_, '_> {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.busy -= 1;
        if queue.busy == 0 && queue.jobs.is_empty() {
            self.0.changed.notify_all();
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
