//! `scan`: values in the clear in files. No request is made, no program is run, and nothing of a value is shown.

use std::path::PathBuf;
use std::sync::Arc;

use crate::audit::Severity;
use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::output::{self, Format, FormatParser};
use crate::report::ScanReport;

mod files;
mod scanner;

pub(crate) use scanner::{FileLeak, Gathered, GeneratedFile, Origin, Scanner};

/// Find values of Secrets that stand in files in the clear, before they are committed
///
/// Manifests, templates, values files, Kustomize generators, .env files, kubeconfigs, registry logins and private keys
/// are parsed; what is encrypted, a reference or a placeholder is left alone. Places and kinds are shown, never a text.
/// Exits with 1 if anything of --fail-on or worse was found.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe scan
  kubectl secretsafe scan charts/ deploy/prod.yaml
  kubectl secretsafe scan --fail-on medium -o sarif > scan.sarif")]
pub(crate) struct ScanArgs {
    /// Files and folders; without one, the folder that you are in
    #[arg(value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
    paths: Vec<PathBuf>,

    /// Exit with 1 if anything as bad as this is found
    #[arg(long, value_name = "SEVERITY", default_value = "medium")]
    fail_on: FailOn,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = FormatParser::of_scan())]
    output: Format,
}

/// From which severity on findings are a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Anything
    Low,
    /// What may be a secret, by the name of its key, or worse
    Medium,
    /// What is one: values of Secrets, of generators, of containers; logins and keys
    High,
    /// Nothing: exit with 0 whatever is found
    None,
}

impl FailOn {
    fn fails(self, leaks: &[FileLeak]) -> bool {
        let least = match self {
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::None => return false,
        };
        leaks.iter().any(|found| found.leak.kind.severity() >= least)
    }
}

/// Runs `scan`.
pub(crate) async fn run(args: ScanArgs, ctx: &Context) -> Result<Outcome> {
    let scanner = Arc::new(Scanner::default());
    let left_out = files::look_at(&args.paths, &scanner, ctx).await?;
    let gathered = scanner.end();
    let outcome = if args.fail_on.fails(&gathered.leaks) { Outcome::Differences } else { Outcome::Done };
    let report = ScanReport::new(gathered, left_out);
    output::write(&report, Some(&args.output))?;
    report.remarks().iter().for_each(|text| ctx.ui.note(text));
    Ok(outcome)
}
