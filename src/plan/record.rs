//! The record that each changed key carries on the object: one annotation per key.
//!
//! One annotation per key, so that a write that never read the object erases no other record.
//! Anyone with `patch` can write it: what it says is a claim (requirement S17).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::names::KeyName;

/// The prefix of the annotations.
pub(crate) const PREFIX: &str = "key.secretsafe.dev/";

/// Kubernetes' limit for the part of an annotation's name behind the `/`.
const MAX_ANNOTATION_NAME: usize = 63;

/// Largest size of all records of a Secret, names and texts together. Kubernetes allows 256 KiB for all
/// annotations of an object, which others need as well.
pub(crate) const MAX_RECORDS: usize = 64 * 1024;

/// The annotation's value: who changed this key, when, from what kind of source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Version of this format.
    pub(crate) v: u32,
    /// When, by the server's clock.
    pub(crate) at: Timestamp,
    /// The user, as the server named them; absent if it would not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
    /// The scheme of the source.
    pub(crate) from: String,
    /// `--public-ok` let a public text into a key that looks secret (requirement S5).
    #[serde(default, skip_serializing_if = "std::ops::Not::not", rename = "publicOk")]
    pub(crate) public_ok: bool,
    /// How often this program has written the key.
    pub(crate) n: u64,
    /// The random id of the write, by which a write whose answer was lost is recognised.
    pub(crate) op: String,
    /// Fields of later versions, kept as they are.
    #[serde(flatten)]
    pub(crate) unknown: serde_json::Map<String, serde_json::Value>,
}

/// What the record of a key says about its source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Provenance {
    /// The scheme.
    pub(crate) scheme: String,
    /// Whether it needed `--public-ok`.
    pub(crate) public_ok: bool,
}

/// Who writes, and when: goes into the record of each key.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    /// The user, if the server named them.
    pub(crate) by: Option<String>,
    /// The server's time.
    pub(crate) at: Timestamp,
    /// The id of this write.
    pub(crate) op: String,
}

impl Record {
    /// Makes the first record of a key.
    pub(crate) fn first(author: &Author, from: &Provenance) -> Self {
        Self {
            v: 1,
            at: author.at,
            by: author.by.clone(),
            from: from.scheme.clone(),
            public_ok: from.public_ok,
            n: 1,
            op: author.op.clone(),
            unknown: serde_json::Map::new(),
        }
    }

    /// Makes the record that follows this one; unknown fields stay.
    pub(crate) fn next(&self, author: &Author, from: &Provenance) -> Self {
        Self { unknown: self.unknown.clone(), n: self.n.saturating_add(1), ..Self::first(author, from) }
    }

    /// Reads an annotation's value; what does not look like a record is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Writes an annotation's value.
    pub(crate) fn to_annotation(&self) -> String {
        // A struct of texts and numbers always serializes; `{}` would be an empty claim.
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// Names the annotation that holds the record of `key`.
///
/// A key that is too long for an annotation, or starts or ends with a character that annotations do
/// not allow there, is named by a hash of its name (not of its value).
pub(crate) fn annotation_for(key: &KeyName) -> String {
    let name = key.as_str();
    let plain = name.len() <= MAX_ANNOTATION_NAME
        && name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        && name.bytes().last().is_some_and(|b| b.is_ascii_alphanumeric());
    if plain {
        return format!("{PREFIX}{name}");
    }
    let hash = Sha256::digest(name.as_bytes());
    let hex: String = hash.iter().take(20).map(|byte| format!("{byte:02x}")).collect();
    format!("{PREFIX}sha256-{hex}")
}

/// Names the records that have to go, the oldest first, so that the rest fit into `MAX_RECORDS`.
///
/// Times are whole seconds: of two of the same second, the one of the write `op` stays longer.
pub(crate) fn too_many<'a>(records: &BTreeMap<&'a str, &Record>, op: &str) -> Vec<&'a str> {
    let size = |name: &str, record: &Record| name.len() + record.to_annotation().len();
    let mut sized: Vec<_> =
        records.iter().map(|(name, record)| (record.at, record.op == op, *name, size(name, record))).collect();
    sized.sort_unstable();
    let mut total: usize = sized.iter().map(|(.., size)| size).sum();
    let excess = sized.iter().take_while(|(.., size)| {
        let over = total > MAX_RECORDS;
        total = total.saturating_sub(*size);
        over
    });
    excess.map(|(.., name, _)| *name).collect()
}

/// Makes a random id for a write: 128 bits, 32 hex digits.
pub(crate) fn new_op() -> Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| {
        Error::source("the system gives no random numbers").hint("see whether /dev/urandom can be read")
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> KeyName {
        KeyName::checked(text).unwrap()
    }

    #[test]
    fn annotation_names_are_valid_for_every_key() {
        assert_eq!(annotation_for(&key("tls.crt")), "key.secretsafe.dev/tls.crt");
        for odd in [".dockerconfigjson", "-", "a_", &"k".repeat(200)] {
            let name = annotation_for(&key(odd));
            let behind = name.strip_prefix(PREFIX).unwrap();
            assert!(behind.len() <= 63 && behind.starts_with("sha256-"), "{name}");
        }
        assert_ne!(annotation_for(&key("a_")), annotation_for(&key("b_")));
    }

    #[test]
    fn the_oldest_records_go_until_the_rest_fits() {
        let record = |day: i64| {
            let at = Timestamp::from_second(day * 86_400).unwrap();
            let author = Author { by: Some("b".repeat(900)), at, op: "o".repeat(32) };
            Record::first(&author, &Provenance { scheme: "prompt".into(), public_ok: false })
        };
        let records: BTreeMap<String, Record> =
            (0..100).map(|day| (format!("k{:02}", 99 - day), record(day))).collect();
        let all: BTreeMap<&str, &Record> = records.iter().map(|(name, record)| (name.as_str(), record)).collect();
        let gone = too_many(&all, "");
        let size = |name: &str| name.len() + records[name].to_annotation().len();
        let kept: usize = records.keys().filter(|name| !gone.contains(&name.as_str())).map(|name| size(name)).sum();
        assert!(kept <= MAX_RECORDS && kept + size(gone[0]) > MAX_RECORDS, "{kept}");
        assert_eq!(gone.first(), Some(&"k99"), "the oldest");
        assert!(too_many(&all.into_iter().take(60).collect(), "").is_empty());
    }

    #[test]
    fn an_exception_for_public_text_is_in_the_record_until_the_next_write() {
        let author = Author { by: None, at: Timestamp::UNIX_EPOCH, op: "o".into() };
        let from = |public_ok| Provenance { scheme: "public".into(), public_ok };
        let first = Record::first(&author, &from(true));
        assert!(first.to_annotation().contains(r#""publicOk":true"#));
        assert!(!first.next(&author, &from(false)).to_annotation().contains("publicOk"));
    }

    #[test]
    fn unknown_fields_survive() {
        let text = r#"{"v":2,"at":"2026-01-02T03:04:05Z","from":"prompt","n":3,"op":"x","later":{"a":1}}"#;
        let record = Record::parse(text).unwrap();
        assert_eq!(record.by, None);
        assert!(record.to_annotation().contains(r#""later":{"a":1}"#));
    }

    #[test]
    fn what_is_no_record_is_none() {
        for text in ["", "{}", "[]", "null", r#"{"v":1,"at":"yesterday","from":"","n":1,"op":""}"#] {
            assert!(Record::parse(text).is_none(), "{text}");
        }
    }
}
