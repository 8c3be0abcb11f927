//! A child in a process group of its own: whatever it started is killed with it when nobody waits any longer.

use std::io;
use std::process::{Child, Command, ExitStatus};

/// A child that is killed, with its group, when this is dropped before its end.
#[derive(Debug)]
pub(crate) struct Group {
    child: Child,
    ended: bool,
}

impl Group {
    /// Starts the program as the leader of a new group.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        Ok(Self { child: command.spawn()?, ended: false })
    }

    /// Returns the child, for its pipes.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Tells how it ended, if it has.
    pub(crate) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        self.ended |= status.is_some();
        Ok(status)
    }
}

impl Drop for Group {
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
