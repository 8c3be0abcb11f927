//! A place in a document, and the way to it: so that what is wrong there can be said with line and column.

use std::collections::BTreeMap;

use crate::names::{KeyName, SecretName, nearest};

use super::super::manifest::{ManifestError, Node, Place, Problem, Step, Unfit};
use super::wrong::Wrong;

/// A node of a document.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    node: &'a Node,
    path: Vec<Step>,
    /// Names that errors may tell.
    place: Place,
}

impl<'a> Cursor<'a> {
    /// Starts at a node that `path` leads to.
    pub(super) fn at(node: &'a Node, path: &[Step]) -> Self {
        Self { node, path: path.to_vec(), place: Place::default() }
    }

    /// Lets errors below name the Secret.
    pub(super) fn of_secret(mut self, name: Option<SecretName>) -> Self {
        self.place.secret = name;
        self
    }

    /// Lets errors below name the key.
    pub(super) fn of_key(mut self, key: Option<&KeyName>) -> Self {
        self.place.key = key.cloned();
        self
    }

    /// Says that the value here is wrong.
    pub(super) fn wrong(&self, wrong: Wrong) -> Unfit {
        self.unfit(wrong, self.path.clone())
    }

    /// Says that the name of a field is wrong.
    pub(super) fn wrong_name(&self, name: &str, wrong: Wrong) -> Unfit {
        self.unfit(wrong, [self.path.as_slice(), &[Step::Name(name.to_owned())]].concat())
    }

    fn unfit(&self, wrong: Wrong, path: Vec<Step>) -> Unfit {
        let error = ManifestError { problem: Problem::Spec(wrong), place: self.place.clone() };
        Unfit { error: Box::new(error), path: Some(path) }
    }

    fn below(&self, node: &'a Node, step: Step) -> Self {
        Self { node, path: [self.path.as_slice(), &[step]].concat(), place: self.place.clone() }
    }

    /// Returns the fields of the map that is here, in the order of their names.
    pub(super) fn fields(&self, what: &'static str) -> Result<Vec<(&'a str, Self)>, Unfit> {
        let map = self.map(what)?;
        Ok(map.iter().map(|(name, node)| (name.as_str(), self.below(node, Step::Field(name.clone())))).collect())
    }

    fn map(&self, what: &'static str) -> Result<&'a BTreeMap<String, Node>, Unfit> {
        match self.node {
            Node::Map(map) => Ok(map),
            _ => Err(self.wrong(Wrong::Type(what, "a map"))),
        }
    }

    /// Refuses fields that are not known, and those by which a value would stand in the file.
    pub(super) fn only(&self, what: &'static str, known: &[&'static str]) -> Result<(), Unfit> {
        match self.map(what)?.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => {
                let wrong = Wrong::inline(name).unwrap_or_else(|| Wrong::Unknown(what, near(name, known)));
                Err(self.wrong_name(name, wrong))
            }
        }
    }

    /// Returns a field, if it is there and not `null`.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        self.node.get(name).map(|node| self.below(node, Step::Field(name.to_owned())))
    }

    /// Returns a field that must be there.
    pub(super) fn needed(&self, name: &'static str) -> Result<Self, Unfit> {
        self.get(name).ok_or_else(|| self.wrong(Wrong::Missing(name)))
    }

    /// Returns the items of the list that is here.
    pub(super) fn items(&self, what: &'static str) -> Result<Vec<Self>, Unfit> {
        match self.node {
            Node::List(items) => {
                Ok(items.iter().enumerate().map(|(index, node)| self.below(node, Step::Item(index))).collect())
            }
            _ => Err(self.wrong(Wrong::Type(what, "a list"))),
        }
    }

    /// Returns the text that is here.
    pub(super) fn text(&self, what: &'static str) -> Result<&'a str, Unfit> {
        self.node.text().ok_or_else(|| self.wrong(Wrong::Type(what, "text; quote a number, true or false")))
    }

    /// Returns the yes or no that is here.
    pub(super) fn truth(&self, what: &'static str) -> Result<bool, Unfit> {
        match self.node {
            Node::Bool(given) => Ok(*given),
            _ => Err(self.wrong(Wrong::Type(what, "true or false"))),
        }
    }

    /// Returns the small number that is here.
    pub(super) fn number(&self, what: &'static str, most: u8) -> Result<u8, Unfit> {
        let number = if let Node::Number(text) = self.node { text.parse().ok() } else { None };
        number
            .filter(|number| *number <= most)
            .ok_or_else(|| self.wrong(Wrong::Type(what, "a whole number from 0 to 20")))
    }
}

/// The known name that was probably meant.
fn near(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let meant = nearest(name, known.iter().copied())?;
    known.iter().find(|known| **known == meant).copied()
}
