//! What a detector sees, and how it says what it found: a scalar that one detector has claimed is no other's.

use std::collections::HashSet;

use super::found::{Generated, Leak, Unread};
use super::key;
use super::kind::LeakKind;
use super::template;
use super::tree::{Id, Style, Tree};

/// Deepest manifest in a manifest.
const MAX_NESTED: usize = 4;
/// Most values that are listed of a file.
const MOST: usize = 1000;

/// Where the lines of a document are in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offset {
    /// What is added to lines and columns; or the place itself.
    pub(super) line: usize,
    /// The same of columns.
    pub(super) column: usize,
    /// Whether everything in it stands in one place.
    pub(super) fixed: bool,
}

impl Offset {
    /// A document that is the file.
    pub(super) const NONE: Self = Self { line: 0, column: 0, fixed: false };

    /// Returns the place in the file.
    pub(super) fn place(self, (line, column): (usize, usize)) -> (usize, usize) {
        if self.fixed { (self.line, self.column) } else { (line + self.line, column + self.column) }
    }
}

/// A document, and what is known of its surroundings.
#[derive(Debug)]
pub(super) struct Document<'a> {
    /// Its tree.
    pub(super) tree: &'a Tree<'a>,
    /// Its number in the file, from 1.
    pub(super) number: usize,
    /// Where it begins.
    pub(super) offset: Offset,
    /// What a secret setting in it is: of a ConfigMap, or of anything else.
    pub(super) settings: LeakKind,
    /// The object that it is written in.
    pub(super) object: Option<(String, String)>,
    /// Whether it patches a Secret.
    pub(super) patches_secret: bool,
    /// How many documents it is in.
    pub(super) depth: usize,
    /// Whether it was read line by line, so that a key may be none.
    pub(super) by_line: bool,
}

impl<'a> Document<'a> {
    /// A document of a file.
    pub(super) fn of_file(tree: &'a Tree<'a>, number: usize, by_line: bool) -> Self {
        let (offset, settings) = (Offset::NONE, LeakKind::Values);
        Self { tree, number, offset, settings, object: None, patches_secret: false, depth: 0, by_line }
    }

    /// A document that stands in a text of this one.
    pub(super) fn nested<'b>(&self, tree: &'b Tree<'b>, holder: Id, offset: Offset, by_line: bool) -> Document<'b> {
        let (number, depth) = (self.number, self.depth + 1);
        let in_map = self.tree.kind_of(holder) == Some("ConfigMap");
        let settings = if in_map { LeakKind::ConfigMap } else { self.settings };
        let object = self.object_of(holder);
        let patches_secret = self.tree.above(holder).filter(|id| self.tree.entries(*id).len() < 64).any(|id| {
            self.tree.get(id, "target").is_some_and(|target| self.tree.get_text(target, "kind") == Some("Secret"))
        });
        Document { tree, number, offset, settings, object, patches_secret, depth, by_line }
    }

    /// Tells whether texts in it are looked into.
    pub(super) fn goes_deeper(&self) -> bool {
        self.depth < MAX_NESTED
    }

    /// Returns the name of the key that a value stands under, without expressions of a template.
    pub(super) fn key_name(&self, id: Id) -> Option<String> {
        let key = self.tree.key_of(id)?;
        self.tree.text(key).map(|text| template::without(text).into_owned())
    }

    /// Returns where a finding about a value stands: at its own key, or at itself in a list.
    pub(super) fn place_of(&self, id: Id) -> (usize, usize) {
        let key = self.tree.node(id).and_then(|node| node.parent).and_then(|(_, key)| key);
        let place = self.tree.node(key.unwrap_or(id)).map_or((1, 1), |node| node.place);
        self.offset.place(place)
    }

    /// Returns where the lines of a text are: below its key, if they are those of the file.
    pub(super) fn offset_of(&self, id: Id) -> Offset {
        let (line, column) = self.place_of(id);
        let literal = self.tree.scalar(id).is_some_and(|scalar| scalar.style == Style::Literal);
        match self.tree.node(id) {
            Some(node) if literal && !self.offset.fixed => {
                // The parser says where the first line of the text is.
                let (first, _) = self.offset.place(node.place);
                Offset { line: first - 1, column, fixed: false }
            }
            _ => Offset { line, column, fixed: true },
        }
    }

    /// Kind and name of the object that a node is in.
    pub(super) fn object_of(&self, id: Id) -> Option<(String, String)> {
        let Some(object) = self.tree.object_of(id) else { return self.object.clone() };
        let is_word =
            |text: &&str| !text.is_empty() && text.len() <= 63 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let kind = self.tree.get_text(object, "kind").filter(is_word)?;
        let name = self.tree.get(object, "metadata").and_then(|metadata| self.tree.get_text(metadata, "name"));
        let name = name.filter(|name| is_object_name(name)).unwrap_or_default();
        Some((kind.to_owned(), name.to_owned()))
    }

