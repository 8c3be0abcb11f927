//! `-o table`: aligned columns in kubectl's manner, calm colours, no frames.

use anstyle::{AnsiColor, Style};

use super::columns::{Columns, Fit};
use super::escape::Terminal;

/// How a cell looks; it stays readable without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Look {
    /// As it is.
    #[default]
    Plain,
    /// The thing that the row is about.
    Strong,
    /// Present, but not what one looks for.
    Faint,
    /// Worth a second look.
    Warning,
}

impl Look {
    pub(super) fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
            Self::Warning => AnsiColor::Yellow.on_default(),
        }
    }
}

/// One cell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    /// Its text, as it came; it is escaped when it is written.
    pub(crate) text: String,
    /// How it looks.
    pub(crate) look: Look,
}

impl Cell {
    /// A cell that looks like this.
    pub(crate) fn new(text: impl Into<String>, look: Look) -> Self {
        Self { text: text.into(), look }
    }
}

/// Tables one below the other, each with a line above it.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// The parts.
    pub(crate) sections: Vec<Section>,
}

/// One table.
#[derive(Debug, Default)]
pub(crate) struct Section {
    /// A line above the header; none if empty.
    pub(crate) title: Vec<Cell>,
    /// The names of the columns; none if they need none.
    pub(crate) header: Vec<&'static str>,
    /// The rows.
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// Writes the tables, not wider than `room` where they can be narrower.
pub(super) fn render(table: &Table, room: Option<usize>, text: &mut String) {
    for (index, section) in table.sections.iter().enumerate() {
        if index > 0 || !text.is_empty() {
            text.push('\n');
        }
        if !section.title.is_empty() {
            let title: Vec<String> = section.title.iter().map(styled).collect();
            text.push_str(&title.join("   "));
            text.push_str("\n\n");
        }
        let header: Vec<Cell> = section.header.iter().map(|name| Cell::new(*name, Look::Faint)).collect();
        let header = Some(header).filter(|header| !header.is_empty());
        let rows: Vec<Vec<Cell>> = header.into_iter().chain(section.rows.iter().cloned()).collect();
        Columns::new(1, Fit::Wrap, room).write(&rows, text);
    }
}

/// Writes one style around a cell's text.
fn styled(cell: &Cell) -> String {
    let style = cell.look.style();
    format!("{style}{}{style:#}", Terminal(&cell.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(table: &Table) -> String {
        let mut text = String::new();
        render(table, None, &mut text);
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn columns_are_aligned_whatever_their_look() {
        let row = |a: &str, look, b: &str| vec![Cell::new(a, look), Cell::new(b, Look::Plain)];
        let table = Table {
            sections: vec![Section {
                title: Vec::new(),
                header: vec!["KEY", "CLASS"],
                rows: vec![row("password", Look::Warning, "text"), row("ä", Look::Plain, "binary")],
            }],
        };
        assert_eq!(plain(&table), "KEY        CLASS\npassword   text\nä          binary\n");
    }

    #[test]
    fn cells_cannot_act_on_the_terminal() {
        let table = Table {
            sections: vec![Section {
                title: vec![],
                header: vec!["A"],
                rows: vec![vec![Cell::new("x\u{1b}[2Jy\tz", Look::Plain)]],
            }],
        };
        assert_eq!(plain(&table), "A\nx\\u{1b}[2Jy\\u{9}z\n");
    }
}
