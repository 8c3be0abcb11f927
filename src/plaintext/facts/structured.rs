//! JSON and YAML: the kind and the number of fields; names of fields are content (requirement S10).

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::fact::Fact;

/// Largest value that is parsed; beyond it nothing is said.
const LARGEST: usize = 256 * 1024;

pub(super) fn detect(bytes: &[u8], text: Option<&str>) -> Vec<Fact> {
    let Some(text) = text.filter(|text| text.len() <= LARGEST) else { return Vec::new() };
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        return serde_json::from_slice::<Shape>(bytes).map(|shape| vec![shape.into()]).unwrap_or_default();
    }
    yaml_fields(text).map(|fields| vec![Fact::Structured { format: "YAML", fields }]).unwrap_or_default()
}

/// The outside of a JSON document; everything inside is skipped without a copy.
enum Shape {
    Object(usize),
    Array(usize),
}

impl From<Shape> for Fact {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Object(fields) => Self::Structured { format: "JSON object", fields },
            Shape::Array(fields) => Self::Structured { format: "JSON array", fields },
        }
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Count;

        impl<'de> Visitor<'de> for Count {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or an array")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
                let mut count = 0;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Shape::Object(count))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
                let mut count = 0;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Shape::Array(count))
            }
        }

        deserializer.deserialize_any(Count)
    }
}

/// Counts fields at the left margin. A real parser would expand aliases, which a hostile value can use
/// to fill the memory; this only looks at the starts of lines.
fn yaml_fields(text: &str) -> Option<usize> {
    let mut fields = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if line.starts_with([' ', '\t', '#', '-']) {
            continue;
        }
        let (name, rest) = line.split_once(':')?;
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        if !plain || name.is_empty() || !(rest.is_empty() || rest.starts_with(' ')) {
            return None;
        }
        fields += 1;
    }
    (fields >= 2).then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Fact> {
        detect(text.as_bytes(), Some(text))
    }

    #[test]
    fn fields_are_counted_and_not_named() {
        assert_eq!(of(r#"{"a":1,"b":{"c":2}}"#), [Fact::Structured { format: "JSON object", fields: 2 }]);
        assert_eq!(of("[1,2,3]"), [Fact::Structured { format: "JSON array", fields: 3 }]);
        assert_eq!(of("a: 1\nb:\n  c: 2\n"), [Fact::Structured { format: "YAML", fields: 2 }]);
        for other in ["{broken", "just text", "user:password", "a: b", "https://x/y\nz: 1", ""] {
            assert_eq!(of(other), [], "{other}");
        }
    }
}
