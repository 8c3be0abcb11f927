//! `-o yaml`: the same data as JSON.

use serde::Serialize;
use serde_yaml::Value;

use crate::error::{Error, Result};

use super::Report;
use super::escape::is_harmful;

/// Writes the report as YAML.
pub(super) fn render(report: &impl Report, text: &mut String) -> Result<()> {
    text.push_str(&document(report)?);
    Ok(())
}

/// Writes one object.
pub(super) fn document(object: &impl Serialize) -> Result<String> {
    let text = plain(object)?;
    if !text.chars().any(|character| character != '\n' && is_harmful(character)) {
        return Ok(text);
    }
    // The library escapes control characters, and lets what hides or turns the direction through. Such texts are taken
    // out, and put in again as the escapes that YAML 1.2 has (section 5.7).
    let mut value = serde_yaml::to_value(object).map_err(|_| failed())?;
    let mut mark = "escaped".to_owned();
    while text.contains(&mark) {
        mark.push('x');
    }
    let mut taken = Vec::new();
    take_out(&mut value, &mark, &mut taken);
    let mut text = plain(&value)?;
    for (index, quoted) in taken.iter().enumerate() {
        text = text.replace(&placeholder(&mark, index), quoted);
    }
    Ok(text)
}

fn plain(object: &impl Serialize) -> Result<String> {
    serde_yaml::to_string(object).map_err(|_| failed())
}

fn failed() -> Error {
    Error::bug("a report cannot be written as YAML")
}

fn placeholder(mark: &str, index: usize) -> String {
    format!("{mark}-{index}-")
}

fn take_out(value: &mut Value, mark: &str, taken: &mut Vec<String>) {
    match value {
        Value::String(text) if text.chars().any(is_harmful) => {
            taken.push(quoted(text));
            *text = placeholder(mark, taken.len() - 1);
        }
        Value::Sequence(items) => items.iter_mut().for_each(|item| take_out(item, mark, taken)),
        Value::Mapping(fields) => {
            let old = std::mem::take(fields);
            for (mut name, mut item) in old {
                take_out(&mut name, mark, taken);
                take_out(&mut item, mark, taken);
                fields.insert(name, item);
            }
        }
        _ => {}
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if is_harmful(character) => quoted.push_str(&format!("\\U{:08X}", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_escaped_and_means_the_same() {
        let given = serde_json::json!({"a": "x\u{9b}2J\u{202e}y\u{e0001}\u{1b}\n\"\\", "\u{200b}key": ["\u{feff}", "escaped-0-"],
            "plain": "two\nlines", "number": 1});
        let text = document(&given).unwrap();
        assert!(!text.chars().any(|c| c != '\n' && is_harmful(c)), "{text}");
        assert_eq!(serde_yaml::from_str::<serde_json::Value>(&text).unwrap(), given, "{text}");
        assert_eq!(document(&serde_json::json!({"a": "Zürich"})).unwrap(), "a: Zürich\n");
    }
}
