//! Puts entries of `spec.encryptedData` into the text of a document, line by line: the rest of the text is not touched.
//!
//! Who calls it reads the result again and compares, so a text that looks other than it is does no harm.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::names::KeyName;

use super::node::Node;

/// Returns what the document must say afterwards.
pub(super) fn expected(node: &Node, new: &BTreeMap<KeyName, String>) -> Option<Node> {
    let mut node = copy(node);
    let Node::Map(fields) = &mut node else { return None };
    let Node::Map(spec) = fields.get_mut("spec")? else { return None };
    let data = spec.entry("encryptedData".to_owned()).or_insert(Node::Null);
    if matches!(data, Node::Null) {
        *data = Node::Map(BTreeMap::new());
    }
    let Node::Map(data) = data else { return None };
    for (key, text) in new {
        data.insert(key.to_string(), Node::Text(Zeroizing::new(text.clone())));
    }
    Some(node)
}

fn copy(node: &Node) -> Node {
    match node {
        Node::Null => Node::Null,
        Node::Bool(given) => Node::Bool(*given),
        Node::Number(text) => Node::Number(text.clone()),
        Node::Text(text) => Node::Text(text.clone()),
        Node::List(list) => Node::List(list.iter().map(copy).collect()),
        Node::Map(map) => Node::Map(map.iter().map(|(name, node)| (name.clone(), copy(node))).collect()),
    }
}

/// Writes the document anew, as JSON if it was JSON.
pub(super) fn anew(node: &Node, old: &str) -> Option<Zeroizing<String>> {
    let value = value(node)?;
    if old.trim_start().starts_with('{') {
        return serde_json::to_string_pretty(&value).ok().map(|text| Zeroizing::new(text + "\n"));
    }
    let mark = if old.starts_with("---") { "---\n" } else { "" };
    serde_yaml::to_string(&value).ok().map(|text| Zeroizing::new(format!("{mark}{text}")))
}

fn value(node: &Node) -> Option<Value> {
    Some(match node {
        Node::Null => Value::Null,
        Node::Bool(given) => Value::Bool(*given),
        Node::Number(text) => serde_json::from_str(text).ok().filter(Value::is_number)?,
        Node::Text(text) => Value::String(text.to_string()),
        Node::List(list) => Value::Array(list.iter().map(value).collect::<Option<_>>()?),
        Node::Map(map) => {
            let fields = map.iter().map(|(name, node)| Some((name.clone(), value(node)?)));
            Value::Object(fields.collect::<Option<Map<_, _>>>()?)
        }
    })
}

/// An entry: its lines, and how far its key reaches.
struct Entry {
    key: String,
    lines: Range<usize>,
    /// Bytes of the first line up to behind the colon.
    head: usize,
}

/// Edits the text; `None` where it is not written in lines as people and kubeseal write it.
pub(super) fn in_place(text: &str, new: &BTreeMap<KeyName, String>) -> Option<Zeroizing<String>> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let spec = below(&lines, 0..lines.len(), "spec")?;
    let data = below(&lines, spec, "encryptedData")?;
    let entries = entries(&lines, &data)?;
    let indent = lines.get(entries.first()?.lines.start).map(|line| indent_of(line))?;
    let mut edited: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    for (key, ciphertext) in new {
        match entries.iter().find(|entry| entry.key == key.as_str()) {
            Some(entry) => {
                let first = *lines.get(entry.lines.start)?;
                let last = *lines.get(entry.lines.end.checked_sub(1)?)?;
                let note = if entry.lines.len() == 1 { note_of(first.get(entry.head..)?) } else { "" };
                let changed = format!("{} {ciphertext}{note}{}", first.get(..entry.head)?, end_of(last));
                edited.get_mut(entry.lines.clone())?.iter_mut().for_each(String::clear);
                *edited.get_mut(entry.lines.start)? = changed;
            }
            None => {
                let spaces = " ".repeat(indent);
                let entry = format!("{spaces}{}: {ciphertext}", quoted(key));
                match entries.iter().rev().find(|before| before.key.as_str() < key.as_str()) {
                    Some(before) => {
                        let at = edited.get_mut(before.lines.end.checked_sub(1)?)?;
                        let line = *lines.get(before.lines.end.checked_sub(1)?)?;
                        // In front of the end of the last line, which may be none.
                        let end = end_of(line);
                        let start = if end.is_empty() { "\n" } else { "" };
                        at.push_str(&format!("{start}{entry}{end}"));
                    }
                    None => {
                        let above = edited.get_mut(data.start.checked_sub(1)?)?;
                        let end = end_of(lines.get(data.start.checked_sub(1)?)?).to_owned();
                        above.push_str(&format!("{entry}{end}"));
                    }
                }
            }
        }
    }
    Some(Zeroizing::new(edited.concat()))
}

