//! `--sort-by`: kubectl's JSONPath over the items of a list, and kubectl's order of what it finds; or a word of ours.

use std::cmp::Ordering;
use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::output::Path;

/// What to sort by.
#[derive(Debug, Clone)]
pub(crate) enum SortBy {
    /// A field of the items.
    Path(Path),
    /// A word. As paths these would find nothing, or what has no order.
    Word(Word),
}

/// Words to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// The oldest key first.
    Age,
    /// What is due for the longest time first, then what will be.
    Due,
    /// By name, then by namespace.
    Name,
}

const WORDS: &[(&str, Word)] = &[("age", Word::Age), ("due", Word::Due), ("name", Word::Name)];

/// An item that can be sorted by a word.
pub(crate) trait Ranked {
    /// Returns its place.
    fn rank(&self, word: Word) -> (u8, i64, &str, &str);
}

impl FromStr for SortBy {
    type Err = Error;

    /// Takes a word, or `{.metadata.name}`, `.metadata.name` and `metadata.name`, as kubectl does.
    fn from_str(text: &str) -> Result<Self> {
        if let Some((_, word)) = WORDS.iter().find(|(name, _)| *name == text) {
            return Ok(Self::Word(*word));
        }
        // The parser's own error is about some path, this one about the flag.
        text.parse().map(Self::Path).map_err(|_: Error| {
            Error::usage("`--sort-by` is not a path that can be read")
                .hint("write age, due or name, or a field of the item, such as --sort-by=.metadata.creationTimestamp")
        })
    }
}

/// Sorts the items; those without the field come first.
pub(crate) fn sort<T: Serialize + Ranked>(mut items: Vec<T>, by: &SortBy) -> Result<Vec<T>> {
    match by {
        SortBy::Path(path) => sort_by_path(items, path),
        SortBy::Word(word) => {
            items.sort_by(|left, right| left.rank(*word).cmp(&right.rank(*word)));
            Ok(items)
        }
    }
}

fn sort_by_path<T: Serialize>(items: Vec<T>, path: &Path) -> Result<Vec<T>> {
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        let whole = serde_json::to_value(&item).map_err(|_| Error::bug("a report cannot be written as JSON"))?;
        let key = path.query(&whole).first().filter(|value| !value.is_null()).map(|value| (*value).clone());
        keyed.push((key, item));
    }
    if !keyed.is_empty() && keyed.iter().all(|(key, _)| key.is_none()) {
        return Err(Error::usage("no Secret of this list has the field that --sort-by names")
            .hint("see the fields with: kubectl secretsafe list -o json"));
    }
    keyed.sort_by(|(left, _), (right, _)| compare(left.as_ref(), right.as_ref()));
    Ok(keyed.into_iter().map(|(_, item)| item).collect())
}

fn compare(left: Option<&Value>, right: Option<&Value>) -> Ordering {
    match (left, right) {
        (Some(Value::String(left)), Some(Value::String(right))) => left.cmp(right),
        (Some(Value::Number(left)), Some(Value::Number(right))) => left.as_f64().total(right.as_f64()),
        (Some(left), Some(right)) => left.to_string().cmp(&right.to_string()),
        (left, right) => left.is_some().cmp(&right.is_some()),
    }
}

trait Total {
    fn total(self, other: Self) -> Ordering;
}

impl Total for Option<f64> {
    fn total(self, other: Self) -> Ordering {
        self.unwrap_or(f64::NEG_INFINITY).total_cmp(&other.unwrap_or(f64::NEG_INFINITY))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sorted(path: &str, items: Vec<Value>) -> Result<Vec<String>> {
        let SortBy::Path(path) = path.parse()? else { panic!("a path") };
        let items = sort_by_path(items, &path)?;
        Ok(items.iter().map(|item| item["n"].as_str().unwrap().to_owned()).collect())
    }

    #[test]
    fn paths_are_written_as_for_kubectl() {
        let items = || vec![json!({"n": "b", "m": {"a.b/c": "2"}}), json!({"n": "a", "m": {"a.b/c": "10"}})];
        for path in ["{.n}", ".n", "n", "$.n", "['n']"] {
            assert_eq!(sorted(path, items()).unwrap(), ["a", "b"], "{path}");
        }
        assert_eq!(sorted(r"{.m.a\.b/c}", items()).unwrap(), ["a", "b"], "texts are compared as texts");
    }

    #[test]
    fn what_has_no_field_comes_first_and_no_field_at_all_is_a_mistake() {
        let items = || vec![json!({"n": "b", "x": 3}), json!({"n": "a"}), json!({"n": "c", "x": 2})];
        assert_eq!(sorted(".x", items()).unwrap(), ["a", "c", "b"]);
        assert!(sorted(".nowhere", items()).is_err());
        assert!(sorted(".x[", items()).unwrap_err().message().contains("--sort-by"));
    }
}
