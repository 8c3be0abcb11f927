//! Which clusters had a context of this name (requirement S4).
//!
//! The default entry of a key is bound to its cluster by a fingerprint. To be able to say "this entry is
//! for another server", on stores that cannot search as well, one entry per context holds the list of
//! servers for which default entries were written. Nothing in it is secret.

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::plaintext::SecretValue;
use crate::plaintext::bookkeeping::{self, Server};
use crate::plan::Target;

use super::entry::Entry;
use super::store::Keychain;

/// Returns the default entry of a key, or refuses if there is one for another server only.
pub(crate) async fn check(keychain: &Keychain, target: &Target, key: &KeyName) -> Result<Entry> {
    let own = Entry::default_for(target, &target.fingerprint, key);
    let Some(other) = elsewhere(keychain, target, key).await? else { return Ok(own) };
    Err(Error::refused(format!(
        "the keychain has a value for key `{key}` of another cluster that was called `{}`",
        target.context
    ))
    .because(format!("it was stored for {}, and this is {}", other.url, target.server))
    .hint(format!("if it is the same cluster, type: kubectl secretsafe keychain rebind --for {}/{key}", target.name))
    .hint(format!("otherwise store its own value: kubectl secretsafe keychain set --for {}/{key}", target.name)))
}

/// Finds the entry of the same key that is bound to another server.
pub(crate) async fn elsewhere(keychain: &Keychain, target: &Target, key: &KeyName) -> Result<Option<Server>> {
    for server in servers(keychain, target).await? {
        if server.fingerprint != target.fingerprint {
            let entry = Entry::default_for(target, &server.fingerprint, key);
            if keychain.exists(&entry).await? {
                return Ok(Some(server));
            }
        }
    }
    Ok(None)
}

/// Notes that a default entry is written for this server, before it is: a note without an entry does no
/// harm, an entry without a note would not be recognised later.
pub(crate) async fn note(keychain: &Keychain, target: &Target) -> Result<()> {
    let notes = Entry::notes_on(&target.context);
    let mut servers = match keychain.get(&notes).await? {
        None => Vec::new(),
        Some(value) => bookkeeping::servers(&value).ok_or_else(|| taken(&notes))?,
    };
    let own = Server { fingerprint: target.fingerprint.clone(), url: target.server.clone() };
    if servers.contains(&own) {
        return Ok(());
    }
    servers.retain(|server| server.fingerprint != own.fingerprint);
    servers.push(own);
    let text = serde_json::to_vec(&servers).map_err(|_| Error::bug("a list of servers cannot be written"))?;
    let list = SecretValue::from_bytes(Zeroizing::new(text));
    // A URL that would not be read back, such as one with a password in it, would spoil the whole list.
    if bookkeeping::servers(&list).is_some() {
        keychain.set(&notes, list).await?;
    }
    Ok(())
}

/// Reads the list; what is no list is an empty one.
async fn servers(keychain: &Keychain, target: &Target) -> Result<Vec<Server>> {
    let stored = keychain.get(&Entry::notes_on(&target.context)).await?;
    Ok(stored.and_then(|value| bookkeeping::servers(&value)).unwrap_or_default())
}

fn taken(notes: &Entry) -> Error {
    Error::source(format!("the keychain entry `{notes}` is not what this program wrote"))
        .because("it is where the servers of a context are noted, and it holds something else, which would be lost")
        .hint(format!("keep it under another name: kubectl secretsafe keychain rename {notes} SERVICE/ACCOUNT"))
        .hint(format!("or delete it: kubectl secretsafe keychain delete {notes}"))
}
