//! Lines of `NAME=value`, read as `kubectl create secret generic --from-env-file` reads them.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::names::KeyName;
use crate::plaintext::SecretValue;

/// Why a file cannot be used; lines count from 1, and no text of them is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EnvFileError {
    /// A line is not UTF-8.
    #[error("line {0} is not UTF-8")]
    NotText(usize),
    /// What stands before `=` is no key.
    #[error("line {0} has no valid key before `=`")]
    Key(usize),
    /// There is no `=`.
    #[error("line {0} has no `=`")]
    NoValue(usize),
    /// The key stands twice.
    #[error("line {0} names a key that an earlier line names")]
    Twice(usize),
}

impl crate::error::Cause for EnvFileError {}

/// Reads the lines: blank ones and comments (`#`) are skipped, space before a line and a byte order
/// mark are dropped, and a value is everything behind the first `=`, quotes included.
pub(crate) fn env_file(file: &SecretValue) -> Result<BTreeMap<KeyName, SecretValue>, EnvFileError> {
    let bytes = file.expose();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut values = BTreeMap::new();
    for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = std::str::from_utf8(line).map_err(|_| EnvFileError::NotText(number))?.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=').ok_or(EnvFileError::NoValue(number))?;
        // A variable's name does not start with a digit, and kubectl refuses one that does.
        let is_variable = !key.starts_with(|first: char| first.is_ascii_digit());
        let key = KeyName::checked(key).filter(|_| is_variable).ok_or(EnvFileError::Key(number))?;
        let value = SecretValue::from_bytes(Zeroizing::new(value.as_bytes().to_vec()));
        if values.insert(key, value).is_some() {
            return Err(EnvFileError::Twice(number));
        }
    }
    Ok(values)
}

/// Tells whether a value stands in quotes, which other programs than kubectl do not take for a part of it.
pub(crate) fn is_quoted(value: &SecretValue) -> bool {
    matches!(value.expose(), [first @ (b'"' | b'\''), .., last] if first == last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<Vec<(String, String)>, EnvFileError> {
        let values = env_file(&SecretValue::from_bytes(Zeroizing::new(text.to_vec())))?;
        let text = |value: &SecretValue| String::from_utf8(value.expose().to_vec()).unwrap();
        Ok(values.iter().map(|(key, value)| (key.to_string(), text(value))).collect())
    }

    #[test]
    fn lines_are_those_of_kubectl() {
        let file = b"\xef\xbb\xbf# comment\n\n  A=1\r\nB=\"quoted\" # kept\nC=a=b\nD=\n";
        let expected = [("A", "1"), ("B", "\"quoted\" # kept"), ("C", "a=b"), ("D", "")];
        assert_eq!(read(file).unwrap(), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn quotes_are_seen() {
        let value = |text: &str| SecretValue::from_bytes(Zeroizing::new(text.as_bytes().to_vec()));
        assert!(is_quoted(&value("\"a\"")) && is_quoted(&value("''")));
        assert!(!["", "\"", "\"a'", "a\"", "\"a\" # note"].iter().any(|text| is_quoted(&value(text))));
    }

    #[test]
    fn a_bad_line_is_placed_and_not_repeated() {
        assert_eq!(read(b"A=1\nnot-a-real-password"), Err(EnvFileError::NoValue(2)));
        assert_eq!(read(b"A B=1"), Err(EnvFileError::Key(1)));
        assert_eq!(read(b"1A=1"), Err(EnvFileError::Key(1)));
        assert_eq!(read(b"A=1\nA=2"), Err(EnvFileError::Twice(2)));
        assert_eq!(read(b"A=\xff"), Err(EnvFileError::NotText(1)));
    }
}
