//! Runs a program that nobody watches: it is killed, with its children, when the caller stops waiting.

use std::io::{self, Read};
use std::process::{Child, Command, Output};
use std::time::Duration;

/// How long to wait before looking again whether it has ended, once it has closed its stdout.
const PAUSE: Duration = Duration::from_millis(5);

/// Runs the program to its end, and gives what it wrote to a piped stdout.
pub(super) async fn output(mut command: Command) -> io::Result<Output> {
    // A group of its own, so that what it starts can be ended with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut running = Running { child: command.spawn()?, ended: false };
    let pipe = running.child.stdout.take();
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes)?;
        }
        Ok::<_, io::Error>(bytes)
    });
    let stdout = read.await.map_err(io::Error::other)??;
    loop {
        if let Some(status) = running.child.try_wait()? {
            running.ended = true;
            return Ok(Output { status, stdout, stderr: Vec::new() });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

struct Running {
    child: Child,
    ended: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        #[cfg(unix)]
        if let Ok(group) = libc::pid_t::try_from(self.child.id()) {
            // SAFETY: kill takes no pointers; the child is not reaped, so the group is still its own.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
