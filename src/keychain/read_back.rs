//! Asks a new process whether the keychain gives back what was written: this one could be told from memory, and what ends with
//! this one would be lost (requirement S21).
//!
//! The value goes to it through a pipe; its only answer is its exit code.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Config;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::{SecretValue, compare};
use crate::process::child::{Ended, Launch};
use crate::sources::piped_whole;
use crate::ui::Ui;

use super::entry::Entry;
use super::store::Keychain;

/// The hidden word that makes a process compare; behind it stands the entry.
const WORD: &str = "__same-in-keychain";

/// What the process says.
const SAME: u8 = 0;
const DIFFERENT: u8 = 1;

/// Tells whether a new process finds this value in the entry; gives the value back.
pub(super) async fn is_kept(entry: &Entry, value: SecretValue, ctx: &Context) -> Result<(SecretValue, bool)> {
    let value = Arc::new(value);
    // The link and not the path, which an upgrade may have replaced by another version.
    let link = Path::new("/proc/self/exe");
    let program =
        if link.exists() { link.to_owned() } else { std::env::current_exe().unwrap_or_else(|_| PathBuf::new()) };
    let mut launch = Launch::new(&program, vec![WORD.into(), entry.to_string().into()]);
    let unlent = |_| Error::bug("the system gives no pipe for a value");
    launch.on_stdin(Arc::clone(&value)).map_err(unlent)?;
    ctx.ui.trace(1, || format!("a new process reads `{entry}` back"));
    let kept = launch.run().await? == Ended::Code(SAME);
    let value = Arc::into_inner(value).ok_or_else(|| Error::bug("a value is still being lent"))?;
    Ok((value, kept))
}

/// Tells whether the command line asks this process to compare, and with which entry.
pub(crate) fn asked(mut arguments: impl Iterator<Item = OsString>) -> Option<Entry> {
    arguments.nth(1).filter(|word| word == OsStr::new(WORD))?;
    let entry = Entry::parse(arguments.next()?.to_str()?);
    entry.filter(|_| arguments.next().is_none())
}

/// Compares the entry with what comes through stdin, and says nothing; returns the exit code.
pub(crate) fn answer(entry: &Entry) -> Result<u8> {
    let config = Config::load().and_then(Config::settle)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|_| Error::bug("the runtime does not start"))?;
    runtime.block_on(async {
        let given = piped_whole("the value that is compared").await?;
        let keychain = Keychain::choose(config.keychain.as_deref(), &Ui::new(0, true)).await?;
        let kept = keychain.get(entry).await?;
        Ok(if kept.is_some_and(|kept| compare::same(&kept, &given)) { SAME } else { DIFFERENT })
    })
}
