//! Private keys: PEM, OpenSSH, PGP, age; in any text, and in base64.

use super::document::{Document, Found};
use super::found::Leak;
use super::{LeakKind, safe};

/// How far behind its first line a key has a body.
const WITHIN: usize = 1024;
/// Shortest run of a body; a short key in PEM has 64, in lines of others fewer.
const SHORTEST: usize = 40;

/// Most keys that are listed of a file.
const MOST: usize = 1000;
/// How far to the right characters are counted, and not bytes.
const FAR: usize = 1024;

/// A key that a document has in base64 is found here; one in the clear is claimed, and found in the text of the file.
pub(super) fn look(document: &Document<'_>, found: &mut Found) {
    for id in document.tree.ids() {
        let Some(text) = document.tree.text(id).filter(|_| found.is_free(id)) else { continue };
        if begins(text).next().is_some() {
            found.claim(id);
        } else if text.len() > 40 && text.trim_start().starts_with("LS0tLS1CRUdJTi") {
            let inner = safe::decoded(text);
            let is_key = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|text| begins(text).next().is_some());
            if inner.is_some_and(|bytes| is_key(&bytes)) {
                found.hit(document, id, LeakKind::PrivateKey);
            }
        }
    }
}

/// Finds all keys of a text that are not part of a value which was found.
pub(super) fn in_text(text: &str, covered: &[(usize, usize)]) -> Vec<Leak> {
    let mut leaks = Vec::new();
    let (mut line, mut from, mut start) = (1, 0, 0);
    for at in begins(text) {
        let passed = text.as_bytes().get(from..at).unwrap_or_default();
        line += memchr::memchr_iter(b'\n', passed).count();
        start = memchr::memrchr(b'\n', passed).map_or(start, |newline| from + newline + 1);
        from = at;
        if leaks.len() >= MOST || covered.iter().any(|(first, last)| (*first..=*last).contains(&line)) {
            continue;
        }
        // Far to the right nobody counts.
        let near = start.max(at.saturating_sub(FAR));
        let column = text.get(near..at).map_or(0, |before| before.chars().count()) + (near - start) + 1;
        let kind = LeakKind::PrivateKey;
        leaks.push(Leak { line, column, kind, document: None, object: None, key: None });
    }
    leaks
}

/// Returns where keys begin.
fn begins(text: &str) -> impl Iterator<Item = usize> + '_ {
    memchr::memmem::find_iter(text.as_bytes(), b"-----BEGIN ").filter(|at| {
        let behind = text.get(at + 11..).unwrap_or_default();
        let Some((label, rest)) =
            behind.get(..behind.len().min(64)).or(Some(behind)).and_then(|part| part.split_once("-----"))
        else {
            return false;
        };
        let known = label.ends_with("PRIVATE KEY") || label == "PGP PRIVATE KEY BLOCK";
        known && !label.contains('\n') && has_body(behind.get(label.len() + 5..).unwrap_or(rest))
    })
}

/// Tells a body from `...` and from code that only names the first line.
fn has_body(text: &str) -> bool {
    let end = (0..=WITHIN.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    let part = text.get(..end).unwrap_or_default();
    let body = part.split("-----END").next().unwrap_or_default();
    let mut run = 0;
    for byte in body.bytes() {
        run = if byte.is_ascii_alphanumeric() || b"+/=".contains(&byte) { run + 1 } else { 0 };
        if run >= SHORTEST {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "dGhpcyBpcyBubyBrZXksIGl0IHdhcyBtYWRlIHVwIGZvciB0aGUgdGVzdHMgb2Yg";

    #[test]
    fn keys_are_found_at_their_first_line() {
        for label in
            ["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]
        {
            let text = format!("a\n  x: -----BEGIN {label}-----\n  {BODY}\n  -----END {label}-----\n");
            let found = in_text(&text, &[]);
            assert_eq!((found.len(), found[0].line, found[0].column), (1, 2, 6), "{label}");
            assert!(in_text(&text, &[(1, 3)]).is_empty());
            let one_line = format!("\"-----BEGIN {label}-----\\n{BODY}\\n-----END {label}-----\\n\"");
            assert_eq!(in_text(&one_line, &[]).len(), 1, "{label}");
        }
    }

    #[test]
    fn examples_and_public_parts_are_none() {
        for text in [
            "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n",
            "if text.contains(\"-----BEGIN PRIVATE KEY-----\") {",
            &format!("-----BEGIN PUBLIC KEY-----\n{BODY}\n-----END PUBLIC KEY-----\n"),
            &format!("-----BEGIN CERTIFICATE-----\n{BODY}\n-----END CERTIFICATE-----\n"),
            "-----BEGIN ",
            "-----BEGIN ä PRIVATE KEY-----",
        ] {
            assert!(in_text(text, &[]).is_empty(), "{text}");
        }
    }
}
