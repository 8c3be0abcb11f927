//! Moves values from files into the keychain, so that the files can go: each is read back by a new process before anybody
//! touches a file, and a store that forgets is refused unless it is meant (requirement S21).
//!
//! `keychain import` and whatever else leaves a file without its values go through here.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::{SecretValue, compare};
use crate::plan::Target;
use crate::process::fault;

use super::entry::Entry;
use super::store::Keychain;
use super::{binding, read_back};

/// A value on its way into the keychain.
#[derive(Debug)]
pub(crate) struct Incoming {
    /// Where it goes.
    pub(crate) entry: Entry,
    /// The Secret whose default entry this is; none if the entry belongs to no cluster.
    pub(crate) target: Option<Target>,
    /// The value.
    pub(crate) value: SecretValue,
}

/// What is there already under the name of a value that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing.
    Nothing,
    /// The same value.
    Same,
    /// Another value, which would be lost.
    Other,
}

/// Refuses a store that forgets, unless `forgetful_ok`; then that is said.
pub(crate) async fn check_lasting(keychain: &Keychain, forgetful_ok: bool, ctx: &Context) -> Result<()> {
    let Some(caveat) = keychain.caveat().await? else { return Ok(()) };
    if forgetful_ok {
        ctx.ui.warn(caveat);
        return Ok(());
    }
    Err(Error::refused("the keychain does not keep values for good")
        .because(caveat)
        .hint("use another one, such as SECRETSAFE_KEYCHAIN=secret-service with a default collection that is kept"))
}

/// Looks at what is there, before anything is written; refuses what does not fit into the store.
pub(crate) async fn look(keychain: &Keychain, incoming: &[Incoming]) -> Result<Vec<Found>> {
    let mut found = Vec::with_capacity(incoming.len());
    for Incoming { entry, value, .. } in incoming {
        keychain.check_size(entry, value.len())?;
        found.push(match keychain.get(entry).await? {
            None => Found::Nothing,
            Some(there) if compare::same(&there, value) => Found::Same,
            Some(_) => Found::Other,
        });
    }
    Ok(found)
}

/// Writes the values, and has a new process read each of them back. Only when this has returned may the files go.
///
/// Who calls it has looked (`check_lasting`, `look`), has shown what happens, and was told to go on.
pub(crate) async fn take_in(keychain: &Keychain, incoming: Vec<Incoming>, ctx: &Context) -> Result<()> {
    // A new process for each takes its time.
    let task = ctx.ui.task("moving values");
    for (number, Incoming { entry, target, value }) in incoming.into_iter().enumerate() {
        task.count(number);
        let there = keychain.get(&entry).await?;
        let value = if there.is_some_and(|there| compare::same(&there, &value)) {
            value
        } else {
            if let Some(target) = &target {
                binding::note(keychain, target).await?;
            }
            let value = keychain.set(&entry, value).await?;
            fault::point("after-keychain");
            value
        };
        let (_, is_kept) = read_back::is_kept(&entry, value, ctx).await?;
        if !is_kept {
            return Err(Error::source(format!(
                "a new process does not find in the keychain what was written to `{entry}`"
            ))
            .because("the files are left as they are")
            .hint("choose another store, or unlock this one, and run the command again"));
        }
    }
    Ok(())
}
