//! Properties of text that often mean a mistake.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::fact::Fact;

/// Words that stand for a value that nobody has set.
const PLACEHOLDERS: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "todo",
    "tbd",
    "xxx",
    "xxxx",
    "placeholder",
    "replace-me",
    "replaceme",
    "example",
    "your-password",
    "yourpassword",
    "<password>",
    "dummy",
    "fixme",
    "none",
    "null",
    "undefined",
];

/// Passwords that everybody tries first (the head of every published list).
const COMMON: &[&str] = &[
    "password",
    "passw0rd",
    "password1",
    "password123",
    "123456",
    "12345678",
    "123456789",
    "1234567890",
    "qwerty",
    "letmein",
    "welcome",
    "secret",
    "iloveyou",
    "abc123",
    "111111",
    "admin123",
    "root123",
    "p@ssw0rd",
    "test1234",
];

/// Shortest text that is looked at for double encoding: of shorter ones, too many decode by chance.
const SHORTEST_BASE64: usize = 16;

pub(super) fn detect(bytes: &[u8], text: Option<&str>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let Some(text) = text else { return facts };
    let mut add = |fact, is: bool| {
        if is {
            facts.push(fact);
        }
    };
    let word = text.trim().to_ascii_lowercase();
    add(Fact::Placeholder, PLACEHOLDERS.contains(&word.as_str()));
    add(Fact::Weak, COMMON.contains(&word.as_str()) || is_one_character(&word));
    add(Fact::DoubleBase64, is_double_base64(bytes));
    add(Fact::Bom, text.starts_with('\u{feff}'));
    add(Fact::Crlf, text.contains("\r\n"));
    // PEM files end in a newline, and are meant to.
    add(Fact::TrailingNewline, text.ends_with('\n') && !text.contains("-----END ") && text.lines().count() == 1);
    facts
}

fn is_one_character(word: &str) -> bool {
    let mut characters = word.chars();
    let first = characters.next();
    word.len() >= 4 && first.is_some_and(|first| characters.all(|next| next == first))
}

/// Tells base64 of readable text. Random text of this length decodes to readable text about once in
/// 100,000 times, longer ones far less often.
pub(super) fn is_double_base64(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii_end();
    if bytes.len() < SHORTEST_BASE64 || !bytes.len().is_multiple_of(4) {
        return false;
    }
    let Ok(decoded) = STANDARD.decode(bytes).map(Zeroizing::new) else { return false };
    decoded.iter().all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Fact> {
        detect(text.as_bytes(), Some(text))
    }

    #[test]
    fn mistakes_are_seen() {
        assert_eq!(of("changeme"), [Fact::Placeholder]);
        assert_eq!(of("Password123\n"), [Fact::Weak, Fact::TrailingNewline]);
        assert_eq!(of("aaaaaaaa"), [Fact::Weak]);
        assert_eq!(of("\u{feff}a\r\nb"), [Fact::Bom, Fact::Crlf]);
        assert_eq!(of("bm90LWEtcmVhbC1wYXNzd29yZA=="), [Fact::DoubleBase64]);
        assert_eq!(of("app"), []);
    }

    #[test]
    fn random_text_is_not_taken_for_base64_of_text() {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut random = [0_u8; 24];
        let mut hits = 0;
        for _ in 0..2000 {
            getrandom::fill(&mut random).unwrap();
            let text: Vec<u8> = random.iter().map(|byte| ALPHABET[usize::from(byte & 63)]).collect();
            hits += usize::from(is_double_base64(&text));
        }
        assert_eq!(hits, 0);
    }
}
