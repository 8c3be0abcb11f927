//! Finds the line and column of a place in a document that was read: it is read once more, up to that place. A tree with
//! a position at each node would cost every reader; only an error asks for one.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::node::{KeyReader, Limits};

/// One step from the root of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plaintext::parse) enum Step {
    /// The value of a field.
    Field(String),
    /// An item of a list.
    Item(usize),
    /// The name of a field; the last step.
    Name(String),
}

/// Stops at the place that a path leads to, by an error: that is what parsers tell the position of.
pub(super) struct Seek<'a> {
    pub(super) path: &'a [Step],
    pub(super) limits: &'a Limits,
}

fn here<E: Error>() -> E {
    E::custom("here")
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a place")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let (wanted, name_only, path) = match self.path {
            [Step::Field(name), path @ ..] => (name, false, path),
            [Step::Name(name), ..] => (name, true, [].as_slice()),
            _ => return Err(here()),
        };
        while let Some(found) = access.next_key_seed(Name { wanted, stop: name_only, limits: self.limits })? {
            if found {
                access.next_value_seed(Seek { path, limits: self.limits })?;
            } else {
                access.next_value::<IgnoredAny>()?;
            }
        }
        Err(here())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let [Step::Item(index), path @ ..] = self.path else { return Err(here()) };
        for _ in 0..*index {
            access.next_element::<IgnoredAny>()?;
        }
        access.next_element_seed(Seek { path, limits: self.limits })?;
        Err(here())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Err(here())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Err(here())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Err(here())
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<(), E> {
        Err(here())
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<(), E> {
        Err(here())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Err(here())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Err(here())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Err(here())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Err(here())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(here())
    }
}

/// Tells whether a key of a map is the one that is wanted; stops at it if its name is the place.
struct Name<'a> {
    wanted: &'a str,
    stop: bool,
    limits: &'a Limits,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Name<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
        let found = KeyReader(self.limits).visit_str::<E>(text)? == self.wanted;
        if found && self.stop { Err(here()) } else { Ok(found) }
    }

    fn visit_i64<E: Error>(self, given: i64) -> Result<bool, E> {
        self.visit_str(&given.to_string())
    }

    fn visit_u64<E: Error>(self, given: u64) -> Result<bool, E> {
        self.visit_str(&given.to_string())
    }

    fn visit_bool<E: Error>(self, given: bool) -> Result<bool, E> {
        self.visit_str(&given.to_string())
    }
}
