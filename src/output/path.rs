//! kubectl's JSONPath: read once, then asked for what it finds in a document.
//!
//! The dialect is that of <https://kubernetes.io/docs/reference/kubectl/jsonpath/>. It is written anew as RFC 9535
//! has it, piece by piece, and serde_json_path does the rest. Only a union of paths (`['a.b','c']`) has no
//! counterpart there and is walked here.

use std::str::FromStr;

use serde_json::Value;
use serde_json_path::JsonPath;

use crate::error::{Error, Result};

/// A path into a document.
#[derive(Debug, Clone)]
pub(crate) struct Path(Vec<Step>);

#[derive(Debug, Clone)]
enum Step {
    Query(JsonPath),
    Union(Vec<Path>),
}

impl FromStr for Path {
    type Err = Error;

    /// Takes `{.metadata.name}`, `.metadata.name` and `metadata.name`, as kubectl does where one path is wanted.
    fn from_str(text: &str) -> Result<Self> {
        let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
        Self::read(inner.trim()).ok_or_else(|| {
            Error::usage("this is not a path that can be read").hint("write a field, such as .metadata.name")
        })
    }
}

impl Path {
    /// Reads a path without braces; `None` if it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut steps = Steps::default();
        steps.path(text.strip_prefix(['$', '@']).unwrap_or(text))?;
        steps.finish().map(Self)
    }

    /// Returns all that it finds, in kubectl's order.
    pub(crate) fn query<'a>(&self, document: &'a Value) -> Vec<&'a Value> {
        self.0.iter().fold(vec![document], |found, step| match step {
            Step::Query(path) => found.into_iter().flat_map(|value| path.query(value).all()).collect(),
            // As kubectl does: the first path in all that was found, then the next.
            Step::Union(paths) => {
                paths.iter().flat_map(|path| found.iter().flat_map(|value| path.query(value))).collect()
            }
        })
    }
}

/// The steps of a path while it is read: what stands between two unions is one query.
#[derive(Default)]
struct Steps {
    done: Vec<Step>,
    standard: String,
}

impl Steps {
    /// Takes names and brackets to the end.
    fn path(&mut self, mut rest: &str) -> Option<()> {
        while !rest.is_empty() {
            rest = match rest.strip_prefix('[') {
                Some(inside) => {
                    let (inside, after) = inside.split_at(end_of_bracket(inside)?);
                    self.bracket(inside.trim())?;
                    after.strip_prefix(']')?
                }
                None => self.field(rest)?,
            };
        }
        Some(())
    }

    /// Takes a name, with or without a dot before it; `..` goes down to any depth. Returns what is behind it.
    fn field<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let (deep, rest) = match text.strip_prefix("..") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('.').unwrap_or(text)),
        };
        if deep {
            self.standard.push_str("..");
        }
        if rest.starts_with('[') || rest.is_empty() {
            // `.[0]` and `.` are the object itself; `..` alone says nothing.
            return (!deep || !rest.is_empty()).then_some(rest);
        }
        if let Some(after) = rest.strip_prefix('*') {
            self.standard.push_str("[*]");
            return Some(after);
        }
        let (name, after) = name_of(rest);
        if name.is_empty() || name.contains(']') {
            return None;
        }
        self.standard.push_str(&quoted(&name));
        Some(after)
    }

    /// Takes what stands in brackets: an index, a slice, a filter, `*`, a name or several of these.
    fn bracket(&mut self, inside: &str) -> Option<()> {
        if let Some(filter) = inside.strip_prefix('?') {
            self.standard.push_str(&format!("[?{}]", standard_filter(filter)?));
            return Some(());
        }
        let parts = split_outside_quotes(inside, ',');
        match parts.as_slice() {
            [one] => match single_quoted(one) {
                // kubectl reads 'a.b' as a path, and 'a\.b' as a name.
                Some(name) => self.path(name),
                None => {
                    self.standard.push_str(&format!("[{one}]"));
                    Some(())
                }
            },
            several => {
                let paths = several
                    .iter()
                    .map(|part| match single_quoted(part) {
                        Some(name) => Path::read(name),
                        None => Path::read(&format!("[{part}]")),
                    })
                    .collect::<Option<Vec<_>>>()?;
                self.flush()?;
                self.done.push(Step::Union(paths));
                Some(())
            }
        }
    }

    fn flush(&mut self) -> Option<()> {
        let standard = std::mem::take(&mut self.standard);
        if !standard.is_empty() {
            self.done.push(Step::Query(JsonPath::parse(&format!("${standard}")).ok()?));
        }
        Some(())
    }

    fn finish(mut self) -> Option<Vec<Step>> {
        self.flush()?;
        Some(self.done)
    }
}

