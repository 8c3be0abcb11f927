//! `-o name` and one-line summaries.

use super::escape::Terminal;

/// Writes one line each.
pub(super) fn lines(lines: &[String], text: &mut String) {
    use std::fmt::Write;

    for line in lines {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", Terminal(line));
    }
}
