//! The session leader of a pseudo-terminal: runs programs on it one after the other and tells how
//! each stops or ends, as a job-control shell does.
//!
//! It is a fork of the test binary that never calls `exec`. A shell would not do: it reports
//! `exit 130` and a death by SIGINT as the same number, and some shells repair the terminal after a
//! program, which would hide what a test wants to see.

use std::collections::BTreeMap;
use std::ffi::{CString, OsString, c_char};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::Command;
use std::ptr;
use std::time::Duration;

use libc::{c_int, pid_t};

use super::binaries;

/// Written to the terminal when a program stops or ends: all that the program wrote comes before.
pub(crate) const MARK: &[u8] = b"\x1b]bed\x07";

const START_NEXT: u8 = b'n';
const CONTINUE: u8 = b'c';

/// The status in a report that says "started".
const STARTED: c_int = -1;

/// A program in the form that `execve` wants, made before the fork.
pub(crate) struct Program {
    path: CString,
    args: Vec<CString>,
    env: Vec<CString>,
    folder: Option<CString>,
    /// What stands in for the terminal as descriptor 0, 1 and 2.
    streams: [Option<OwnedFd>; 3],
}

/// What the leader says about the program that runs now.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Report {
    Started(pid_t),
    /// Stopped or ended, with the status as `waitpid` gives it.
    Changed(c_int),
}

/// The leader, seen from the test.
pub(crate) struct Leader {
    pid: pid_t,
    orders: Option<PipeWriter>,
    reports: PipeReader,
}

impl Program {
    /// Takes program, arguments, folder and the variables that were set one by one; nothing of our
    /// own environment is passed on but `PATH`, and `TERM` is `xterm` unless set.
    pub(crate) fn new(command: &Command, streams: [Option<OwnedFd>; 3]) -> Self {
        let name = command.get_program();
        let path = if name.as_bytes().contains(&b'/') {
            name.to_owned()
        } else {
            let found = binaries::on_path(&name.to_string_lossy());
            found.unwrap_or_else(|| panic!("{} is not in PATH", name.display())).into_os_string()
        };
        let mut env = BTreeMap::from([(OsString::from("TERM"), OsString::from("xterm"))]);
        env.extend(std::env::var_os("PATH").map(|path| (OsString::from("PATH"), path)));
        for (name, value) in command.get_envs() {
            env.remove(name);
            env.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        }
        let args = command.get_args().map(ToOwned::to_owned);
        Self {
            args: std::iter::once(path.clone()).chain(args).map(c_string).collect(),
            path: c_string(path),
            env: env
                .into_iter()
                .map(|(mut name, value)| {
                    name.push("=");
                    name.push(value);
                    c_string(name)
                })
                .collect(),
            folder: command.get_current_dir().map(|folder| c_string(folder.into())),
            streams,
        }
    }
}

impl Leader {
    /// Forks a leader for the terminal `tty`. It waits for orders.
    pub(crate) fn start(tty: &OwnedFd, programs: &[Program]) -> Self {
        let (mut orders_in, orders) = io::pipe().expect("a pipe");
        let (reports, reports_in) = io::pipe().expect("a pipe");
        let jobs: Vec<Job> = programs.iter().map(Job::new).collect();
        let mut keep: Vec<RawFd> = jobs.iter().flat_map(|job| job.streams).collect();
        keep.extend([tty.as_raw_fd(), orders_in.as_raw_fd(), reports_in.as_raw_fd()]);
        let us = std::process::id();
        // SAFETY: the child runs `lead`, which keeps to async-signal-safe calls, as a fork of a
        // process with threads must, and never returns.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            // SAFETY: as above; all that it reads was allocated before the fork.
            unsafe { lead(tty.as_raw_fd(), &mut orders_in, &reports_in, &jobs, &keep, us) }
        }
        assert!(pid > 0, "cannot fork: {}", io::Error::last_os_error());
        Self { pid, orders: Some(orders), reports }
    }

    /// Starts the next program.
    pub(crate) fn start_next(&mut self) {
        self.order(START_NEXT);
    }

    /// Brings the stopped program back to the foreground.
    pub(crate) fn resume(&mut self) {
        self.order(CONTINUE);
    }

    /// Returns the next report, or `None` after `limit`, or when there will be no more.
    pub(crate) fn report(&mut self, limit: Duration) -> Option<Report> {
        if !readable(self.reports.as_raw_fd(), limit) {
            return None;
        }
        let mut bytes = [0; 8];
        self.reports.read_exact(&mut bytes).ok()?;
        let [a, b, c, d, e, f, g, h] = bytes;
        match c_int::from_ne_bytes([e, f, g, h]) {
            STARTED => Some(Report::Started(pid_t::from_ne_bytes([a, b, c, d]))),
            status => Some(Report::Changed(status)),
        }
    }

    fn order(&mut self, order: u8) {
        let orders = self.orders.as_mut().expect("the leader takes orders until it is dropped");
        orders.write_all(&[order]).expect("the leader reads its orders");
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        self.orders = None; // the end of its orders is the end of the leader
        let mut status = 0;
        // SAFETY: the pid is a child of ours that nobody else waits for.
        unsafe { libc::waitpid(self.pid, &raw mut status, 0) };
    }
}

/// Waits until there is something to read.
pub(crate) fn readable(fd: RawFd, limit: Duration) -> bool {
    let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    let limit = c_int::try_from(limit.as_millis()).unwrap_or(c_int::MAX);
    // SAFETY: one pollfd, and the count says so.
    unsafe { libc::poll(&raw mut poll, 1, limit) > 0 }
}

