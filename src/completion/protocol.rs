//! Writes candidates as kubectl (cobra) reads them: `value<TAB>description` lines, then `:DIRECTIVE`.

use std::collections::BTreeSet;

use clap_complete::engine::CompletionCandidate;

use crate::output::escape::Terminal;

/// The directive that forbids a space behind the candidate.
const NO_SPACE: u8 = 2;
/// The directive that forbids names of files where we know better.
const NO_FILES: u8 = 4;

/// The whole answer where we know nothing and the shell may offer names of files.
pub(super) const LEAVE_TO_SHELL: &str = ":0\n";

/// Longest description: one line of a terminal.
const MAX_DESCRIPTION: usize = 100;

/// Renders the candidates for `current`.
pub(super) fn render(candidates: &[CompletionCandidate], current: &str) -> String {
    let mut text = String::new();
    let mut seen = BTreeSet::new();
    let mut directive = NO_FILES;
    let flag = flag_before_value(current);
    for candidate in candidates.iter().filter(|candidate| !candidate.is_hide_set()) {
        let Some(value) = candidate.get_value().to_str().filter(|value| is_plain(value)) else { continue };
        // As kubectl does: flags only for who has typed a dash.
        if (value.starts_with('-') && !current.starts_with('-')) || !seen.insert(value) {
            continue;
        }
        // What reads it puts the flag back in front.
        let value = value.strip_prefix(flag).unwrap_or(value);
        if value.ends_with(['=', '/', ':']) {
            directive |= NO_SPACE;
        }
        text.push_str(value);
        if let Some(help) = candidate.get_help().map(ToString::to_string) {
            let line: String = help.lines().next().unwrap_or_default().chars().take(MAX_DESCRIPTION).collect();
            text.push_str(&format!("\t{}", Terminal(&line)));
        }
        text.push('\n');
    }
    text.push_str(&format!(":{directive}\n"));
    text
}

/// Returns `--flag=` of `--flag=va`: kubectl's scripts expect the value alone, as ours do.
fn flag_before_value(current: &str) -> &str {
    let end = current.find('=').filter(|_| current.starts_with('-'));
    end.and_then(|end| current.get(..=end)).unwrap_or_default()
}

/// Tells whether a shell would take the text as one word that does nothing: names of contexts and
/// keychain entries are free text, and a shell may put a candidate on its command line unquoted.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || "._:@/+=,~%-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(values: &[&str], current: &str) -> String {
        let candidates: Vec<_> = values.iter().map(|value| CompletionCandidate::new(*value)).collect();
        render(&candidates, current)
    }

    #[test]
    fn the_last_line_is_the_directive() {
        assert_eq!(shown(&["a", "b", "a"], ""), "a\nb\n:4\n");
        assert_eq!(shown(&["dir/"], ""), "dir/\n:6\n");
        assert_eq!(shown(&[], ""), ":4\n");
    }

    #[test]
    fn flags_wait_for_a_dash() {
        assert_eq!(shown(&["a", "--yes"], ""), "a\n:4\n");
        assert_eq!(shown(&["--yes"], "-"), "--yes\n:4\n");
    }

    #[test]
    fn behind_a_flag_stands_the_value_alone() {
        assert_eq!(shown(&["--context=bed"], "--context=b"), "bed\n:4\n");
        assert_eq!(shown(&["--context="], "--con"), "--context=\n:6\n");
        assert_eq!(shown(&["key=stdin"], "key=st"), "key=stdin\n:4\n");
    }

    #[test]
    fn what_a_shell_would_act_on_is_dropped() {
        let hostile =
            ["$(reboot)", "a b", "a;b", "a\nb", "a\tb", "`x`", "\u{1b}[2J", "a'b", "arn:aws:eks:x:1:cluster/y"];
        assert_eq!(shown(&hostile, ""), "arn:aws:eks:x:1:cluster/y\n:4\n");
    }

    #[test]
    fn a_description_is_one_harmless_line() {
        let candidate = CompletionCandidate::new("db").help(Some("Opaque\u{1b}[2J\tx\nsecond".into()));
        let text = render(&[candidate], "");
        assert!(text.starts_with("db\tOpaque") && !text.contains('\u{1b}') && !text.contains("second"), "{text:?}");
    }
}
