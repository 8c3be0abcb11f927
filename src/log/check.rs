//! Goes through a log from its first key on, and says where it is not as it was written. Pure but for the lines it is
//! handed.

use schemars::JsonSchema;
use serde::Serialize;

use super::chain::{Key, State};
use super::error::LogError;
use super::line::{self, Found};
use super::reader::RawLine;

/// More findings than these are counted.
const MOST: usize = 100;
/// How many lines can be missing in a row where no state says how many there were: each costs a hash.
const MOST_MISSING: u64 = 1_000_000;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Flaw {
    /// It was changed, or this program has not written it.
    Changed,
    /// Lines that were here are gone.
    Missing,
    /// It stands in another place than it was written in, or twice.
    Moved,
    /// The last lines are gone.
    TailCut,
    /// The log has no state, or one that belongs to another log.
    StateLost,
    /// The state is older than the log: somebody has put it back.
    StateOlder,
    /// The log began where another was that had lost its state, and was put aside.
    Restarted,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    /// What is wrong.
    pub(crate) flaw: Flaw,
    /// The line of the file, from 1 on; `null` where it is not about one.
    pub(crate) line: Option<u64>,
    /// The first number of the lines that it is about; `null` where none is known.
    pub(crate) first: Option<u64>,
    /// How many lines it is about.
    pub(crate) count: u64,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// How many lines are as they were written.
    pub(crate) good: u64,
    /// What is wrong, in the order of the file.
    pub(crate) findings: Vec<Finding>,
    /// How many findings are not listed.
    pub(crate) more: u64,
    /// A line that was cut off while it was written ends the file: no harm.
    pub(crate) torn: bool,
}

impl Checked {
    fn find(&mut self, flaw: Flaw, line: Option<u64>, first: Option<u64>, count: u64) {
        if self.findings.len() < MOST {
            self.findings.push(Finding { flaw, line, first, count });
        } else {
            self.more += 1;
        }
    }
}

/// Where a check stands.
struct Check<'a> {
    first: &'a Key,
    /// The number of the next line, and its key.
    next: u64,
    key: Key,
    /// Lines that were no good since the last good one.
    bad: u64,
    row: u64,
    checked: Checked,
}

/// Returns the key of the line with this number.
fn key_of(first: &Key, number: u64) -> Key {
    (0..number).fold(first.again(), |key, _| key.next())
}

/// Checks all lines against the first key, and their end against the state.
pub(crate) fn check(
    lines: impl Iterator<Item = Result<RawLine, LogError>>,
    first: &Key,
    log: &str,
    state: Option<&State>,
) -> Result<Checked, LogError> {
    let mut check = Check { first, next: 0, key: key_of(first, 0), bad: 0, row: 0, checked: Checked::default() };
    for line in lines {
        let limit = state.map_or(check.next.saturating_add(MOST_MISSING), |state| state.count.saturating_add(1));
        check.line(&line?, limit);
    }
    check.end(state.filter(|state| state.log == log));
    Ok(check.checked)
}

impl Check<'_> {
    fn line(&mut self, raw: &RawLine, limit: u64) {
        self.row += 1;
        if !raw.whole {
            // Whether it is the beginning of a next line or the rest of an old one, the numbers tell in the end.
            self.checked.torn = true;
            return;
        }
        let parsed = line::read(&raw.bytes);
        let (number, found) = (parsed.as_ref().map(|line| line.n), parsed.and_then(|line| line.found));
        match number {
            Some(number) if number == self.next && line::is_by(&raw.bytes, &self.key) => self.good(found),
            Some(number) if number > self.next && number < limit && self.checked.findings.len() < MOST => {
                let key = (self.next..number).fold(self.key.again(), |key, _| key.next());
                if line::is_by(&raw.bytes, &key) {
                    self.gap(number);
                    (self.next, self.key) = (number, key);
                    self.good(found);
                } else {
                    self.bad();
                }
            }
            Some(number) if number < self.next && self.checked.findings.len() < MOST => {
                if line::is_by(&raw.bytes, &key_of(self.first, number)) {
                    self.checked.find(Flaw::Moved, Some(self.row), Some(number), 1);
                } else {
                    self.bad();
                }
            }
            _ => self.bad(),
        }
    }

    fn good(&mut self, found: Option<Found>) {
        if found == Some(Found::StateLost) {
            self.checked.find(Flaw::Restarted, Some(self.row), Some(self.next), 1);
        }
        self.checked.good += 1;
        self.bad = 0;
        self.next += 1;
        self.key = self.key.next();
    }

    fn bad(&mut self) {
        self.bad += 1;
        self.checked.find(Flaw::Changed, Some(self.row), None, 1);
    }

    /// Lines up to this number are not where they should be; those that are no good stand for as many of them.
    fn gap(&mut self, number: u64) {
        let missing = (number - self.next).saturating_sub(self.bad);
        if missing > 0 {
            self.checked.find(Flaw::Missing, Some(self.row), Some(self.next + self.bad), missing);
        }
    }

    fn end(&mut self, state: Option<&State>) {
        let Some(state) = state else {
            self.checked.find(Flaw::StateLost, None, None, 0);
            return;
        };
        // A crash between the two writes leaves one line that the state does not know.
        let behind = state.count + 1 == self.next;
        if state.count == self.next && !state.awaits(&self.key) {
            self.checked.find(Flaw::StateLost, None, None, 0);
        } else if state.count > self.next {
            let missing = (state.count - self.next).saturating_sub(self.bad);
            if missing > 0 {
                self.checked.find(Flaw::TailCut, None, Some(self.next), missing);
            }
        } else if state.count < self.next && !behind {
            self.checked.find(Flaw::StateOlder, None, Some(state.count), self.next - state.count);
        }
    }
}
