//! Reads the values that are about to be replaced, and sees whether all have room.

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::plaintext::SecretValue;
use crate::plaintext::wire::Metadata;
use crate::plan::edit::changed_by;
use crate::sources::MAX_VALUE;

use super::{Rotation, Values};

/// Reads the old values of the plan's keys, and the Secret as it is at that moment.
///
/// Refused if one of the keys was changed since the plan was made: it would not be the old value that was meant.
pub(super) async fn read(rotation: &Rotation<'_>, ctx: &Context) -> Result<(Values, Metadata)> {
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
    check_rest(rotation, values.values().map(SecretValue::len).sum())?;
    Ok((old, live.metadata))
}

/// What stays on the Secret counts toward its limit as well, which matters with a second slot.
fn check_rest(rotation: &Rotation<'_>, rest: usize) -> Result<()> {
    if rest > MAX_VALUE { Err(no_room(rotation, "the Secret")) } else { Ok(()) }
}

/// Refuses what the API server would refuse half way.
pub(super) fn check_size(rotation: &Rotation<'_>, old: &Values, new: &Values) -> Result<()> {
    let total: usize = old.values().chain(new.values()).map(SecretValue::len).sum();
    let holds_both = rotation.safety.is_two_phase() || rotation.safety.keep_previous;
    if holds_both && total > MAX_VALUE {
        let place = if rotation.safety.is_two_phase() { "the pending Secret" } else { "the Secret" };
        return Err(no_room(rotation, place));
    }
    Ok(())
}

fn no_room(rotation: &Rotation<'_>, place: &str) -> Error {
    Error::source(format!("old and new values of secret `{}` do not fit into {place} together", rotation.target.name))
        .because("1 MiB is the limit of Kubernetes for a Secret; nothing was changed")
        .hint("rotate fewer keys at a time, or without --hook, --rollback-on-failure, --keep-previous")
}
