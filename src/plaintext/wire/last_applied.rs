//! The manifest that client-side `kubectl apply` leaves in an annotation: whether it holds values, and nothing else of it.
//!
//! It is the plaintext of a Secret in what is called metadata, so it is looked at in place and not kept.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The annotation (kubectl's `LastAppliedConfigAnnotation`).
pub(crate) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What the annotation holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastApplied {
    /// So many values that are not empty.
    Values(usize),
    /// A manifest without values.
    NoValues,
    /// Something that is no manifest.
    Unreadable,
}

impl LastApplied {
    fn of(text: &str) -> Self {
        let Ok(Manifest { data, string_data }) = serde_json::from_str(text) else { return Self::Unreadable };
        let parts = [data, string_data].into_iter().flatten();
        match parts.map(|part| part.into_values().filter(|Filled(filled)| *filled).count()).sum() {
            0 => Self::NoValues,
            count => Self::Values(count),
        }
    }
}

impl<'de> Deserialize<'de> for LastApplied {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;

        impl Visitor<'_> for Look {
            type Value = LastApplied;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_str<E>(self, text: &str) -> Result<LastApplied, E> {
                Ok(LastApplied::of(text))
            }
        }

        deserializer.deserialize_str(Look)
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    data: Option<BTreeMap<String, Filled>>,
    string_data: Option<BTreeMap<String, Filled>>,
}

/// Whether there is anything.
struct Filled(bool);

impl<'de> Deserialize<'de> for Filled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;

        impl<'de> Visitor<'de> for Look {
            type Value = Filled;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_str<E>(self, text: &str) -> Result<Filled, E> {
                Ok(Filled(!text.is_empty()))
            }

            fn visit_unit<E>(self) -> Result<Filled, E> {
                Ok(Filled(false))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Filled, E> {
                Ok(Filled(true))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Filled, E> {
                Ok(Filled(true))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Filled, E> {
                Ok(Filled(true))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Filled, E> {
                Ok(Filled(true))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Filled, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Filled(true))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Filled, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Filled(true))
            }
        }

        deserializer.deserialize_any(Look).map_err(|_| D::Error::custom("no value"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_tells_whether_it_has_values() {
        for (text, wanted) in [
            (r#"{"kind":"Secret","data":{"a":"eA==","b":""}}"#, LastApplied::Values(1)),
            (r#"{"stringData":{"a":"x","b":"y"},"data":{"c":"eA=="}}"#, LastApplied::Values(3)),
            (r#"{"stringData":{"a":1,"b":null,"c":{"d":[1]},"e":[{"f":1}],"g":true}}"#, LastApplied::Values(4)),
            (r#"{"kind":"Secret","metadata":{"annotations":{"x":"y"}},"data":null}"#, LastApplied::NoValues),
            (r#"{"kind":"Secret","data":{"a":""}}"#, LastApplied::NoValues),
            ("", LastApplied::Unreadable),
            ("password: x", LastApplied::Unreadable),
            (r#"{"data":"x"}"#, LastApplied::Unreadable),
        ] {
            let quoted = serde_json::to_string(text).unwrap();
            assert_eq!(serde_json::from_str::<LastApplied>(&quoted).unwrap(), wanted, "{text}");
        }
    }
}
