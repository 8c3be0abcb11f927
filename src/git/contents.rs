//! What blobs hold: one git that is asked for one after the other, and hands them over as they are, without filters.

use std::io::{BufRead, Read, Write};
use std::process::{ChildStdin, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::plaintext::SecretValue;
use crate::process::budget::Budget;

use super::command::{Git, Running};
use super::failure::GitFailure;

/// How many are asked for before the first answer is read: so few that the question fits into a pipe.
const AT_ONCE: usize = 32;
/// No answer begins with a longer line.
const MAX_LINE: u64 = 256;

/// What there is under an id.
#[derive(Debug)]
pub(crate) enum Content {
    /// This.
    Value(SecretValue),
    /// More than was asked for.
    Large,
    /// Nothing: it was not fetched, or is broken.
    Missing,
}

/// A git that is asked.
pub(crate) struct Contents {
    git: Git,
    running: Option<(Running, ChildStdin)>,
}

impl Contents {
    /// Starts nothing yet.
    pub(super) fn new(git: Git) -> Self {
        Self { git, running: None }
    }

    /// Hands over what there is under each id, in their order, with the index of the id. Ends early once `stop` is set.
    pub(crate) fn read(
        &mut self,
        ids: &[&str],
        max: usize,
        stop: &AtomicBool,
        budget: &Budget,
        take: &mut dyn FnMut(usize, Content),
    ) -> Result<(), GitFailure> {
        let mut next = 0;
        while next < ids.len() && !stop.load(Ordering::Relaxed) {
            let portion = ids.iter().skip(next).take(AT_ONCE);
            let (running, input) = self.started()?;
            let question: String = portion.clone().flat_map(|id| [*id, "\n"]).collect();
            // A git that is gone is seen when its answer is read.
            let _ = input.write_all(question.as_bytes()).and_then(|()| input.flush());
            for id in portion {
                if stop.load(Ordering::Relaxed) {
                    self.running = None;
                    return Ok(());
                }
                let answered = answer(running, id, max, |size| budget.take(size, stop));
                // Another git goes on behind what made this one end.
                let is_broken = answered.is_err();
                let (content, room) = answered.unwrap_or((Content::Missing, None));
                take(next, content);
                drop(room);
                next += 1;
                if is_broken {
                    self.running = None;
                    break;
                }
            }
        }
        Ok(())
    }

    fn started(&mut self) -> Result<(&mut Running, &mut ChildStdin), GitFailure> {
        let running = match self.running.take() {
            Some(running) => running,
            None => {
                let mut command = self.git.command(["cat-file", "--batch"]);
                let mut running = Running::start(command.stdin(Stdio::piped()))?;
                let input = running.input().ok_or(GitFailure::Unheard)?;
                (running, input)
            }
        };
        let (running, input) = self.running.insert(running);
        Ok((running, input))
    }
}

/// Reads one answer: `ID TYPE SIZE`, a line end, the content, a line end; or a line that says why there is none.
fn answer<R>(
    running: &mut Running,
    id: &str,
    max: usize,
    room: impl FnOnce(usize) -> Option<R>,
) -> Result<(Content, Option<R>), GitFailure> {
    let output = &mut running.output;
    let mut line = Vec::new();
    output.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
    let line = line.strip_suffix(b"\n").ok_or(GitFailure::Unheard)?;
    let mut words = line.split(|byte| *byte == b' ');
    if words.next() != Some(id.as_bytes()) {
        return Err(GitFailure::Unheard);
    }
    let is_blob = words.next() == Some(b"blob");
    let size = words.next().and_then(|size| std::str::from_utf8(size).ok()?.parse::<usize>().ok());
    let Some(size) = size else { return Ok((Content::Missing, None)) };
    if !is_blob || size > max {
        let skipped = std::io::copy(&mut output.by_ref().take(size as u64), &mut std::io::sink())?;
        if skipped != size as u64 {
            return Err(GitFailure::Unheard);
        }
        line_end(output)?;
        return Ok((if is_blob { Content::Large } else { Content::Missing }, None));
    }
    let room = room(size).ok_or(GitFailure::Unheard)?;
    let value = SecretValue::fill(size, |bytes| output.read_exact(bytes))?;
    line_end(output)?;
    Ok((Content::Value(value), Some(room)))
}

fn line_end(output: &mut impl Read) -> Result<(), GitFailure> {
    let mut end = [0];
    output.read_exact(&mut end)?;
    if end == [b'\n'] { Ok(()) } else { Err(GitFailure::Unheard) }
}
