//! One line of the log: what it says, how it is written, and how it is read again. Pure.
//!
//! It holds names, times and words of this program: no value, and nothing that was typed but `--reason` and checked
//! names (requirement S9). What is read again may have been written by anyone, so it is text without a meaning.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chain::Key;

/// The version of the format.
const VERSION: u8 = 1;
/// More keys than these are counted, not named, so that no line is longer than a reader takes.
const MOST_KEYS: usize = 100;
/// Names of others (contexts, users) are cut at so many characters.
const LONGEST_NAME: usize = 256;
/// Longer lines than this are none of ours.
pub(super) const LONGEST: usize = 64 * 1024;

/// What stands before the MAC, which is the last field.
const BEFORE_MAC: &[u8] = b",\"mac\":\"";
/// Behind it.
const BEHIND_MAC: &[u8] = b"\"}";
/// Hex digits of a MAC.
const MAC_DIGITS: usize = 64;

/// How far something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Ended {
    /// It began; where no later line tells the end, it is running, or was killed.
    Begun,
    /// It was done.
    Done,
    /// The user said no.
    Declined,
    /// A rule of this program or of the team said no.
    Refused,
    /// It failed.
    Failed,
    /// It was changed but not finished, or nobody knows.
    Unfinished,
    /// A signal ended it.
    Interrupted,
}

impl Ended {
    /// Returns the word for it, as in JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Done => "done",
            Self::Declined => "declined",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unfinished => "unfinished",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What is done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Access {
    /// Its values are read.
    Read,
    /// It is changed.
    Write,
    /// Both.
    ReadWrite,
}

impl Access {
    /// Returns both together.
    pub(super) fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::ReadWrite }
    }

    /// Tells whether something is changed.
    pub(super) fn writes(self) -> bool {
        self != Self::Read
    }
}

/// What happened to one object: the beginning or the end of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deed {
    /// The same in the lines of beginning and end; what stands before the `-` is the same for the whole run.
    pub(crate) id: String,
    /// The command.
    pub(crate) action: String,
    /// How it ended, or that it began.
    pub(crate) result: Ended,
    /// The exit code; absent in a beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u8")]
    pub(crate) exit: Option<u8>,
    /// What was asked for; absent where it did not come to that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Access")]
    pub(crate) access: Option<Access>,
    /// The API server, or this program, stored nothing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) dry_run: bool,
    /// What it is: `Secret`, `KeychainEntry`, or an object of a schedule or a restart.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) kind: Option<String>,
    /// The name of the kubeconfig context.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) context: Option<String>,
    /// The fingerprint of server and CA, which tells clusters of the same context name apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) cluster: Option<String>,
    /// The namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) namespace: Option<String>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) name: Option<String>,
    /// The keys, as far as the object is known to have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<String>,
    /// How many more keys are meant.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) more_keys: usize,
    /// The user, as the API server named them in this run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) user: Option<String>,
    /// The name of the user's entry in the kubeconfig.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) login: Option<String>,
    /// The user of this machine, as the environment names them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) os_user: Option<String>,
    /// Their number; absent on Windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    pub(crate) uid: Option<u32>,
    /// What `--reason` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) reason: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Deed {
    /// Names keys, as many as a line has room for, and counts the rest of all that are meant.
    pub(super) fn name_keys(&mut self, keys: &[&str], all: usize) {
        self.keys = keys.iter().take(MOST_KEYS).map(|key| (*key).to_owned()).collect();
        self.more_keys = all.saturating_sub(self.keys.len());
    }
}

/// Cuts a name that others chose.
pub(super) fn cut(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

/// What a writer found that should not be so, and went on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Found {
    /// The end of a line that was cut off while it was written; it was removed.
    Torn,
    /// Lines that this program has not written; they were left.
    Foreign,
    /// Fewer lines than there were.
    Cut,
    /// A log without its state; it was put aside.
    StateLost,
}

/// How a log begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Beginning {
    /// The random id of the log, by which its first key is found.
    pub(crate) log: String,
    /// Whether the first key is in the keychain; if not, anyone can make it.
    pub(crate) keyed: bool,
}

