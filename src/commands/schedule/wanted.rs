//! The flags of `schedule`, and the file of allowed sources.

use std::path::PathBuf;

use crate::commands::change::DryRun;
use crate::error::{Error, Result};
use crate::names::Namespace;
use crate::output::ManifestFormat;
use crate::plan::schedule::{Cron, Image};

/// Largest file of allowed sources: a ConfigMap holds 1 MiB with everything around it.
const MAX_SOURCES: usize = 512 * 1024;

/// What is wanted.
#[derive(clap::Args, Debug)]
pub(super) struct Wanted {
    /// When to run: minute, hour, day of the month, month, day of the week, or @daily and the like
    #[arg(long, value_name = "EXPRESSION", required = true)]
    pub(super) cron: Option<Cron>,

    /// Time zone of --cron, such as Europe/Berlin; the cluster's own if absent
    #[arg(long, value_name = "ZONE")]
    pub(super) time_zone: Option<TimeZone>,

    /// Image that runs, by its digest: REGISTRY/NAME@sha256:…
    #[arg(long, value_name = "IMAGE", required = true)]
    pub(super) image: Option<Image>,

    /// Apply the policies of all namespaces; the account may then read every Secret
    #[arg(short = 'A', long)]
    pub(super) all_namespaces: bool,

    /// Namespace of the account and the job, which needs to be its own [default: secretsafe]
    #[arg(long, value_name = "NAMESPACE", requires = "all_namespaces")]
    pub(super) job_namespace: Option<Namespace>,

    /// File with the sources that policies may name beside generate; it becomes a ConfigMap
    #[arg(long, value_name = "FILE")]
    pub(super) allow_sources: Option<PathBuf>,

    /// Also grant what a run does without: Events, and lists of Pods and other consumers for its messages
    #[arg(long)]
    pub(super) with_optional_rights: bool,

    /// Do not ask
    #[arg(short = 'y', long)]
    pub(super) yes: bool,

    /// Only show what would be made: client only reads, server has the objects checked
    #[arg(long, value_name = "none|client|server", num_args = 0..=1, require_equals = true, default_value = "none", default_missing_value = "client", hide_possible_values = true)]
    pub(super) dry_run: DryRun,

    /// Print the objects, such as for kubectl apply -f -
    #[arg(short, long, value_name = "FORMAT")]
    pub(super) output: Option<ManifestFormat>,
}

/// The name of a time zone.
#[derive(Debug, Clone)]
pub(super) struct TimeZone(pub(super) String);

impl std::str::FromStr for TimeZone {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'+' | b'-');
        // Kubernetes refuses the zone of whatever machine its controller happens to run on.
        if text.is_empty() || !text.bytes().all(known) || text.eq_ignore_ascii_case("local") {
            return Err(Error::usage("`--time-zone` is no name of a time zone")
                .hint("write one of the tz database, such as --time-zone Europe/Berlin or --time-zone Etc/UTC"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl Wanted {
    /// Reads the file of allowed sources. It says which sources may be used, not what their values are.
    pub(super) fn sources(&self) -> Result<Option<String>> {
        let Some(path) = &self.allow_sources else { return Ok(None) };
        let failed = |why: &str| {
            Error::usage("the file behind `--allow-sources` cannot be used")
                .because(why)
                .hint("it has one line for each key: NAMESPACE/NAME/KEY=SOURCE; see docs/schedule.md")
        };
        let bytes = std::fs::read(path).map_err(|err| failed(&err.kind().to_string()))?;
        if bytes.len() > MAX_SOURCES {
            return Err(failed("it has more than 512 KiB"));
        }
        let text = String::from_utf8(bytes).map_err(|_| failed("it is not text (UTF-8)"))?;
        Ok(Some(text))
    }
}
