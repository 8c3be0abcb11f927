//! A pseudo-terminal: what a program shows on it, what it reads from it, and how it leaves it.

use std::fs::File;
use std::io::{ErrorKind, PipeReader, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use libc::{c_int, pid_t};

use super::command::feed;
use super::daemon::wait_for;
use super::jobs::{Leader, Program, Report};
use super::screen::{self, Screen};

/// How long anything may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// Which of a program's streams are the terminal. By default all three; the controlling terminal is
/// the terminal whatever they are.
#[derive(Default)]
pub(crate) struct Streams {
    /// Pipes these bytes into standard input.
    pub(crate) stdin: Option<Vec<u8>>,
    /// Keeps standard output from the terminal: see [`Session::stdout`].
    pub(crate) capture_stdout: bool,
    /// Keeps standard error from the terminal: see [`Session::stderr`].
    pub(crate) capture_stderr: bool,
}

/// A terminal and the programs to run on it, one after the other.
pub(crate) struct Terminal {
    programs: Vec<Program>,
    captured: Vec<[Option<PipeReader>; 2]>,
    rows: u16,
    columns: u16,
}

/// A terminal on which a program runs.
pub(crate) struct Session {
    master: Arc<File>,
    screen: Arc<Screen>,
    /// Where on the screen the next `expect` begins.
    cursor: usize,
    leader: Leader,
    /// Which of the programs is the current one, and its process group.
    current: usize,
    job: pid_t,
    state: State,
    /// How often the leader said that a program stopped or ended; each time it marked the screen.
    changes: usize,
    captured: Vec<[Option<JoinHandle<Vec<u8>>>; 2]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Stopped(c_int),
    Ended(c_int),
}

impl Terminal {
    /// Runs one program, all of whose streams are the terminal.
    pub(crate) fn spawn(command: &Command) -> Session {
        Self::new().run(command).start()
    }

    /// Returns a terminal of 24 rows and 80 columns without programs.
    pub(crate) fn new() -> Self {
        Self { programs: Vec::new(), captured: Vec::new(), rows: 24, columns: 80 }
    }

    /// Sets the size of the window.
    #[must_use]
    pub(crate) fn size(self, rows: u16, columns: u16) -> Self {
        Self { rows, columns, ..self }
    }

    /// Adds a program that runs after those before it.
    #[must_use]
    pub(crate) fn run(self, command: &Command) -> Self {
        self.run_with(command, Streams::default())
    }

    /// Adds a program some of whose streams are not the terminal.
    #[must_use]
    pub(crate) fn run_with(mut self, command: &Command, streams: Streams) -> Self {
        let stdin = streams.stdin.map(|bytes| OwnedFd::from(feed(bytes)));
        let capture = |wanted: bool| {
            let pipe = wanted.then(|| std::io::pipe().expect("a pipe"));
            pipe.map_or((None, None), |(reader, writer)| (Some(reader), Some(writer.into())))
        };
        let (out, stdout) = capture(streams.capture_stdout);
        let (err, stderr) = capture(streams.capture_stderr);
        self.programs.push(Program::new(command, [stdin, stdout, stderr]));
        self.captured.push([out, err]);
        self
    }

    /// Adds a program that shows `leftover=[…]`: what is still there to be read by whoever comes
    /// after the programs before it.
    #[must_use]
    pub(crate) fn run_leftover_probe(self) -> Self {
        let script = "stty -echo -icanon min 0 time 3; printf 'leftover=[%s]' \"$(cat)\"";
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        self.run(&shell)
    }

    /// Opens the terminal and starts the first program.
    pub(crate) fn start(self) -> Session {
        let (master, tty) = screen::open(self.rows, self.columns);
        let master = Arc::new(master);
        let screen = Arc::new(Screen::default());
        thread::spawn({
            let (master, screen) = (Arc::clone(&master), Arc::clone(&screen));
            move || screen.fill(&master)
        });
        let leader = Leader::start(&tty, &self.programs);
        drop(self.programs); // our ends of the programs' pipes
        let mut session = Session {
            master,
            screen,
            cursor: 0,
            leader,
            current: 0,
            job: 0,
            state: State::Ended(0),
            changes: 0,
            captured: self.captured.into_iter().map(|pair| pair.map(collect)).collect(),
        };
        session.launch();
        session
    }
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new()
    }
}

impl Session {
    /// Waits until `text` is shown after what was expected before, and returns what came before it.
    pub(crate) fn expect(&mut self, text: &str) -> String {
        self.expect_within(text, LIMIT)
    }

    /// Does the same with another limit.
    pub(crate) fn expect_within(&mut self, text: &str, limit: Duration) -> String {
        let cursor = self.cursor;
        let found = self.screen.wait_until(Instant::now() + limit, |shown, _| {
            let start = screen::find(shown, text.as_bytes(), cursor)?;
            Some((start, String::from_utf8_lossy(&shown[cursor..start]).into_owned()))
        });
        let Some((start, before)) = found else {
            self.fail(&format!("`{text}` was not shown within {limit:?}"));
        };
        self.cursor = start + text.len();
        before
    }

