//! `-o custom-columns`: a table of the reader's own making, one row for each item of a report.

use serde_json::Value;

use crate::error::{Error, Result};

use super::columns::{Columns, Fit};
use super::jsonpath::shown;
use super::path::{Path, split_outside_quotes};
use super::table::{Cell, Look};

/// What kubectl writes where there is nothing.
const NONE: &str = "<none>";

/// Columns: what stands above each, and where its cells come from.
#[derive(Debug, Clone)]
pub(crate) struct CustomColumns(Vec<(String, Path)>);

impl CustomColumns {
    /// Reads `HEADER:PATH,HEADER:PATH`.
    pub(super) fn read(text: &str) -> Result<Self> {
        let columns = split_outside_quotes(text, ',').into_iter().enumerate().map(|(index, column)| {
            let (header, path) = column.split_once(':').ok_or_else(|| wrong(index, "has no `:`"))?;
            let path = path.parse().map_err(|_| wrong(index, "has no path that can be read"))?;
            if header.is_empty() {
                return Err(wrong(index, "has no name"));
            }
            Ok((header.to_owned(), path))
        });
        Ok(Self(columns.collect::<Result<_>>()?))
    }

    /// Reads a file of two lines: the names, and the paths below them.
    pub(super) fn read_lines(text: &str) -> Result<Self> {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let (Some(names), Some(paths), None) = (lines.next(), lines.next(), lines.next()) else {
            return Err(Error::usage("a file of custom columns has two lines: the names, and the paths below them")
                .hint("the first line such as NAME TYPE, the second such as .metadata.name .type"));
        };
        let (names, paths): (Vec<_>, Vec<_>) = (names.split_whitespace().collect(), paths.split_whitespace().collect());
        if names.len() != paths.len() {
            return Err(Error::usage(format!(
                "the file of custom columns has {} names and {} paths",
                names.len(),
                paths.len()
            ))
            .hint("write one path below each name"));
        }
        let columns = names.into_iter().zip(paths).enumerate().map(|(index, (name, path))| {
            let path = path.parse().map_err(|_| wrong(index, "has no path that can be read"))?;
            Ok((name.to_owned(), path))
        });
        Ok(Self(columns.collect::<Result<_>>()?))
    }

    /// Returns columns that rows can be written to.
    pub(super) fn start(&self) -> Columns {
        Columns::new(self.0.len(), Fit::Cut, None)
    }

    /// Returns the header.
    pub(super) fn header(&self) -> Vec<Cell> {
        self.0.iter().map(|(name, _)| Cell::new(name.as_str(), Look::Faint)).collect()
    }

    /// Returns the row of one item.
    pub(super) fn row(&self, item: &Value) -> Vec<Cell> {
        self.0.iter().map(|(_, path)| Cell::new(cell(path, item), Look::Plain)).collect()
    }

    /// Writes the table of a report: its items if it has some, else itself.
    pub(super) fn render(&self, document: &Value, text: &mut String) {
        let items = match document.get("items") {
            Some(Value::Array(items)) => items.as_slice(),
            _ => std::slice::from_ref(document),
        };
        let rows: Vec<Vec<Cell>> =
            std::iter::once(self.header()).chain(items.iter().map(|item| self.row(item))).collect();
        self.start().write(&rows, text);
    }
}

fn cell(path: &Path, item: &Value) -> String {
    let found: Vec<String> = path.query(item).into_iter().filter(|value| !value.is_null()).map(shown).collect();
    if found.is_empty() { NONE.to_owned() } else { found.join(",") }
}

fn wrong(index: usize, what: &str) -> Error {
    Error::usage(format!("column {} of `--output` {what}", index + 1))
        .hint("columns are written like -o custom-columns=NAME:.metadata.name,TYPE:.type")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rendered(columns: &CustomColumns) -> String {
        let mut text = String::new();
        let items = json!({"items": [{"a": {"b": "x"}, "l": [1, 2]}, {"a": {"b": null}}]});
        columns.render(&items, &mut text);
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn one_row_for_each_item() {
        let columns = CustomColumns::read("B:.a.b,ALL:{.l[*]},SOME:.l[0:1]").unwrap();
        assert_eq!(rendered(&columns), "B        ALL      SOME\nx        1,2      1\n<none>   <none>   <none>\n");
        let columns = CustomColumns::read_lines("B  ALL\n.a.b  .l[*]\n").unwrap();
        assert_eq!(rendered(&columns), "B        ALL\nx        1,2\n<none>   <none>\n");
    }

    #[test]
    fn mistakes_name_the_column_and_no_text() {
        for (text, place) in [("A:.a,hunter2", "column 2"), ("A:.a[", "column 1"), (":.hunter2", "column 1")] {
            let error = CustomColumns::read(text).unwrap_err();
            assert!(error.message().contains(place) && !error.message().contains("hunter2"), "{}", error.message());
        }
        assert!(CustomColumns::read_lines("A B\n.a\n").is_err());
        assert!(CustomColumns::read_lines("A\n").is_err());
    }
}
