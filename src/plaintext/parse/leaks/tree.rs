//! A document as a tree whose nodes know where they stand. YAML and JSON alike are read as events; aliases are not
//! followed, so nothing becomes larger than its text.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span};

use super::found::Unread;

/// Deepest nesting.
const MAX_DEPTH: usize = 128;
/// Most nodes of a document.
pub(super) const MAX_NODES: usize = 500_000;

/// The number of a node in its tree.
pub(super) type Id = usize;

/// A node.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// What it is in, and under which key of it.
    pub(super) parent: Option<(Id, Option<Id>)>,
    /// Line and column, from 1.
    pub(super) place: (usize, usize),
    /// What it is.
    pub(super) shape: Shape<'a>,
}

/// What a node is.
pub(super) enum Shape<'a> {
    /// Text, a number, `true`: all as they are written.
    Scalar(Scalar<'a>),
    /// Keys and values.
    Map(Vec<(Id, Id)>),
    /// Items.
    List(Vec<Id>),
}

/// Text as it is written.
pub(super) struct Scalar<'a> {
    /// The text; expressions of a template in it are moved.
    pub(super) text: Cow<'a, str>,
    /// How it is written.
    pub(super) style: Style,
    /// Whether it has a tag of somebody's own, such as `!vault`.
    pub(super) tagged: bool,
    /// Whether it is an alias, and of what.
    pub(super) again: Option<Id>,
}

/// Tags that make a text the name of a value: of Ansible, CloudFormation, GitLab, Home Assistant.
const FUNCTIONS: &[&str] = &[
    "vault",
    "Ref",
    "Sub",
    "GetAtt",
    "ImportValue",
    "Join",
    "secret",
    "env",
    "env_var",
    "ENV",
    "reference",
    "encrypted",
];

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Without quotes.
    Plain,
    /// In quotes.
    Quoted,
    /// In lines of their own, which are those of the text.
    Literal,
    /// In lines of their own, which are joined.
    Folded,
}

impl std::fmt::Debug for Shape<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Scalar(_) => "Scalar",
            Self::Map(_) => "Map",
            Self::List(_) => "List",
        })
    }
}

/// One document.
#[derive(Debug, Default)]
pub(super) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    /// The object that each node is in, and the kind of each object; see `settle`.
    objects: Vec<Option<Id>>,
    kinds: HashMap<Id, Id>,
}

impl<'a> Tree<'a> {
    /// Adds a node.
    pub(super) fn add(&mut self, parent: Option<(Id, Option<Id>)>, place: (usize, usize), shape: Shape<'a>) -> Id {
        self.nodes.push(Node { parent, place, shape });
        self.nodes.len() - 1
    }

    /// Hangs a value below what it is in.
    pub(super) fn hang(&mut self, child: Id) {
        let Some((parent, key)) = self.nodes.get(child).and_then(|node| node.parent) else { return };
        match (self.nodes.get_mut(parent).map(|node| &mut node.shape), key) {
            (Some(Shape::Map(entries)), Some(key)) => entries.push((key, child)),
            (Some(Shape::List(items)), _) => items.push(child),
            _ => {}
        }
    }

    /// Returns all nodes.
    pub(super) fn ids(&self) -> std::ops::Range<Id> {
        0..self.nodes.len()
    }

    /// Returns a node.
    pub(super) fn node(&self, id: Id) -> Option<&Node<'a>> {
        self.nodes.get(id)
    }

    /// Returns the text of a node.
    pub(super) fn scalar(&self, id: Id) -> Option<&Scalar<'a>> {
        if let Shape::Scalar(scalar) = &self.node(id)?.shape { Some(scalar) } else { None }
    }

    /// Returns the text of a node, without quotes.
    pub(super) fn text(&self, id: Id) -> Option<&str> {
        self.scalar(id).map(|scalar| scalar.text.as_ref())
    }

    /// Returns keys and values of a map; none of anything else.
    pub(super) fn entries(&self, id: Id) -> &[(Id, Id)] {
        match self.node(id).map(|node| &node.shape) {
            Some(Shape::Map(entries)) => entries,
            _ => &[],
        }
    }

    /// Returns the items of a list; none of anything else.
    pub(super) fn items(&self, id: Id) -> &[Id] {
        match self.node(id).map(|node| &node.shape) {
            Some(Shape::List(items)) => items,
            _ => &[],
        }
    }

    /// Returns a field of a map.
    pub(super) fn get(&self, id: Id, name: &str) -> Option<Id> {
        self.entries(id).iter().find(|(key, _)| self.text(*key) == Some(name)).map(|(_, value)| *value)
    }

    /// Returns the text of a field.
    pub(super) fn get_text(&self, id: Id, name: &str) -> Option<&str> {
        self.text(self.get(id, name)?)
    }

    /// Returns the key under which a node stands, itself or the list that it is in.
    pub(super) fn key_of(&self, id: Id) -> Option<Id> {
        match self.node(id)?.parent? {
            (_, Some(key)) => Some(key),
            (parent, None) => self.key_of(parent),
        }
    }

    /// Returns the parents of a node, the nearest first.
    pub(super) fn above(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        let parent = |id: &Id| self.node(*id)?.parent.map(|(parent, _)| parent);
        std::iter::successors(parent(&id), parent)
    }

    /// Finds the objects, once, when the tree is whole: what asks for them must not look through large maps again and again.
    pub(super) fn settle(&mut self) {
        self.objects = Vec::with_capacity(self.nodes.len());
        for id in self.ids() {
            let kind = self.get(id, "kind").filter(|kind| self.scalar(*kind).is_some());
            let is_object =
                kind.is_some() && ["apiVersion", "metadata"].iter().any(|field| self.get(id, field).is_some());
            let above = self.node(id).and_then(|node| node.parent);
            let above = above.and_then(|(parent, _)| self.objects.get(parent).copied().flatten());
            self.objects.push(if is_object { Some(id) } else { above });
            self.kinds.extend(kind.filter(|_| is_object).map(|kind| (id, kind)));
        }
    }

    /// Returns the nearest object of Kubernetes that a node is in.
    pub(super) fn object_of(&self, id: Id) -> Option<Id> {
        self.objects.get(id).copied().flatten()
    }

    /// Returns the kind of the object that a node is in.
    pub(super) fn kind_of(&self, id: Id) -> Option<&str> {
        self.text(*self.kinds.get(&self.object_of(id)?)?)
    }
}

