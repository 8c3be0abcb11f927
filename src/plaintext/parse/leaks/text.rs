//! Bytes as text: UTF-8 or UTF-16, with or without a byte order mark, and lines of it.

use std::borrow::Cow;

/// How much of a file is looked at to tell whether it is text.
const FIRST_BLOCK: usize = 8 * 1024;

/// Returns the text of a file; `None` if it has none.
pub(super) fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0, first, ..] if *first != 0 && first.is_ascii() => utf16(bytes, u16::from_be_bytes),
        [first, 0, ..] if *first != 0 && first.is_ascii() => utf16(bytes, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        _ => utf8(bytes),
    }
}

/// Single bytes that are no UTF-8 do not make a file unreadable: comments in Latin-1 are met in old manifests.
fn utf8(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let is_text = memchr::memchr(0, bytes.get(..FIRST_BLOCK).unwrap_or(bytes)).is_none();
    is_text.then(|| String::from_utf8_lossy(bytes))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Cow<'_, str>> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<_, _>>().ok()?;
    (rest.is_empty() && !text.contains('\0')).then_some(Cow::Owned(text))
}

/// Returns whether bytes are a text in UTF-16, which a search for ASCII does not see.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [a, b, c, d, ..] => (*a == 0) != (*b == 0) && (*a == 0) == (*c == 0) && (*b == 0) == (*d == 0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_each_encoding_that_editors_write() {
        let utf16 = |unit: fn(u16) -> [u8; 2]| "a: b\n".encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let with = |mark: &[u8], rest: Vec<u8>| [mark.to_vec(), rest].concat();
        for bytes in [
            b"a: b\n".to_vec(),
            with(&[0xef, 0xbb, 0xbf], b"a: b\n".to_vec()),
            with(&[0xff, 0xfe], utf16(u16::to_le_bytes)),
            with(&[0xfe, 0xff], utf16(u16::to_be_bytes)),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            assert_eq!(decode(&bytes).as_deref(), Some("a: b\n"), "{bytes:?}");
            assert_eq!(is_utf16(&bytes), bytes.contains(&0), "{bytes:?}");
        }
        assert!(decode(b"ab\0c").is_none() && decode(b"\x7fELF\x02\0").is_none());
        assert!(decode(b"a: \xe4\n").is_some_and(|text| text.starts_with("a: ")));
        assert!(decode(b"").is_some_and(|text| text.is_empty()));
    }
}
