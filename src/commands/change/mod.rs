//! What `rotate`, `set`, `unset`, `rename-key` and `create --apply` share: look, plan, ask, fill, patch.

mod apply;
mod divide;
mod flags;
mod look;
mod new;
mod restart;
mod safety;
mod show;

pub(crate) use apply::{Beside, Write, say_dropped, write};
pub(crate) use divide::divide;
pub(crate) use flags::{ChangeFlags, DryRun};
pub(crate) use look::{Looked, keys_of, look, owner_of};
pub(crate) use new::store_new;
pub(crate) use restart::{RestartFlags, Restarts, check_ended};
pub(crate) use safety::{Hook, HookFlags, Safety, SafetyFlags};
pub(crate) use show::{Done, Proposal, agree, finish};