/// Returns the lines below `name:`, which has nothing else in its line, among fields of the least indentation.
fn below(lines: &[&str], within: Range<usize>, name: &str) -> Option<Range<usize>> {
    let indent = indent_of(lines.get(within.clone())?.iter().find(|line| is_content(line))?);
    let is_here = |line: &str| {
        let (key, head) = key_of(line)?;
        let rest = line.get(head..)?.trim();
        (indent_of(line) == indent && key == name && (rest.is_empty() || rest.starts_with('#'))).then_some(())
    };
    let start = within.clone().find(|at| lines.get(*at).is_some_and(|line| is_here(line).is_some()))? + 1;
    let ends = |at: &usize| lines.get(*at).is_some_and(|line| is_content(line) && indent_of(line) <= indent);
    let end = (start..within.end).find(ends).unwrap_or(within.end);
    (start < end).then_some(start..end)
}

fn entries(lines: &[&str], data: &Range<usize>) -> Option<Vec<Entry>> {
    let indent = indent_of(lines.get(data.clone())?.iter().find(|line| is_content(line))?);
    let mut entries: Vec<Entry> = Vec::new();
    for at in data.clone() {
        let line = *lines.get(at)?;
        if !is_content(line) {
            continue;
        }
        if indent_of(line) == indent {
            let (key, head) = key_of(line)?;
            entries.push(Entry { key: key.to_owned(), lines: at..at + 1, head });
        } else {
            entries.last_mut()?.lines.end = at + 1;
        }
    }
    Some(entries)
}

/// Tells whether a line is more than a comment, blank, or the mark of a document.
fn is_content(line: &str) -> bool {
    let text = line.trim();
    !text.is_empty() && !text.starts_with('#') && !line.starts_with("---") && !line.starts_with('%')
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns the key of a line, and how many bytes reach to behind its colon.
fn key_of(line: &str) -> Option<(&str, usize)> {
    let (head, rest) = line.split_once(':')?;
    if !(rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n'])) {
        return None;
    }
    let key = head.trim();
    let quote = ['"', '\''].into_iter().find(|quote| key.starts_with(*quote));
    let key = match quote {
        Some(quote) => key.strip_prefix(quote)?.strip_suffix(quote)?,
        None => key,
    };
    Some((key, head.len() + 1))
}

/// Returns the comment behind a value, with the space before it.
fn note_of(rest: &str) -> &str {
    let line = rest.trim_end_matches(['\r', '\n']);
    line.find(" #").and_then(|at| line.get(at..)).unwrap_or_default()
}

fn end_of(line: &str) -> &str {
    line.get(line.trim_end_matches(['\r', '\n']).len()..).unwrap_or_default()
}

/// Quotes a key that YAML would not take for text, such as a number.
fn quoted(key: &KeyName) -> String {
    let text = key.as_str();
    let is_plain = matches!(serde_yaml::from_str(text), Ok(serde_yaml::Value::String(read)) if read == text);
    if is_plain { text.to_owned() } else { format!("\"{text}\"") }
}
