//! Planted values, and the search for them in whatever a program left behind.
//!
//! A finding is told by encoding and position, never by the value.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The shortest piece of a value that counts as a leak, in bytes and in characters.
const PIECE: usize = 10;
/// The shortest piece of its base64, which carries as much.
const BASE64_PIECE: usize = 14;

/// A random value that stands for a secret one.
#[derive(Clone)]
pub(crate) struct Canary(Vec<u8>);

/// Where a value was found, and in which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leak {
    /// Which of the canaries.
    pub(crate) canary: usize,
    pub(crate) encoding: &'static str,
    pub(crate) position: usize,
}

impl Canary {
    /// Returns `cnry` and 24 letters and digits.
    pub(crate) fn random() -> Self {
        Self(format!("cnry{}", random_letters(24)).into_bytes())
    }

    /// Returns one canary of each sort: plain, with characters of URLs and base64, with those that
    /// quoting changes, beyond ASCII, and not text at all.
    pub(crate) fn variants() -> Vec<Self> {
        let mixed = |between: &str| {
            let parts: Vec<String> = (0..8).map(|_| random_letters(4)).collect();
            Self(format!("cnry{}", parts.join(between)).into_bytes())
        };
        let mut binary = mixed("\0\u{1}").0;
        binary.extend([0xff, 0xfe, 0x80]);
        binary.extend(random_letters(8).bytes());
        vec![Self::random(), mixed("/"), mixed("+&="), mixed("\"'\\"), mixed("é☃"), mixed("\n\t"), Self(binary)]
    }

    /// Makes one of a value that the program under test has made.
    pub(crate) fn of(value: &[u8]) -> Self {
        Self(value.to_vec())
    }

    /// Returns the value.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the value of a canary that is text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a canary that is text")
    }
}

/// A test that fails must not show the value either.
impl fmt::Debug for Canary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Canary({} bytes)", self.0.len())
    }
}

/// Panics if any piece of any canary is in `haystack`, in any encoding known here.
pub(crate) fn assert_absent(canaries: &[Canary], haystack: &[u8], what: &str) {
    if let Some(Leak { canary, encoding, position }) = find(canaries, haystack) {
        panic!("{what}: canary {canary} is there at byte {position}, {encoding}");
    }
}

/// Returns the first piece of any canary in `haystack`.
pub(crate) fn find(canaries: &[Canary], haystack: &[u8]) -> Option<Leak> {
    let needles: Vec<(usize, Needle)> = canaries
        .iter()
        .enumerate()
        .flat_map(|(index, canary)| needles(canary).into_iter().map(move |needle| (index, needle)))
        .collect();
    // One pass over what may be a core file: look at needles by their first two bytes only.
    let mut by_start = vec![Vec::new(); 1 << 16];
    for (index, (_, needle)) in needles.iter().enumerate() {
        by_start[start(&needle.bytes)].push(index);
    }
    haystack.windows(2).enumerate().find_map(|(position, window)| {
        let hit =
            by_start[start(window)].iter().find(|&&index| haystack[position..].starts_with(&needles[index].1.bytes))?;
        let (canary, needle) = &needles[*hit];
        Some(Leak { canary: *canary, encoding: needle.encoding, position })
    })
}

struct Needle {
    encoding: &'static str,
    bytes: Vec<u8>,
}

fn start(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// Returns every piece to look for, the plainest encodings first.
fn needles(canary: &Canary) -> Vec<Needle> {
    let value = canary.bytes();
    let reversed: Vec<u8> = value.iter().rev().copied().collect();
    let mut needles = Vec::new();
    let mut add = |encoding, pieces: Vec<Vec<u8>>| {
        needles.extend(pieces.into_iter().map(|bytes| Needle { encoding, bytes }));
    };
    let by_bytes = |encode: &dyn Fn(&[u8]) -> String| -> Vec<Vec<u8>> {
        value.windows(PIECE).map(|piece| encode(piece).into_bytes()).collect()
    };

    add("raw", value.windows(PIECE).map(<[u8]>::to_vec).collect());
    add("reversed", reversed.windows(PIECE).map(<[u8]>::to_vec).collect());
    add("base64", base64_pieces(value));
    for text in base64_texts(value) {
        add("base64 of base64", base64_pieces(text.as_bytes()));
    }
    add("hex", by_bytes(&|piece| joined(piece, "", |byte| format!("{byte:02x}"))));
    add("upper-case hex", by_bytes(&|piece| joined(piece, "", |byte| format!("{byte:02X}"))));
    add("hex with spaces", by_bytes(&|piece| joined(piece, " ", |byte| format!("{byte:02x}"))));
    // How `{:?}` shows bytes, and how Go shows them.
    add("a list of numbers", by_bytes(&|piece| joined(piece, ", ", |byte| byte.to_string())));
    add("numbers and commas", by_bytes(&|piece| joined(piece, ",", |byte| byte.to_string())));
    add("numbers and spaces", by_bytes(&|piece| joined(piece, " ", |byte| byte.to_string())));
    add("URL-encoded", by_bytes(&|piece| joined(piece, "", |byte| percent(byte, "%02X"))));
    add("URL-encoded", by_bytes(&|piece| joined(piece, "", |byte| percent(byte, "%02x"))));
    add("URL-encoded throughout", by_bytes(&|piece| joined(piece, "", |b| format!("%{b:02X}"))));
    add("escaped as bytes", by_bytes(&|piece| piece.escape_ascii().to_string()));

    let chars: Vec<char> = String::from_utf8_lossy(value).chars().collect();
    for piece in chars.windows(PIECE) {
        let text: String = piece.iter().collect();
        let json = serde_json::Value::from(text.as_str()).to_string();
        add("JSON-escaped", vec![json.trim_matches('"').as_bytes().to_vec()]);
        add("JSON-escaped in ASCII", vec![json_ascii(&json).into_bytes()]);
        add("escaped by Debug", vec![text.escape_debug().to_string().into_bytes()]);
        add("UTF-16", vec![text.encode_utf16().flat_map(u16::to_le_bytes).collect()]);
    }
    needles
}

/// Returns the base64 of `value` at the three places in a group of three bytes where it may begin,
/// in both alphabets, without the characters that depend on what is around it.
fn base64_texts(value: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    for offset in 0..3 {
        let padded = [&[0; 2][..offset.min(2)], value].concat();
        let unsure = [0, 2, 3][offset];
        let sure = padded.len() * 8 / 6;
        for text in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            texts.push(text[unsure..sure].to_owned());
        }
    }
    texts
}

