//! `rotate --due`: new values for all keys that are too old, by the policies on the Secrets.
//!
//! Looks once, by the list; asks once; then rotates Secret by Secret, some at the same time. One that fails does not
//! stop the others. Nobody is ever asked for a value.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::log::Verdict;
use crate::output::{self, Format};
use crate::plan::span::Span;
use crate::report::{SecretRotation, SecretRotationList, SecretRotationSummary, Tally};
use crate::sources::AllowedSources;
use crate::ui::print_error;

use super::change::{ChangeFlags, DryRun, RestartFlags, SafetyFlags};

mod carry;
mod find;
mod job;
mod show;

use carry::{Run, carry_all};
use find::{Found, find};

/// How many Secrets are rotated at the same time, if nobody says another number.
const AT_ONCE: u16 = 16;

/// Flags of `rotate --due`.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct DueFlags {
    /// Rotate all keys that are due by the policies of their Secrets
    #[arg(long, conflicts_with_all = ["name", "keys", "add_keys", "public_ok", "weak_ok", "write_only", "resume", "abort", "finish", "rollback_on_failure", "keep_previous", "hook"])]
    due: bool,

    /// With --due: the Secrets of all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,

    /// With --due: labels to select the Secrets by, such as app=web,tier!=test
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// With --due: how old a key may become, such as 90d, instead of what its policy says
    #[arg(long, value_name = "SPAN")]
    older_than: Option<Span>,

    /// With --due: how many Secrets are rotated at the same time [default: 16]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    parallel: Option<u16>,

    /// With --due: start no more Secrets after so many have failed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_failures: Option<u32>,

    /// File of lines NAMESPACE/NAME/KEY=SOURCE: sources that a policy may name beside generate
    #[arg(long, value_name = "FILE")]
    allow_sources: Option<PathBuf>,
}

impl DueFlags {
    /// Tells whether all keys that are due are meant, and refuses what has no meaning otherwise.
    ///
    /// Clap would let it pass: to it, `--due` cannot be missing where a NAME forbids it.
    pub(crate) fn are_meant(&self) -> Result<bool> {
        let flags = [
            ("--all-namespaces", self.all_namespaces),
            ("--selector", self.selector.is_some()),
            ("--older-than", self.older_than.is_some()),
            ("--parallel", self.parallel.is_some()),
            ("--max-failures", self.max_failures.is_some()),
        ];
        match flags.iter().find(|(_, given)| *given && !self.due) {
            None => Ok(self.due),
            Some((flag, _)) => Err(Error::usage(format!("`{flag}` is for `rotate --due`"))
                .hint("leave it out, or rotate all that is due: kubectl secretsafe rotate --due --dry-run")),
        }
    }

    fn at_once(&self) -> usize {
        usize::from(self.parallel.unwrap_or(AT_ONCE))
    }

    /// Reads the list of sources that policies may name.
    pub(crate) fn listed(&self) -> Result<AllowedSources> {
        self.allow_sources.as_deref().map_or_else(|| Ok(AllowedSources::default()), AllowedSources::read)
    }
}

/// Runs `rotate --due`.
pub(crate) async fn run(
    due: &DueFlags,
    restart: &RestartFlags,
    safety: &SafetyFlags,
    flags: &ChangeFlags,
    ctx: &Context,
) -> Result<Outcome> {
    let ctx = ctx.for_many(due.at_once());
    let outcome = rotate(due, restart, safety, flags, &ctx).await?;
    ctx.end(outcome)
}

async fn rotate(
    due: &DueFlags,
    restart: &RestartFlags,
    safety: &SafetyFlags,
    flags: &ChangeFlags,
    ctx: &Context,
) -> Result<Outcome> {
    let listed = due.listed()?;
    let found = find(due, restart, safety.history, flags, &listed, ctx).await?;
    show::say_left_out(&found.tally, ctx);
    let format = flags.output.clone().unwrap_or(Format::Table);
    if flags.dry_run == DryRun::Client {
        return plan_only(found, &format);
    }
    if found.jobs.is_empty() && found.failed.is_empty() {
        return nothing(found.tally, &format, ctx);
    }
    if flags.dry_run == DryRun::None && !found.jobs.is_empty() {
        ctx.confirm_protected().await?;
    }
    if !show::confirm(&found, flags, ctx)? {
        return Ok(Outcome::Declined);
    }
    let lines = matches!(format, Format::JsonLines);
    let Found { jobs, failed, mut tally, .. } = found;
    let silent = ctx.global.quiet && flags.output.is_none();
    let mut done = Done { rows: Vec::new(), worst: None, lines, silent };
    for (target, row, error) in failed {
        ctx.journal.about(&target, []);
        ctx.journal.end(&target, Verdict::failed(error.kind())).await;
        done.take(row, Some(error))?;
    }
    let work = Run {
        dry_run: flags.dry_run == DryRun::Server,
        parallel: due.at_once(),
        max_failures: due.max_failures.and_then(|count| usize::try_from(count).ok()),
    };
    tally.not_started = carry_all(jobs, &work, &mut |row, error| done.take(row, error), ctx).await?;
    done.end(tally, &format)
}

