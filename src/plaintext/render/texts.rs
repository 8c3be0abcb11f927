//! Which labels and annotations of a Secret may go along with a copy of it (requirement S11).
//!
//! They are free text, and can hold the value itself: `kubectl apply` copies the whole manifest into one. Only those
//! that are named leave, and none that holds a value of its Secret.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use crate::names::{KeyName, is_label_value};
use crate::plaintext::SecretValue;
use crate::plaintext::parse::Manifest;
use crate::plaintext::wire::LiveSecret;

/// Shorter values stand in nearly every text by chance.
const SHORTEST: usize = 6;

/// Labels or annotations that go along.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Texts {
    /// By name.
    pub(crate) kept: BTreeMap<String, String>,
    /// The names of those that hold a value, and stay behind.
    pub(crate) dropped: Vec<String>,
}

/// Returns the annotations whose names are wanted.
pub(crate) fn annotations_of(secret: &LiveSecret, wanted: impl Fn(&str) -> bool) -> Texts {
    let all = secret.annotations.iter().map(|(name, text)| (name.as_str(), text.expose()));
    sort(all.filter(|(name, _)| wanted(name)), &secret.values)
}

/// Returns the labels whose names are wanted.
pub(crate) fn labels_of(secret: &LiveSecret, wanted: impl Fn(&str) -> bool) -> Texts {
    let all = secret.metadata.labels.iter().map(|(name, text)| (name.as_str(), text.as_bytes()));
    sort(all.filter(|(name, _)| wanted(name)), &secret.values)
}

/// Returns all labels of a manifest; one that Kubernetes would not take can be anything, and stays behind too.
pub(crate) fn labels_in(manifest: &Manifest) -> Texts {
    let all = manifest.labels.iter().map(|(name, text)| (name.as_str(), text.expose()));
    let mut texts = sort(all, &manifest.values);
    let unfit: Vec<String> =
        texts.kept.extract_if(.., |_, text| !text.is_empty() && !is_label_value(text)).map(|(name, _)| name).collect();
    texts.dropped.extend(unfit);
    texts
}

/// Returns the annotations of a manifest whose names are wanted.
pub(crate) fn annotations_in(manifest: &Manifest, wanted: impl Fn(&str) -> bool) -> Texts {
    let all = manifest.annotations.iter().map(|(name, text)| (name.as_str(), text.expose()));
    sort(all.filter(|(name, _)| wanted(name)), &manifest.values)
}

fn sort<'a>(texts: impl Iterator<Item = (&'a str, &'a [u8])>, values: &BTreeMap<KeyName, SecretValue>) -> Texts {
    let mut sorted = Texts::default();
    for (name, text) in texts {
        // What is no text cannot be written into JSON either.
        match std::str::from_utf8(text) {
            Ok(kept) if !values.values().any(|value| holds(text, value)) => {
                sorted.kept.insert(name.to_owned(), kept.to_owned());
            }
            _ => sorted.dropped.push(name.to_owned()),
        }
    }
    sorted
}

/// Tells whether the text holds the value, raw or as base64 at any of its three alignments.
fn holds(text: &[u8], value: &SecretValue) -> bool {
    let value = value.expose();
    if value.len() < SHORTEST {
        return false;
    }
    has(text, value) || (0..3).any(|shift| has(text, &encoded(value, shift)))
}

/// Encodes the value behind `shift` other bytes; characters that these have a part in are cut off.
fn encoded(value: &[u8], shift: usize) -> Zeroizing<Vec<u8>> {
    let padded: Zeroizing<Vec<u8>> =
        Zeroizing::new(std::iter::repeat_n(0, shift).chain(value.iter().copied()).collect());
    let text = Zeroizing::new(STANDARD_NO_PAD.encode(&*padded));
    // 1 byte shares 2 characters with its neighbour, 2 bytes share 3; the last one is shared if bits are left over.
    let head = [0, 2, 3].get(shift).copied().unwrap_or_default();
    let tail = usize::from(!padded.len().is_multiple_of(3));
    let whole = text.as_bytes().get(head..text.len().saturating_sub(tail)).unwrap_or_default();
    Zeroizing::new(whole.to_vec())
}

fn has(text: &[u8], piece: &[u8]) -> bool {
    !piece.is_empty() && text.windows(piece.len()).any(|window| window == piece)
}

#[cfg(test)]
mod tests {
    use crate::plaintext::wire::{json, parse_secret};

    use super::*;

    fn secret(value: &str, annotations: &[(&str, &str)]) -> LiveSecret {
        let annotations: BTreeMap<_, _> = annotations.iter().copied().collect();
        let data = base64::engine::general_purpose::STANDARD.encode(value);
        let object = serde_json::json!({"kind": "Secret", "type": "Opaque", "data": {"a": data},
            "metadata": {"name": "db", "annotations": annotations, "labels": {"app": "web", "leak": value}}});
        parse_secret(&json(&object)).unwrap()
    }

    #[test]
    fn what_holds_a_value_stays_behind() {
        let value = "canary-0123456789";
        let url = format!("https://u:{value}@host/");
        let manifests: Vec<String> = ["", "x", "xy"]
            .iter()
            .map(|before| base64::engine::general_purpose::STANDARD.encode(format!("{before}{value}, and more")))
            .collect();
        let mut all = vec![("note", "the database of team a"), ("url", url.as_str()), ("raw", value)];
        let names = ["one", "two", "three"];
        all.extend(names.iter().zip(&manifests).map(|(name, text)| (*name, text.as_str())));
        let texts = annotations_of(&secret(value, &all), |_| true);
        assert_eq!(texts.kept.keys().collect::<Vec<_>>(), ["note"]);
        assert_eq!(texts.dropped, ["one", "raw", "three", "two", "url"]);
        let labels = labels_of(&secret(value, &[]), |_| true);
        assert_eq!((labels.kept.len(), labels.dropped.len()), (1, 1));
    }

    #[test]
    fn only_what_is_wanted_leaves() {
        let texts = annotations_of(&secret("canary-0123456789", &[("a", "x"), ("b", "y")]), |name| name == "b");
        assert_eq!(texts.kept.keys().collect::<Vec<_>>(), ["b"]);
        assert!(texts.dropped.is_empty());
    }
}
