//! What is no YAML, read line by line: broken manifests, templates that are none before they are rendered, settings in
//! the forms of other programs. Indentation makes the tree; what is not understood is left out.

use std::borrow::Cow;

use super::tree::{Id, MAX_NODES, Scalar, Shape, Style, Tree};

/// Deepest nesting.
const MAX_DEPTH: usize = 128;

/// A collection, and how far it is indented.
struct Open {
    indent: usize,
    id: Id,
    is_map: bool,
    key: Option<Id>,
}

struct Reader<'a> {
    tree: Tree<'a>,
    open: Vec<Open>,
}

/// Reads the lines of a document; the first of them has the number `first`.
pub(super) fn read(text: &str, first: usize) -> Tree<'_> {
    let mut reader = Reader { tree: Tree::default(), open: Vec::new() };
    let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
    let mut index = 0;
    while let Some(line) = lines.get(index) {
        index += 1;
        let body = line.trim_start_matches([' ', '\t']);
        if body.is_empty() || body.starts_with('#') || body.starts_with("---") || reader.tree.ids().len() > MAX_NODES {
            continue;
        }
        let indent = line.len() - body.len();
        if let Some(pending) = reader.line(body, indent, first + index - 1) {
            let skipped = reader.block(pending, indent, &lines, index);
            index += skipped;
        }
    }
    reader.tree.settle();
    reader.tree
}

/// A key whose text follows in lines of its own.
struct Pending {
    parent: Id,
    key: Id,
    place: (usize, usize),
    style: Style,
}

impl<'a> Reader<'a> {
    /// Takes a line.
    fn line(&mut self, body: &'a str, indent: usize, number: usize) -> Option<Pending> {
        self.open.truncate(self.open.iter().take_while(|open| open.indent <= indent).count());
        let (mut body, mut indent) = (body, indent);
        while let Some(rest) = body.strip_prefix("- ").or((body == "-").then_some("")) {
            self.item(indent, number);
            let inner = rest.trim_start();
            indent += body.len() - inner.len();
            body = inner;
        }
        if body.is_empty() {
            return None;
        }
        let place = (number, indent + 1);
        let Some((key, value)) = entry(body) else {
            self.value(value_of(body), place);
            return None;
        };
        let map = self.map(indent, place)?;
        let key = self.tree.add(Some((map, None)), place, text(key, Style::Plain));
        let style = match value.as_bytes().first() {
            Some(b'|') => Some(Style::Literal),
            Some(b'>') => Some(Style::Folded),
            _ => None,
        };
        let open = self.open.last_mut()?;
        open.key = None;
        if let Some(style) = style {
            return Some(Pending { parent: map, key, place, style });
        }
        if value.is_empty() || value.starts_with(['#', '&']) {
            open.key = Some(key);
            return None;
        }
        let (value, style) = value_of(value);
        let child = self.tree.add(Some((map, Some(key))), place, text(value, style));
        self.tree.hang(child);
        None
    }

    /// Finds or begins the map that an entry of this indentation is in.
    fn map(&mut self, indent: usize, place: (usize, usize)) -> Option<Id> {
        while let Some(open) = self.open.last() {
            match (open.indent == indent, open.is_map) {
                (true, true) => return Some(open.id),
                // A list that is as far to the right as the map that follows it.
                (true, false) => {
                    self.open.pop();
                }
                (false, _) => break,
            }
        }
        self.begin(indent, place, Shape::Map(Vec::new()))
    }

    fn begin(&mut self, indent: usize, place: (usize, usize), shape: Shape<'a>) -> Option<Id> {
        if self.open.len() >= MAX_DEPTH {
            return None;
        }
        let parent = match self.open.last_mut() {
            None => None,
            Some(open) if open.is_map => Some((open.id, Some(open.key.take()?))),
            Some(open) => Some((open.id, None)),
        };
        let is_map = matches!(shape, Shape::Map(_));
        let id = self.tree.add(parent, place, shape);
        self.tree.hang(id);
        self.open.push(Open { indent, id, is_map, key: None });
        Some(id)
    }

    /// Begins an item of a list.
    fn item(&mut self, indent: usize, number: usize) {
        while self.open.last().is_some_and(|open| open.indent > indent) {
            self.open.pop();
        }
        match self.open.last() {
            Some(open) if open.indent == indent && !open.is_map => {}
            _ => {
                self.begin(indent, (number, indent + 1), Shape::List(Vec::new()));
            }
        }
    }

