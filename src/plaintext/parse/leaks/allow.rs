//! `# secretsafe:allow REASON`, at the end of a line or alone above it: what stands there is known and meant.

use super::found::{Findings, Leak};

/// What the comment begins with.
const MARK: &str = "secretsafe:allow";

/// Takes out what is allowed.
pub(super) fn take_out(text: &str, findings: &mut Findings) {
    if memchr::memmem::find(text.as_bytes(), MARK.as_bytes()).is_none() {
        return;
    }
    let mut lines = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        let Some((before, behind)) = line.split_once(MARK) else { continue };
        let Some(before) = before.trim_end().strip_suffix('#').or_else(|| before.trim_end().strip_suffix("//")) else {
            continue;
        };
        let has_reason = behind.starts_with([' ', ':', '\t']) && behind.chars().any(char::is_alphanumeric);
        let alone = before.trim().is_empty();
        match has_reason {
            true => lines.push(if alone { index + 2 } else { index + 1 }),
            false => findings.without_reason.push(index + 1),
        }
    }
    let is_allowed = |leak: &Leak| lines.contains(&leak.line);
    let (allowed, rest) = std::mem::take(&mut findings.leaks).into_iter().partition(is_allowed);
    findings.allowed = allowed;
    findings.leaks = rest;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plaintext::parse::leaks::LeakKind;

    #[test]
    fn a_comment_needs_a_reason() {
        let leak = |line| Leak { line, column: 1, kind: LeakKind::Values, document: None, object: None, key: None };
        let text = "a: b # secretsafe:allow a test\n# secretsafe:allow of CI\nc: d\ne: f # secretsafe:allow\ng: secretsafe:allow x\n";
        let mut findings = Findings { leaks: (1..6).map(leak).collect(), ..Findings::default() };
        take_out(text, &mut findings);
        let lines = |leaks: &[Leak]| leaks.iter().map(|leak| leak.line).collect::<Vec<_>>();
        assert_eq!((lines(&findings.allowed), lines(&findings.leaks)), (vec![1, 3], vec![2, 4, 5]));
        assert_eq!(findings.without_reason, [4]);
    }
}
