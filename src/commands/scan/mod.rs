//! `scan`: values in the clear in files. No request is made, no program but Git is run, and nothing of a value is shown.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::commands::baseline;
use crate::commands::fail_on::FailOn;
use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::git::Repository;
use crate::output::{self, Format, FormatParser};
use crate::plan::baseline::{Baseline, Known};
use crate::report::{SarifLog, ScanReport};

mod adopt;
mod files;
mod ignored;
mod in_git;
mod known;
mod scanner;
mod thread;

use adopt::AdoptFlags;
use in_git::GitFlags;
use known::Entry;

pub(crate) use scanner::{FileLeak, Gathered, NotRead, Scanner};

/// Find values of Secrets that stand in files in the clear, before they are committed
///
/// Manifests, templates, values files, Kustomize generators, .env files, kubeconfigs, registry logins and private keys
/// are parsed; what is encrypted, a reference or a placeholder is left alone. Places and kinds are shown, never a text.
/// Exits with 1 if anything of --fail-on or worse was found.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe scan
  kubectl secretsafe scan charts/ deploy/prod.yaml
  kubectl secretsafe scan --fail-on high -o sarif > scan.sarif
  kubectl secretsafe scan --write-baseline baseline.json
  kubectl secretsafe scan --baseline baseline.json
  kubectl secretsafe scan --staged
  kubectl secretsafe scan --history main..HEAD
  kubectl secretsafe scan --install-hook")]
pub(crate) struct ScanArgs {
    /// Files and folders; without one, the folder that you are in
    #[arg(value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
    paths: Vec<PathBuf>,

    /// Exit with 1 if anything as bad as this is found
    #[arg(long, value_name = "SEVERITY", default_value = "medium")]
    fail_on: FailOn,

    /// Leave out the findings in this file; a file that has changed since counts again
    #[arg(long, value_name = "FILE", conflicts_with_all = ["write_baseline", "no_suppressions"])]
    baseline: Option<PathBuf>,

    /// Write all findings in files that Git tracks into this file, for --baseline: paths, kinds and Git's ids
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,

    /// Count findings that a comment in the file allows as well
    #[arg(long)]
    no_suppressions: bool,

    #[command(flatten)]
    adopt: AdoptFlags,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = FormatParser::of_scan())]
    output: Format,

    #[command(flatten)]
    git: GitFlags,
}

/// Runs `scan`.
pub(crate) async fn run(args: ScanArgs, ctx: &Context) -> Result<Outcome> {
    if args.git.install_hook {
        return in_git::install_hook(ctx);
    }
    let known = args.baseline.as_deref().map(|path| {
        let text = match &args.git.baseline_from {
            Some(revision) => Repository::here()?.baseline_at(revision, path)?,
            None => baseline::read(path, Entry::HINT)?,
        };
        Baseline::<Entry>::read(&text)
    });
    let known = known.transpose()?;
    // Git is asked only where its ids are needed.
    let is_needed = (known.is_some() || args.write_baseline.is_some()) && !args.git.is_about_contents();
    let scanner = Arc::new(Scanner::new(if is_needed { tracked()? } else { HashMap::new() }));
    let not_read = if args.git.is_about_contents() {
        in_git::look_at(&args.git, &scanner, ctx).await?
    } else {
        files::look_at(&args.paths, args.git.ignored, &scanner, ctx).await?
    };
    let mut gathered = scanner.end();
    if args.no_suppressions {
        gathered.leaks.append(&mut gathered.allowed);
        gathered.leaks.sort();
    }
    if let Some(path) = &args.write_baseline {
        write_baseline(path, &gathered.leaks, ctx)?;
    }
    let (suppressed, gone) = known.as_ref().map(|known| known.take_out(&mut gathered.leaks)).unwrap_or_default();
    if args.adopt.is_wanted() {
        let leaks = gathered.leaks.clone();
        // What was not looked at is not adopted either.
        ScanReport::new(gathered, not_read, suppressed).remarks().iter().for_each(|text| ctx.ui.note(text));
        return adopt::run(&leaks, &args.adopt, ctx).await;
    }
    if args.git.history.is_some() {
        gathered.leaks = in_git::first_of_each(gathered.leaks);
        gathered.allowed = in_git::first_of_each(gathered.allowed);
    }
    let fails = args.fail_on.fails(gathered.leaks.iter().map(|found| found.leak.kind.severity()))
        && args.write_baseline.is_none();
    let report = ScanReport::new(gathered, not_read, suppressed);
    match args.output {
        Format::Sarif => output::document(&SarifLog::of_scan(&report))?,
        _ => output::write(&report, Some(&args.output))?,
    }
    report.remarks().iter().for_each(|text| ctx.ui.note(text));
    // Of what is staged, or of a part of the history, a baseline of everything is mostly about something else.
    if gone > 0 && !args.git.is_about_contents() {
        ctx.ui.note(&format!("{gone} in the baseline were not found: write it anew with --write-baseline"));
    }
    if !report.is_empty() {
        ctx.ui.hint(if args.git.staged {
            "take them out before you commit: what is in Git stays in its history; then stage again, with git add"
        } else {
            "what is in Git stays in its history: rotate these values, such as with kubectl secretsafe rotate NAME KEY"
        });
    }
    Ok(if fails { Outcome::Differences } else { Outcome::Done })
}

/// Returns what Git tracks in the folder that the user is in, and the ids of it.
fn tracked() -> Result<HashMap<PathBuf, String>> {
    Repository::here()?.tracked()
}

fn write_baseline(path: &Path, leaks: &[FileLeak], ctx: &Context) -> Result<()> {
    let (known, untracked) = Baseline::<Entry>::of(leaks);
    baseline::write(path, &known.to_text()?)?;
    ctx.ui.note(&format!(
        "{} of {} findings are in the baseline; look at the file before you commit it",
        leaks.len() - untracked,
        leaks.len()
    ));
    if untracked > 0 {
        ctx.ui
            .warn(&format!("{untracked} are not: Git does not track their files, or these have changed since git add"));
    }
    Ok(())
}
