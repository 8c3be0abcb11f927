//! A pipe that carries a value: filled before the program starts, as far as it holds, and then while it reads.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::ops::Deref;
use std::os::fd::AsRawFd;
#[cfg(target_os = "linux")]
use std::os::fd::OwnedFd;
use std::sync::Arc;

use tokio::net::unix::pipe::Sender;

use crate::plaintext::SecretValue;
use crate::plaintext::lend::{self, Carrier};
#[cfg(target_os = "linux")]
use crate::process::fault;

/// What did not fit into a pipe.
#[derive(Debug)]
pub(super) struct Rest<V> {
    writer: PipeWriter,
    value: V,
    taken: usize,
}

/// The writing end before anybody reads.
struct Empty<'a>(&'a PipeWriter);

impl Carrier for Empty<'_> {
    type Error = io::Error;

    fn take(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
}

/// The writing end while the program reads.
struct Waiting<'a>(&'a Sender);

impl Carrier for Waiting<'_> {
    type Error = io::Error;

    fn take(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }
}

/// Makes a pipe and fills it; what fits is in the kernel then, and no longer in this process.
pub(super) fn fill<V: Deref<Target = SecretValue>>(value: V) -> io::Result<(PipeReader, Option<Rest<V>>)> {
    let (reader, writer) = io::pipe()?;
    widen(&writer, value.len());
    // SAFETY: fcntl takes no pointers here, and the writer is open.
    let set = unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    if set == -1 {
        return Err(io::Error::last_os_error());
    }
    let mut taken = 0;
    let all = write(&value, &mut taken, &mut Empty(&writer))?;
    Ok((reader, (!all).then(|| Rest { writer, value, taken })))
}

/// Writes a value to a process that runs already, to its end.
#[cfg(target_os = "linux")]
pub(crate) async fn feed(writer: OwnedFd, value: SecretValue) {
    Rest { writer: writer.into(), value: Arc::new(value), taken: 0 }.feed().await;
}

/// Makes room for the whole value, so that it need not wait here for a reader. Linux gives up to 1 MiB.
#[cfg(target_os = "linux")]
fn widen(writer: &PipeWriter, len: usize) {
    /// What a pipe holds by itself.
    const USUAL: usize = 64 * 1024;

    if fault::refuses("wide-pipe") {
        return;
    }

    if let Some(len) = libc::c_int::try_from(len).ok().filter(|_| len > USUAL) {
        // SAFETY: fcntl takes no pointers here. Where it is refused, the rest is written later.
        unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_SETPIPE_SZ, len) };
    }
}

#[cfg(not(target_os = "linux"))]
fn widen(_writer: &PipeWriter, _len: usize) {}

impl<V: Deref<Target = SecretValue>> Rest<V> {
    /// Writes the rest while the program reads. A program that closes its end early knows what it does.
    pub(super) async fn feed(self) {
        let Self { writer, value, mut taken } = self;
        let Ok(sender) = Sender::from_owned_fd(writer.into()) else { return };
        while sender.writable().await.is_ok() {
            if write(&value, &mut taken, &mut Waiting(&sender)).unwrap_or(true) {
                return;
            }
        }
    }
}

/// Writes what fits now, and tells whether that was all.
fn write(value: &SecretValue, taken: &mut usize, pipe: &mut impl Carrier<Error = io::Error>) -> io::Result<bool> {
    while *taken < value.len() {
        match lend::to_child(value, *taken, pipe) {
            Ok(count) => *taken += count,
            Err(err) if err.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
    Ok(true)
}
