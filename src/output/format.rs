//! `-o`: the forms of a report, and how they are named on the command line.

use clap::builder::{PossibleValue, TypedValueParser};

use crate::error::{Error, Result};

use super::custom_columns::CustomColumns;
use super::jsonpath::{Form, Template};

/// The formats that `-o` takes.
#[derive(Debug, Clone)]
pub(crate) enum Format {
    /// Columns, for people.
    Table,
    /// The same with more columns; for lists.
    Wide,
    /// One JSON document, for programs.
    Json,
    /// One JSON document a line, as each thing is done.
    JsonLines,
    /// One YAML document.
    Yaml,
    /// Rows for spreadsheets; for lists.
    Csv,
    /// SARIF, for code scanning; for audits.
    Sarif,
    /// One page, for a browser; for audits.
    Html,
    /// KIND/NAME, such as secret/db, one a line.
    Name,
    /// kubectl's template.
    Template(Template),
    /// Columns of the reader's own making.
    CustomColumns(CustomColumns),
}

/// One row for each format without a parameter.
const PLAIN: &[(&str, Format, &str)] = &[
    ("table", Format::Table, "Columns, for people"),
    ("wide", Format::Wide, "The same with more, such as what ages rest on or why a way counts"),
    ("json", Format::Json, "One JSON document, for programs"),
    ("jsonl", Format::JsonLines, "One JSON document a line, as each Secret is done, and a summary"),
    ("yaml", Format::Yaml, "One YAML document"),
    ("csv", Format::Csv, "Rows for spreadsheets (RFC 4180), with times instead of ages"),
    ("sarif", Format::Sarif, "SARIF 2.1.0, for code scanning"),
    ("html", Format::Html, "One page that needs nothing else, for a browser and for paper"),
    ("name", Format::Name, "KIND/NAME, such as secret/db, one a line"),
];

/// A format that is told more behind its `=`.
struct WithText {
    name: &'static str,
    /// What stands behind `=`, for help.
    what: &'static str,
    /// What could stand there, for hints.
    example: &'static str,
    read: fn(&str) -> Result<Format>,
    help: &'static str,
}

/// One row for each format with a parameter.
const WITH_TEXT: &[WithText] = &[
    WithText {
        name: "jsonpath",
        what: "TEMPLATE",
        example: "'{.metadata.name}'",
        read: |text| Template::read(text, Form::Text).map(Format::Template),
        help: "Fields of the report, by kubectl's JSONPath template",
    },
    WithText {
        name: "jsonpath-as-json",
        what: "TEMPLATE",
        example: "'{.metadata.name}'",
        read: |text| Template::read(text, Form::Json).map(Format::Template),
        help: "The same, as JSON arrays",
    },
    WithText {
        name: "jsonpath-file",
        what: "FILE",
        example: "template.txt",
        read: |path| Template::read(&file(path)?, Form::Text).map(Format::Template),
        help: "The template is in a file",
    },
    WithText {
        name: "custom-columns",
        what: "NAME:PATH,...",
        example: "NAME:.metadata.name,TYPE:.type",
        read: |text| CustomColumns::read(text).map(Format::CustomColumns),
        help: "Columns of your own",
    },
    WithText {
        name: "custom-columns-file",
        what: "FILE",
        example: "columns.txt",
        read: |path| CustomColumns::read_lines(&file(path)?).map(Format::CustomColumns),
        help: "The columns are in a file: a line of names, and a line of paths",
    },
];

/// kubectl's formats that do not exist here.
const NOT_HERE: &[&str] = &["go-template", "go-template-file", "template", "templatefile"];

/// Reads `-o`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FormatParser {
    wide: bool,
    lines: bool,
    findings: bool,
    pages: bool,
}

impl FormatParser {
    /// The formats of lists, which have a wide table.
    pub(crate) const fn of_lists() -> Self {
        Self { wide: true, ..Self::plainest() }
    }

    /// The formats of what is done to many Secrets, one after the other.
    pub(crate) const fn of_rotations() -> Self {
        Self { lines: true, ..Self::plainest() }
    }

    /// The formats of findings.
    pub(crate) const fn of_audit() -> Self {
        Self { findings: true, pages: true, ..Self::of_lists() }
    }

    /// The formats of findings in files.
    pub(crate) const fn of_scan() -> Self {
        Self { findings: true, ..Self::plainest() }
    }

    const fn plainest() -> Self {
        Self { wide: false, lines: false, findings: false, pages: false }
    }

    fn plain(self) -> impl Iterator<Item = &'static (&'static str, Format, &'static str)> {
        PLAIN.iter().filter(move |(name, ..)| match *name {
            "wide" | "csv" => self.wide,
            "jsonl" => self.lines,
            "sarif" => self.findings,
            "html" => self.pages,
            _ => true,
        })
    }

    fn read(self, text: &str) -> Result<Format> {
        if let Some((_, format, _)) = self.plain().find(|(name, ..)| *name == text) {
            return Ok(format.clone());
        }
        let (name, parameter) = text.split_once('=').unwrap_or((text, ""));
        if let Some(WithText { name, example, read, .. }) = WITH_TEXT.iter().find(|known| known.name == name) {
            return match parameter {
                "" => Err(Error::usage(format!("`--output {name}` needs a parameter"))
                    .hint(format!("write it behind `=`: -o {name}={example}"))),
                parameter => read(parameter),
            };
        }
        if NOT_HERE.contains(&name) {
            return Err(Error::usage("`--output` takes no Go templates")
                .hint("use -o jsonpath='{.metadata.name}', or -o json and jq"));
        }
        let known = self.plain().map(|(name, ..)| (*name).to_owned());
        let known: Vec<String> =
            known.chain(WITH_TEXT.iter().map(|format| format!("{}={}", format.name, format.what))).collect();
        Err(Error::usage("`--output` does not take this value").hint(format!("it takes: {}", known.join(", "))))
    }
}

impl clap::builder::ValueParserFactory for Format {
    type Parser = FormatParser;

    fn value_parser() -> FormatParser {
        FormatParser::plainest()
    }
}

impl TypedValueParser for FormatParser {
    type Value = Format;

    fn parse_ref(
        &self,
        cmd: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> std::result::Result<Format, clap::Error> {
        let parser = *self;
        // clap makes an error of its own around ours, which is found again in `cli::errors`.
        (move |text: &str| parser.read(text)).parse_ref(cmd, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let plain = self.plain().map(|(name, _, help)| PossibleValue::new(*name).help(*help));
        let with_text =
            WITH_TEXT.iter().map(|known| PossibleValue::new(format!("{}={}", known.name, known.what)).help(known.help));
        Some(Box::new(plain.chain(with_text)))
    }
}

/// Reads a template's file. The path is text that was typed, so it is not repeated.
fn file(path: &str) -> Result<String> {
    std::fs::read_to_string(path).map_err(|err| {
        Error::usage("the file that `--output` names cannot be read")
            .because(err.kind().to_string())
            .hint("write the template itself: -o jsonpath='{.metadata.name}'")
    })
}
