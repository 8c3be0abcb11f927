//! Writes reports to stdout: one file per format. stdout is data; talk goes through `ui`.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use schemars::JsonSchema;
use serde::Serialize;

use crate::config::Colour;
use crate::error::{Error, ErrorKind, Result};

mod columns;
mod csv;
mod custom_columns;
pub(crate) mod escape;
mod format;
pub(crate) mod html;
mod json;
mod jsonpath;
mod manifests;
mod name;
mod path;
mod stream;
mod table;
mod unified;
mod yaml;

pub(crate) use format::{Format, FormatParser};
pub(crate) use manifests::{ManifestFormat, manifest, manifests};
pub(crate) use path::Path;
pub(crate) use stream::{Opening, Stream};
pub(crate) use table::{Cell, Look, Section, Table};
pub(crate) use unified::unified;

/// What a command shows: plain data, in every format, of a shape that is published.
pub(crate) trait Report: Serialize + JsonSchema {
    /// The kind of the document.
    const KIND: &'static str;

    /// Returns what people read, if `-o` does not ask for a format: often one line.
    fn summary(&self) -> Vec<String>;

    /// Returns the tables.
    fn table(&self) -> Table;

    /// Returns the objects, as `KIND/NAME`.
    fn names(&self) -> Vec<String>;
}

/// `--quiet`: one for the whole run, because reports are written in many places.
static NO_SUMMARIES: AtomicBool = AtomicBool::new(false);

/// Prints no summaries from now on, only what `-o` asks for.
pub(crate) fn leave_out_summaries() {
    NO_SUMMARIES.store(true, Ordering::Relaxed);
}

fn wants_summaries() -> bool {
    !NO_SUMMARIES.load(Ordering::Relaxed)
}

/// Returns how many columns the terminal has; off a terminal there is no limit.
fn terminal_width() -> Option<usize> {
    let term = console::Term::stdout();
    term.is_term().then(|| term.size_checked()).flatten().map(|(_, columns)| usize::from(columns))
}

/// Follows the config file on colours, for stdout and stderr alike; the environment (`NO_COLOR`,
/// `CLICOLOR`, `CLICOLOR_FORCE`) is of this run, and wins.
pub(crate) fn colour(wanted: Colour) {
    let says = |name| std::env::var_os(name).is_some_and(|text| !text.is_empty());
    if !["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"].into_iter().any(says) {
        match wanted {
            Colour::Auto => {}
            Colour::Always => anstream::ColorChoice::Always.write_global(),
            Colour::Never => anstream::ColorChoice::Never.write_global(),
        }
    }
}

/// Writes the report; `None` is the command's default form.
pub(crate) fn write(report: &impl Report, format: Option<&Format>) -> Result<()> {
    let mut text = String::new();
    match format {
        None if wants_summaries() => name::lines(&report.summary(), &mut text),
        None => {}
        Some(Format::Table | Format::Wide) => {
            if wants_summaries() {
                name::lines(&report.summary(), &mut text);
            }
            table::render(&report.table(), terminal_width(), &mut text);
        }
        Some(Format::Template(template)) => template.render(&json::value(report)?, &mut text)?,
        Some(Format::CustomColumns(columns)) => columns.render(&json::value(report)?, &mut text),
        // SARIF and the page are documents of their own, which only findings have.
        Some(Format::Json | Format::Sarif | Format::Html) => json::render(report, &mut text)?,
        Some(Format::JsonLines) => return line(report),
        Some(Format::Yaml) => yaml::render(report, &mut text)?,
        Some(Format::Csv) => csv::render(&report.table(), &mut text),
        Some(Format::Name) => name::lines(&report.names(), &mut text),
    }
    print(&text)
}

/// Writes a document whose form somebody else has laid down, as JSON.
pub(crate) fn document(document: &impl Serialize) -> Result<()> {
    print(&format!("{}\n", json::document(document)?))
}

/// Writes a page for a browser.
pub(crate) fn page(page: &html::Page<'_>) -> Result<()> {
    print(&page.to_string())
}

/// Writes an object as one line of JSON.
pub(crate) fn line(object: &impl Serialize) -> Result<()> {
    print(&format!("{}\n", json::compact(object)?))
}

/// Returns the lines of a report's tables, without colours: for a plan that is part of a question.
pub(crate) fn rows(report: &impl Report) -> Vec<String> {
    let mut text = String::new();
    table::render(&report.table(), None, &mut text);
    anstream::adapter::strip_str(&text).to_string().lines().map(str::to_owned).collect()
}

/// Writes lines of ours to stdout, such as `keychain/team/db set`.
pub(crate) fn say(lines: &[String]) -> Result<()> {
    let mut text = String::new();
    if wants_summaries() {
        name::lines(lines, &mut text);
    }
    print(&text)
}

/// Writes text to stdout, with colours only if it is a terminal that shows them.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|err| match err.kind() {
        std::io::ErrorKind::BrokenPipe => Error::new(ErrorKind::StdoutClosed, "stdout was closed early"),
        kind => Error::new(ErrorKind::Bug, "cannot write to stdout").because(kind.to_string()),
    })
}
