//! Reads the log again, line by line, so that memory does not grow with it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::plaintext::{SecretValue, derive};

use super::chain::{Key, State};
use super::check::{Checked, check};
use super::error::LogError;
use super::files::{LONGEST_STATE, PATIENCE, PAUSE, folder, open};
use super::line::{self, Beginning, Deed, Ended, LONGEST, Line};

/// The log, open for reading.
#[derive(Debug)]
pub(crate) struct Reader {
    path: PathBuf,
    state: Option<File>,
    log: File,
}

impl Reader {
    /// Opens it; `None` if there is none.
    pub(crate) fn open() -> Result<Option<Self>, LogError> {
        let folder = folder().ok_or(LogError::NoFolder)?;
        let (path, state_path) = (folder.join("log.jsonl"), folder.join("log.state"));
        let there = |opened: Result<File, LogError>| match opened {
            Ok(file) => Ok(Some(file)),
            Err(LogError::System { why: ErrorKind::NotFound, .. }) => Ok(None),
            Err(err) => Err(err),
        };
        let state = there(open(&state_path, OpenOptions::new().read(true)))?;
        let log = there(open(&path, OpenOptions::new().read(true)))?;
        match log {
            Some(log) => Ok(Some(Self { path, state, log })),
            // That the state is there says that the log was: all of it is cut off.
            None if state.is_some() => Err(LogError::System { path, why: ErrorKind::NotFound }),
            None => Ok(None),
        }
    }

    /// Waits until no other process writes; the lock ends with the reader.
    pub(crate) async fn lock(&self) -> Result<(), LogError> {
        let Some(state) = &self.state else { return Ok(()) };
        let begun = Instant::now();
        while state.try_lock_shared().is_err() {
            if begun.elapsed() > PATIENCE {
                return Err(LogError::Busy { path: self.path.with_file_name("log.state") });
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Reads the state; `None` if there is none that can be read.
    pub(super) fn state(&self) -> Option<State> {
        let mut file = self.state.as_ref()?;
        let mut text = Zeroizing::new(Vec::with_capacity(256));
        file.seek(SeekFrom::Start(0)).ok()?;
        file.take(LONGEST_STATE).read_to_end(&mut text).ok()?;
        State::read(&text)
    }

    /// Hands on what is wanted, oldest first: each end, and each beginning that has none. Returns how many lines cannot
    /// be read. The file is read twice, so that memory does not grow with it.
    pub(crate) fn entries(
        &self,
        wanted: impl Fn(&Deed, Timestamp) -> bool,
        mut take: impl FnMut(u64, Timestamp, Deed),
    ) -> Result<usize, LogError> {
        let mut open: BTreeMap<String, u64> = BTreeMap::new();
        for raw in self.lines()? {
            let Some(Line { n, deed: Some(deed), .. }) = line::read(&raw?.bytes) else { continue };
            if deed.result == Ended::Begun {
                open.insert(deed.id, n);
            } else {
                open.remove(&deed.id);
            }
        }
        let mut unreadable = 0;
        for raw in self.lines()? {
            let Some(line) = line::read(&raw?.bytes) else {
                unreadable += 1;
                continue;
            };
            let Some(deed) = line.deed.filter(|deed| wanted(deed, line.at)) else { continue };
            if deed.result != Ended::Begun || open.get(&deed.id) == Some(&line.n) {
                take(line.n, line.at, deed);
            }
        }
        Ok(unreadable)
    }

    /// Returns how the log begins: as its state says, or else its first line; `None` if neither can be read.
    pub(crate) fn beginning(&self) -> Result<Option<Beginning>, LogError> {
        if let Some(State { log, keyed, .. }) = self.state() {
            return Ok(Some(Beginning { log, keyed }));
        }
        let first = self.lines()?.next().transpose()?;
        Ok(first.and_then(|raw| line::read(&raw.bytes)).and_then(|line| line.beginning))
    }

    /// Checks the chain from its first key on, which is made from what the keychain holds, if it holds anything.
    pub(crate) fn check(&self, beginning: Option<&Beginning>, seed: Option<&SecretValue>) -> Result<Checked, LogError> {
        let id = beginning.map_or("", |beginning| &beginning.log);
        let first = seed.map_or_else(|| Key::public(id), |seed| Key::first(derive::log_key(seed)));
        check(self.lines()?, &first, id, self.state().as_ref())
    }

    /// Returns the lines, from the first one on, as they are read.
    pub(crate) fn lines(&self) -> Result<Lines<'_>, LogError> {
        let mut file = &self.log;
        file.seek(SeekFrom::Start(0)).map_err(|err| LogError::system(&self.path, &err))?;
        Ok(Lines { from: BufReader::new(file), path: &self.path })
    }
}

/// Lines as they are read, never more than one at a time.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    from: BufReader<&'a File>,
    path: &'a Path,
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawLine {
    /// What stands in it, without the newline; nothing of one that is too long to be ours.
    pub(crate) bytes: Vec<u8>,
    /// Whether it ends with a newline.
    pub(crate) whole: bool,
}

impl Iterator for Lines<'_> {
    type Item = Result<RawLine, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        let failed = |err: std::io::Error| Some(Err(LogError::system(self.path, &err)));
        let mut bytes = Vec::new();
        let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
        match self.from.by_ref().take(limit).read_until(b'\n', &mut bytes) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(err) => return failed(err),
        }
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
            return Some(Ok(RawLine { bytes, whole: true }));
        }
        if bytes.len() < LONGEST {
            return Some(Ok(RawLine { bytes, whole: false }));
        }
        match skip_line(&mut self.from) {
            Ok(whole) => Some(Ok(RawLine { bytes: Vec::new(), whole })),
            Err(err) => failed(err),
        }
    }
}

/// Reads on to the next newline, and tells whether there was one.
fn skip_line(from: &mut impl BufRead) -> std::io::Result<bool> {
    loop {
        let buffer = from.fill_buf()?;
        let (found, length) = (buffer.iter().position(|byte| *byte == b'\n'), buffer.len());
        match found {
            Some(place) => {
                from.consume(place + 1);
                return Ok(true);
            }
            None if length == 0 => return Ok(false),
            None => from.consume(length),
        }
    }
}
