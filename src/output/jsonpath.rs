//! `-o jsonpath`: kubectl's template over a report.
//!
//! Text stands as it is, what is in braces is a path, a quoted text, or `range` and `end`. As with kubectl, several
//! results stand in one line with spaces between, a field that is not there is nothing, and no line end is added.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::Value;

use crate::error::{Error, Result};

use super::escape::InFull;
use super::json;
use super::path::Path;

/// A template that was read.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    nodes: Arc<[Node]>,
    form: Form,
}

/// How what is found is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `-o jsonpath`.
    Text,
    /// `-o jsonpath-as-json`: one array for each path.
    Json,
}

#[derive(Debug)]
enum Node {
    Text(String),
    Path(Path),
    /// What is written for each of the results.
    Range(Path, Vec<Node>),
}

impl Template {
    /// Reads a template. Errors give the place and never its text (requirement S9).
    pub(super) fn read(text: &str, form: Form) -> Result<Self> {
        let nodes = Reader { rest: text, whole: text }.read()?;
        Ok(Self { nodes: nodes.into(), form })
    }

    /// Writes what it finds in the document.
    pub(super) fn render(&self, document: &Value, text: &mut String) -> Result<()> {
        self.nodes.iter().try_for_each(|node| self.node(node, document, text))
    }

    fn node(&self, node: &Node, document: &Value, text: &mut String) -> Result<()> {
        match node {
            Node::Text(words) => text.push_str(words),
            Node::Path(path) if self.form == Form::Json => {
                text.push_str(&json::deep(&path.query(document))?);
                text.push('\n');
            }
            Node::Path(path) => {
                let found: Vec<String> = path.query(document).into_iter().map(shown).collect();
                text.push_str(&found.join(" "));
            }
            Node::Range(path, body) => {
                for value in path.query(document) {
                    body.iter().try_for_each(|node| self.node(node, value, text))?;
                }
            }
        }
        Ok(())
    }
}

/// Writes a value: a text as it is, but harmless for a terminal; everything else as JSON.
pub(super) fn shown(value: &Value) -> String {
    let mut text = String::new();
    let _ = match value {
        Value::String(words) => write!(text, "{}", InFull(words)),
        other => write!(text, "{}", InFull(&other.to_string())),
    };
    text
}

struct Reader<'a> {
    rest: &'a str,
    whole: &'a str,
}

impl Reader<'_> {
    fn read(mut self) -> Result<Vec<Node>> {
        // The innermost range is last; the template itself is the outermost.
        let mut open: Vec<(Path, Vec<Node>)> = Vec::new();
        let mut nodes = Vec::new();
        while let Some((words, inside)) = self.rest.split_once('{') {
            push_text(&mut nodes, words);
            self.rest = inside;
            loop {
                self.rest = self.rest.trim_start();
                if let Some(after) = self.rest.strip_prefix('}') {
                    self.rest = after;
                    break;
                }
                if let Some(after) = self.rest.strip_prefix("range ") {
                    self.rest = after.trim_start();
                    let path = self.path()?;
                    open.push((path, std::mem::take(&mut nodes)));
                } else if self.word("end") {
                    let (path, before) = open.pop().ok_or_else(|| self.wrong("`end` without `range`"))?;
                    let body = std::mem::replace(&mut nodes, before);
                    nodes.push(Node::Range(path, body));
                } else if self.rest.starts_with(['"', '\'']) {
                    let words = self.quoted()?;
                    push_text(&mut nodes, &words);
                } else {
                    nodes.push(Node::Path(self.path()?));
                }
            }
        }
        push_text(&mut nodes, self.rest);
        if !open.is_empty() {
            return Err(self.wrong("`range` without `end`"));
        }
        Ok(nodes)
    }

    fn word(&mut self, word: &str) -> bool {
        let after = self.rest.strip_prefix(word).filter(|after| after.starts_with([' ', '}']));
        if let Some(after) = after {
            self.rest = after;
        }
        after.is_some()
    }

    /// Takes a path: up to the brace, a space or a quoted text, unless these stand in brackets.
    fn path(&mut self) -> Result<Path> {
        let (mut depth, mut quote) = (0_usize, None);
        let end = self.rest.char_indices().find_map(|(at, character)| {
            match (quote, character) {
                (Some(open), _) if open == character => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') if depth > 0 => quote = Some(character),
                (None, '[') => depth += 1,
                (None, ']') => depth = depth.saturating_sub(1),
                (None, '}' | ' ' | '"') if depth == 0 => return Some(at),
                _ => {}
            }
            None
        });
        let end = end.filter(|end| *end > 0).ok_or_else(|| self.wrong("a brace or bracket is not closed"))?;
        let (path, after) = self.rest.split_at(end);
        let path = Path::read(path).ok_or_else(|| self.wrong("no path that can be read"))?;
        self.rest = after;
        Ok(path)
    }

    /// Takes a quoted text, with the escapes of Go.
    fn quoted(&mut self) -> Result<String> {
        let mut characters = self.rest.char_indices();
        let open = characters.next().map(|(_, quote)| quote);
        let mut words = String::new();
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => match characters.next().map(|(_, escaped)| escaped) {
                    Some('n') => words.push('\n'),
                    Some('t') => words.push('\t'),
                    Some('r') => words.push('\r'),
                    Some(escaped @ ('\\' | '"' | '\'')) => words.push(escaped),
                    _ => return Err(self.wrong("an escape that is not known")),
                },
                _ if Some(character) == open => {
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    return Ok(words);
                }
                _ => words.push(character),
            }
        }
        Err(self.wrong("a quoted text is not closed"))
    }

    fn wrong(&self, what: &str) -> Error {
        let before = self.whole.len() - self.rest.len();
        let at = self.whole.get(..before).map_or(0, |before| before.chars().count()) + 1;
        Error::usage("the template of `--output` cannot be read")
            .because(format!("{what}, at character {at}"))
            .hint("a template is written like -o jsonpath='{.metadata.name}'")
    }
}

