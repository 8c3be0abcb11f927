//! How many bytes of content several threads may hold at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How long a thread sleeps at most before it looks whether the run is over.
pub(crate) const NAP: Duration = Duration::from_millis(50);

/// Room for content.
#[derive(Debug)]
pub(crate) struct Budget {
    total: usize,
    used: Mutex<usize>,
    freed: Condvar,
}

impl Budget {
    /// Makes room for so many bytes.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, used: Mutex::new(0), freed: Condvar::new() }
    }

    /// Waits for room for so many bytes, or for all there is if they are more; none if the run is over.
    pub(crate) fn take(&self, size: usize, stop: &AtomicBool) -> Option<Taken<'_>> {
        let size = size.min(self.total);
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        while *used + size > self.total {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            used = self.freed.wait_timeout(used, NAP).map_or_else(|err| err.into_inner().0, |(used, _)| used);
        }
        *used += size;
        Some(Taken { budget: self, size })
    }
}

/// Room for one content, until this is dropped.
#[derive(Debug)]
pub(crate) struct Taken<'a> {
    budget: &'a Budget,
    size: usize,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        *self.budget.used.lock().unwrap_or_else(PoisonError::into_inner) -= self.size;
        self.budget.freed.notify_all();
    }
}
