//! Writes the log: `log.jsonl`, and `log.state` with the key of the next line.
//!
//! The state is also the lock. A line is appended first and the state written then: what a crash leaves between the two
//! is one line that the state does not know, whose MAC tells that it is ours.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::process::fault;

use super::chain::State;
use super::error::LogError;
use super::files::{LONGEST_STATE, PATIENCE, PAUSE, folder, is_at, make_folder, open};
use super::line::{self, Found, LONGEST};

/// The log, open for writing.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    state_path: PathBuf,
    state: File,
    log: File,
}

impl Store {
    /// Opens both files; makes them, and their folder, where they are missing.
    pub(super) fn open() -> Result<Self, LogError> {
        let folder = folder().ok_or(LogError::NoFolder)?;
        make_folder(&folder)?;
        let (path, state_path) = (folder.join("log.jsonl"), folder.join("log.state"));
        let mut options = OpenOptions::new();
        let state = open(&state_path, options.read(true).write(true).create(true))?;
        let log = open(&path, &mut writable())?;
        Ok(Self { path, state_path, state, log })
    }

    /// Waits for the lock, which ends with the value returned.
    pub(super) async fn lock(&mut self) -> Result<Locked<'_>, LogError> {
        let begun = Instant::now();
        loop {
            match self.state.try_lock() {
                // Somebody may have put another file there meanwhile.
                Ok(()) if is_at(&self.state, &self.state_path) => break,
                Ok(()) => self.state = open(&self.state_path, OpenOptions::new().read(true).write(true).create(true))?,
                Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
                Err(TryLockError::WouldBlock) => return Err(LogError::Busy { path: self.state_path.clone() }),
                Err(TryLockError::Error(err)) => return Err(LogError::system(&self.state_path, &err)),
            }
        }
        if !is_at(&self.log, &self.path) {
            self.log = open(&self.path, &mut writable())?;
        }
        Ok(Locked(self))
    }
}

/// How the log is opened. Windows takes no handle that can only append for one that can shorten the file.
fn writable() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).append(cfg!(unix)).create(true);
    options
}

/// The log, while no other process writes to it.
#[derive(Debug)]
pub(super) struct Locked<'a>(&'a mut Store);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // Closing the file would do it as well.
        let _ = self.0.state.unlock();
    }
}

/// What is there.
#[derive(Debug)]
pub(super) enum Standing {
    /// A log that goes on; what its last writer, or others, have left is taken in.
    Goes(State, Option<Found>),
    /// None yet; `Some` where one was found without its state.
    New(Option<Found>),
}

impl Locked<'_> {
    /// Reads the state. A log that has none is put aside: its chain cannot go on.
    pub(super) fn standing(&mut self) -> Result<Standing, LogError> {
        let store = &mut *self.0;
        let mut text = Zeroizing::new(Vec::with_capacity(256));
        let read = store.state.seek(SeekFrom::Start(0));
        read.and_then(|_| (&store.state).take(LONGEST_STATE).read_to_end(&mut text))
            .map_err(|err| LogError::system(&store.state_path, &err))?;
        if let Some(mut state) = State::read(&text) {
            let found = store.catch_up(&mut state).map_err(|err| LogError::system(&store.path, &err))?;
            return Ok(Standing::Goes(state, found));
        }
        let length = store.log.metadata().map_err(|err| LogError::system(&store.path, &err))?.len();
        if length == 0 {
            // A disk that was full can have left a part of a first state.
            store.state.set_len(0).map_err(|err| LogError::system(&store.state_path, &err))?;
            return Ok(Standing::New(None));
        }
        store.put_aside()?;
        Ok(Standing::New(Some(Found::StateLost)))
    }

    /// Begins a log: its state first, so that whoever is killed here leaves one that goes on.
    pub(super) fn begin(&mut self, state: &State) -> Result<(), LogError> {
        self.0.keep(state)
    }

    /// Appends one line, and keeps the key of the next one.
    pub(super) fn append<T: Serialize>(
        &mut self,
        state: &mut State,
        content: &T,
        found: Option<Found>,
        durable: bool,
    ) -> Result<(), LogError> {
        let store = &mut *self.0;
        let path = store.path.clone();
        let failed = |err: std::io::Error| LogError::system(&path, &err);
        let bytes = line::written(content, state.count, Timestamp::now(), found, &state.key)
            .ok_or(LogError::System { path: store.path.clone(), why: ErrorKind::InvalidData })?;
        let before = state.bytes;
        let at_end = store.log.seek(SeekFrom::End(0)).and_then(|_| store.log.write_all(&bytes));
        let written = at_end.and_then(|()| if durable { store.log.sync_data() } else { Ok(()) });
        fault::point("log-between");
        state.advance(u64::try_from(bytes.len()).unwrap_or_default());
        let kept = written.map_err(failed).and_then(|()| store.keep(state));
        if kept.is_err() {
            // A full disk takes a part of a line: better none.
            let _ = store.log.set_len(before);
        }
        kept
    }
}

