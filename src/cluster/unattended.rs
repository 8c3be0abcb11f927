//! Runs a program that nobody watches: it is killed, with its children, when the caller stops waiting.

use std::io::{self, Read};
use std::process::{Command, Output};
use std::time::Duration;

use crate::process::group::Group;

/// How long to wait before looking again whether it has ended, once it has closed its stdout.
const PAUSE: Duration = Duration::from_millis(5);

/// Runs the program to its end, and gives what it wrote to a piped stdout.
pub(super) async fn output(mut command: Command) -> io::Result<Output> {
    let mut running = Group::start(&mut command)?;
    let pipe = running.child().stdout.take();
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes)?;
        }
        Ok::<_, io::Error>(bytes)
    });
    let stdout = read.await.map_err(io::Error::other)??;
    loop {
        if let Some(status) = running.ended()? {
            return Ok(Output { status, stdout, stderr: Vec::new() });
        }
        tokio::time::sleep(PAUSE).await;
    }
}