    /// Types `bytes`, in one write if the terminal takes that many, and returns how many it took
    /// before the program stopped or ended.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> usize {
        let bytes = bytes.as_ref();
        let end = Instant::now() + LIMIT;
        let mut sent = 0;
        while sent < bytes.len() && self.state == State::Running {
            match (&*self.master).write(&bytes[sent..]) {
                Ok(count) => sent += count,
                Err(err) if err.kind() == ErrorKind::WouldBlock && Instant::now() < end => {
                    // Full: the program has to read, or to end without having read.
                    self.take_report(Duration::from_millis(5));
                }
                Err(err) => self.fail(&format!("cannot type: {err}")),
            }
        }
        sent
    }

    /// Returns whether the terminal shows what is typed.
    pub(crate) fn echo_is_on(&self) -> bool {
        // SAFETY: zero is a valid termios, which tcgetattr fills.
        let mut settings: libc::termios = unsafe { std::mem::zeroed() };
        // SAFETY: the descriptor is open; asked of a master, this gives the terminal's settings.
        let got = unsafe { libc::tcgetattr(self.master.as_raw_fd(), &raw mut settings) };
        assert_eq!(got, 0, "the terminal has no settings");
        settings.c_lflag & libc::ECHO != 0
    }

    /// Waits until echo is on or off.
    pub(crate) fn expect_echo(&self, on: bool) {
        if wait_for(LIMIT, || (self.echo_is_on() == on).then_some(())).is_none() {
            self.fail(&format!("echo is still {}", if on { "off" } else { "on" }));
        }
    }

    /// Returns all that was shown so far, control sequences included.
    pub(crate) fn screen(&self) -> String {
        String::from_utf8_lossy(&self.screen.shown()).into_owned()
    }

    /// Returns all that was shown so far, byte by byte.
    pub(crate) fn screen_bytes(&self) -> Vec<u8> {
        self.screen.shown()
    }

    /// Returns what the current program wrote to a captured standard output, once it has ended.
    pub(crate) fn stdout(&mut self) -> Vec<u8> {
        self.take_captured(0)
    }

    /// Returns what the current program wrote to a captured standard error, once it has ended.
    pub(crate) fn stderr(&mut self) -> Vec<u8> {
        self.take_captured(1)
    }

    /// Sends a signal to the program and its children, as the terminal would.
    pub(crate) fn signal(&self, signal: c_int) {
        // SAFETY: kill takes no pointers; the leader made this group for the program.
        let sent = unsafe { libc::kill(-self.job, signal) };
        assert_eq!(sent, 0, "signal {signal} cannot be sent");
    }

    /// Returns the process id of the current program.
    pub(crate) fn pid(&self) -> pid_t {
        self.job
    }

    /// Changes the size of the window; the program gets SIGWINCH.
    pub(crate) fn resize(&self, rows: u16, columns: u16) {
        screen::resize(&*self.master, rows, columns);
    }

    /// Waits until the program has ended and all that it wrote is on the screen.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        match self.wait_for_change() {
            State::Ended(status) => ExitStatus::from_raw(status),
            other => self.fail(&format!("the program has not ended: {other:?}")),
        }
    }

    /// Waits until the program is stopped, and returns the signal that did it.
    pub(crate) fn wait_stopped(&mut self) -> c_int {
        match self.wait_for_change() {
            State::Stopped(signal) => signal,
            other => self.fail(&format!("the program is not stopped: {other:?}")),
        }
    }

    /// Brings the stopped program back to the foreground, as `fg` does.
    pub(crate) fn resume(&mut self) {
        assert!(matches!(self.state, State::Stopped(_)), "the program is not stopped");
        self.state = State::Running;
        self.leader.resume();
    }

    /// Starts the next program, when the one before has ended.
    pub(crate) fn next(&mut self) {
        assert!(matches!(self.state, State::Ended(_)), "the program before still runs");
        self.current += 1;
        self.launch();
    }

    fn launch(&mut self) {
        self.leader.start_next();
        match self.leader.report(LIMIT) {
            Some(Report::Started(pid)) => (self.job, self.state) = (pid, State::Running),
            other => self.fail(&format!("no program was started: {other:?}")),
        }
    }

    fn wait_for_change(&mut self) -> State {
        let end = Instant::now() + LIMIT;
        while self.state == State::Running {
            self.take_report(end.saturating_duration_since(Instant::now()));
            if self.state == State::Running && Instant::now() >= end {
                self.fail("the program still runs");
            }
        }
        let changes = self.changes;
        let shown = self.screen.wait_until(end, |_, marks| (marks >= changes).then_some(()));
        if shown.is_none() {
            self.fail("the terminal does not show all that was written");
        }
        self.state
    }

    /// Takes one report of the leader, if there is one within `limit`.
    fn take_report(&mut self, limit: Duration) {
        if let Some(Report::Changed(status)) = self.leader.report(limit) {
            self.changes += 1;
            self.state =
                if libc::WIFSTOPPED(status) { State::Stopped(libc::WSTOPSIG(status)) } else { State::Ended(status) };
        }
    }

    fn take_captured(&mut self, stream: usize) -> Vec<u8> {
        assert!(matches!(self.state, State::Ended(_)), "the program still runs");
        let thread = self.captured[self.current][stream].take();
        thread.expect("a stream that is captured, asked for once").join().expect("its reader")
    }

    fn fail(&self, what: &str) -> ! {
        panic!("{what}; the screen shows:\n{}", self.screen().escape_debug())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !matches!(self.state, State::Ended(_)) {
            // SAFETY: kill takes no pointers; the leader has not said that this group is gone.
            unsafe { libc::kill(-self.job, libc::SIGKILL) };
        }
        // The leader reaps the program, then goes too, when it is dropped.
    }
}

fn collect(from: Option<PipeReader>) -> Option<JoinHandle<Vec<u8>>> {
    from.map(|mut from| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = from.read_to_end(&mut bytes);
            bytes
        })
    })
}
