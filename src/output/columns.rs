//! Aligned columns that fit the terminal. Off a terminal nothing is cut.

use super::escape::Terminal;
use super::table::Cell;

/// Space between columns, as in kubectl's tables.
const GAP: usize = 3;
/// A column is never narrower than this; with the gap these are the six characters of kubectl's tables.
const LEAST: usize = 3;
/// No column becomes narrower than this to make a table fit.
const NARROWEST: usize = 10;

/// What is done with a cell that is wider than its column may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Fit {
    /// It goes on in the next line.
    #[default]
    Wrap,
    /// It ends with `…`, so that each row is one line.
    Cut,
}

/// Columns whose widths are remembered, so that rows that come later stay aligned with earlier ones.
#[derive(Debug)]
pub(crate) struct Columns {
    widths: Vec<usize>,
    /// The columns before this one are names that are copied and pasted: they are never cut.
    kept: usize,
    fit: Fit,
    room: Option<usize>,
}

impl Columns {
    /// Starts a table; `room` is the terminal's width, `kept` how many columns are never cut.
    pub(super) fn new(kept: usize, fit: Fit, room: Option<usize>) -> Self {
        Self { widths: Vec::new(), kept, fit, room }
    }

    /// Writes rows.
    pub(super) fn write(&mut self, rows: &[Vec<Cell>], text: &mut String) {
        let rows: Vec<Vec<(&Cell, String)>> =
            rows.iter().map(|row| row.iter().map(|cell| (cell, Terminal(&cell.text).to_string())).collect()).collect();
        for row in &rows {
            self.widths.resize(self.widths.len().max(row.len()), LEAST);
            for (width, (_, shown)) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(columns_of(shown));
            }
        }
        let widths = self.fitted();
        for row in rows {
            let pieces: Vec<Vec<String>> =
                row.iter().zip(&widths).map(|((_, shown), width)| self.pieces(shown, *width)).collect();
            let height = pieces.iter().map(Vec::len).max().unwrap_or(1);
            for index in 0..height {
                let mut line = String::new();
                for (((cell, _), pieces), width) in row.iter().zip(&pieces).zip(&widths) {
                    let piece = pieces.get(index).map_or("", String::as_str);
                    if !piece.is_empty() {
                        let style = cell.look.style();
                        line.push_str(&format!("{style}{piece}{style:#}"));
                    }
                    line.push_str(&" ".repeat(width.saturating_sub(columns_of(piece)) + GAP));
                }
                text.push_str(line.trim_end());
                text.push('\n');
            }
        }
    }

    /// Takes from the widest columns until the row fits.
    fn fitted(&self) -> Vec<usize> {
        let mut widths = self.widths.clone();
        let Some(room) = self.room else { return widths };
        loop {
            let total: usize = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
            let widest = widths.iter_mut().skip(self.kept).max();
            match widest {
                Some(widest) if total > room && *widest > NARROWEST => {
                    *widest = widest.saturating_sub(total - room).max(*widest / 2).max(NARROWEST);
                }
                _ => return widths,
            }
        }
    }

    fn pieces(&self, shown: &str, width: usize) -> Vec<String> {
        if columns_of(shown) <= width {
            return vec![shown.to_owned()];
        }
        match self.fit {
            Fit::Cut => vec![console::truncate_str(shown, width, "…").into_owned()],
            Fit::Wrap => wrapped(shown, width),
        }
    }
}

fn columns_of(text: &str) -> usize {
    console::measure_text_width(text)
}

/// Breaks at spaces; a word that is too long is broken where it must be.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && columns_of(&line) + 1 + columns_of(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for character in word.chars() {
            if columns_of(&line) >= width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(character);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::super::table::Look;
    use super::*;

    fn rows(texts: &[&[&str]]) -> Vec<Vec<Cell>> {
        texts.iter().map(|row| row.iter().map(|text| Cell::new(*text, Look::Plain)).collect()).collect()
    }

    fn written(columns: &mut Columns, texts: &[&[&str]]) -> String {
        let mut text = String::new();
        columns.write(&rows(texts), &mut text);
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn later_rows_keep_the_widths_of_earlier_ones() {
        let mut columns = Columns::new(1, Fit::Cut, None);
        assert_eq!(
            written(&mut columns, &[&["NAME", "TYPE"], &["a-long-name", "x"]]),
            "NAME          TYPE\na-long-name   x\n"
        );
        assert_eq!(written(&mut columns, &[&["b", "y"]]), "b             y\n");
    }

    #[test]
    fn a_narrow_terminal_cuts_what_is_widest_and_never_the_name() {
        let long = "l".repeat(60);
        let name = "n".repeat(30);
        let text = written(&mut Columns::new(1, Fit::Cut, Some(80)), &[&[&name, "Opaque", &long]]);
        assert!(text.starts_with(&name) && text.ends_with("…\n"), "{text}");
        assert!(text.chars().count() <= 81, "{text}");
        let whole = written(&mut Columns::new(1, Fit::Cut, None), &[&[&name, "Opaque", &long]]);
        assert!(whole.contains(&long), "off a terminal nothing is cut");
        let wide = written(&mut Columns::new(1, Fit::Cut, Some(200)), &[&[&name, "Opaque", &long]]);
        assert!(wide.contains(&long), "there is room");
    }

    #[test]
    fn wrapped_text_is_whole() {
        let text = written(&mut Columns::new(1, Fit::Wrap, Some(30)), &[&["key", "one two three four five six seven"]]);
        assert_eq!(text, "key   one two three four five\n      six seven\n");
        assert_eq!(wrapped("abcdef", 4), ["abcd", "ef"]);
    }
}
