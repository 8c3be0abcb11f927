//! One line on stderr while something takes long: only on a terminal, only after a second, gone when done.

use std::future::Future;
use std::io::{IsTerminal, Write};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::output::escape::Terminal;

/// How long work stays silent.
const SILENT: Duration = Duration::from_secs(1);
/// How often the line is written anew.
const TICK: Duration = Duration::from_millis(200);
/// Goes to the start of the line and erases it.
const ERASE: &str = "\r\u{1b}[2K";

/// What is going on, shared by all copies of the `Ui`.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress(Arc<Mutex<Option<Work>>>);

#[derive(Debug, Clone)]
struct Work {
    label: &'static str,
    count: usize,
    since: Instant,
}

impl Progress {
    fn set(&self, work: Option<Work>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = work;
    }

    fn work(&self) -> Option<Work> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins a piece of work of several requests; as a part of another one it is not shown by itself.
    pub(super) fn task(&self, label: &'static str) -> Task {
        let (since, shown) = (Instant::now(), self.work().is_none());
        if shown {
            self.set(Some(Work { label, count: 0, since }));
        }
        Task { progress: self.clone(), label, since, shown }
    }

    /// Waits for one request; shows the line while it takes long.
    pub(super) async fn waiting<T>(&self, work: impl Future<Output = T>) -> T {
        shown_while(work, |started| self.text(started)).await
    }

    /// Returns the line, if it is time for one.
    fn text(&self, started: Instant) -> Option<String> {
        match self.work() {
            Some(work) if work.since.elapsed() >= SILENT && work.count > 0 => {
                Some(format!("{} … {}", work.label, grouped(work.count)))
            }
            Some(work) if work.since.elapsed() >= SILENT => Some(format!("{} …", work.label)),
            Some(_) => None,
            None if started.elapsed() >= SILENT => {
                Some(format!("waiting for the API server … {} s", started.elapsed().as_secs()))
            }
            None => None,
        }
    }
}

/// Waits for what ends by itself after `time`, and shows how much of it is left.
pub(super) async fn counting_down<T>(time: Duration, work: impl Future<Output = T>) -> T {
    shown_while(work, |started| {
        let left = time.saturating_sub(started.elapsed()).as_secs_f64().ceil();
        Some(format!("{left} s left, ctrl-C ends it now …"))
    })
    .await
}

/// Does the work, and shows what `text` returns for the moment at which it began, on a terminal only.
async fn shown_while<T>(work: impl Future<Output = T>, text: impl Fn(Instant) -> Option<String>) -> T {
    if !std::io::stderr().is_terminal() {
        return work.await;
    }
    let started = Instant::now();
    let mut work = pin!(work);
    let mut line = Line { shown: false };
    loop {
        if let Some(text) = text(started) {
            line.show(&text);
        }
        if let Ok(done) = tokio::time::timeout(TICK, &mut work).await {
            return done;
        }
    }
}

/// A piece of work that ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Task {
    progress: Progress,
    label: &'static str,
    since: Instant,
    shown: bool,
}

impl Task {
    /// Says how far it is.
    pub(crate) fn count(&self, count: usize) {
        if self.shown {
            self.progress.set(Some(Work { label: self.label, count, since: self.since }));
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if self.shown {
            self.progress.set(None);
        }
    }
}

/// The line on the screen; erased when it is dropped, also when a signal ends the work.
struct Line {
    shown: bool,
}

impl Line {
    fn show(&mut self, text: &str) {
        self.shown = true;
        // Past anstream, which takes control sequences away where colours are not wanted.
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "{ERASE}{}", Terminal(text)).and_then(|()| stderr.flush());
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr().lock(), "{ERASE}");
        }
    }
}

/// Writes a number as people read it: `12,000`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let lead = digits.len() % 3;
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % 3 == lead {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_000, "12,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn nothing_is_said_within_a_second_or_when_the_work_is_over() {
        let progress = Progress::default();
        let task = progress.task("listing secrets");
        task.count(5);
        assert_eq!(progress.text(Instant::now()), None);
        let since = Instant::now().checked_sub(SILENT).unwrap();
        progress.set(Some(Work { label: "listing secrets", count: 12_000, since }));
        drop(progress.task("a part of it"));
        assert_eq!(progress.text(Instant::now()).as_deref(), Some("listing secrets … 12,000"));
        drop(task);
        assert_eq!(progress.text(Instant::now()), None);
        assert_eq!(progress.text(since).as_deref(), Some("waiting for the API server … 1 s"));
    }
}