/// A client's dry run: what would be done, and what could not.
fn plan_only(found: Found, format: &Format) -> Result<Outcome> {
    let Found { jobs, failed, mut tally, now } = found;
    let mut worst = None;
    let mut rows = Vec::new();
    for (_, row, error) in failed {
        print_error(&error);
        worst = worst.max(Some(code_of(&error)));
        rows.push(row.failed(&error));
    }
    tally.failed = rows.len();
    let planned = jobs.len();
    rows.extend(jobs.iter().map(job::Job::row));
    if matches!(format, Format::JsonLines) {
        rows.iter().try_for_each(output::line)?;
        output::line(&SecretRotationSummary::new(tally.clone()))?;
    } else {
        output::write(&SecretRotationList::planned(rows, tally.clone(), now), Some(format))?;
    }
    end(worst, tally.failed, planned + tally.failed)
}

/// Says to a person that nothing is due; a program gets a list of nothing.
fn nothing(tally: Tally, format: &Format, ctx: &Context) -> Result<Outcome> {
    match format {
        Format::Table => ctx.ui.tell("No keys are due."),
        Format::JsonLines => output::line(&SecretRotationSummary::new(tally))?,
        format => output::write(&SecretRotationList::new(Vec::new(), tally), Some(format))?,
    }
    Ok(Outcome::Done)
}

/// What was done so far.
struct Done {
    rows: Vec<SecretRotation>,
    worst: Option<u8>,
    /// Each is printed as it is done.
    lines: bool,
    /// Nothing is printed at the end: nobody asked for it.
    silent: bool,
}

impl Done {
    /// Takes what became of one Secret: its failure is said at once.
    fn take(&mut self, row: SecretRotation, error: Option<Error>) -> Result<()> {
        if let Some(error) = &error {
            print_error(error);
            self.worst = self.worst.max(Some(code_of(error)));
        }
        let row = match &error {
            Some(error) => row.failed(error),
            None => row,
        };
        if self.lines {
            output::line(&row)?;
        }
        self.rows.push(row);
        Ok(())
    }

    /// Ends with one summary.
    fn end(self, mut tally: Tally, format: &Format) -> Result<Outcome> {
        let total = self.rows.len();
        tally.failed = self.rows.iter().filter(|row| row.has_failed()).count();
        tally.rotated = self.rows.iter().filter(|row| row.is_rotated()).count();
        let failed = tally.failed + tally.not_started;
        match format {
            Format::JsonLines => output::line(&SecretRotationSummary::new(tally))?,
            _ if self.silent => {}
            format => output::write(&SecretRotationList::new(self.rows, tally), Some(format))?,
        }
        end(self.worst, failed, total)
    }
}

/// Of mixed failures the highest of 6, 5 and 4 counts (docs/exit-codes.md); a refusal is a failure of the run.
fn code_of(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Source => 4,
        ErrorKind::Unfinished => 6,
        _ => 5,
    }
}

fn end(worst: Option<u8>, failed: usize, total: usize) -> Result<Outcome> {
    let kind = match worst {
        None => return Ok(Outcome::Done),
        Some(4) => ErrorKind::Source,
        Some(6) => ErrorKind::Unfinished,
        Some(_) => ErrorKind::Cluster,
    };
    let were = if failed == 1 { "was" } else { "were" };
    Err(Error::new(
        kind,
        format!("{failed} of {total} Secrets with keys that are due {were} not rotated, or not to the end"),
    )
    .hint("see the reasons above, then run the same command again: what was rotated is not due any more"))
}
