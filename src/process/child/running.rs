//! The program while it runs: signals that are meant for it, and its end.
//!
//! It is in our process group, so that what the terminal sends reaches it by itself: ctrl-C, ctrl-\, ctrl-Z, a
//! new window size. This process leaves them to it, as sudo does: the program decides what they mean, and when
//! it stops or ends, so do we.

use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicI32, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::{Error, Result};
use crate::process::signals;
use crate::terminal;

use super::Ended;

/// The process id of the program; 0 while none runs.
static PROGRAM: AtomicI32 = AtomicI32::new(0);

/// Hands a signal that came to us on to the program; `false` if none runs.
pub(crate) fn takes(number: i32) -> bool {
    let program = PROGRAM.load(Ordering::Relaxed);
    if program == 0 {
        return false;
    }
    let of_terminal = matches!(number, libc::SIGINT | libc::SIGQUIT | libc::SIGTSTP);
    if !(of_terminal && is_in_foreground()) {
        send(program, number);
    }
    true
}

/// Tells whether what is typed on the terminal goes to our process group, and so to the program too.
fn is_in_foreground() -> bool {
    let Some(terminal) = terminal::open() else { return false };
    // SAFETY: neither call takes a pointer, and the terminal is open.
    unsafe { libc::tcgetpgrp(terminal.as_raw_fd()) == libc::getpgrp() }
}

fn send(program: i32, number: i32) {
    // SAFETY: kill takes no pointers. The program was not waited for yet, so its id is still its own.
    unsafe { libc::kill(program, number) };
}

/// Listens for what must not be missed from the moment on at which the program starts.
#[derive(Debug)]
pub(super) struct Watch {
    change: Signal,
    user: [Signal; 2],
}

impl Watch {
    /// Starts listening.
    pub(super) fn start() -> Result<Self> {
        let listen =
            |kind| signal(kind).map_err(|err| Error::bug("signals cannot be handled").because(err.kind().to_string()));
        let user = [listen(SignalKind::user_defined1())?, listen(SignalKind::user_defined2())?];
        Ok(Self { change: listen(SignalKind::child())?, user })
    }

    /// Waits for the program to end, and stops when it stops.
    pub(super) async fn over(mut self, program: i32) -> Result<Ended> {
        PROGRAM.store(program, Ordering::Relaxed);
        loop {
            if let Some(ended) = look(program)? {
                return Ok(ended);
            }
            let [first, second] = &mut self.user;
            tokio::select! {
                _ = self.change.recv() => {}
                _ = first.recv() => send(program, libc::SIGUSR1),
                _ = second.recv() => send(program, libc::SIGUSR2),
            }
        }
    }
}

/// Looks whether the program has ended; if it has stopped, stops this process too.
fn look(program: i32) -> Result<Option<Ended>> {
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    let found = unsafe { libc::waitpid(program, &raw mut status, libc::WNOHANG | libc::WUNTRACED) };
    if found == 0 {
        return Ok(None);
    }
    if found == program && libc::WIFSTOPPED(status) {
        // The shell sees its job stopped. It continues the whole group; whoever continues us alone means both.
        signals::stop_by(libc::WSTOPSIG(status));
        send(program, libc::SIGCONT);
        return look(program);
    }
    PROGRAM.store(0, Ordering::Relaxed);
    if found != program {
        return Err(Error::bug("it is not known how the program ended"));
    }
    let code = u8::try_from(libc::WEXITSTATUS(status)).unwrap_or(u8::MAX);
    Ok(Some(if libc::WIFSIGNALED(status) { Ended::BySignal(libc::WTERMSIG(status)) } else { Ended::Code(code) }))
}
