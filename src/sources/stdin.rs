//! `stdin` or `-`: a value from a pipe or a redirected file, read once and to its end.

use std::io::Read;
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
        use std::io::IsTerminal;

        let key = key_of(ask);
        if std::io::stdin().is_terminal() {
            return Err(Error::source(format!("stdin is the terminal, so key `{key}` cannot be read from it")).hint(
                format!("type {key} alone to be asked, or pipe the value in: … | kubectl secretsafe … {key}=stdin"),
            ));
        }
        Ok(())
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, _ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move { piped(&key_name(ask)).await })
    }
}

/// Reads stdin for `what`, such as "key `password`".
pub(crate) async fn piped(what: &str) -> Result<Filling> {
    read(open()?, "stdin", what).await
}

/// Names the key that a source of one key fills, for messages.
pub(super) fn key_name(ask: &Ask<'_>) -> String {
    format!("key `{}`", key_of(ask))
}

/// Returns the key that a source of one key fills.
pub(super) fn key_of<'a>(ask: &Ask<'a>) -> &'a str {
    ask.keys.first().map_or("", |key| key.as_str())
}

/// Opens descriptor 0 itself: std's own stdin has a static buffer that keeps a copy for ever.
#[cfg(unix)]
fn open() -> Result<std::fs::File> {
    use std::os::fd::AsFd;

    let own = std::io::stdin().as_fd().try_clone_to_owned();
    own.map(Into::into).map_err(|err| Error::source("stdin cannot be read").because(err.kind().to_string()))
}

#[cfg(windows)]
fn open() -> Result<std::fs::File> {
    use std::os::windows::io::AsHandle;

    let own = std::io::stdin().as_handle().try_clone_to_owned();
    own.map(Into::into).map_err(|err| Error::source("stdin cannot be read").because(err.kind().to_string()))
}

/// Reads a value to its end, drops one trailing newline, and says so.
///
/// A thread does the reading, so that a signal is answered while a pipe is silent.
pub(super) async fn read(from: std::fs::File, name: &str, what: &str) -> Result<Filling> {
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
        from.take(MAX_VALUE as u64 + 2).read_to_end(&mut bytes).map(|_| bytes)
    });
    let bytes = read
        .await
        .map_err(|_| Error::bug("the thread that reads a pipe ended"))?
        .map_err(|err| Error::source(format!("{name} for {what} cannot be read")).because(err.kind().to_string()))?;
    let (value, newline) = SecretValue::from_bytes(bytes).without_trailing_newline();
    let filling = Filling::one(value);
    Ok(if newline { filling.note(format!("{what}: one trailing newline was dropped")) } else { filling })
}
