//! Reads the values that are about to be replaced, and sees whether all have room.

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::plaintext::SecretValue;
use crate::plaintext::wire::Metadata;
use crate::plan::edit::changed_by;
use crate::sources::MAX_VALUE;

use super::{Rotation, Values};

/// What is there before a rotation.
#[derive(Debug)]
pub(super) struct Old {
    /// The old values of the plan's keys.
    pub(super) values: Values,
    /// How many bytes the other values have.
    pub(super) rest: usize,
    /// The Secret as it was at that moment.
    pub(super) seen: Metadata,
}

/// Reads the old values of the plan's keys, and the Secret as it is at that moment.
///
/// Refused if one of the keys was changed since the plan was made: it would not be the old value that was meant.
pub(super) async fn read(rotation: &Rotation<'_>, ctx: &Context) -> Result<Old> {
    let target = rotation.target;
    let live = ctx.cluster().await?.secret(target).await?.object;
    let before = rotation.looked.metadata();
    let again = |what: String| {
        Error::new(ErrorKind::Cluster, what).because("nothing was changed").hint(format!(
            "look at it, and run the command again: kubectl secretsafe view {} -n {}",
            target.name, target.namespace
        ))
    };
    if live.metadata.uid != before.uid {
        return Err(again(format!("secret `{}` was deleted and made anew", target.name)));
    }
    if live.immutable {
        return Err(Error::refused(format!(
            "secret `{}` in namespace `{}` is immutable",
            target.name, target.namespace
        ))
        .because("nobody can change it; nothing was changed")
        .hint(format!(
            "make a new one, and name it in the workloads: kubectl secretsafe create generic {}-2 …",
            target.name
        )));
    }
    if let Some((key, who)) = changed_by(before, &live.metadata, rotation.plan) {
        return Err(again(format!("key `{key}` of secret `{}` was changed in between, by {who}", target.name)));
    }
    let mut values = live.values;
    let old = rotation.plan.iter().filter_map(|edit| values.remove_entry(&edit.name)).collect();
    Ok(Old { values: old, rest: values.values().map(SecretValue::len).sum(), seen: live.metadata })
}

/// Refuses what the API server would refuse half way.
pub(super) fn check_size(rotation: &Rotation<'_>, old: &Old, new: &Values) -> Result<()> {
    let total = |values: &Values| values.values().map(SecretValue::len).sum::<usize>();
    let both = total(&old.values) + total(new);
    let stored = old.rest + if rotation.safety.keep_previous { both } else { total(new) };
    if rotation.safety.is_two_phase() && both > MAX_VALUE {
        return Err(no_room(rotation, "old and new values", "the pending Secret"));
    }
    if stored > MAX_VALUE {
        return Err(no_room(rotation, "all values, with those that stay,", "the Secret"));
    }
    Ok(())
}

fn no_room(rotation: &Rotation<'_>, what: &str, place: &str) -> Error {
    Error::source(format!("{what} of secret `{}` do not fit into {place} together", rotation.target.name))
        .because("1 MiB is the limit of Kubernetes for a Secret; nothing was changed")
        .hint("rotate fewer keys at a time, or without --hook, --rollback-on-failure, --keep-previous")
}
