//! `-o csv`: RFC 4180. Cells are texts that others chose, and spreadsheets run some of them as formulas.

use super::escape::Csv;
use super::table::{Cell, Table};

/// Writes a table: one header, and its rows.
pub(super) fn render(table: &Table, text: &mut String) {
    for section in &table.sections {
        row(section.header.iter().copied(), text);
        rows(&section.rows, text);
    }
}

/// Writes rows.
pub(super) fn rows(rows: &[Vec<Cell>], text: &mut String) {
    rows.iter().for_each(|cells| row(cells.iter().map(|cell| cell.text.as_str()), text));
}

/// Writes one row.
pub(super) fn row<'a>(cells: impl Iterator<Item = &'a str>, text: &mut String) {
    let cells: Vec<String> = cells.map(|cell| Csv(cell).to_string()).collect();
    text.push_str(&cells.join(","));
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_of_rfc_4180() {
        let mut text = String::new();
        row(["a", "", "b,c", "say \"x\"", "two\nlines", "=1+1"].into_iter(), &mut text);
        assert_eq!(text, "a,,\"b,c\",\"say \"\"x\"\"\",two\\u{a}lines,'=1+1\r\n");
    }
}
