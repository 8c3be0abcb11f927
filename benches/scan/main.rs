//! `scan` beside other programs: `make bench-scan`. All of them look at the corpus of `tests/scan`, whose answers were written
//! before there was a detector; then ours, ripgrep and gitleaks at a tree of 100,000 files. The tables go to
//! `docs/benchmarks.md`. A bound that we promise and do not keep fails the run.
//!
//!     SECRETSAFE_BENCH_FILES   how many files the tree has, 100,000 if not set; other numbers are shown, not written

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark shows what it found and may stop at the first surprise"
)]

#[allow(unreachable_pub, missing_docs, reason = "each test binary uses a part of the bed")]
#[path = "../../tests/support/mod.rs"]
mod support;

#[path = "../kubectl/measure.rs"]
mod measure;

mod judge;
mod report;
mod speed;
mod tools;
mod tree;
mod words;

use std::process::ExitCode;

use tree::Extent;

/// What `docs/benchmarks.md` is about: 100,000 files in 1 GiB.
const DOCUMENTED: Extent = Extent { files: 100_000, bytes: 1 << 30 };

fn main() -> ExitCode {
    if measure::is_asked_for() {
        return measure::measure_one();
    }
    let extent = asked_for();
    let tools = tools::Tools::built();
    let corpus = judge::Corpus::read();
    eprintln!("bench: the corpus, {} files", corpus.files());
    let scores: Vec<_> = tools.scanners().into_iter().map(|scanner| corpus.judge(scanner)).collect();
    for score in &scores {
        let judge::Score { shown, values, false_alarms, .. } = score;
        eprintln!("bench: `{shown}` finds {values} of {} values, and {false_alarms} that are none", corpus.values());
    }
    let stages = [speed::of_tree(&tools, extent), speed::of_commit(&tools)];
    let part = report::text(&tools, &corpus, &scores, &stages);
    println!("{part}");
    if extent == DOCUMENTED {
        report::write(&part);
    }
    let broken: Vec<&String> = stages.iter().flat_map(|stage| &stage.broken).collect();
    broken.iter().for_each(|bound| eprintln!("not kept: {bound}"));
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn asked_for() -> Extent {
    let Ok(files) = std::env::var("SECRETSAFE_BENCH_FILES") else { return DOCUMENTED };
    let files: usize = files.parse().unwrap_or_else(|_| panic!("SECRETSAFE_BENCH_FILES is no number: {files}"));
    Extent { files, bytes: files * (DOCUMENTED.bytes / DOCUMENTED.files) }
}
