//! What a careful rotation leaves beside its Secret and on it: the pending Secret, kept versions, and the notes
//! that list them. Pure.
//!
//! Anybody may make a Secret with such a name, so a companion counts only if its uid is listed on the target
//! (requirement S16), and what it says of itself is a claim.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::config::Restart;
use crate::names::{KeyName, SecretName};

/// The annotation of the target that lists the pending Secret.
pub(crate) const NOTE: &str = "secretsafe.dev/pending";
/// The annotation of the target that lists kept versions.
pub(crate) const KEPT: &str = "secretsafe.dev/history";
/// The annotation of a companion that says what it belongs to.
pub(crate) const COMPANION: &str = "secretsafe.dev/companion";
/// The type of a pending Secret.
pub(crate) const PENDING_TYPE: &str = "secretsafe.dev/pending";
/// The type of a kept version.
pub(crate) const KEPT_TYPE: &str = "secretsafe.dev/history";

const PENDING: &str = ".secretsafe-pending";
const VERSION: &str = ".secretsafe-v";

/// Names the pending Secret of a rotation; `None` if that would be too long.
pub(crate) fn pending_name(target: &SecretName) -> Option<SecretName> {
    format!("{target}{PENDING}").parse().ok()
}

/// Names the Secret that keeps a version; `None` if that would be too long.
pub(crate) fn version_name(target: &SecretName, number: u64) -> Option<SecretName> {
    format!("{target}{VERSION}{number}").parse().ok()
}

/// Tells whether a name is that of a companion.
pub(crate) fn is_companion(name: &str) -> bool {
    owner_part(name).is_some()
}

/// Names the Secret that a companion would belong to, by its name.
pub(crate) fn owner_name(companion: &SecretName) -> Option<SecretName> {
    owner_part(companion.as_str())?.parse().ok()
}

fn owner_part(name: &str) -> Option<&str> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let version = name.rsplit_once(VERSION).filter(|(_, number)| is_number(number)).map(|(owner, _)| owner);
    name.strip_suffix(PENDING).or(version)
}

/// The note on the target: a rotation is under way, and where its values are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// Version of this format.
    pub(crate) v: u32,
    /// The uid of the pending Secret.
    pub(crate) uid: String,
    /// The id of the write that brings the new values.
    pub(crate) op: String,
    /// When it began, by the server's clock.
    pub(crate) at: Timestamp,
    /// Who began it, as the server named them: a claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
    /// The keys that are rotated.
    pub(crate) keys: Vec<KeyName>,
    /// A hook changes the credential where it lives.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) hook: bool,
    /// Which workloads are restarted behind it.
    #[serde(default)]
    pub(crate) restart: Restart,
    /// It is being undone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) undo: bool,
}

/// What a companion says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Companion {
    /// Version of this format.
    pub(crate) v: u32,
    /// The id of the write that it was made for.
    pub(crate) op: String,
    /// The uid of the target.
    pub(crate) of: String,
    /// The version of the target that was looked at.
    pub(crate) version: String,
    /// For each key, the scheme of the source of its new value.
    pub(crate) keys: BTreeMap<KeyName, String>,
    /// The old values stay on the target, under another key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) keep_previous: bool,
    /// How many versions are kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) history: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The list of kept versions on the target, the oldest first.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Version of this format.
    pub(crate) v: u32,
    /// The highest number that was ever given.
    pub(crate) last: u64,
    /// The versions.
    pub(crate) versions: Vec<Version>,
}

/// One kept version: what one rotation replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// Its number, from 1.
    pub(crate) n: u64,
    /// The uid of the Secret that holds it.
    pub(crate) uid: String,
    /// When it was replaced, by the server's clock.
    pub(crate) at: Timestamp,
    /// The id of the write that replaced it.
    #[serde(default)]
    pub(crate) op: String,
    /// The keys that it holds.
    pub(crate) keys: Vec<KeyName>,
}

impl Kept {
    /// Adds a version, and takes out the oldest until `most` are left: returns those.
    pub(crate) fn push(&mut self, version: Version, most: u64) -> Vec<Version> {
        self.v = 1;
        self.last = self.last.max(version.n);
        self.versions.push(version);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let excess = self.versions.len().saturating_sub(most);
        self.versions.drain(..excess).collect()
    }

    /// Says which version holds each key as it was before write `number`: a version holds what its write replaced,
    /// so that is the first one from there on that has the key.
    pub(crate) fn before(&self, number: u64) -> BTreeMap<&KeyName, &Version> {
        let mut found = BTreeMap::new();
        for version in self.versions.iter().filter(|version| version.n >= number) {
            for key in &version.keys {
                found.entry(key).or_insert(version);
            }
        }
        found
    }
}

