//! Reads very many blobs, on several threads, each with a git of its own, with bounded memory.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use crate::error::Result;
use crate::plaintext::SecretValue;
use crate::process::budget::Budget;

use super::contents::{Content, Contents};
use super::failure::GitFailure;
use super::{Entry, Repository};

/// How many blobs are handed to a thread at once.
const PORTION: usize = 32;

/// What bounds the reading of blobs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BlobLimits {
    /// Larger blobs are left out.
    pub(crate) blob: usize,
    /// How many bytes of content are held at once; at least one blob is.
    pub(crate) in_flight: usize,
    /// How many threads work.
    pub(crate) threads: usize,
}

/// What was not read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlobsLeftOut {
    /// Blobs above the limit.
    pub(crate) large: usize,
    /// Blobs that are not here: not fetched, or broken.
    pub(crate) missing: usize,
}

/// Takes what is to be read.
#[derive(Debug)]
pub(super) struct Sender<'a> {
    portion: RefCell<Vec<Entry>>,
    sender: SyncSender<Vec<Entry>>,
    stop: &'a AtomicBool,
}

impl Sender<'_> {
    /// Has one read; waits while there is enough to do.
    pub(super) fn send(&self, entry: Entry) {
        let mut portion = self.portion.borrow_mut();
        portion.push(entry);
        if portion.len() == PORTION {
            self.hand_on(std::mem::take(&mut *portion));
        }
    }

    fn hand_on(&self, portion: Vec<Entry>) {
        if !portion.is_empty() && !self.stop.load(Ordering::Relaxed) {
            // Nobody takes it any more only where the threads have panicked, which is seen when they are joined.
            let _ = self.sender.send(portion);
        }
    }
}

impl Drop for Sender<'_> {
    fn drop(&mut self) {
        self.hand_on(self.portion.take());
    }
}

impl Repository {
    /// Hands the blobs that `list` sends to `take`, in no order.
    pub(super) fn read_blobs<T>(
        &self,
        limits: BlobLimits,
        stop: &AtomicBool,
        take: &(dyn Fn(&Entry, SecretValue) + Sync),
        list: impl FnOnce(Sender<'_>) -> Result<T>,
    ) -> Result<(T, BlobsLeftOut)> {
        let threads = limits.threads.max(1);
        let (sender, receiver) = sync_channel(2 * threads);
        let sender = Sender { portion: RefCell::default(), sender, stop };
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
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work.run())).collect();
            let listed = list(sender);
            // All of them are waited for, also behind one that failed.
            let ended: Vec<_> = workers.into_iter().map(join).collect();
            let read = ended.into_iter().find(Result::is_err).unwrap_or(Ok(()));
            (listed, read)
        });
        let listed = listed?;
        read.map_err(|failure| failure.explain("read what Git has"))?;
        let (large, missing) = (work.large.into_inner(), work.missing.into_inner());
        Ok((listed, BlobsLeftOut { large, missing }))
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
        let mut contents = Contents::new(self.repository.git().clone());
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
