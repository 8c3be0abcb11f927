//! Signals: clean up first, then end by the same signal, as a shell expects.

#[cfg(unix)]
pub(crate) use unix::{Signals, end_by, stop_by};
#[cfg(windows)]
pub use windows::{Signals, end_by};

#[cfg(unix)]
mod unix {
    //! INT, TERM, HUP and QUIT end the run; TSTP and CONT stop it and let it go on. While a program of the
    //! user's runs (`exec`), they are its own.

    use tokio::signal::unix::{Signal, SignalKind, signal};

    use crate::error::{Error, Result};
    use crate::process::child;
    use crate::terminal;

    /// The signals that this program answers.
    #[derive(Debug)]
    pub(crate) struct Signals {
        ends: [Option<Signal>; 4],
        stop: Option<Signal>,
    }

    const ENDS: [libc::c_int; 4] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];

    impl Signals {
        /// Starts listening; must run inside of the runtime.
        pub(crate) fn install() -> Result<Self> {
            let mut ends = [None, None, None, None];
            for (slot, number) in ends.iter_mut().zip(ENDS) {
                *slot = listen(number)?;
            }
            Ok(Self { ends, stop: listen(libc::SIGTSTP)? })
        }

        /// Waits for a signal that ends the run. The terminal is as it was before when this returns.
        pub(crate) async fn next(&mut self) -> i32 {
            let [int, term, hup, quit] = &mut self.ends;
            let stop = &mut self.stop;
            loop {
                let number = tokio::select! {
                    () = received(int) => libc::SIGINT,
                    () = received(term) => libc::SIGTERM,
                    () = received(hup) => libc::SIGHUP,
                    () = received(quit) => libc::SIGQUIT,
                    () = received(stop) => {
                        if !child::takes(libc::SIGTSTP) {
                            stop_here();
                        }
                        continue;
                    }
                };
                if child::takes(number) {
                    continue;
                }
                terminal::interrupt();
                return number;
            }
        }
    }

    /// Listens for a signal, unless we were started with it ignored (as `nohup` does).
    fn listen(number: libc::c_int) -> Result<Option<Signal>> {
        if is_ignored(number) {
            return Ok(None);
        }
        signal(SignalKind::from_raw(number))
            .map(Some)
            .map_err(|err| Error::bug("signals cannot be handled").because(err.kind().to_string()))
    }

    async fn received(signal: &mut Option<Signal>) {
        match signal {
            Some(signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        }
    }

    /// Stops as if nobody had caught the signal, with the terminal as it was, and hides again after.
    fn stop_here() {
        terminal::suspend();
        stop_by(libc::SIGTSTP);
        terminal::resume();
    }

    /// Stops by a signal that stops, and returns when the process goes on.
    pub(crate) fn stop_by(number: i32) {
        let before = set_default(number);
        // SAFETY: raise takes no pointers; the default action stops the whole process here.
        unsafe { libc::raise(number) };
        if let Some(before) = before {
            // SAFETY: `before` is what sigaction gave out for this signal.
            unsafe { libc::sigaction(number, &raw const before, std::ptr::null_mut()) };
        }
    }

    fn is_ignored(number: libc::c_int) -> bool {
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
        // SAFETY: sigaction fills the whole structure if it returns 0, and changes nothing.
        unsafe {
            libc::sigaction(number, std::ptr::null(), action.as_mut_ptr()) == 0
                && action.assume_init().sa_sigaction == libc::SIG_IGN
        }
    }

    fn set_default(number: libc::c_int) -> Option<libc::sigaction> {
        let mut before = std::mem::MaybeUninit::<libc::sigaction>::uninit();
        // SAFETY: a zeroed sigaction is the default action with an empty mask; both structures live on.
        unsafe {
            let default: libc::sigaction = std::mem::zeroed();
            (libc::sigaction(number, &raw const default, before.as_mut_ptr()) == 0).then(|| before.assume_init())
        }
    }

    /// Ends the process by `number`, so that the caller sees the death of a signal and not an exit code.
    pub(crate) fn end_by(number: i32) -> std::process::ExitCode {
        let _ = set_default(number);
        // SAFETY: the set is filled before it is used; neither call keeps a pointer.
        unsafe {
            let mut set = std::mem::MaybeUninit::uninit();
            libc::sigemptyset(set.as_mut_ptr());
            libc::sigaddset(set.as_mut_ptr(), number);
            libc::pthread_sigmask(libc::SIG_UNBLOCK, set.as_ptr(), std::ptr::null_mut());
            libc::raise(number);
        }
        // Only reached if something else holds the signal back.
        std::process::ExitCode::from(128_u8.saturating_add(u8::try_from(number).unwrap_or_default()))
    }
}

#[cfg(windows)]
mod windows {
    //! Ctrl-C ends the run.

    use crate::error::Result;

    /// The signals that this program answers.
    #[derive(Debug)]
    pub struct Signals;

    impl Signals {
        /// Starts listening.
        pub fn install() -> Result<Self> {
            Ok(Self)
        }

        /// Waits for Ctrl-C.
        pub async fn next(&mut self) -> i32 {
            loop {
                if tokio::signal::ctrl_c().await.is_err() {
                    std::future::pending::<()>().await;
                }
                if !crate::process::child::takes(2) {
                    break;
                }
            }
            crate::terminal::restore();
            2
        }
    }

    /// Ends with the code that shells give to Ctrl-C.
    pub fn end_by(number: i32) -> std::process::ExitCode {
        std::process::ExitCode::from(128_u8.saturating_add(u8::try_from(number).unwrap_or_default()))
    }
}
