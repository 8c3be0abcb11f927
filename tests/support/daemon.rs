//! Long-running programs of the bed: they die with the test binary, however it ends.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A running program, killed when this is dropped.
pub(crate) struct Daemon {
    name: &'static str,
    child: Mutex<Child>,
    log: PathBuf,
}

/// What goes to a daemon's standard input.
pub(crate) enum Feed {
    Nothing,
    Text(&'static str),
}

struct Order {
    command: Command,
    reply: Sender<io::Result<Child>>,
}

/// The thread that starts every daemon. The kernel sends a parent-death signal when the *thread*
/// that started the child ends, and libtest gives each test a thread of its own.
static STARTER: LazyLock<Mutex<Sender<Order>>> = LazyLock::new(|| {
    let (sender, orders) = channel::<Order>();
    thread::spawn(move || {
        for mut order in orders {
            let _ = order.reply.send(order.command.spawn());
        }
    });
    Mutex::new(sender)
});

impl Daemon {
    /// Starts `command`; its output goes to a file in `folder`.
    pub(crate) fn start(name: &'static str, mut command: Command, feed: Feed, folder: &Path) -> Self {
        let log = folder.join(format!("{name}.log"));
        let out = File::create(&log).expect("a log file in our own folder");
        let err = out.try_clone().expect("a second handle");
        command.stdout(out).stderr(err);
        command.stdin(match feed {
            Feed::Nothing => Stdio::null(),
            Feed::Text(_) => Stdio::piped(),
        });
        die_with_us(&mut command);
        let (reply, started) = channel();
        STARTER
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .send(Order { command, reply })
            .expect("the starter thread runs for ever");
        let mut child = match started.recv().expect("the starter thread answers") {
            Ok(child) => child,
            Err(err) => panic!("cannot start {name}: {err}"),
        };
        if let (Feed::Text(text), Some(mut stdin)) = (feed, child.stdin.take()) {
            io::Write::write_all(&mut stdin, text.as_bytes()).expect("the daemon reads its input");
        }
        Self { name, child: Mutex::new(child), log }
    }

    /// Returns whether the program still runs.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.child().try_wait(), Ok(None))
    }

    /// Returns the process id.
    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.child().id()).expect("a process id")
    }

    /// Kills the program and waits until it is gone; its data is thrown away anyway.
    pub(crate) fn stop(&self) {
        let mut child = self.child();
        let _ = child.kill();
        let _ = child.wait();
    }

    /// Returns the last lines that the program wrote, for a panic message.
    pub(crate) fn last_words(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let tail = &lines[lines.len().saturating_sub(12)..];
        format!("{} said last:\n{}", self.name, tail.join("\n"))
    }

    fn child(&self) -> std::sync::MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Makes the kernel kill the child when the thread that starts it ends.
pub(crate) fn die_with_us(command: &mut Command) {
    #[cfg(target_os = "linux")]
    {
        let us = std::process::id();
        // SAFETY: prctl and getppid are async-signal-safe and touch no memory of ours.
        unsafe {
            command.pre_exec(move || {
                if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
                    return Err(io::Error::last_os_error());
                }
                // We may have died between the fork and the call above.
                if u32::try_from(libc::getppid()) != Ok(us) {
                    return Err(io::Error::from_raw_os_error(libc::ESRCH));
                }
                Ok(())
            });
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = command;
}

/// Polls `ready` until it returns a value; `None` after `limit`.
pub(crate) fn wait_for<T>(limit: Duration, mut ready: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(value) = ready() {
            return Some(value);
        }
        if Instant::now() >= end {
            return None;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}
