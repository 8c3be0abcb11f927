//! What `list` can be asked to look for. Pure.

use schemars::JsonSchema;
use serde::Serialize;

use super::span::Span;

/// Something about a Secret that somebody may want to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Finding {
    /// A key is older than a limit.
    Stale,
    /// A key is older than the policy of its Secret says.
    Due,
    /// The certificate has expired or soon will.
    Expiring,
    /// This program has not written it, and no tool that is known looks after it.
    Unmanaged,
}

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// Keys older than this.
    pub(crate) stale: Option<Span>,
    /// Keys that are due.
    pub(crate) due: bool,
    /// Certificates that expire within this.
    pub(crate) expiring: Option<Span>,
    /// Secrets that nobody manages.
    pub(crate) unmanaged: bool,
}

impl Asked {
    /// Tells whether anything is looked for.
    pub(crate) fn is_any(&self) -> bool {
        self.stale.is_some() || self.due || self.expiring.is_some() || self.unmanaged
    }
}
