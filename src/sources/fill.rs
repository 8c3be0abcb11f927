//! Asks every source of a plan for its values, in the order in which they were written,
//! but for a value that is made from another one: that one comes first.
//!
//! This is where values appear. It only looks at their size, through `plaintext`.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::plaintext::{SecretValue, facts};
use crate::process::fault;

use super::{Allowed, Ask, KeySources, MAX_VALUE};
use crate::plan::Target;

/// Values for keys, ready to be sent.
pub(crate) type Filled = BTreeMap<KeyName, SecretValue>;

/// Fills all keys, or none: at the first failure everything made so far is dropped and wiped.
pub(crate) async fn fill(
    sources: &KeySources,
    target: &Target,
    secret_type: &str,
    allowed: &Allowed,
    ctx: &Context,
) -> Result<Filled> {
    fill_telling(sources, target, secret_type, allowed, ctx, |note| ctx.ui.note_in_full(note)).await
}

/// The same, with another place for what the sources say about the values.
pub(crate) async fn fill_telling(
    sources: &KeySources,
    target: &Target,
    secret_type: &str,
    allowed: &Allowed,
    ctx: &Context,
    tell: impl Fn(&str),
) -> Result<Filled> {
    // The line in the local log stands before the first source is asked.
    ctx.journal.begin_to_fill(target, sources.groups().iter().flat_map(|group| group.keys())).await?;
    let mut filled = Filled::new();
    for group in sources.in_order() {
        let ask = Ask { keys: group.keys(), target, secret_type, allowed, flag: None };
        let filling = match group.source().needs() {
            None => group.source().fill(&ask, ctx).await?,
            Some(needed) => {
                let missing = || Error::bug("a value was asked for before the one it is made from");
                let (key, from) = filled.remove_entry(needed).ok_or_else(missing)?;
                let (from, filling) = group.source().fill_from(from, &ask, ctx).await?;
                filled.insert(key, from);
                filling
            }
        };
        if filling.values.len() != group.keys().len() {
            return Err(Error::bug(format!("source `{}` gave the wrong number of values", group.source().scheme())));
        }
        filling.notes.iter().for_each(|note| tell(note));
        for (key, value) in group.keys().iter().zip(filling.values) {
            if value.is_empty() && group.source().may_be_empty() {
                ctx.ui.warn(&format!("the value of `{key}` is empty"));
            } else {
                check_size(key, &value)?;
            }
            if facts::looks_double_base64(&value) {
                ctx.ui.warn(&format!(
                    "the value of `{key}` looks like base64 text: if it was encoded for a manifest, give the decoded bytes instead"
                ));
            }
            filled.insert(key.clone(), value);
        }
        fault::point("between-sources");
    }
    check_total(&filled)?;
    Ok(filled)
}

/// Refuses an empty value and one that fits into no Secret.
fn check_size(key: &KeyName, value: &SecretValue) -> Result<()> {
    if value.is_empty() {
        return Err(Error::source(format!("the value for key `{key}` is empty"))
            .hint("an empty value is nearly always a mistake; check the source"));
    }
    if value.len() > MAX_VALUE {
        return Err(too_large(&format!("the value for key `{key}`")));
    }
    Ok(())
}

/// Refuses what the API server would refuse, before the values travel.
fn check_total(filled: &Filled) -> Result<()> {
    // The API server counts the bytes of the values, not of their base64 form (core/validation:
    // MaxSecretSize), and not the keys.
    let total: usize = filled.values().map(SecretValue::len).sum();
    if total > MAX_VALUE { Err(too_large("all values together")) } else { Ok(()) }
}

fn too_large(what: &str) -> Error {
    Error::source(format!("{what}: more than 1 MiB, the limit of Kubernetes for a Secret"))
        .hint("store large files elsewhere, and only the key that opens them in a Secret")
}