/// Takes a name off the front, up to a dot or bracket; `\` takes the meaning from what follows.
fn name_of(text: &str) -> (String, &str) {
    let mut name = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => name.extend(characters.next().map(|(_, escaped)| escaped)),
            '.' | '[' => return (name, text.split_at(at).1),
            _ => name.push(character),
        }
    }
    (name, "")
}

fn quoted(name: &str) -> String {
    format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn single_quoted(text: &str) -> Option<&str> {
    text.strip_prefix('\'')?.strip_suffix('\'')
}

/// Writes the paths of a filter, which begin with `@`, as the standard has them.
fn standard_filter(filter: &str) -> Option<String> {
    let mut standard = String::new();
    let mut rest = filter;
    let mut quote = None;
    while let Some(character) = rest.chars().next() {
        let (this, after) = rest.split_at(character.len_utf8());
        if quote.is_none() && character == '@' {
            let end = after.find([' ', '=', '!', '<', '>', ')', '&', '|']).unwrap_or(after.len());
            let (path, behind) = after.split_at(end);
            let mut steps = Steps::default();
            steps.path(path)?;
            // A union has no place in a filter.
            if !steps.done.is_empty() {
                return None;
            }
            standard.push('@');
            standard.push_str(&steps.standard);
            rest = behind;
            continue;
        }
        match quote {
            Some(open) if open == character => quote = None,
            None if matches!(character, '"' | '\'') => quote = Some(character),
            _ => {}
        }
        standard.push_str(this);
        rest = after;
    }
    Some(standard)
}

/// Returns where the bracket that is open before `text` closes.
fn end_of_bracket(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '[') => depth += 1,
            (None, ']') if depth == 0 => return Some(at),
            (None, ']') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Splits at `at` where it does not stand in quotes or brackets.
pub(super) fn split_outside_quotes(text: &str, at: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (index, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '[') => depth += 1,
            (None, ']') => depth = depth.saturating_sub(1),
            (None, _) if character == at && depth == 0 => {
                parts.push(text.get(start..index).unwrap_or_default().trim());
                start = index + character.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(path: &str) -> Option<Vec<String>> {
        let document = json!({
            "items": [
                {"metadata": {"name": "a", "labels": {"app.io/x": "1"}}, "n": 1, "type": "t"},
                {"metadata": {"name": "b", "labels": {}}, "n": 2, "type": "u"},
                {"metadata": {"name": "c"}, "n": 3, "type": "t"},
            ],
            "a.b": {"c'd": true},
        });
        let path: Path = path.parse().ok()?;
        Some(path.query(&document).into_iter().map(ToString::to_string).collect())
    }

    #[test]
    fn reads_what_kubectl_reads() {
        for (path, wanted) in [
            (".items[0].n", vec!["1"]),
            ("{.items[-1].n}", vec!["3"]),
            ("items[*].n", vec!["1", "2", "3"]),
            ("$.items[0:2].n", vec!["1", "2"]),
            ("@.items[::2].n", vec!["1", "3"]),
            (".items[0,2].n", vec!["1", "3"]),
            (".items[0]['metadata.name','n']", vec!["\"a\"", "1"]),
            (".items[0]['metadata.name', 'type']", vec!["\"a\"", "\"t\""]),
            (r".items[0].metadata.labels.app\.io/x", vec!["\"1\""]),
            (r".items[0].metadata.labels['app\.io/x']", vec!["\"1\""]),
            (r".a\.b.c'd", vec!["true"]),
            (".items[?(@.type==\"t\")].n", vec!["1", "3"]),
            (".items[?(@.type == 't')].n", vec!["1", "3"]),
            (".items[?(@.n>1)].metadata.name", vec!["\"b\"", "\"c\""]),
            (r#".items[?(@.metadata.labels.app\.io/x=="1")].n"#, vec!["1"]),
            (".items[?(@.metadata.labels)].n", vec!["1", "2"]),
            ("..name", vec!["\"a\"", "\"b\"", "\"c\""]),
            (".items..name", vec!["\"a\"", "\"b\"", "\"c\""]),
            (".items.*.n", vec!["1", "2", "3"]),
            (".nowhere", vec![]),
            (".items[7]", vec![]),
        ] {
            assert_eq!(found(path).unwrap(), wanted, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused_and_not_repeated() {
        for path in [".a[", ".a]", "..", ".a[?(@.x==]", ".a[?(", ".a[x", "a..[", ".a[0,", ".items[?(@.x['a','b'])]"] {
            assert!(found(path).is_none(), "{path}");
        }
        let error = "not-a-real-password[".parse::<Path>().unwrap_err();
        assert!(!error.message().contains("real"));
    }
}
