//! Where a command may run again: which keys are kept, and which are asked for.

use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::plan::edit::Keys;
use crate::sources::{KeySource, KeySources};

/// Divides the groups into those that are kept and those that are filled.
///
/// What is made from a value that is filled is made anew as well, so that the two belong together.
pub(crate) fn divide(sources: &KeySources, keys: &Keys, renew: &[KeyName]) -> Result<(Vec<KeySource>, Vec<KeySource>)> {
    let (mut kept, mut asked): (Vec<KeySource>, Vec<KeySource>) = (Vec::new(), Vec::new());
    for group in sources.in_order() {
        let needed = group.source().needs();
        let follows = needed.is_some_and(|needed| asked.iter().any(|other| other.keys().contains(needed)));
        if is_kept(group, keys, renew) && !follows {
            kept.push(group.clone());
        } else if let Some(needed) = needed.filter(|_| !follows) {
            let key = group.keys().first().map_or("KEY", KeyName::as_str);
            return Err(Error::usage(format!("key `{key}` is made from key `{needed}`, which exists and is kept"))
                .hint(format!("to give both new values, add --renew {needed}")));
        } else {
            asked.push(group.clone());
        }
    }
    Ok((kept, asked))
}

/// A group is kept if its source only makes sure that the keys exist, and they all do.
fn is_kept(group: &KeySource, keys: &Keys, renew: &[KeyName]) -> bool {
    group.source().fills_missing_only()
        && group.keys().iter().all(|key| keys.has(key) == Some(true) && !renew.contains(key))
}
