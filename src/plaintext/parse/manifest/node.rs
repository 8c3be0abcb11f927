//! One document as a tree, from YAML and from JSON alike, in bounded depth and size: aliases may not make it larger than
//! the text that it was read from.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use super::Problem;

/// Deepest nesting; objects of Kubernetes stay far below it.
const MAX_DEPTH: usize = 64;

/// A value of YAML or JSON.
#[derive(PartialEq)]
pub(in crate::plaintext::parse) enum Node {
    /// `null`, or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as text.
    Number(String),
    /// Text, which can be a value.
    Text(Zeroizing<String>),
    /// A list.
    List(Vec<Node>),
    /// A map.
    Map(BTreeMap<String, Node>),
}

impl Node {
    /// Returns a field of a map, unless it is `null`.
    pub(in crate::plaintext::parse) fn get(&self, name: &str) -> Option<&Node> {
        let Self::Map(map) = self else { return None };
        map.get(name).filter(|node| !matches!(node, Self::Null))
    }

    /// Returns the text, if it is one.
    pub(in crate::plaintext::parse) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text.as_str()) } else { None }
    }
}

/// What is left to be used up, and why it was stopped.
pub(super) struct Limits {
    nodes: Cell<usize>,
    bytes: Cell<usize>,
    stopped: Cell<Option<Problem>>,
}

impl Limits {
    /// Limits for a document of this text: without aliases, neither can be exceeded, also by `\L`, which is three bytes.
    pub(super) fn of(text: &str) -> Self {
        Self { nodes: Cell::new(text.len() + 16), bytes: Cell::new(2 * text.len() + 16), stopped: Cell::new(None) }
    }

    /// Returns why it was stopped, if not by the parser.
    pub(super) fn stopped(&self) -> Option<Problem> {
        self.stopped.get()
    }

    fn stop<E: Error>(&self, problem: Problem) -> E {
        self.stopped.set(Some(problem));
        E::custom("stopped")
    }

    fn take<E: Error>(&self, bytes: usize) -> Result<(), E> {
        match (self.nodes.get().checked_sub(1), self.bytes.get().checked_sub(bytes)) {
            (Some(nodes), Some(bytes)) => {
                self.nodes.set(nodes);
                self.bytes.set(bytes);
                Ok(())
            }
            _ => Err(self.stop(Problem::Aliases)),
        }
    }
}

/// Reads a node within limits.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    limits: &'a Limits,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the root of a document.
    pub(super) fn new(limits: &'a Limits) -> Self {
        Self { limits, depth: 0 }
    }

    fn below<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.limits.stop(Problem::TooDeep));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        self.limits.take(0).map(|()| Node::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Node, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, given: bool) -> Result<Node, E> {
        self.limits.take(0).map(|()| Node::Bool(given))
    }

    fn visit_i64<E: Error>(self, given: i64) -> Result<Node, E> {
        self.limits.take(0).map(|()| Node::Number(given.to_string()))
    }

    fn visit_u64<E: Error>(self, given: u64) -> Result<Node, E> {
        self.limits.take(0).map(|()| Node::Number(given.to_string()))
    }

    fn visit_i128<E: Error>(self, given: i128) -> Result<Node, E> {
        self.limits.take(0).map(|()| Node::Number(given.to_string()))
    }

    fn visit_u128<E: Error>(self, given: u128) -> Result<Node, E> {
        self.limits.take(0).map(|()| Node::Number(given.to_string()))
    }

    fn visit_f64<E: Error>(self, given: f64) -> Result<Node, E> {
        self.limits.take(0).map(|()| Node::Number(given.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        self.limits.take(text.len())?;
        Ok(Node::Text(Zeroizing::new(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        self.limits.take(0)?;
        let (below, mut list) = (self.below()?, Vec::new());
        while let Some(node) = seq.next_element_seed(below)? {
            list.push(node);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        self.limits.take(0)?;
        let (below, mut map) = (self.below()?, BTreeMap::new());
        while let Some(key) = access.next_key_seed(KeyReader(self.limits))? {
            if map.contains_key(&key) {
                return Err(self.limits.stop(Problem::Duplicate));
            }
            map.insert(key, access.next_value_seed(below)?);
        }
        Ok(Node::Map(map))
    }

    /// Only a tag that is not YAML's own comes here.
    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Node, A::Error> {
        Err(self.limits.stop(Problem::Tag))
    }
}

/// Reads the key of a map; a number becomes text, as kubectl has it.
pub(super) struct KeyReader<'a>(pub(super) &'a Limits);

impl<'de> DeserializeSeed<'de> for KeyReader<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for KeyReader<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        self.0.take(text.len())?;
        Ok(text.to_owned())
    }

    fn visit_i64<E: Error>(self, given: i64) -> Result<String, E> {
        self.visit_str(&given.to_string())
    }

    fn visit_u64<E: Error>(self, given: u64) -> Result<String, E> {
        self.visit_str(&given.to_string())
    }

    fn visit_bool<E: Error>(self, given: bool) -> Result<String, E> {
        self.visit_str(&given.to_string())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<String, E> {
        Err(self.0.stop(Problem::OddKey))
    }

    fn visit_unit<E: Error>(self) -> Result<String, E> {
        Err(self.0.stop(Problem::OddKey))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<String, A::Error> {
        Err(self.0.stop(Problem::OddKey))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<String, A::Error> {
        Err(self.0.stop(Problem::OddKey))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<String, A::Error> {
        Err(self.0.stop(Problem::Tag))
    }
}
