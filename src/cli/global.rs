//! kubectl's own flags. They keep kubectl's names and meaning.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::names::Namespace;

/// Flags that every command takes.
#[derive(clap::Args, Debug, Clone, Default)]
#[command(next_help_heading = "Options of kubectl")]
pub(crate) struct GlobalArgs {
    /// Namespace of the Secret; the context's own if absent
    #[arg(short, long, global = true, value_name = "NAMESPACE")]
    pub(crate) namespace: Option<Namespace>,

    /// Context of the kubeconfig to use
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) context: Option<String>,

    /// Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,

    /// How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit
    #[arg(long, global = true, value_name = "DURATION")]
    pub(crate) request_timeout: Option<Timeout>,

    /// User to impersonate
    #[arg(long = "as", global = true, value_name = "USER")]
    pub(crate) impersonate: Option<String>,

    /// Group to impersonate; may be repeated
    #[arg(long = "as-group", global = true, value_name = "GROUP")]
    pub(crate) impersonate_groups: Vec<String>,

    /// Send and fetch values even though the server's certificate is not verified
    #[arg(long, global = true)]
    pub(crate) insecure_skip_tls_verify: bool,

    /// Say what happens below: 1 the steps, 6 each request; never a value
    #[arg(
        short = 'v',
        long = "v",
        global = true,
        value_name = "LEVEL",
        default_value_t = 0,
        num_args = 0..=1,
        default_missing_value = "1",
        hide_default_value = true
    )]
    pub(crate) verbosity: u8,

    /// Say only what failed; what -o asks for is still printed
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// A time limit as kubectl writes it; `0` means none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timeout(pub(crate) Option<Duration>);

impl FromStr for Timeout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Ok(seconds) = text.parse::<u32>() {
            return Ok(Self((seconds > 0).then(|| Duration::from_secs(seconds.into()))));
        }
        let wrong = || {
            Error::usage("`--request-timeout` takes a duration")
                .hint("write a number and a unit, such as --request-timeout=10s or 2m")
        };
        // A signed duration parser would take `-5s`; Go's spelling `1m30s` is what jiff reads too.
        let span: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
        let duration = Duration::try_from(span).map_err(|_| wrong())?;
        Ok(Self((!duration.is_zero()).then_some(duration)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_kubectl_does() {
        let read = |text: &str| text.parse::<Timeout>().map(|t| t.0);
        assert_eq!(read("0").unwrap(), None);
        assert_eq!(read("5").unwrap(), Some(Duration::from_secs(5)));
        assert_eq!(read("1m30s").unwrap(), Some(Duration::from_secs(90)));
        assert_eq!(read("500ms").unwrap(), Some(Duration::from_millis(500)));
        assert!(read("soon").is_err());
        assert!(read("-5s").is_err());
    }
}
