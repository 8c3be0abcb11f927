//! The class of a value and its size as a range.

use schemars::JsonSchema;
use serde::Serialize;

/// What kind of content a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Class {
    /// UTF-8 without control characters other than tabs and line ends.
    Text,
    /// Anything else.
    Binary,
    /// Nothing.
    Empty,
}

pub(super) fn of(bytes: &[u8]) -> Class {
    if bytes.is_empty() {
        return Class::Empty;
    }
    let harmless = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    match std::str::from_utf8(bytes) {
        Ok(text) if text.chars().all(harmless) => Class::Text,
        _ => Class::Binary,
    }
}

/// Ranges by powers of two; the first number is their lower end, which is inclusive.
const BUCKETS: &[(usize, &str)] = &[
    (1, "1-15 B"),
    (16, "16-31 B"),
    (32, "32-63 B"),
    (64, "64-127 B"),
    (128, "128-255 B"),
    (256, "256-511 B"),
    (512, "512-1023 B"),
    (1 << 10, "1-2 KiB"),
    (2 << 10, "2-4 KiB"),
    (4 << 10, "4-8 KiB"),
    (8 << 10, "8-16 KiB"),
    (16 << 10, "16-32 KiB"),
    (32 << 10, "32-64 KiB"),
    (64 << 10, "64-128 KiB"),
    (128 << 10, "128-256 KiB"),
    (256 << 10, "256-512 KiB"),
    (512 << 10, "512 KiB-1 MiB"),
    ((1 << 20) + 1, "over 1 MiB"),
];

pub(super) fn bucket(size: usize) -> &'static str {
    BUCKETS.iter().rev().find(|(from, _)| *from <= size).map_or("0 B", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_ranges() {
        for (size, name) in [
            (0, "0 B"),
            (1, "1-15 B"),
            (15, "1-15 B"),
            (16, "16-31 B"),
            (1023, "512-1023 B"),
            (1024, "1-2 KiB"),
            (1 << 20, "512 KiB-1 MiB"),
            ((1 << 20) + 1, "over 1 MiB"),
        ] {
            assert_eq!(bucket(size), name, "{size}");
        }
    }

    #[test]
    fn classes() {
        assert_eq!(of(b""), Class::Empty);
        assert_eq!(of("Zürich\n".as_bytes()), Class::Text);
        assert_eq!(of(b"a\0b"), Class::Binary);
        assert_eq!(of(&[0xff]), Class::Binary);
    }
}
