//! `stdin` or `-`: a value from a pipe or a redirected file, read once and to its end.

use std::io::{IsTerminal, Read};
use std::sync::Arc;

use futures::future::BoxFuture;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::SecretValue;

use super::{AnySource, Ask, Filling, MAX_VALUE, Origin, Scheme, Source};

pub(super) const SCHEME: Scheme = Scheme {
    name: "stdin",
    aliases: &["-"],
    form: "stdin or -",
    summary: "standard input, to its end",
    origins: &[Origin::Argv],
    parse,
};

#[derive(Debug)]
struct Stdin;

fn parse(rest: Option<&str>) -> Result<AnySource> {
    if rest.is_some() {
        return Err(Error::usage("`stdin` takes nothing behind it").hint("write KEY=stdin"));
    }
    Ok(Arc::new(Stdin))
}

impl Source for Stdin {
    fn scheme(&self) -> &'static str {
        SCHEME.name
    }

    fn fills_missing_only(&self) -> bool {
        true
    }

    fn summary(&self) -> String {
        "stdin".to_owned()
    }

    fn reads_once(&self) -> Option<String> {
        Some("stdin".to_owned())
    }

    fn prepare(&self, ask: &Ask<'_>) -> Result<()> {
        if std::io::stdin().is_terminal() {
            return Err(Error::source(format!("stdin is the terminal, so {} cannot be read from it", key_name(ask)))
                .hint(format!(
                    "type {} alone to be asked, or pipe the value in: … | kubectl secretsafe … {}",
                    alone(ask),
                    with(ask, "stdin")
                )));
        }
        Ok(())
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, _ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move { piped(&key_name(ask)).await })
    }
}

/// Reads stdin for `what`, such as "key `password`".
///
/// Refuses a terminal, which would show what is typed.
pub(crate) async fn piped(what: &str) -> Result<Filling> {
    read(stdin_for(what)?, "stdin", what).await
}

/// Reads all of stdin for `what`, byte for byte.
pub(crate) async fn piped_whole(what: &str) -> Result<SecretValue> {
    read_whole(stdin_for(what)?, "stdin", what).await
}

/// Opens stdin for `what`, unless it is a terminal.
pub(crate) fn stdin_for(what: &str) -> Result<std::fs::File> {
    if std::io::stdin().is_terminal() {
        return Err(Error::source(format!("stdin is the terminal, so {what} cannot be read from it"))
            .because("the terminal would show the value as it is typed")
            .hint("pipe the value in, or redirect a file with `< FILE`"));
    }
    open()
}

/// Names what a source of one key fills, for messages.
pub(super) fn key_name(ask: &Ask<'_>) -> String {
    ask.flag.map_or_else(|| format!("key `{}`", key_of(ask)), |flag| flag.what.clone())
}

/// Returns what is typed to be asked for the value.
pub(super) fn alone<'a>(ask: &Ask<'a>) -> &'a str {
    ask.flag.map_or_else(|| key_of(ask), |flag| flag.name)
}

/// Returns what is typed to name a source for the value.
pub(super) fn with(ask: &Ask<'_>, source: &str) -> String {
    let between = if ask.flag.is_some() { ' ' } else { '=' };
    format!("{}{between}{source}", alone(ask))
}

/// Returns the key that a source of one key fills.
fn key_of<'a>(ask: &Ask<'a>) -> &'a str {
    ask.keys.first().map_or("", |key| key.as_str())
}

/// Opens descriptor 0 itself: std's own stdin has a static buffer that keeps a copy for ever.
#[cfg(unix)]
fn open() -> Result<std::fs::File> {
    use std::os::fd::AsFd;

    let own = std::io::stdin().as_fd().try_clone_to_owned();
    own.map(Into::into).map_err(|err| {
        Error::source("stdin cannot be read")
            .because(err.kind().to_string())
            .hint("send the value through a pipe or from a file: KEY=stdin < FILE")
    })
}

