//! The report, in Markdown that a terminal shows as a table too.

use std::fs;

use serde_json::Value;

use crate::bed::Bed;
use crate::stages::{Row, Stage, milliseconds};
use crate::support::command;

const HEAD: &str = "# Benchmarks

Made by `make bench`, which measures the release build and kubectl in turns in one run, each against the same
kube-apiserver and etcd on loopback (audit log on, Secrets encrypted at rest), and fails where a bound is not kept.
Medians; one round before them warms caches up. Wall time from start to end, CPU time of the process and its children,
peak resident memory of the largest of them. The last column is the wall time as a multiple of the first row's.
";

/// Returns the whole page.
pub(crate) fn text(bed: &Bed, stages: &[Stage]) -> String {
    let mut page = format!("{HEAD}\n{}\n", machine(bed));
    for stage in stages {
        page += &format!("\n## {}\n\n", stage.title);
        if !stage.note.is_empty() {
            page += &format!("{}\n\n", stage.note);
        }
        page += &table(&stage.rows);
    }
    page + &format!(
        "\n## What the server answered\n\nThe audit log holds {} answers about Secrets to `list`, TAB, the picker and\n\
         `--metadata-only` in this run. Each is a Table; none holds a value.\n",
        bed.check_answers()
    )
}

fn table(rows: &[Row]) -> String {
    let first = rows[0].wall.as_secs_f64();
    let mut cells = vec![["command", "wall", "CPU", "memory", "×"].map(str::to_owned)];
    for row in rows {
        let (cpu, peak) = row.cost.map_or_else(
            || ("–".to_owned(), "–".to_owned()),
            |(cpu, peak)| (milliseconds(cpu), format!("{:.1} MiB", peak as f64 / 1024.0)),
        );
        let ratio = format!("{:.1}", row.wall.as_secs_f64() / first);
        cells.push([format!("`{}`", row.shown), milliseconds(row.wall), cpu, peak, ratio]);
    }
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 5] = std::array::from_fn(width);
    let line = |row: &[String; 5]| {
        let mut text = format!("| {:<width$} |", row[0], width = widths[0]);
        for column in 1..5 {
            text += &format!(" {:>width$} |", row[column], width = widths[column]);
        }
        text + "\n"
    };
    let mut text = line(&cells[0]);
    let rule: [String; 5] = std::array::from_fn(|column| {
        let dashes = "-".repeat(widths[column].max(2) - 1);
        if column == 0 { format!("{dashes}-") } else { format!("{dashes}:") }
    });
    text += &line(&rule);
    cells[1..].iter().for_each(|row| text += &line(row));
    text
}

/// Describes the machine and the versions in general words.
fn machine(bed: &Bed) -> String {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
        found.map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory: f64 = field("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse().unwrap_or_default();
    let version = |command| {
        let text = command::run(command, b"").success().out();
        text.trim().to_owned()
    };
    let kubectl: Value = serde_json::from_str(&version(bed.kubectl(&["version", "-o", "json"]))).expect("JSON");
    let of = |side: &str| kubectl[side]["gitVersion"].as_str().unwrap_or("unknown").to_owned();
    format!(
        "Machine: {cores} cores ({}), {:.0} GiB of memory, {} {}; client and server share it, and other work may.\n\
         {}, kubectl {}, kube-apiserver {}.",
        field("/proc/cpuinfo", "model name"),
        memory / 1024.0 / 1024.0,
        std::env::consts::OS,
        std::env::consts::ARCH,
        version(bed.ours(&["--version"])),
        of("clientVersion"),
        of("serverVersion"),
    )
}