/// A line as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Line {
    /// Its number: 0, 1, 2, …
    pub(crate) n: u64,
    /// When it was written, by the clock of this machine.
    pub(crate) at: Timestamp,
    /// The first line says how the log begins.
    #[serde(flatten)]
    pub(crate) beginning: Option<Beginning>,
    /// All others say what happened.
    #[serde(flatten)]
    pub(crate) deed: Option<Deed>,
    /// What its writer found.
    pub(crate) found: Option<Found>,
}

#[derive(Serialize)]
struct Written<'a, T> {
    v: u8,
    n: u64,
    at: Timestamp,
    #[serde(flatten)]
    content: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Found>,
}

/// Writes a line with its MAC; `None` if it cannot be written as JSON, which what is handed in always can.
pub(super) fn written<T: Serialize>(
    content: &T,
    n: u64,
    at: Timestamp,
    found: Option<Found>,
    key: &Key,
) -> Option<Vec<u8>> {
    let mut bytes = serde_json::to_vec(&Written { v: VERSION, n, at, content, found }).ok()?;
    bytes.pop();
    let mac = key.mac(&bytes);
    bytes.extend_from_slice(BEFORE_MAC);
    bytes.extend_from_slice(mac.as_bytes());
    bytes.extend_from_slice(BEHIND_MAC);
    bytes.push(b'\n');
    Some(bytes)
}

/// Reads a line, without its newline; `None` if it has another form.
pub(crate) fn read(line: &[u8]) -> Option<Line> {
    serde_json::from_slice(line).ok()
}

/// Divides a line, without its newline, into what the MAC is over and the MAC.
pub(super) fn divided(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = line.strip_suffix(BEHIND_MAC)?;
    let (rest, mac) = rest.split_at_checked(rest.len().checked_sub(MAC_DIGITS)?)?;
    Some((rest.strip_suffix(BEFORE_MAC)?, mac))
}

/// Tells whether a line, without its newline, was written with this key.
pub(super) fn is_by(line: &[u8], key: &Key) -> bool {
    divided(line).is_some_and(|(text, mac)| key.made(text, mac))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deed() -> Deed {
        serde_json::from_value(serde_json::json!({"id": "a-0", "action": "view", "result": "done"})).unwrap()
    }

    #[test]
    fn a_line_is_read_as_it_was_written_and_any_other_byte_breaks_it() {
        let (key, at) = (Key::public("id"), "2026-01-02T03:04:05Z".parse().unwrap());
        let bytes = written(&deed(), 7, at, None, &key).unwrap();
        let line = bytes.strip_suffix(b"\n").unwrap();
        let parsed = read(line).unwrap();
        assert_eq!((parsed.n, parsed.deed, parsed.beginning), (7, Some(deed()), None));
        assert!(is_by(line, &key) && !is_by(line, &key.next()));
        for place in 0..line.len() {
            let mut changed = line.to_vec();
            changed[place] ^= 1;
            assert!(!is_by(&changed, &key), "byte {place}");
        }
        for cut in 0..line.len() {
            assert!(!is_by(&line[..cut], &key), "cut at {cut}");
        }
    }

    #[test]
    fn a_beginning_is_told_from_a_deed() {
        let beginning = Beginning { log: "id".to_owned(), keyed: false };
        let bytes = written(&beginning, 0, Timestamp::UNIX_EPOCH, Some(Found::StateLost), &Key::public("id")).unwrap();
        let line = read(bytes.trim_ascii_end()).unwrap();
        assert_eq!((line.beginning, line.deed), (Some(beginning), None));
        assert!(String::from_utf8(bytes).unwrap().contains("\"found\":\"stateLost\""));
    }

    #[test]
    fn many_keys_are_counted() {
        let mut deed = deed();
        let names: Vec<String> = (0..130).map(|n| format!("key-{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        deed.name_keys(&names, 130);
        assert_eq!((deed.keys.len(), deed.more_keys), (100, 30));
        deed.name_keys(&names[..1], 2);
        assert_eq!((deed.keys.len(), deed.more_keys), (1, 1));
    }
}
