//! Lists that are printed as they come, so that memory does not grow with them.

use serde::Serialize;
use serde_json::Value;

use crate::error::Result;

use super::columns::{Columns, Fit};
use super::custom_columns::CustomColumns;
use super::format::Format;
use super::jsonpath::Template;
use super::table::{Cell, Look};
use super::{csv, json, name, print, terminal_width};

/// How the items of a list are written.
#[derive(Debug)]
pub(crate) enum Stream {
    /// Columns; a header comes with the first rows, unless it is empty.
    Table {
        /// The names of the columns.
        header: Vec<&'static str>,
        /// The columns, with the widths so far.
        columns: Columns,
    },
    /// Columns of the reader's own making.
    CustomColumns {
        /// Where the cells come from.
        custom: CustomColumns,
        /// What is printed before the first rows.
        header: Vec<Cell>,
        /// The columns, with the widths so far.
        columns: Columns,
    },
    /// A template reads the whole list at once, so its items wait for the end.
    Template {
        /// The template.
        template: Template,
        /// The items so far.
        items: Vec<Value>,
    },
    /// One JSON document.
    Json {
        /// Nothing was written yet.
        first: bool,
    },
    /// One YAML document.
    Yaml {
        /// Nothing was written yet.
        first: bool,
    },
    /// Rows for spreadsheets; the header comes first, even if no rows do.
    Csv {
        /// The names of the columns; empty once they are printed.
        header: Vec<&'static str>,
    },
    /// KIND/NAME, one a line.
    Name,
}

/// What opens a list document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opening {
    /// The version of the report.
    pub(crate) api_version: &'static str,
    /// Its kind.
    pub(crate) kind: &'static str,
}

impl Stream {
    /// Starts a list; the first `kept` columns of its table are never cut, and an empty `header` is none.
    pub(crate) fn new(format: &Format, header: Vec<&'static str>, kept: usize) -> Self {
        match format {
            Format::Table | Format::Wide => {
                Self::Table { header, columns: Columns::new(kept, Fit::Cut, terminal_width()) }
            }
            Format::CustomColumns(custom) => Self::CustomColumns {
                header: if header.is_empty() { Vec::new() } else { custom.header() },
                columns: custom.start(),
                custom: custom.clone(),
            },
            Format::Template(template) => Self::Template { template: template.clone(), items: Vec::new() },
            // Lists that come page by page take no lines.
            Format::Json | Format::JsonLines | Format::Sarif | Format::Html => Self::Json { first: true },
            Format::Yaml => Self::Yaml { first: true },
            Format::Csv => Self::Csv { header },
            Format::Name => Self::Name,
        }
    }

    /// Writes some items: their rows, documents or names, whichever this form wants.
    pub(crate) fn items<T: Serialize>(
        &mut self,
        items: &[T],
        opening: Opening,
        row: impl Fn(&T) -> Vec<Cell>,
        named: impl Fn(&T) -> String,
    ) -> Result<()> {
        self.groups(items, opening, |item| vec![row(item)], named)
    }

    /// The same for items that have several rows each.
    pub(crate) fn groups<T: Serialize>(
        &mut self,
        items: &[T],
        opening: Opening,
        rows_of: impl Fn(&T) -> Vec<Vec<Cell>>,
        named: impl Fn(&T) -> String,
    ) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        match self {
            Self::Table { header, columns } => {
                let mut rows: Vec<Vec<Cell>> = Vec::with_capacity(items.len() + 1);
                if !header.is_empty() {
                    rows.push(std::mem::take(header).into_iter().map(|name| Cell::new(name, Look::Faint)).collect());
                }
                rows.extend(items.iter().flat_map(rows_of));
                columns.write(&rows, &mut text);
            }
            Self::CustomColumns { custom, header, columns } => {
                let mut rows: Vec<Vec<Cell>> = Vec::with_capacity(items.len() + 1);
                if !header.is_empty() {
                    rows.push(std::mem::take(header));
                }
                for item in items {
                    rows.push(custom.row(&json::value(item)?));
                }
                columns.write(&rows, &mut text);
            }
            Self::Template { items: waiting, .. } => {
                for item in items {
                    waiting.push(json::value(item)?);
                }
            }
            Self::Json { first } => {
                for item in items {
                    text.push_str(if *first { "" } else { ",\n" });
                    if std::mem::take(first) {
                        text.push_str(&json_opening(opening));
                    }
                    text.push_str(&indented(&json::document(item)?, "    "));
                }
            }
            Self::Yaml { first } => {
                for item in items {
                    if std::mem::take(first) {
                        text.push_str(&yaml_opening(opening));
                        text.push_str("items:\n");
                    }
                    let document = super::yaml::document(item)?;
                    text.push_str(&indented(document.trim_end(), "  ").replacen("  ", "- ", 1));
                    text.push('\n');
                }
            }
            Self::Csv { header } => {
                if !header.is_empty() {
                    csv::row(std::mem::take(header).into_iter(), &mut text);
                }
                let rows: Vec<Vec<Cell>> = items.iter().flat_map(rows_of).collect();
                csv::rows(&rows, &mut text);
            }
            Self::Name => name::lines(&items.iter().map(named).collect::<Vec<_>>(), &mut text),
        }
        print(&text)
    }

    /// Ends the list; the fields of `tail`, an object, come behind the items.
    pub(crate) fn end(self, opening: Opening, tail: &impl Serialize) -> Result<()> {
        match self {
            // kubectl prints the header of custom columns even if there are no rows.
            Self::CustomColumns { header, mut columns, .. } if !header.is_empty() => {
                let mut text = String::new();
                columns.write(&[header], &mut text);
                print(&text)
            }
            Self::Csv { header } if !header.is_empty() => {
                let mut text = String::new();
                csv::row(header.into_iter(), &mut text);
                print(&text)
            }
            Self::Table { .. } | Self::CustomColumns { .. } | Self::Csv { .. } | Self::Name => Ok(()),
            Self::Template { template, items } => {
                let mut document = json::value(tail)?;
                if let Some(fields) = document.as_object_mut() {
                    fields.insert("apiVersion".to_owned(), opening.api_version.into());
                    fields.insert("kind".to_owned(), opening.kind.into());
                    fields.insert("items".to_owned(), Value::Array(items));
                }
                let mut text = String::new();
                template.render(&document, &mut text)?;
                print(&text)
            }
            Self::Json { first } => {
                let head = if first { json_opening(opening) } else { "\n".to_owned() };
                let tail = json::document(tail)?;
                let fields = tail.trim_start_matches('{');
                print(&format!("{head}  ],{fields}\n"))
            }
            Self::Yaml { first } => {
                let head = if first { format!("{}items: []\n", yaml_opening(opening)) } else { String::new() };
                print(&format!("{head}{}", super::yaml::document(tail)?))
            }
        }
    }
}

fn json_opening(opening: Opening) -> String {
    let Opening { api_version, kind } = opening;
    format!("{{\n  \"apiVersion\": \"{api_version}\",\n  \"kind\": \"{kind}\",\n  \"items\": [\n")
}

fn yaml_opening(opening: Opening) -> String {
    format!("apiVersion: {}\nkind: {}\n", opening.api_version, opening.kind)
}

fn indented(text: &str, by: &str) -> String {
    let lines: Vec<String> =
        text.lines().map(|line| if line.is_empty() { String::new() } else { format!("{by}{line}") }).collect();
    lines.join("\n")
}
