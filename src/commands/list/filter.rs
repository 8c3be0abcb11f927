//! What `list` looks for.

use crate::error::{Error, Result};
use crate::plan::findings::Asked;
use crate::plan::span::Span;

/// Flags that select by what was found.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Findings")]
pub(crate) struct FindingFlags {
    /// Secrets with a key that is older, such as 90d; where only a bound of its age is known, that must be past it
    #[arg(long, value_name = "SPAN")]
    stale: Option<Span>,

    /// Secrets with a key that is due by their policy
    #[arg(long)]
    due: bool,

    /// Secrets that this program has not written and no tool that is known looks after
    #[arg(long)]
    unmanaged: bool,

    /// Secrets of type kubernetes.io/tls whose certificate has expired, or will within this; needs --deep
    #[arg(long, value_name = "SPAN")]
    expiring: Option<Span>,

    /// With --expiring: fetch the Secrets of type kubernetes.io/tls, and read tls.crt of each
    ///
    /// The API server gives whole Secrets only: the private key travels along, is not looked at, and is wiped.
    #[arg(long, requires = "expiring")]
    deep: bool,

    /// Counts instead of Secrets: types, who manages them, what is due, and how old keys are
    #[arg(long, conflicts_with = "sort_by")]
    pub(super) summary: bool,

    /// Exit with 1 if any Secret is shown; with --summary, if anything was found of what the other flags look for
    #[arg(long)]
    pub(super) exit_code: bool,
}

impl FindingFlags {
    /// Returns what is looked for.
    pub(super) fn asked(&self) -> Result<Asked> {
        if self.expiring.is_some() && !self.deep {
            return Err(Error::usage("`--expiring` needs `--deep`")
                .because("when a certificate expires stands in the value of `tls.crt`, and no value is fetched without being asked for")
                .hint("add --deep: the Secrets of type kubernetes.io/tls are fetched, and nothing but the end of each certificate is shown"));
        }
        Ok(Asked {
            stale: self.stale.clone(),
            due: self.due,
            expiring: self.expiring.clone(),
            unmanaged: self.unmanaged,
        })
    }
}
