//! Flags that every kind of `create` has.

use crate::commands::allowed::AllowedFlags;
use crate::commands::change::DryRun;
use crate::names::KeyName;
use crate::output::Format;

use super::labels::{Annotation, Label};

/// Flags of a new Secret.
#[derive(clap::Args, Debug)]
pub(super) struct CreateFlags {
    /// Make it impossible to change the Secret later
    #[arg(long, conflicts_with = "apply")]
    pub(super) immutable: bool,

    /// Update the named keys if the Secret exists; generated, typed and piped values only fill what is missing
    #[arg(long)]
    pub(super) apply: bool,

    /// Key to give a new value with --apply although it exists; may be repeated
    #[arg(long, value_name = "KEY", requires = "apply")]
    pub(super) renew: Vec<KeyName>,

    /// Change an existing Secret even though a controller or GitOps tool will undo it
    #[arg(long, requires = "apply")]
    pub(super) override_owner: bool,

    /// Label to set, as NAME=TEXT; may be repeated
    #[arg(long = "label", value_name = "NAME=TEXT")]
    pub(super) labels: Vec<Label>,

    /// Annotation to set, as NAME=TEXT; may be repeated
    #[arg(long = "annotation", value_name = "NAME=TEXT")]
    pub(super) annotations: Vec<Annotation>,

    /// Only show what would be done: client asks nobody, server asks for values and has them checked
    #[arg(long, value_name = "none|client|server", num_args = 0..=1, require_equals = true, default_value = "none", default_missing_value = "client", hide_possible_values = true)]
    pub(super) dry_run: DryRun,

    /// Output format
    #[arg(short, long, value_name = "FORMAT")]
    pub(super) output: Option<Format>,

    #[command(flatten)]
    pub(super) allowed: AllowedFlags,
}
