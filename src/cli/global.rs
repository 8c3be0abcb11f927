//! kubectl's own flags. They keep kubectl's names and meaning.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::names::Namespace;
use crate::plaintext::facts;
use crate::ui::Ui;

use super::accepted::AcceptedArgs;
use super::connection::ConnectionArgs;

/// Flags that every command takes.
#[derive(clap::Args, Debug, Clone, Default)]
#[command(next_help_heading = "Options of kubectl")]
pub(crate) struct GlobalArgs {
    /// Namespace of the Secret; the context's own if absent
    #[arg(short, long, global = true, value_name = "NAMESPACE", overrides_with = "namespace")]
    pub(crate) namespace: Option<Namespace>,

    /// Context of the kubeconfig to use
    #[arg(long, global = true, value_name = "NAME", overrides_with = "context")]
    pub(crate) context: Option<String>,

    /// Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config
    #[arg(long, global = true, value_name = "FILE", overrides_with = "kubeconfig")]
    pub(crate) kubeconfig: Option<PathBuf>,

    /// How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit
    #[arg(long, global = true, value_name = "DURATION", overrides_with = "request_timeout")]
    pub(crate) request_timeout: Option<Timeout>,

    /// User to impersonate
    #[arg(long = "as", global = true, value_name = "USER", overrides_with = "impersonate")]
    pub(crate) impersonate: Option<String>,

    /// Group to impersonate; may be repeated
    #[arg(long = "as-group", global = true, value_name = "GROUP")]
    pub(crate) impersonate_groups: Vec<String>,

    /// UID to impersonate
    #[arg(
        long = "as-uid",
        global = true,
        value_name = "UID",
        overrides_with = "impersonate_uid",
        hide_short_help = true
    )]
    pub(crate) impersonate_uid: Option<String>,

    /// Extra field of the user to impersonate; may be repeated
    #[arg(long = "as-user-extra", global = true, value_name = "KEY=TEXT", hide_short_help = true)]
    pub(crate) impersonate_extra: Vec<UserExtra>,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    #[command(flatten)]
    pub(crate) accepted: AcceptedArgs,

    /// Name of the protected context in which this run may change something or take values out of it; may be repeated
    #[arg(long, global = true, value_name = "NAME", help_heading = "Options", hide_short_help = true)]
    pub(crate) confirm_context: Vec<String>,

    /// Why this is done, for the local log; never a value
    #[arg(
        long,
        global = true,
        value_name = "TEXT",
        help_heading = "Options",
        overrides_with = "reason",
        hide_short_help = true
    )]
    pub(crate) reason: Option<Reason>,

    /// Do nothing if it cannot be noted in the local log before
    #[arg(long, global = true, help_heading = "Options", overrides_with_all = ["require_log", "no_log"], hide_short_help = true)]
    pub(crate) require_log: bool,

    /// Note nothing in the local log
    #[arg(long, global = true, help_heading = "Options", overrides_with_all = ["require_log", "no_log"], hide_short_help = true)]
    pub(crate) no_log: bool,

    /// Say what happens below: 1 the steps, 6 each request; never a value
    #[arg(
        short = 'v',
        long = "v",
        global = true,
        value_name = "LEVEL",
        default_value_t = 0,
        num_args = 0..=1,
        default_missing_value = "1",
        hide_default_value = true,
        overrides_with = "verbosity"
    )]
    pub(crate) verbosity: u8,

    /// Say only what failed; what -o asks for is still printed
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

impl GlobalArgs {
    /// Refuses flags that promise what is not kept, and warns of those that lay a login open.
    pub(crate) fn check(&self, ui: &Ui) -> Result<()> {
        self.accepted.check()?;
        for flag in self.accepted.without_effect() {
            ui.trace(1, || format!("`{flag}` has nothing to act on here"));
        }
        if self.connection.token.is_some() {
            ui.warn("`--token` lays the login open: others see it in the process list, and the shell keeps it in its history");
            ui.hint("put it into a file and name that in the kubeconfig as tokenFile");
        }
        Ok(())
    }
}

/// What `--reason` says: one short line, which is kept as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason(pub(crate) String);

/// Longest reason, in characters.
const LONGEST_REASON: usize = 200;

impl FromStr for Reason {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |why: &str| {
            Error::usage("`--reason` takes one line of text").because(why).hint("write --reason 'ticket OPS-123'")
        };
        let text = text.trim();
        if text.is_empty() || text.chars().count() > LONGEST_REASON {
            return Err(wrong("it has 1 to 200 characters"));
        }
        if text.contains(char::is_control) {
            return Err(wrong("it has no control characters"));
        }
        if facts::looks_secret_text(text) {
            return Err(wrong(
                "this looks like a secret, and would be kept; if it was one, it is now in the shell history",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// One `KEY=TEXT` of `--as-user-extra`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserExtra(pub(crate) String, pub(crate) String);

impl FromStr for UserExtra {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok(Self(key.to_owned(), value.to_owned())),
            _ => Err(Error::usage("`--as-user-extra` needs `KEY=TEXT`").hint("write --as-user-extra team=billing")),
        }
    }
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
        let wrong =
            || Error::usage("a limit of time cannot be read").hint("write a number and a unit, such as 10s or 2m");
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
    fn a_reason_is_one_short_line_and_no_secret() {
        let read = |text: &str| text.parse::<Reason>().map(|reason| reason.0).ok();
        assert_eq!(read(" ticket OPS-123 ").as_deref(), Some("ticket OPS-123"));
        assert!(read(&"ä".repeat(200)).is_some());
        for bad in ["", "  ", "a\nb", "\u{1b}[2J", &"a".repeat(201), "ghp_0123456789abcdefghij0123456789abcdef"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

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
