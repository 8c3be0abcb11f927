//! Flags that allow what the rules for values refuse.

use crate::names::KeyName;
use crate::sources::Allowed;

/// What the user takes upon themselves.
#[derive(clap::Args, Debug)]
pub(crate) struct AllowedFlags {
    /// Accept public: for a key whose name says that it is secret; may be repeated
    #[arg(long, value_name = "KEY")]
    public_ok: Vec<KeyName>,

    /// Accept a generated value of less than 80 bits
    #[arg(long)]
    weak_ok: bool,
}

impl From<AllowedFlags> for Allowed {
    fn from(flags: AllowedFlags) -> Self {
        Self { weak: flags.weak_ok, public: flags.public_ok }
    }
}
