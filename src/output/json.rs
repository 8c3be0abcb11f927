//! `-o json`: one document, indented as kubectl does.

use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::error::{Error, Result};

use super::escape::is_harmful;

/// Writes the report as JSON.
pub(super) fn render(report: &impl Serialize, text: &mut String) -> Result<()> {
    text.push_str(&document(report)?);
    text.push('\n');
    Ok(())
}

/// Returns the object as data that can be asked for its fields.
pub(super) fn value(object: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(object).map_err(|_| Error::bug("a report cannot be written as JSON"))
}

/// Writes one object, without a line end.
pub(super) fn document(object: &impl Serialize) -> Result<String> {
    indented_by(b"  ", object)
}

/// Writes one object in one line, without its end.
pub(super) fn compact(object: &impl Serialize) -> Result<String> {
    let line = serde_json::to_string(object).map_err(|_| Error::bug("a report cannot be written as JSON"))?;
    let mut text = String::with_capacity(line.len());
    escape(&line, &mut text);
    Ok(text)
}

/// Writes one object as deep as kubectl does for `-o jsonpath-as-json`.
pub(super) fn deep(object: &impl Serialize) -> Result<String> {
    indented_by(b"    ", object)
}

fn indented_by(indent: &[u8], object: &impl Serialize) -> Result<String> {
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(indent);
    object
        .serialize(&mut Serializer::with_formatter(&mut bytes, formatter))
        .map_err(|_| Error::bug("a report cannot be written as JSON"))?;
    let mut text = String::with_capacity(bytes.len());
    escape(&String::from_utf8_lossy(&bytes), &mut text);
    Ok(text)
}

/// Writes as a `\u` escape what would act on a terminal. JSON's own escapes end at U+001F; behind it, such
/// characters can only stand in strings.
fn escape(document: &str, text: &mut String) {
    for character in document.chars() {
        if character != '\n' && is_harmful(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            text.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_acts_on_a_terminal_is_escaped_and_means_the_same() {
        let given = serde_json::json!({"a": "x\u{9b}2J\u{202e}y\u{e0001}\u{1b}"});
        let mut text = String::new();
        super::escape(&serde_json::to_string_pretty(&given).unwrap(), &mut text);
        assert!(!text.chars().any(|c| c != '\n' && super::is_harmful(c)), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), given);
    }
}
