//! Two texts as a unified diff, as `diff -u` prints it.

use similar::TextDiff;

use super::escape::InFull;

/// Returns the differences, or nothing.
pub(crate) fn unified(name: &str, left: &str, right: &str) -> String {
    let diff = TextDiff::from_lines(left, right)
        .unified_diff()
        .header(&format!("live/{name}"), &format!("merged/{name}"))
        .to_string();
    let lines = diff.lines().map(|line| format!("{}\n", InFull(line)));
    lines.collect()
}