#[cfg(windows)]
fn open() -> Result<std::fs::File> {
    use std::os::windows::io::AsHandle;

    let own = std::io::stdin().as_handle().try_clone_to_owned();
    own.map(Into::into).map_err(|err| {
        Error::source("stdin cannot be read")
            .because(err.kind().to_string())
            .hint("send the value through a pipe or from a file: KEY=stdin < FILE")
    })
}

/// Largest value with the longest newline behind it, and one byte that tells when there is more.
const ENOUGH: usize = MAX_VALUE + 3;

/// Reads a value to its end, drops one trailing newline, and says so.
///
/// What is too large comes back too large, for the caller to refuse: a newline in the middle of it,
/// where reading stopped, is not dropped, because then it could look as if it fitted.
///
/// A thread does the reading, so that a signal is answered while a pipe is silent.
pub(super) async fn read(from: std::fs::File, name: &str, what: &str) -> Result<Filling> {
    let value = read_whole(from, name, what).await?;
    let (value, newline) = if value.len() < ENOUGH { value.without_trailing_newline() } else { (value, false) };
    let filling = Filling::one(value);
    Ok(if newline { filling.note(format!("{what}: one trailing newline was dropped")) } else { filling })
}

async fn read_whole(from: std::fs::File, name: &str, what: &str) -> Result<SecretValue> {
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
        Patient(from).take(ENOUGH as u64).read_to_end(&mut bytes).map(|_| bytes)
    });
    let bytes = read.await.map_err(|_| Error::bug("the thread that reads a pipe ended"))?.map_err(|err| {
        Error::source(format!("{name} for {what} cannot be read"))
            .because(err.kind().to_string())
            .hint("send the value through a pipe, such as KEY=stdin < FILE")
    })?;
    Ok(SecretValue::from_bytes(bytes))
}

/// A pipe that another program has set to non-blocking, and that is waited for all the same.
struct Patient(std::fs::File);

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(err) if err.kind() == std::io::ErrorKind::WouldBlock => wait(&self.0)?,
                done => return done,
            }
        }
    }
}

/// Waits until there is something to read.
#[cfg(unix)]
fn wait(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::fd::AsRawFd;

    let mut poll = libc::pollfd { fd: file.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: `poll` is one valid structure that outlives the call.
    match unsafe { libc::poll(&raw mut poll, 1, -1) } {
        -1 => Err(std::io::Error::last_os_error()).or_else(|err| match err.kind() {
            std::io::ErrorKind::Interrupted => Ok(()),
            _ => Err(err),
        }),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn wait(_file: &std::fs::File) -> std::io::Result<()> {
    std::thread::sleep(std::time::Duration::from_millis(5));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_back(bytes: &[u8]) -> Filling {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("value");
        std::fs::write(&path, bytes).unwrap();
        read(std::fs::File::open(&path).unwrap(), "stdin", "key `a`").await.unwrap()
    }

    fn len(filling: &Filling) -> usize {
        filling.values.iter().map(SecretValue::len).sum()
    }

    /// A newline where reading stops is no trailing newline: what follows must not be lost in silence.
    #[tokio::test]
    async fn too_much_is_never_cut_to_what_fits() {
        for (newline, more) in
            [("\n", ""), ("\r\n", ""), ("\n", "rest"), ("\r\n", "rest"), ("", "\r\nrest"), ("", "rest")]
        {
            for size in MAX_VALUE - 2..MAX_VALUE + 3 {
                let given = [&vec![b'x'; size], newline.as_bytes(), more.as_bytes()].concat();
                let filling = read_back(&given).await;
                let kept = if more.is_empty() { size } else { given.len() };
                assert_eq!(len(&filling) > MAX_VALUE, kept > MAX_VALUE, "{size} {newline:?} {more:?}");
                if kept <= MAX_VALUE {
                    assert_eq!(len(&filling), kept, "{size} {newline:?} {more:?}");
                }
            }
        }
    }

    #[tokio::test]
    async fn a_dropped_newline_is_said() {
        assert_eq!(read_back(b"a\n").await.notes.len(), 1);
        assert!(read_back(b"a").await.notes.is_empty());
    }
}
