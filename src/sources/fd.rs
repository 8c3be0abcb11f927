//! `fd:N`: a value from a pipe that the caller opened, such as `5< <(command)` in a shell.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::context::Context;
use crate::error::{Error, Result};

use super::stdin::{key_name, read, with};
use super::{AnySource, Ask, Filling, Origin, Scheme, Source};

pub(super) const SCHEME: Scheme = Scheme {
    name: "fd",
    aliases: &[],
    form: "fd:N",
    summary: "an inherited pipe or socket, to its end",
    origins: &[Origin::Argv],
    parse,
};

/// The largest number that is believed to be meant.
const MOST: i32 = 1_000_000;

#[derive(Debug)]
struct Fd(i32);

fn parse(rest: Option<&str>) -> Result<AnySource> {
    let number = rest.and_then(|text| text.parse().ok()).filter(|number| *number == 0 || (3..=MOST).contains(number));
    number.map(|number| Arc::new(Fd(number)) as AnySource).ok_or_else(|| {
        Error::usage("`fd:N` takes the number of an open pipe: 0, or 3 and above")
            .hint("in bash: kubectl secretsafe … KEY=fd:5 5< <(command)")
    })
}

impl Source for Fd {
    fn scheme(&self) -> &'static str {
        SCHEME.name
    }

    fn fills_missing_only(&self) -> bool {
        true
    }

    fn summary(&self) -> String {
        format!("fd:{}", self.0)
    }

    fn reads_once(&self) -> Option<String> {
        Some(if self.0 == 0 { "stdin".to_owned() } else { self.summary() })
    }

    fn prepare(&self, ask: &Ask<'_>) -> Result<()> {
        descriptor::check(self.0).map_err(|reason| {
            Error::source(format!("fd:{} for {} cannot be read", self.0, key_name(ask))).because(reason).hint(format!(
                "in bash: kubectl secretsafe … {} {}< <(command)",
                with(ask, &self.summary()),
                self.0
            ))
        })
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, _ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move {
            let from = descriptor::open(self.0).map_err(|reason| {
                Error::source(format!("fd:{} cannot be read", self.0))
                    .because(reason)
                    .hint(format!("in bash: kubectl secretsafe … {}< <(command)", self.0))
            })?;
            read(from, &self.summary(), &key_name(ask)).await
        })
    }
}

#[cfg(unix)]
mod descriptor {
    //! What the operating system says about a descriptor.

    use std::fs::File;
    use std::os::fd::{BorrowedFd, RawFd};
    use std::os::unix::fs::FileTypeExt;

    use crate::process::descriptors;

    /// Refuses what is not a readable pipe or socket that the caller passed on.
    ///
    /// A regular file is refused because the value would stay on the disk.
    pub(super) fn check(number: RawFd) -> Result<(), &'static str> {
        if number != 0 && !descriptors::is_inherited(number) {
            return Err("nobody opened it for this program");
        }
        let file = open(number)?;
        let kind = file.metadata().map_err(|_| "the system tells nothing about it")?.file_type();
        if kind.is_file() {
            return Err("it is a regular file, and a value in a file stays on the disk");
        }
        if !kind.is_fifo() && !kind.is_socket() {
            return Err("it is neither a pipe nor a socket");
        }
        if !descriptors::is_readable(number) {
            return Err("it is open for writing only");
        }
        Ok(())
    }

    /// Opens a copy, so that the original is closed with the process and never twice.
    pub(super) fn open(number: RawFd) -> Result<File, &'static str> {
        // SAFETY: `check` has made sure that the descriptor was inherited, and nothing in this program
        // closes inherited descriptors, so it stays open for the length of this call.
        let inherited = unsafe { BorrowedFd::borrow_raw(number) };
        inherited.try_clone_to_owned().map(File::from).map_err(|_| "it is not open")
    }
}

#[cfg(not(unix))]
mod descriptor {
    //! Descriptors are a matter of Unix.

    use std::fs::File;

    const NOT_HERE: &str = "descriptors cannot be passed on to a program on this system; use stdin";

    pub(super) fn check(_number: i32) -> Result<(), &'static str> {
        Err(NOT_HERE)
    }

    pub(super) fn open(_number: i32) -> Result<File, &'static str> {
        Err(NOT_HERE)
    }
}
