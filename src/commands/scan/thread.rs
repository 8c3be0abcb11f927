//! Work that blocks, beside the one thread on which signals are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::ui::Task;

/// After how many files the line on the terminal is renewed.
const SOME: usize = 512;

/// Says how far the work is, and whether it is over.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) stop: AtomicBool,
    task: Task,
}

impl Work {
    /// Says that so many were looked at.
    pub(super) fn count(&self, count: usize) {
        if count.is_multiple_of(SOME) {
            self.task.count(count);
        }
    }
}

/// Does it; `label` is what the line on the terminal says while it takes long.
pub(super) async fn run<T: Send + 'static>(
    ctx: &Context,
    label: &'static str,
    work: impl FnOnce(&Work) -> Result<T> + Send + 'static,
) -> Result<T> {
    let shared = Arc::new(Work { stop: AtomicBool::new(false), task: ctx.ui.task(label) });
    // A signal ends the run by dropping this.
    let _guard = StopOnDrop(Arc::clone(&shared));
    let work = tokio::task::spawn_blocking(move || work(&shared));
    ctx.ui.waiting(work).await.map_err(|_| Error::bug("a thread that scans files has ended"))?
}

struct StopOnDrop(Arc<Work>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}