/// Reads one of these annotations; what is not one, or is of a later format, is none.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let first: Format = serde_json::from_str(text).ok()?;
    if first.v == 1 { serde_json::from_str(text).ok() } else { None }
}

#[derive(Deserialize)]
struct Format {
    v: u32,
}

/// Writes one of these annotations.
pub(crate) fn written(note: &impl Serialize) -> String {
    // Structs of texts and numbers always serialize; an empty text is read back as none.
    serde_json::to_string(note).unwrap_or_default()
}

/// In which key of the pending Secret an old value stands; `None` if that would be too long.
pub(crate) fn old_key(key: &KeyName) -> Option<KeyName> {
    KeyName::checked(&format!("{key}.old"))
}

/// In which key of the pending Secret a new value stands; `None` if that would be too long.
pub(crate) fn new_key(key: &KeyName) -> Option<KeyName> {
    KeyName::checked(&format!("{key}.new"))
}

/// The key under which the old value stays beside the new one; `None` if that would be too long.
pub(crate) fn previous(key: &KeyName) -> Option<KeyName> {
    KeyName::checked(&format!("{key}.previous"))
}

/// What the record of a second slot says about its source.
pub(crate) const PREVIOUS: &str = "previous";

/// Returns the key whose old value a second slot holds, by its name and its record.
pub(crate) fn previous_of(slot: &KeyName, from: Option<&str>) -> Option<KeyName> {
    slot.as_str().strip_suffix(".previous").filter(|_| from == Some(PREVIOUS)).and_then(KeyName::checked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> KeyName {
        KeyName::checked(text).unwrap()
    }

    fn version(n: u64, keys: &[&str]) -> Version {
        let keys = keys.iter().map(|name| key(name)).collect();
        Version { n, uid: format!("u{n}"), at: Timestamp::UNIX_EPOCH, op: String::new(), keys }
    }

    #[test]
    fn companions_are_told_by_their_names() {
        let target: SecretName = "db".parse().unwrap();
        for name in [pending_name(&target).unwrap(), version_name(&target, 12).unwrap()] {
            assert!(is_companion(name.as_str()), "{name}");
        }
        for name in ["db", "db.secretsafe-v", "db.secretsafe-v1x", "db.secretsafe-pending-2"] {
            assert!(!is_companion(name), "{name}");
        }
        assert!(pending_name(&"a".repeat(240).parse().unwrap()).is_none());
    }

    #[test]
    fn the_oldest_versions_go_first() {
        let mut kept = Kept::default();
        assert!(kept.push(version(1, &["a"]), 2).is_empty());
        assert!(kept.push(version(2, &["b"]), 2).is_empty());
        let gone: Vec<u64> = kept.push(version(3, &["a"]), 2).iter().map(|version| version.n).collect();
        assert_eq!((gone, kept.last), (vec![1], 3));
        assert_eq!(kept.push(version(4, &["a"]), 0).len(), 3, "all go, and their numbers are not given again");
        assert_eq!(kept.last, 4);
    }

    #[test]
    fn a_version_is_what_its_write_replaced() {
        let versions = vec![version(1, &["a"]), version(2, &["b"]), version(3, &["a", "c"])];
        let kept = Kept { v: 1, last: 3, versions };
        let before =
            |number| kept.before(number).into_iter().map(|(key, version)| (key.as_str().to_owned(), version.n));
        assert_eq!(before(2).collect::<Vec<_>>(), [("a".into(), 3), ("b".into(), 2), ("c".into(), 3)]);
        assert_eq!(before(1).next(), Some(("a".to_owned(), 1)));
        assert_eq!(before(4).count(), 0);
    }

    #[test]
    fn what_is_of_a_later_format_is_none() {
        let note = Note {
            v: 1,
            uid: "u".into(),
            op: "o".into(),
            at: Timestamp::UNIX_EPOCH,
            by: None,
            keys: vec![key("a")],
            hook: true,
            restart: Restart::Auto,
            undo: false,
        };
        let text = written(&note);
        assert_eq!(read::<Note>(&text), Some(note));
        assert_eq!(read::<Note>(&text.replace("\"v\":1", "\"v\":2")), None);
        assert_eq!(read::<Note>(&text.replace("\"a\"", "\"a b\"")), None, "no key of Kubernetes");
        for wrong in ["", "{}", "[]", "null", "{\"v\":1}"] {
            assert_eq!(read::<Note>(wrong), None, "{wrong}");
        }
    }
}