    /// The path of a key, from its object on.
    fn path_of(&self, id: Id) -> Option<String> {
        let object = self.tree.object_of(id);
        let mut parts = Vec::new();
        let mut at = id;
        while let Some((parent, key)) = self.tree.node(at).and_then(|node| node.parent) {
            if Some(at) == object {
                break;
            }
            match key {
                Some(key) => parts.push(template::without(self.tree.text(key)?).into_owned()),
                None => {
                    let index = self.tree.items(parent).iter().position(|item| *item == at)?;
                    parts.push(index.to_string());
                }
            }
            at = parent;
        }
        if self.by_line {
            // The line may be part of a text, and the key of a value: only a word that we look for is shown.
            parts.retain(|part| key::says(part) != key::Says::Nothing || part.parse::<usize>().is_ok());
        }
        parts.reverse();
        (!parts.is_empty() && parts.iter().all(|part| key::is_name(part))).then(|| parts.join("."))
    }

    /// Makes a finding about a value.
    fn leak(&self, id: Id, kind: LeakKind) -> Leak {
        let (line, column) = self.place_of(id);
        let (document, object, key) = (Some(self.number), self.object_of(id), self.path_of(id));
        Leak { line, column, kind, document, object, key }
    }
}

fn is_object_name(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    name.len() <= 253 && name.bytes().all(known)
}

/// What was found in the documents of a file.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The values.
    pub(super) leaks: Vec<Leak>,
    /// Files that a generator reads.
    pub(super) generated: Vec<Generated>,
    /// What could not be read.
    pub(super) unread: Vec<(Unread, usize)>,
    /// Lines from and to of values that were found: a private key in there is no other finding.
    pub(super) covered: Vec<(usize, usize)>,
    claimed: HashSet<Id>,
    hits: HashSet<Id>,
    again: Vec<(Id, Leak)>,
}

impl Found {
    /// Says that a value stands in the clear.
    pub(super) fn hit(&mut self, document: &Document<'_>, id: Id, kind: LeakKind) {
        if !self.claimed.insert(id) || self.is_full(document, id) {
            return;
        }
        self.cover(document, id);
        let leak = document.leak(id, kind);
        match document.tree.scalar(id).and_then(|scalar| scalar.again) {
            Some(first) => self.again.push((first, leak)),
            None => {
                self.hits.insert(id);
                self.leaks.push(leak);
            }
        }
    }

    /// Tells whether no more is listed of this file, and says so.
    fn is_full(&mut self, document: &Document<'_>, id: Id) -> bool {
        let is_full = self.leaks.len() + self.again.len() >= MOST;
        if is_full && !self.unread.iter().any(|(why, _)| *why == Unread::TooMany) {
            self.unread.push((Unread::TooMany, document.place_of(id).0));
        }
        is_full
    }

    /// Ends a document: a value that an alias repeats is found once, and where it stands, if it is found there.
    pub(super) fn end_document(&mut self) {
        for (first, leak) in std::mem::take(&mut self.again) {
            if self.hits.insert(first) {
                self.leaks.push(leak);
            }
        }
    }

    /// Says that a text has a value in the clear at a place of its own.
    pub(super) fn hit_in(
        &mut self,
        document: &Document<'_>,
        id: Id,
        kind: LeakKind,
        place: (usize, usize),
        key: Option<&str>,
    ) {
        if self.is_full(document, id) {
            return;
        }
        let (line, column) = document.offset_of(id).place(place);
        let key = key.filter(|key| key::is_name(key)).map(str::to_owned);
        self.leaks.push(Leak { line, column, key, ..document.leak(id, kind) });
    }

    /// Says that a value is looked after, and no other detector needs to.
    pub(super) fn claim(&mut self, id: Id) {
        self.claimed.insert(id);
    }

    /// The same of everything below a node.
    pub(super) fn claim_below(&mut self, document: &Document<'_>, top: Id) {
        let mut left = vec![top];
        while let Some(id) = left.pop() {
            self.claimed.insert(id);
            left.extend(document.tree.entries(id).iter().map(|(_, value)| *value));
            left.extend(document.tree.items(id));
        }
    }

    /// Says that the lines of a value are looked after.
    pub(super) fn cover(&mut self, document: &Document<'_>, id: Id) {
        let Some(text) = document.tree.text(id).filter(|text| text.contains("PRIVATE KEY")) else { return };
        let (from, _) = document.place_of(id);
        let end = document.tree.node(id).map_or(from, |node| document.offset.place(node.place).0);
        self.covered.push((from, end.max(from) + text.lines().count() + 1));
    }

    /// Tells whether nobody has claimed it.
    pub(super) fn is_free(&self, id: Id) -> bool {
        !self.claimed.contains(&id)
    }

    /// Looks at another document: numbers of nodes are of one tree only.
    pub(super) fn aside<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        let before =
            (std::mem::take(&mut self.claimed), std::mem::take(&mut self.hits), std::mem::take(&mut self.again));
        let result = look(self);
        (self.claimed, self.hits, self.again) = before;
        result
    }
}
