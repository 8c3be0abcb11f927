//! The write that brings the new values: keys, second slots, the list of versions, and an Event.

use std::collections::BTreeMap;

use crate::commands::change::{Beside, Write, write};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::names::KeyName;
use crate::plaintext::wire::{Edits, Metadata};
use crate::plan::companions::{KEPT, PREVIOUS, previous, written};
use crate::plan::record::Provenance;
use crate::process::fault;

use super::pending::Pending;
use super::{Rotation, Values, kept};

/// What the record of a key says that was put back.
pub(super) const RESTORED: &str = "rollback";

/// Writes; the values are gone from this process afterwards. What could not be cleared away comes back as well.
pub(super) async fn commit(
    rotation: &Rotation<'_>,
    pending: Option<&Pending>,
    seen: Metadata,
    mut old: Values,
    new: Values,
    ctx: &Context,
) -> Result<(Metadata, Option<Error>)> {
    let mut beside = Beside { pending: pending.map(|pending| pending.note.uid.clone()), ..Beside::default() };
    let mut excess = Vec::new();
    let mut made = None;
    if rotation.safety.history > 0 && !old.is_empty() {
        let (mut list, version) = kept::keep(rotation, &old, &seen, ctx).await?;
        // Until a two-phase rotation is done, it may have to be undone, and then nothing may be missing.
        excess = list.push(version.clone(), if pending.is_some() { u64::MAX } else { rotation.safety.history });
        beside.annotations.insert(KEPT.to_owned(), Some(written(&list)));
        made = Some(version);
    }
    fault::point("after-version");
    let mut from = rotation.from.clone();
    let mut edits: Edits = new.into_iter().map(|(key, value)| (key, Some(value))).collect();
    if rotation.safety.keep_previous {
        let replaced: Vec<_> = edits.keys().cloned().collect();
        for key in replaced {
            if let (Some(slot), Some(value)) = (previous(&key), old.remove(&key)) {
                from.insert(slot.clone(), Provenance { scheme: PREVIOUS.to_owned(), public_ok: false });
                edits.insert(slot, Some(value));
            }
        }
    }
    drop(old);
    beside.seen = Some(seen);
    let change = Write {
        target: rotation.target,
        plan: rotation.plan,
        edits: &edits,
        from: &from,
        author: rotation.author,
        verb: rotation.verb,
        dry_run: rotation.dry_run,
        write_only: false,
        beside: &beside,
    };
    match write(&change, rotation.looked, ctx).await {
        Ok(metadata) if rotation.dry_run => Ok((metadata, None)),
        Ok(metadata) => Ok((metadata, kept::delete(rotation.target, &excess, ctx).await)),
        // A version that nothing lists would never go.
        Err(error) if error.kind() != ErrorKind::Unfinished && !rotation.dry_run => {
            match kept::delete(rotation.target, made.as_slice(), ctx).await {
                None => Err(error),
                Some(left) => Err(left.hints().iter().fold(error.because(left.message()), Error::hint)),
            }
        }
        Err(error) => Err(error),
    }
}

/// Says what the records of restored keys say.
pub(super) fn restored<'a>(keys: impl Iterator<Item = &'a KeyName>) -> BTreeMap<KeyName, Provenance> {
    keys.map(|key| (key.clone(), Provenance { scheme: RESTORED.to_owned(), public_ok: false })).collect()
}
