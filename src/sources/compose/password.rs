//! A password, as `create basic-auth` takes it.

use crate::sources::{AnySource, Flag};

use super::looked_at::LookedAt;

/// Names the flag and not the key where the source of `--password` asks or fails. Any password will do.
pub(crate) fn password(from: AnySource) -> LookedAt {
    LookedAt { from, flag: Flag { name: "--password", what: "the password".to_owned() }, look: |_, _| Ok(()) }
}