fn base64_pieces(value: &[u8]) -> Vec<Vec<u8>> {
    let texts = base64_texts(value);
    let pieces = texts.iter().flat_map(|text| text.as_bytes().windows(BASE64_PIECE));
    pieces.map(<[u8]>::to_vec).collect()
}

fn joined(piece: &[u8], separator: &str, show: impl Fn(u8) -> String) -> String {
    piece.iter().map(|byte| show(*byte)).collect::<Vec<_>>().join(separator)
}

fn percent(byte: u8, form: &str) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ if form == "%02X" => format!("%{byte:02X}"),
        _ => format!("%{byte:02x}"),
    }
}

/// Escapes what is beyond ASCII in a JSON string, and drops its quotes.
fn json_ascii(json: &str) -> String {
    let escape = |c: char| match c {
        ' '..='~' => c.to_string(),
        _ => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    json.trim_matches('"').chars().map(escape).collect()
}

/// Returns random letters and digits of which no two neighbours follow each other in the alphabet:
/// a table of all letters, as a base64 decoder holds one, is then no finding.
fn random_letters(count: usize) -> String {
    const SET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";
    let mut letters = Vec::with_capacity(count);
    while letters.len() < count {
        let mut random = [0];
        getrandom::fill(&mut random).expect("the system's random numbers");
        let letter = SET[usize::from(random[0]) % SET.len()];
        if letters.last().is_none_or(|last: &u8| last.abs_diff(letter) > 1) {
            letters.push(letter);
        }
    }
    letters.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    /// Every way to write a value down that the search must see through.
    fn deliberate_leaks(value: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
        let text = String::from_utf8_lossy(value).into_owned();
        let base64_at = |offset: usize| STANDARD.encode([&b"xy"[..offset], value, b"z"].concat());
        let list = format!("{value:?}");
        let percent: String = value.iter().map(|byte| format!("%{byte:02x}")).collect();
        let mut leaks = vec![
            ("raw", value.to_vec()),
            ("a piece", value[5..15].to_vec()),
            ("reversed", value.iter().rev().copied().collect()),
            ("base64", base64_at(0).into_bytes()),
            ("base64, one byte on", base64_at(1).into_bytes()),
            ("base64, two bytes on", base64_at(2).into_bytes()),
            ("a piece of base64", STANDARD.encode(value).as_bytes()[8..22].to_vec()),
            ("base64 for URLs", URL_SAFE.encode(value).into_bytes()),
            ("base64 of base64", STANDARD.encode(STANDARD.encode(value)).into_bytes()),
            ("hex", value.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()),
            ("HEX", value.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect()),
            ("{:?} of bytes", list.clone().into_bytes()),
            ("numbers and spaces", list.replace(',', "").into_bytes()),
            ("URL-encoded", percent.to_uppercase().into_bytes()),
            ("escaped as bytes", value.escape_ascii().to_string().into_bytes()),
        ];
        if std::str::from_utf8(value).is_ok() {
            let json = serde_json::Value::from(text.as_str()).to_string();
            leaks.push(("JSON", json.clone().into_bytes()));
            leaks.push(("JSON in ASCII", json_ascii(&json).into_bytes()));
            leaks.push(("{:?} of text", format!("{text:?}").into_bytes()));
            leaks.push(("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
        }
        leaks
    }

    #[test]
    fn a_leak_is_found_in_every_encoding() {
        let canaries = Canary::variants();
        for (index, canary) in canaries.iter().enumerate() {
            for (how, leak) in deliberate_leaks(canary.bytes()) {
                let haystack = [b"some text before ", &leak[..], b" and some after"].concat();
                let found = find(&canaries, &haystack);
                let found = found.unwrap_or_else(|| panic!("canary {index} is not found as {how}"));
                assert_eq!(found.canary, index, "{how}");
                assert!((16..24).contains(&found.position), "{how}: {}", found.position);
            }
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
        let others: Vec<u8> = Canary::variants().into_iter().flat_map(|canary| canary.0).collect();
        let canaries = Canary::variants();
        assert_absent(&canaries, alphabet.repeat(100).as_bytes(), "the alphabet");
        assert_absent(&canaries, &others, "other canaries");
        assert_absent(&canaries, b"", "nothing");
        assert_absent(&canaries, &canaries[0].bytes()[..9], "a piece that is too short");
    }

    #[test]
    fn a_finding_does_not_repeat_the_value() {
        let canary = Canary::random();
        let shown = format!("{canary:?} {:?}", find(std::slice::from_ref(&canary), canary.bytes()));
        assert_absent(&[canary], shown.as_bytes(), "what a failing test shows");
    }
}
