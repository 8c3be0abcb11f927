//! A file of manifests whose Secrets make room for documents without values. All else in it stays as it is, to the byte.

use std::ops::Range;

use zeroize::Zeroizing;

use crate::names::KeyName;
use crate::plaintext::SecretValue;
use crate::plan::spec::{SecretSources, write};

use super::super::leaks::stands_for_a_value;
use super::document::{documents_of, nodes_of, text_as_written};
use super::node::Node;
use super::secret::{Manifest, collect};
use super::{ManifestError, Manifests, Place, Problem, parse_manifests};

/// A file, and the Secrets that can be taken out of it.
pub(crate) struct Adoptable {
    text: Zeroizing<String>,
    parts: Vec<Range<usize>>,
    /// The Secrets with values, each of which is one of the parts: `Manifest::document`.
    pub(crate) secrets: Vec<Manifest>,
}

impl std::fmt::Debug for Adoptable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Adoptable").field("secrets", &self.secrets).finish_non_exhaustive()
    }
}

/// Looks for Secrets that have values; each must be a document of its own.
pub(crate) fn adoptable(file: &SecretValue) -> Result<Adoptable, ManifestError> {
    let text = text_as_written(file)?;
    let (mut parts, mut secrets, mut start) = (Vec::new(), Vec::new(), 0);
    for (line, part) in documents_of(&text) {
        let nodes = nodes_of(part, line)?;
        let (number, mut found) = (parts.len() + 1, Manifests::default());
        let at = |problem| ManifestError { problem, place: Place { document: number, ..Place::default() } };
        for node in &nodes {
            collect(node, &mut found, number).map_err(|unfit| {
                let error = *unfit.error;
                ManifestError { place: Place { document: number, ..error.place }, ..error }
            })?;
        }
        match (nodes.as_slice(), found.secrets.pop()) {
            (_, None) => {}
            ([Node::Map(fields)], Some(secret)) if !fields.contains_key("items") => {
                secrets.extend(Some(secret).filter(|secret| !secret.values.is_empty()));
            }
            ([_], Some(_)) => return Err(at(Problem::List)),
            (_, Some(_)) => return Err(at(Problem::SeveralObjects)),
        }
        parts.push(start..start + part.len());
        start += part.len();
    }
    Ok(Adoptable { text, parts, secrets })
}

impl Adoptable {
    /// Returns the file with these documents in the places of its Secrets, in the same order. None of its Secrets' values
    /// is in there, unless something else in the file has it too.
    pub(crate) fn text_without_secrets(&self, documents: &[SecretSources]) -> Result<String, ManifestError> {
        let mut text = String::with_capacity(self.text.len());
        let mut new = documents.iter();
        for (index, range) in self.parts.iter().enumerate() {
            let part = self.text.get(range.clone()).unwrap_or_default();
            match self.secrets.iter().find(|secret| secret.document == index + 1) {
                None => text.push_str(part),
                Some(_) => {
                    let document = new.next().ok_or_else(|| ManifestError::new(Problem::NoObject))?;
                    // The mark that parts it from what stands before, and from what comes behind.
                    text.push_str(if part.starts_with("---") { "---\n" } else { "" });
                    let is_json = part.trim_start_matches('-').trim_start().starts_with('{');
                    text.push_str(&if is_json { json(document) } else { write(document) });
                }
            }
        }
        // Whatever the text looked like: the documents must be there, and no Secret.
        let read = parse_manifests(&SecretValue::from_bytes(Zeroizing::new(text.clone().into_bytes())))?;
        let same = read.specs.len() >= documents.len()
            && documents.iter().all(|document| read.specs.iter().any(|spec| spec.sources == *document))
            && read.secrets.iter().all(|secret| secret.values.is_empty());
        if same { Ok(text) } else { Err(ManifestError::new(Problem::Layout)) }
    }
}

/// A file that was JSON stays JSON.
fn json(document: &SecretSources) -> String {
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    format!("{text}\n")
}

impl Manifest {
    /// Names a key that has no value, or only one that stands for it, such as `${PASSWORD}`.
    pub(crate) fn unfilled(&self) -> Option<&KeyName> {
        let unfilled = |value: &SecretValue| value.is_empty() || stands_for_a_value(value);
        self.values.iter().find(|(_, value)| unfilled(value)).map(|(key, _)| key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> SecretValue {
        SecretValue::from_bytes(Zeroizing::new(text.as_bytes().to_vec()))
    }

    fn sources(secret: &Manifest) -> SecretSources {
        use crate::plan::spec::{Entry, KeyGroup};

        let mut document = SecretSources::new(secret.name.clone(), secret.namespace.clone());
        let entries = secret.values.keys().map(|key| (KeyGroup::one(key.clone()), Entry::from_source("keychain")));
        document.keys.extend(entries);
        document
    }

    fn rewritten(text: &str) -> String {
        let found = adoptable(&file(text)).unwrap();
        let documents: Vec<_> = found.secrets.iter().map(sources).collect();
        found.text_without_secrets(&documents).unwrap()
    }

    const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {a: not-a-real-password}\n";

    #[test]
    fn all_else_stays_to_the_byte() {
        let pod = "# a Pod\nkind:   Pod\t\r\n\n";
        let text = rewritten(&format!("{pod}---\n{SECRET}--- # behind\n{pod}---\n{SECRET}"));
        assert!(text.starts_with(&format!("{pod}---\n# yaml-language-server")), "{text}");
        assert!(text.contains(&format!("    from: keychain\n--- # behind\n{pod}---\n# yaml")), "{text}");
        assert!(!text.contains("not-a-real-password"), "{text}");
        assert_eq!(rewritten(pod), pod, "nothing to do");
        let json =
            r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db"},"stringData":{"a":"not-a-real-password"}}"#;
        let text = rewritten(json);
        assert!(text.starts_with("{\n") && text.contains("\"kind\": \"SecretSources\""), "{text}");
        // An empty one stays too.
        let empty = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n";
        assert_eq!(rewritten(empty), empty);
    }

    #[test]
    fn what_is_no_document_of_its_own_is_refused() {
        let problem = |text: &str| adoptable(&file(text)).unwrap_err().problem;
        let list = "kind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {a: b}}\n";
        assert_eq!(problem(list), Problem::List);
        let json = r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"stringData":{"a":"b"}}"#;
        assert_eq!(problem(&format!("{json}{json}")), Problem::SeveralObjects);
        assert_eq!(problem(&format!("\u{FEFF}{SECRET}")), Problem::Encoding);
        assert_eq!(problem(&format!("{SECRET}  a: [")), Problem::Syntax);
    }

    #[test]
    fn what_stands_for_a_value_is_none() {
        let unfilled = |text: &str| {
            let found = adoptable(&file(&SECRET.replace("not-a-real-password", text))).unwrap();
            found.secrets[0].unfilled().is_some()
        };
        assert!(unfilled("'${PASSWORD}'") && unfilled("changeme") && unfilled("''"));
        assert!(!unfilled("not-a-real-password"));
    }
}