/// What is read one after the other.
pub(super) enum Read<'a> {
    /// A document.
    Document(Tree<'a>),
    /// Why the rest of a document could not be read, where, and what was read before.
    Broken(Unread, usize, Tree<'a>),
}

/// Reads all documents. One that is broken does not end it.
pub(super) fn read<'a>(text: &'a str, each: &mut dyn FnMut(Read<'a>)) {
    let mut options = granit_parser::options! {
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        bom_inside_document_as_content: true,
        simple_key_max_lookahead: 16 * 1024,
    };
    options.set_emit_comments(false);
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder::default();
    loop {
        let event = match parser.next_event() {
            None => return,
            Some(Ok((Event::StreamEnd, _))) => return,
            Some(event) => event,
        };
        let problem = match event {
            Ok((event, span)) => match builder.take(event, span) {
                Ok(None) => continue,
                Ok(Some(tree)) => {
                    each(Read::Document(tree));
                    continue;
                }
                Err(problem) => problem,
            },
            Err(err) => (why(err.kind()), err.marker().line()),
        };
        let mut begun = std::mem::take(&mut builder).tree;
        begun.settle();
        each(Read::Broken(problem.0, problem.1.max(1), begun));
        if !parser.proceed_next_document().unwrap_or(false) {
            return;
        }
    }
}

fn why(kind: &granit_parser::ErrorKind) -> Unread {
    use granit_parser::ErrorKind;
    match kind {
        ErrorKind::RecursionLimitExceeded => Unread::TooDeep,
        _ => Unread::Broken,
    }
}

/// A collection that is not closed yet, and the key that waits for its value.
#[derive(Debug)]
struct Open {
    id: Id,
    is_map: bool,
    key: Option<Id>,
}

#[derive(Debug, Default)]
struct Builder<'a> {
    tree: Tree<'a>,
    open: Vec<Open>,
    anchors: HashMap<usize, Id>,
}

impl<'a> Builder<'a> {
    /// Takes an event; returns the document when it ends.
    fn take(&mut self, event: Event<'a>, span: Span) -> Result<Option<Tree<'a>>, (Unread, usize)> {
        let place = (span.start.line(), span.start.col() + 1);
        if self.tree.nodes.len() > MAX_NODES {
            return Err((Unread::LargeDocument, place.0));
        }
        match event {
            Event::DocumentEnd => {
                let mut tree = std::mem::take(self).tree;
                tree.settle();
                return Ok(Some(tree));
            }
            Event::DocumentStart(..) => *self = Self::default(),
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                    _ => Style::Quoted,
                };
                let tagged = tag.is_some_and(|tag| tag.original_handle() == "!" && FUNCTIONS.contains(&tag.suffix()));
                let id = self.child(place, Shape::Scalar(Scalar { text, style, tagged, again: None }));
                self.anchors.insert(anchor, id);
            }
            Event::MappingStart(_, anchor, _) => self.begin(place, Shape::Map(Vec::new()), anchor),
            Event::SequenceStart(_, anchor, _) => self.begin(place, Shape::List(Vec::new()), anchor),
            Event::MappingEnd | Event::SequenceEnd => {
                self.open.pop();
            }
            Event::Alias(anchor) => {
                // Text that is used again is a value here too; a collection is looked at where it stands.
                let again = self.anchors.get(&anchor).and_then(|id| self.tree.scalar(*id));
                let again = again.filter(|scalar| scalar.text.len() <= 1024);
                let (text, tagged) =
                    again.map_or((Cow::Borrowed(""), false), |scalar| (scalar.text.clone(), scalar.tagged));
                let (style, again) = (Style::Plain, self.anchors.get(&anchor).copied());
                self.child(place, Shape::Scalar(Scalar { text, style, tagged, again }));
            }
            Event::UnresolvedAlias(_) => {
                self.child(
                    place,
                    Shape::Scalar(Scalar { text: Cow::Borrowed(""), style: Style::Plain, tagged: false, again: None }),
                );
            }
            _ => {}
        }
        Ok(None)
    }

    fn begin(&mut self, place: (usize, usize), shape: Shape<'a>, anchor: usize) {
        let is_map = matches!(shape, Shape::Map(_));
        let id = self.child(place, shape);
        self.anchors.insert(anchor, id);
        self.open.push(Open { id, is_map, key: None });
    }

    /// Adds a node where the parser is: as an item, as a key, or as the value of the key before.
    fn child(&mut self, place: (usize, usize), shape: Shape<'a>) -> Id {
        let Some(open) = self.open.last_mut() else { return self.tree.add(None, place, shape) };
        let (parent, is_map) = (open.id, open.is_map);
        match (is_map, open.key.take()) {
            (true, None) => {
                let id = self.tree.add(Some((parent, None)), place, shape);
                open.key = Some(id);
                id
            }
            (_, key) => {
                let id = self.tree.add(Some((parent, key)), place, shape);
                self.tree.hang(id);
                id
            }
        }
    }
}
