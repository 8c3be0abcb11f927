//! `--fail-on`, of the commands that find something.

use crate::audit::Severity;

/// From which severity on findings are a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum FailOn {
    /// Anything
    Low,
    /// What may be a leak, or makes one or an outage more likely, or is worse
    Medium,
    /// What leaks, or does not work
    High,
    /// Nothing: exit with 0 whatever is found
    Never,
}

impl FailOn {
    /// Tells whether something as bad as this was found.
    pub(super) fn fails(self, mut found: impl Iterator<Item = Severity>) -> bool {
        let least = match self {
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Never => return false,
        };
        found.any(|severity| severity >= least)
    }
}
