//! A hook: a program that is handed an old and a new value on pipes, and whose output nobody reads.
//!
//! It has a process group of its own, which is killed when its time is over or nobody waits any longer.

use std::os::fd::OwnedFd;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::net::unix::pipe::Receiver;
use tokio::signal::unix::{SignalKind, signal};

use crate::error::{Error, Result};
use crate::process::descriptors;
use crate::process::group::Group;
use crate::terminal;

use super::{DESCRIPTOR_VARIABLE, HookCall, HookEnd, pipe};

/// The numbers of the pipes in the hook.
const OLD: i32 = 3;
const NEW: i32 = 4;

/// What the hook wrote, in bytes.
#[derive(Debug, Default)]
struct Written {
    stdout: usize,
    stderr: usize,
}

/// Runs a hook to its end.
pub(crate) async fn run_hook(call: HookCall<'_>) -> Result<HookEnd> {
    let cannot = |err: std::io::Error| Error::bug("values cannot be lent to the hook").because(err.kind().to_string());
    let mut command = Command::new(call.program);
    command.args(call.arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(DESCRIPTOR_VARIABLE.as_bytes()) {
            command.env_remove(name);
        }
    }
    command.envs(call.variables.iter().map(|(name, text)| (*name, text)));
    let mut lent: Vec<(OwnedFd, i32)> = Vec::new();
    let mut rests = Vec::new();
    let values = [("SECRETSAFE_OLD_FD", OLD, call.old), ("SECRETSAFE_NEW_FD", NEW, call.new)];
    for (variable, number, value) in values {
        // A variable that we were given ourselves means nothing to the hook.
        command.env_remove(variable);
        let Some(value) = value else { continue };
        let (reader, rest) = pipe::fill(value).map_err(cannot)?;
        rests.extend(rest);
        lent.push((reader.into(), number));
        command.env(variable, number.to_string());
    }
    if call.shows {
        command.stdout(terminal::stderr_copy().map_err(cannot)?).stderr(terminal::stderr_copy().map_err(cannot)?);
    } else {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
    }
    descriptors::pass_on(&mut command, lent).map_err(cannot)?;
    let mut ends =
        signal(SignalKind::child()).map_err(|err| Error::bug("signals cannot be handled").because(err.to_string()))?;
    let mut running = match Group::start(&mut command) {
        Ok(running) => running,
        Err(err) => return Ok(HookEnd::NotStarted(err.kind().to_string())),
    };
    // Our copies of the pipes' ends are closed, so that the hook can see their end.
    drop(command);
    let (out, err) = (running.child().stdout.take(), running.child().stderr.take());
    let mut written = Written::default();
    let work = async {
        tokio::join!(
            futures::future::join_all(rests.into_iter().map(pipe::Rest::feed)),
            count(out.map(OwnedFd::from), &mut written.stdout),
            count(err.map(OwnedFd::from), &mut written.stderr),
        );
    };
    let over = tokio::time::sleep(call.limit.unwrap_or(Duration::MAX));
    let (mut work, mut over) = (Box::pin(work), Box::pin(over));
    let mut working = true;
    let status = loop {
        if let Some(status) = running.ended().map_err(cannot)? {
            break Some(status);
        }
        tokio::select! {
            () = &mut work, if working => working = false,
            _ = ends.recv() => {}
            () = &mut over => break None,
        }
    };
    // What it left in the pipes counts as well; what a child of its own still writes does not.
    if working {
        let _ = tokio::time::timeout(Duration::from_millis(50), &mut work).await;
    }
    drop(work);
    drop(running);
    Ok(status.map_or(HookEnd::TimedOut, |status| ended(status, written.stdout + written.stderr)))
}

fn ended(status: ExitStatus, bytes: usize) -> HookEnd {
    use std::os::unix::process::ExitStatusExt;

    match (status.code(), status.signal()) {
        (Some(0), _) => HookEnd::Done { bytes },
        (Some(code), _) => HookEnd::Failed { code, bytes },
        (None, signal) => HookEnd::BySignal { signal: signal.unwrap_or_default(), bytes },
    }
}

/// Reads to the end and keeps nothing but the number of bytes.
async fn count(pipe: Option<OwnedFd>, bytes: &mut usize) {
    let Some(pipe) = pipe else { return };
    // SAFETY: fcntl takes no pointers here, and the pipe is open.
    let set = unsafe { libc::fcntl(std::os::fd::AsRawFd::as_raw_fd(&pipe), libc::F_SETFL, libc::O_NONBLOCK) };
    let Ok(receiver) = Receiver::from_owned_fd(pipe) else { return };
    let mut buffer = zeroize::Zeroizing::new([0_u8; 4096]);
    while set != -1 && receiver.readable().await.is_ok() {
        match receiver.try_read(&mut buffer[..]) {
            Ok(0) => return,
            Ok(count) => *bytes += count,
            Err(err) if err.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
