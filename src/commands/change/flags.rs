//! Flags that every command which changes a Secret has.

use crate::output::Format;

/// Flags of a change.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct ChangeFlags {
    /// Do not ask
    #[arg(short = 'y', long)]
    pub(crate) yes: bool,

    /// Only show what would be done: client asks nobody, server asks for values and has them checked
    #[arg(long, value_name = "none|client|server", num_args = 0..=1, require_equals = true, default_value = "none", default_missing_value = "client", hide_possible_values = true)]
    pub(crate) dry_run: DryRun,

    /// Output format
    #[arg(short, long, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,

    /// Change it even though a controller or GitOps tool will undo it
    #[arg(long)]
    pub(crate) override_owner: bool,

    /// Never read the Secret: everything is done with the right to patch
    #[arg(long)]
    pub(crate) write_only: bool,
}

/// kubectl's `--dry-run`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DryRun {
    /// Do it
    None,
    /// Stop after the plan
    Client,
    /// Let the server check it and store nothing
    Server,
}