fn c_string(text: OsString) -> CString {
    CString::new(text.into_vec()).expect("no NUL in programs, arguments and variables")
}

/// Pointers into a [`Program`], which outlives the leader's use of them: the fork has its own copy.
struct Job {
    path: *const c_char,
    args: Vec<*const c_char>,
    env: Vec<*const c_char>,
    folder: *const c_char,
    /// -1 stands for the terminal.
    streams: [RawFd; 3],
}

impl Job {
    fn new(program: &Program) -> Self {
        let pointers = |texts: &[CString]| texts.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect();
        Self {
            path: program.path.as_ptr(),
            args: pointers(&program.args),
            env: pointers(&program.env),
            folder: program.folder.as_ref().map_or(ptr::null(), |folder| folder.as_ptr()),
            streams: program.streams.each_ref().map(|fd| fd.as_ref().map_or(-1, AsRawFd::as_raw_fd)),
        }
    }
}

const SHELL_IGNORES: [c_int; 6] = [
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTSTP,
    libc::SIGTTIN,
    libc::SIGTTOU,
    // It outlives a hang-up, so that what the program does about it can be seen.
    libc::SIGHUP,
];

/// # Safety
///
/// To be called in a fresh fork only.
unsafe fn lead(
    tty: RawFd,
    orders: &mut PipeReader,
    reports: &PipeWriter,
    jobs: &[Job],
    keep: &[RawFd],
    parent: u32,
) -> ! {
    // SAFETY: async-signal-safe calls with valid arguments throughout.
    unsafe {
        die_with(parent);
        close_all_but(keep);
        for signal in SHELL_IGNORES {
            libc::signal(signal, libc::SIG_IGN);
        }
        if libc::setsid() == -1 || libc::ioctl(tty, libc::TIOCSCTTY as _, 0) == -1 {
            libc::_exit(1);
        }
        let reports = reports.as_raw_fd();
        let mut jobs = jobs.iter();
        let mut running = 0;
        while let Some(order) = next_order(orders) {
            match order {
                START_NEXT => {
                    let Some(job) = jobs.next() else { break };
                    running = libc::fork();
                    if running == 0 {
                        become_job(tty, job);
                    }
                    libc::setpgid(running, running);
                    // The program has its own copies; a copy here would keep its pipes open for ever.
                    for stream in job.streams.into_iter().filter(|stream| *stream != -1) {
                        libc::close(stream);
                    }
                    report(reports, running, STARTED);
                }
                _ => {
                    libc::tcsetpgrp(tty, running);
                    libc::kill(-running, libc::SIGCONT);
                }
            }
            let mut status = 0;
            libc::waitpid(running, &raw mut status, libc::WUNTRACED);
            libc::tcsetpgrp(tty, libc::getpgrp());
            libc::write(tty, MARK.as_ptr().cast(), MARK.len());
            report(reports, running, status);
        }
        libc::_exit(0)
    }
}

/// # Safety
///
/// As for [`lead`], of which this is the child.
unsafe fn become_job(tty: RawFd, job: &Job) -> ! {
    // SAFETY: async-signal-safe calls; the pointers come from CStrings that were never freed.
    unsafe {
        die_with(u32::try_from(libc::getppid()).unwrap_or(0));
        libc::setpgid(0, 0);
        libc::tcsetpgrp(tty, libc::getpid()); // while SIGTTOU is still ignored
        for signal in SHELL_IGNORES {
            libc::signal(signal, libc::SIG_DFL);
        }
        libc::signal(libc::SIGPIPE, libc::SIG_DFL); // Rust's runtime ignores it
        let mut none = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut());
        for (number, stream) in (0..).zip(job.streams) {
            libc::dup2(if stream == -1 { tty } else { stream }, number);
        }
        if job.folder.is_null() || libc::chdir(job.folder) == 0 {
            libc::execve(job.path, job.args.as_ptr(), job.env.as_ptr());
        }
        libc::_exit(127)
    }
}

/// # Safety
///
/// To be called in a fork only.
unsafe fn close_all_but(keep: &[RawFd]) {
    // Descriptors close on exec, which the leader never does; other tests wait for the end of pipes.
    for fd in 3..4096 {
        if !keep.contains(&fd) {
            // SAFETY: nothing in this process will use the descriptor again.
            unsafe { libc::close(fd) };
        }
    }
}

/// # Safety
///
/// To be called in a fork only.
unsafe fn die_with(parent: u32) {
    #[cfg(target_os = "linux")]
    // SAFETY: async-signal-safe calls without pointers.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        if u32::try_from(libc::getppid()) != Ok(parent) {
            libc::_exit(1); // the parent died before the call above
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = parent;
}

fn next_order(orders: &mut PipeReader) -> Option<u8> {
    let mut order = [0];
    matches!(orders.read(&mut order), Ok(1)).then_some(order[0])
}

/// # Safety
///
/// To be called in a fork only.
unsafe fn report(to: RawFd, pid: pid_t, status: c_int) {
    let [a, b, c, d] = pid.to_ne_bytes();
    let [e, f, g, h] = status.to_ne_bytes();
    let bytes = [a, b, c, d, e, f, g, h];
    // SAFETY: the length is the array's.
    unsafe { libc::write(to, bytes.as_ptr().cast(), bytes.len()) };
}
