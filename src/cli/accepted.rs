//! kubectl's flags that say nothing about the connection. Some have nothing to act on here: they are
//! accepted, so that an alias or script that passes them works, or refused where they promise something.

use std::path::PathBuf;

use crate::error::{Error, Result};

/// The rest of kubectl's flags.
#[derive(clap::Args, Debug, Clone, Default)]
#[command(next_help_heading = "Options of kubectl")]
pub(crate) struct AcceptedArgs {
    /// Fail if the API server sent a warning, after the work is done
    #[arg(
        long, global = true, value_name = "true|false", num_args = 0..=1, action = clap::ArgAction::Set, require_equals = true, hide_possible_values = true,
        default_value_t = false, default_missing_value = "true", hide_default_value = true,
        overrides_with = "warnings_as_errors", hide_short_help = true
    )]
    pub(crate) warnings_as_errors: bool,

    /// File that says which credential plugins may run, instead of KUBERC and ~/.kube/kuberc
    #[arg(long, global = true, value_name = "FILE", overrides_with = "kuberc", hide_short_help = true)]
    pub(crate) kuberc: Option<PathBuf>,

    /// Accepted; nothing is cached
    #[arg(long, global = true, value_name = "FOLDER", overrides_with = "cache_dir", hide_short_help = true)]
    cache_dir: Option<PathBuf>,

    /// Accepted; compression is never asked for
    #[arg(
        long, global = true, value_name = "true|false", num_args = 0..=1, action = clap::ArgAction::Set, require_equals = true, hide_possible_values = true,
        default_value_t = false, default_missing_value = "true", hide_default_value = true,
        overrides_with = "disable_compression", hide_short_help = true
    )]
    disable_compression: bool,

    /// Refused unless false: this program has no version of Kubernetes to compare with
    #[arg(
        long, global = true, value_name = "true|false", num_args = 0..=1, action = clap::ArgAction::Set, require_equals = true, hide_possible_values = true,
        default_value_t = false, default_missing_value = "true", hide_default_value = true,
        overrides_with = "match_server_version", hide_short_help = true
    )]
    match_server_version: bool,

    /// Refused unless none: a profile could hold values
    #[arg(long, global = true, value_name = "NAME", overrides_with = "profile", hide_short_help = true)]
    profile: Option<String>,

    /// Accepted; no profile is written
    #[arg(long, global = true, value_name = "FILE", overrides_with = "profile_output", hide_short_help = true)]
    profile_output: Option<PathBuf>,

    /// Accepted; each line is written at once
    #[arg(
        long,
        global = true,
        value_name = "DURATION",
        overrides_with = "log_flush_frequency",
        hide_short_help = true
    )]
    log_flush_frequency: Option<String>,

    /// Accepted; use -v
    #[arg(long, global = true, value_name = "PATTERN=N,…", overrides_with = "vmodule", hide_short_help = true)]
    vmodule: Option<String>,
}

impl AcceptedArgs {
    /// Returns the flags that were given and have nothing to act on.
    pub(crate) fn without_effect(&self) -> Vec<&'static str> {
        [
            ("--cache-dir", self.cache_dir.is_some()),
            ("--disable-compression", self.disable_compression),
            ("--profile-output", self.profile_output.is_some()),
            ("--log-flush-frequency", self.log_flush_frequency.is_some()),
            ("--vmodule", self.vmodule.is_some()),
        ]
        .into_iter()
        .filter_map(|(flag, given)| given.then_some(flag))
        .collect()
    }

    /// Refuses what would promise something that is not kept.
    pub(crate) fn check(&self) -> Result<()> {
        if self.match_server_version {
            return Err(Error::usage(
                "`--match-server-version` cannot be kept: this program has no version of Kubernetes",
            )
            .hint("compare kubectl's own with: kubectl version"));
        }
        match self.profile.as_deref() {
            None | Some("" | "none") => Ok(()),
            Some(_) => Err(Error::usage("`--profile` is refused: a profile of this process could hold values")
                .hint("leave it out, or write --profile=none")),
        }
    }
}
