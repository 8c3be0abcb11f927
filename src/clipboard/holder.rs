//! The process that holds a value for the clipboard, as seen by the one that starts it.
//!
//! A process of its own, because ending it is the one way to leave that can neither clear what somebody else has
//! copied meanwhile nor hand the value over to a clipboard manager, and that works for X11 and Wayland alike. It
//! keeps the time itself, so that the value is gone on time also while this process is stopped.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use tokio::net::unix::pipe::Receiver;

use crate::plaintext::SecretValue;
use crate::process::child;

use super::{Left, NoClipboard};

/// The hidden word that makes a process a holder; behind it stands the time in seconds.
const WORD: &str = "__hold";

/// What the holder needs to find the desktop.
const PASSED_ON: &[&str] = &["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "HOME"];

/// What the holder says on its standard output.
pub(super) const CONNECTED: u8 = b'c';
pub(super) const OFFERED: u8 = b'o';

/// A connection to the clipboard; what was offered is out of it when this is dropped.
#[derive(Debug)]
pub(crate) struct Clipboard {
    holder: Child,
    input: Option<ChildStdin>,
    says: Receiver,
}

impl Clipboard {
    /// Starts a holder, and waits until the desktop has answered it.
    pub(crate) async fn open(time: Duration) -> Result<Self, NoClipboard> {
        let mut clipboard = Self::start(time).map_err(|_| NoClipboard::NoAnswer)?;
        match clipboard.word().await {
            Some(CONNECTED) => Ok(clipboard),
            _ => Err(NoClipboard::NoAnswer),
        }
    }

    fn start(time: Duration) -> io::Result<Self> {
        // The link and not the path, which an upgrade may have replaced by another version.
        let mut command = Command::new("/proc/self/exe");
        command.arg0("kubectl-secretsafe").arg(WORD).arg(time.as_secs().to_string()).env_clear();
        command.envs(PASSED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // What the terminal sends is for us: ctrl-Z must not stop what other programs paste from.
        let mut holder = command.process_group(0).spawn()?;
        let (input, says) = (holder.stdin.take(), holder.stdout.take());
        let says = says.ok_or(ErrorKind::BrokenPipe).map(OwnedFd::from);
        match says.map_err(io::Error::from).and_then(Receiver::from_owned_fd) {
            Ok(says) => Ok(Self { holder, input, says }),
            Err(err) => {
                end(&mut holder);
                Err(err)
            }
        }
    }

    /// Puts the value into the clipboard; its time begins. Nothing of it is kept here.
    pub(crate) async fn offer(&mut self, value: SecretValue) -> Result<(), NoClipboard> {
        let input = self.input.take().ok_or(NoClipboard::NotTaken)?;
        child::feed(input.into(), value).await;
        match self.word().await {
            Some(OFFERED) => Ok(()),
            _ => Err(NoClipboard::NotTaken),
        }
    }

    /// Waits until the value is out of the clipboard, and says why.
    pub(crate) async fn over(&mut self) -> Left {
        while self.word().await.is_some() {}
        match self.holder.wait() {
            Ok(status) if status.signal() == Some(libc::SIGALRM) => Left::TimeOver,
            Ok(status) if status.success() => Left::Taken,
            _ => Left::Gone,
        }
    }

    /// Waits for the next word of the holder; `None` when it has ended.
    async fn word(&mut self) -> Option<u8> {
        loop {
            self.says.readable().await.ok()?;
            let mut word = [0];
            match self.says.try_read(&mut word) {
                Ok(1) => return word.first().copied(),
                Err(err) if err.kind() == ErrorKind::WouldBlock => {}
                _ => return None,
            }
        }
    }
}

impl Drop for Clipboard {
    fn drop(&mut self) {
        end(&mut self.holder);
    }
}

/// Ends a holder at once; whatever it could do by itself would be slower, and no better.
fn end(holder: &mut Child) {
    let _ = holder.kill();
    let _ = holder.wait();
}

/// Tells whether the command line asks for a holder, and for how many seconds.
pub(crate) fn asked(mut arguments: impl Iterator<Item = OsString>) -> Option<u32> {
    arguments.nth(1).filter(|word| word == OsStr::new(WORD))?;
    let seconds = arguments.next()?.to_str()?.parse().ok();
    seconds.filter(|_| arguments.next().is_none())
}
