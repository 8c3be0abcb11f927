//! The report, in Markdown that a terminal shows as a table too; it is the second part of docs/benchmarks.md.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::judge::{Corpus, Score};
use crate::speed::Stage;
use crate::tools::Tools;

/// The heading at which this part begins; `make bench` renews what is before it.
pub(crate) const HEAD: &str = "# Scan";

const ABOUT: &str = "Made by `make bench-scan`, which runs the release build and other programs over the same files in one run, and fails where a
bound is not kept. Medians of several rounds, of gitleaks in the tree one; a round before them warms caches up.
";

/// Returns this part of the page.
pub(crate) fn text(tools: &Tools, corpus: &Corpus, scores: &[Score], stages: &[Stage]) -> String {
    let mut page = format!("{HEAD}\n\n{ABOUT}\n{}\n\n{}", tools.versions(), accuracy(corpus, scores));
    for stage in stages {
        page += &format!("\n## {}\n\n{}\n\n{}", stage.title, stage.note, times(stage));
    }
    page
}

/// Puts this part behind what `make bench` has written.
pub(crate) fn write(part: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/benchmarks.md");
    let page = fs::read_to_string(&path).expect("docs/benchmarks.md");
    let before = page.split(&format!("\n{HEAD}\n")).next().unwrap_or_default().trim_end();
    fs::write(&path, format!("{before}\n\n{part}")).expect("docs/benchmarks.md can be written");
}

fn accuracy(corpus: &Corpus, scores: &[Score]) -> String {
    let (values, leaking, safe) = (corpus.values(), corpus.leaking(), corpus.files() - corpus.leaking());
    let mut rows =
        vec![["program", "values found", "files found", "false alarms", "safe files flagged"].map(str::to_owned)];
    for score in scores {
        let share =
            |part: usize, whole: usize| format!("{part} of {whole} ({:.1} %)", 100.0 * part as f64 / whole as f64);
        rows.push([
            format!("`{}`", score.shown),
            share(score.values, values),
            share(score.files, leaking),
            share(score.false_alarms, score.findings.max(1)),
            share(score.safe_files, safe),
        ]);
    }
    let mut text = format!(
        "## The corpus\n\n`tests/scan/corpus`: {} files in the shapes of public charts, operators and issues, {leaking} of them \
         with {values} values in the clear.\nThe answers were written before there was a detector, those of `later/` without looking at it. Each program runs as it comes, \
         without verifying what it finds. A value is found\nif a finding has its line; a finding is a false alarm if no value stands \
         on its lines.\n\n{}",
        corpus.files(),
        table(&rows),
    );
    let ours = &scores[0];
    for (what, places) in [("does not find", &ours.missed), ("takes for a value and is none", &ours.wrong)] {
        if !places.is_empty() {
            text += &format!("\nWhat `scan` {what}:\n\n");
            places.iter().for_each(|place| text += &format!("- `{place}`\n"));
        }
    }
    text
}

fn times(stage: &Stage) -> String {
    let first = stage.rows[0].wall.as_secs_f64();
    let mut rows = vec![["program", "wall", "CPU", "memory", "×"].map(str::to_owned)];
    for row in &stage.rows {
        rows.push([
            format!("`{}`", row.shown),
            milliseconds(row.wall),
            milliseconds(row.cpu),
            format!("{:.1} MiB", row.peak as f64 / 1024.0),
            format!("{:.1}", row.wall.as_secs_f64() / first),
        ]);
    }
    table(&rows)
}

fn table(rows: &[[String; 5]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 5] = std::array::from_fn(width);
    let line = |row: &[String; 5]| {
        let mut text = format!("| {:<width$} |", row[0], width = widths[0]);
        for column in 1..5 {
            text += &format!(" {:>width$} |", row[column], width = widths[column]);
        }
        text + "\n"
    };
    let rule: [String; 5] = std::array::from_fn(|column| {
        let dashes = "-".repeat(widths[column].max(2) - 1);
        if column == 0 { format!("{dashes}-") } else { format!("{dashes}:") }
    });
    let mut text = line(&rows[0]) + &line(&rule);
    rows[1..].iter().for_each(|row| text += &line(row));
    text
}

/// Writes a time as whole milliseconds, or with a tenth below ten.
fn milliseconds(time: Duration) -> String {
    let exact = time.as_secs_f64() * 1000.0;
    if exact < 10.0 { format!("{exact:.1} ms") } else { format!("{exact:.0} ms") }
}