fn push_text(nodes: &mut Vec<Node>, words: &str) {
    if !words.is_empty() {
        nodes.push(Node::Text(words.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rendered(template: &str) -> Result<String> {
        let document = json!({
            "kind": "List",
            "items": [
                {"name": "a", "keys": ["k", "l"], "none": null},
                {"name": "b\u{1b}[2J", "keys": [], "none": null},
            ],
        });
        let mut text = String::new();
        Template::read(template, Form::Text)?.render(&document, &mut text)?;
        Ok(text)
    }

    #[test]
    fn writes_what_kubectl_writes() {
        for (template, wanted) in [
            ("{.kind}", "List"),
            ("kind: {.kind}!", "kind: List!"),
            ("{.items[*].name}", "a b\\u{1b}[2J"),
            ("{range .items[*]}{.name}{\"\\t\"}{.keys[*]}{'\\n'}{end}", "a\tk l\nb\\u{1b}[2J\t\n"),
            ("{range .items[*]}{range .keys[*]}{@},{end}{end}", "k,l,"),
            ("{range .items[*]}[{.name}] {end}", "[a] [b\\u{1b}[2J] "),
            ("{.items[0].keys}", "[\"k\",\"l\"]"),
            ("{.nowhere}", ""),
            ("{ .kind }{\" \"}{.items[?(@.name==\"a\")].keys[1]}", "List l"),
            ("{.items[0].none}", "null"),
            ("no brace", "no brace"),
        ] {
            assert_eq!(rendered(template).unwrap(), wanted, "{template}");
        }
    }

    #[test]
    fn a_mistake_is_placed_and_not_quoted() {
        for (template, place) in [
            ("{.kind", "character 2"),
            ("{range .items[*]}{.name}", "`range` without `end`"),
            ("{.kind}{end}", "`end` without `range`"),
            ("{\"not-a-real-password}", "not closed"),
            ("ab{.x[}", "character 4"),
            ("{\"\\q\"}", "escape"),
        ] {
            let error = rendered(template).unwrap_err();
            let text = format!("{} {}", error.message(), error.causes().join(" "));
            assert!(text.contains(place), "{template}: {text}");
            assert!(!text.contains("real"), "{text}");
        }
    }

    #[test]
    fn as_json_each_path_is_an_array() {
        let mut text = String::new();
        let template = Template::read("{.items[*].name}", Form::Json).unwrap();
        template.render(&json!({"items": [{"name": "a"}, {"name": "b"}]}), &mut text).unwrap();
        assert_eq!(text, "[\n    \"a\",\n    \"b\"\n]\n");
    }
}