impl Store {
    /// Writes the state over the one before, so that the old key is gone from the file.
    fn keep(&mut self, state: &State) -> Result<(), LogError> {
        let text = state.written();
        let written = self.state.seek(SeekFrom::Start(0)).and_then(|_| self.state.write_all(&text));
        written.map_err(|err| LogError::system(&self.state_path, &err))
    }

    /// Makes the state fit what is in the log: the line that a crash left unknown, or what others have done to it.
    fn catch_up(&mut self, state: &mut State) -> std::io::Result<Option<Found>> {
        let length = self.log.metadata()?.len();
        if length < state.bytes {
            state.bytes = length;
            self.end_line(state)?;
            return Ok(Some(Found::Cut));
        }
        if length == state.bytes {
            return Ok(None);
        }
        let mut tail = Vec::new();
        self.log.seek(SeekFrom::Start(state.bytes))?;
        (&self.log).take(u64::try_from(LONGEST).unwrap_or(u64::MAX)).read_to_end(&mut tail)?;
        if !tail.contains(&b'\n') && length - state.bytes < u64::try_from(LONGEST).unwrap_or(u64::MAX) {
            self.log.set_len(state.bytes)?;
            return Ok(Some(Found::Torn));
        }
        let ours = tail.strip_suffix(b"\n").is_some_and(|line| line::is_by(line, &state.key));
        if ours {
            state.advance(u64::try_from(tail.len()).unwrap_or_default());
            return Ok(None);
        }
        state.bytes = length;
        self.end_line(state)?;
        Ok(Some(Found::Foreign))
    }

    /// Ends a line that others left open, so that ours stands alone.
    fn end_line(&mut self, state: &mut State) -> std::io::Result<()> {
        if state.bytes == 0 {
            return Ok(());
        }
        let mut last = [0];
        self.log.seek(SeekFrom::Start(state.bytes - 1))?;
        (&self.log).read_exact(&mut last)?;
        if last != *b"\n" {
            self.log.write_all(b"\n")?;
            state.bytes += 1;
        }
        Ok(())
    }

    /// Gives the log another name, the first that is free, and begins an empty one.
    fn put_aside(&mut self) -> Result<(), LogError> {
        let name = |number: u32| self.path.with_file_name(format!("log.jsonl.{number}"));
        let free = (1..1000).map(name).find(|path| fs::symlink_metadata(path).is_err());
        let free = free.ok_or_else(|| LogError::NotOurs { path: self.path.clone(), what: "without its state" })?;
        fs::rename(&self.path, free).map_err(|err| LogError::system(&self.path, &err))?;
        self.log = open(&self.path, &mut writable())?;
        self.state.set_len(0).map_err(|err| LogError::system(&self.state_path, &err))
    }
}