    /// Adds a text that has no key.
    fn value(&mut self, (value, style): (&'a str, Style), place: (usize, usize)) {
        let Some(open) = self.open.last_mut() else { return };
        let key = if open.is_map {
            let Some(key) = open.key.take() else { return };
            Some(key)
        } else {
            None
        };
        let parent = open.id;
        let child = self.tree.add(Some((parent, key)), place, text(value, style));
        self.tree.hang(child);
    }

    /// Takes the lines that are further to the right, and returns how many these are.
    fn block(&mut self, pending: Pending, indent: usize, lines: &[&'a str], from: usize) -> usize {
        let rest = lines.get(from..).unwrap_or_default();
        let width = |line: &&str| line.len() - line.trim_start().len();
        let count = rest.iter().take_while(|line| line.trim().is_empty() || width(line) > indent).count();
        let block = rest.get(..count).unwrap_or_default();
        let margin = block.iter().filter(|line| !line.trim().is_empty()).map(width).min().unwrap_or(0);
        let text: Vec<&str> = block.iter().map(|line| line.get(margin..).unwrap_or_default()).collect();
        let scalar = Scalar { text: Cow::Owned(text.join("\n")), style: pending.style, tagged: false, again: None };
        let place = (pending.place.0 + 1, pending.place.1);
        let child = self.tree.add(Some((pending.parent, Some(pending.key))), place, Shape::Scalar(scalar));
        self.tree.hang(child);
        count
    }
}

fn text(text: &str, style: Style) -> Shape<'_> {
    Shape::Scalar(Scalar { text: Cow::Borrowed(text), style, tagged: false, again: None })
}

/// Splits a line at its first `:` that ends a key.
fn entry(body: &str) -> Option<(&str, &str)> {
    for quote in ['"', '\''] {
        if let Some(rest) = body.strip_prefix(quote) {
            let (key, rest) = rest.split_once(quote)?;
            return Some((key, rest.trim_start().strip_prefix(':')?.trim()));
        }
    }
    let at = body.find(": ").or_else(|| body.find(":\t")).or_else(|| body.strip_suffix(':').map(str::len))?;
    let (key, value) = body.split_at(at);
    let is_key = !key.is_empty() && key.len() <= 253 && !key.contains(['{', '}', '[', ']', ',', '"', '\'']);
    is_key.then(|| (key.trim(), value.get(1..).unwrap_or_default().trim()))
}

/// Takes quotes, commas of JSON and comments off.
fn value_of(value: &str) -> (&str, Style) {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some((inner, _)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
            return (inner, Style::Quoted);
        }
    }
    let end = value.find(" #").unwrap_or(value.len());
    (value.get(..end).unwrap_or(value).trim_end(), Style::Plain)
}

/// A setting in the form of another program: `key = value`, `export KEY=value`, `key value`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Setting<'a> {
    /// Line and column of its key, from 1.
    pub(super) place: (usize, usize),
    /// The key.
    pub(super) key: &'a str,
    /// The value, without quotes.
    pub(super) value: &'a str,
}

/// Finds settings, line by line. `loose` takes `key value` and `key: value` as well.
pub(super) fn settings(text: &str, loose: bool) -> impl Iterator<Item = Setting<'_>> {
    text.split('\n').enumerate().filter_map(move |(index, line)| {
        let body = line.trim();
        if body.is_empty() || body.starts_with(['#', ';', '/', '[']) {
            return None;
        }
        let indent = line.len() - line.trim_start().len();
        let start = body.strip_prefix("export ").or_else(|| body.strip_prefix("set ")).unwrap_or(body);
        let start = start.trim_start();
        let is_key = |key: &str| {
            !key.is_empty() && key.chars().all(|char| char.is_ascii_alphanumeric() || "_.-$".contains(char))
        };
        let strict = start.split_once('=').filter(|(key, _)| is_key(key.trim_end()));
        let split = || start.split_once(": ").or_else(|| start.split_once(char::is_whitespace));
        let (key, value) = strict.or_else(|| loose.then(split).flatten().filter(|(key, _)| is_key(key.trim_end())))?;
        let column = indent + (body.len() - start.len()) + 1;
        let value = value.trim();
        let value = match value.as_bytes().first() {
            Some(quote @ (b'"' | b'\'')) => {
                let inner = value.get(1..).unwrap_or_default();
                inner.split(char::from(*quote)).next().unwrap_or_default()
            }
            _ => value.split(" #").next().unwrap_or_default().trim_end(),
        };
        Some(Setting { place: (index + 1, column), key: key.trim_end(), value })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indentation_makes_the_tree() {
        let text = "kind: Secret\nstringData:\n\tx: y: z\n  a: 'b' # c\n  d: |\n    e\n     f\nlist:\n- name: g\n  value: h\n- i\n";
        let tree = read(text, 10);
        let root = 0;
        let data = tree.get(root, "stringData").unwrap();
        assert_eq!(tree.get_text(root, "kind"), Some("Secret"));
        assert_eq!(tree.get_text(tree.get(root, "list").unwrap(), "x"), None);
        let items = tree.items(tree.get(root, "list").unwrap());
        assert_eq!((tree.get_text(items[0], "value"), tree.text(items[1])), (Some("h"), Some("i")));
        assert_eq!(tree.node(items[1]).unwrap().place, (20, 3));
        assert!(!tree.entries(data).is_empty());
    }

    #[test]
    fn settings_have_many_forms() {
        let all = |text: &'static str, loose| {
            settings(text, loose).map(|found| (found.key, found.value, found.place.1)).collect::<Vec<_>>()
        };
        assert_eq!(
            all("  a = \"b\"\nexport C='d'\n# e=f\ng=h # i\n", false),
            [("a", "b", 3), ("C", "d", 8), ("g", "h", 1)]
        );
        assert_eq!(all("HTTP_Passwd x\na: b", true), [("HTTP_Passwd", "x", 1), ("a", "b", 1)]);
        assert!(all("HTTP_Passwd x\n", false).is_empty());
    }
}
