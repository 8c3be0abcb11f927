//! Files of SealedSecrets: what is sealed in them, and the same file with other ciphertext in the place of some.
//!
//! A file is taken for one of ciphertext only if no Secret stands in it; what comes out is written back into it.

use std::collections::BTreeMap;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::names::{KeyName, Namespace, SecretName, is_qualified, is_subdomain};
use crate::plaintext::SecretValue;
use crate::plaintext::wire::WireBody;
use crate::plan::seal::Scope;

use super::document::{documents_of, nodes_of, text_as_written};
use super::edit;
use super::node::Node;
use super::{ManifestError, Place, Problem};

/// A file of SealedSecrets.
pub(crate) struct SealedManifests {
    text: Zeroizing<String>,
    documents: Vec<Document>,
    layout_kept: bool,
}

/// One document: a SealedSecret, or something else that stays as it is.
struct Document {
    range: Range<usize>,
    node: Node,
    sealed: Option<Sealed>,
}

/// What is known of a SealedSecret.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    /// Its namespace, if the file names one.
    pub(crate) namespace: Option<Namespace>,
    /// Its name.
    pub(crate) name: SecretName,
    /// Where it can be opened.
    pub(crate) scope: Scope,
    /// The type of the Secret.
    pub(crate) secret_type: Option<String>,
    /// Its ciphertext.
    pub(crate) values: BTreeMap<KeyName, String>,
    /// Where in its file it stands: the document, from 1.
    pub(crate) document: usize,
}

impl std::fmt::Debug for SealedManifests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedManifests").field("documents", &self.documents.len()).finish_non_exhaustive()
    }
}

/// Parses a file of SealedSecrets.
pub(crate) fn parse_sealed(file: &SecretValue) -> Result<SealedManifests, ManifestError> {
    SealedManifests::read(text_as_written(file)?)
}

/// Parses what a controller has answered: a SealedSecret, which does not call itself one; returns its ciphertext.
pub(crate) fn parse_re_encrypted(answer: &WireBody) -> Option<BTreeMap<KeyName, String>> {
    let nodes = nodes_of(std::str::from_utf8(answer.bytes()).ok()?, 0).ok()?;
    let [node] = nodes.as_slice() else { return None };
    ciphertext_of(node.get("spec")?).ok()
}

impl SealedManifests {
    fn read(text: Zeroizing<String>) -> Result<Self, ManifestError> {
        let (mut documents, mut start) = (Vec::new(), 0);
        // The documents are all of the text, one behind the other.
        for (line, part) in documents_of(&text) {
            let mut nodes = nodes_of(part, line)?;
            let number = documents.len() + 1;
            let at = |error: ManifestError| ManifestError { place: Place { document: number, ..error.place }, ..error };
            let node = match nodes.pop() {
                None => Node::Null,
                Some(node) if nodes.is_empty() => node,
                Some(_) => return Err(at(ManifestError::new(Problem::SeveralObjects))),
            };
            let sealed = sealed(&node, number).map_err(at)?;
            documents.push(Document { range: start..start + part.len(), node, sealed });
            start += part.len();
        }
        Ok(Self { text, documents, layout_kept: true })
    }

    /// Returns the SealedSecrets.
    pub(crate) fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        self.documents.iter().filter_map(|document| document.sealed.as_ref())
    }

    /// Returns the file with this ciphertext in one of its SealedSecrets. All else stays as it is, to the byte; where that
    /// cannot be done, and nothing else is in the file, it is written anew.
    pub(crate) fn with(mut self, sealed: &Sealed, new: &BTreeMap<KeyName, String>) -> Result<Self, ManifestError> {
        let unfit = || {
            let place = Place { document: sealed.document, ..Place::default() };
            ManifestError { problem: Problem::Layout, place }
        };
        let is_only = self.documents.len() == 1;
        let index = sealed.document.checked_sub(1).ok_or_else(unfit)?;
        let document = self.documents.get_mut(index).ok_or_else(unfit)?;
        let range = document.range.clone();
        let part = self.text.get(range.clone()).ok_or_else(unfit)?;
        let wanted = edit::expected(&document.node, new).ok_or_else(unfit)?;
        let means_it = |part: &str| {
            // Whatever the text looked like: it must mean what is wanted, and nothing else.
            nodes_of(part, 0).is_ok_and(|nodes| matches!(nodes.as_slice(), [node] if *node == wanted))
        };
        let edited = match edit::in_place(part, new).filter(|edited| means_it(edited)) {
            Some(edited) => edited,
            None if is_only => {
                self.layout_kept = false;
                edit::anew(&wanted, part).filter(|anew| means_it(anew)).ok_or_else(unfit)?
            }
            None => return Err(unfit()),
        };
        document.sealed = self::sealed(&wanted, sealed.document)?;
        document.node = wanted;
        document.range.end = range.start + edited.len();
        // Those behind it are elsewhere now.
        let mut start = document.range.end;
        for behind in self.documents.iter_mut().skip(index + 1) {
            let length = behind.range.len();
            behind.range = start..start + length;
            start += length;
        }
        self.text.replace_range(range, &edited);
        Ok(self)
    }

    /// Tells whether comments and the layout are what they were.
    pub(crate) fn is_layout_kept(&self) -> bool {
        self.layout_kept
    }

    /// Returns the text, to be written back into its file.
    pub(crate) fn as_sealed_text(&self) -> &str {
        &self.text
    }
}

fn sealed(node: &Node, document: usize) -> Result<Option<Sealed>, ManifestError> {
    let fail = |problem| Err(ManifestError::new(problem));
    let word = |name| node.get(name).and_then(Node::text).unwrap_or_default();
    match word("kind") {
        "Secret" => return fail(Problem::PlainSecret),
        kind if kind.ends_with("List") => return fail(Problem::List),
        "SealedSecret" if word("apiVersion").starts_with("bitnami.com/") => {}
        _ => return Ok(None),
    }
    let metadata = node.get("metadata").unwrap_or(&Node::Null);
    let name = metadata.get("name").and_then(Node::text).filter(|name| is_subdomain(name));
    let Some(name) = name.and_then(|name| name.parse::<SecretName>().ok()) else { return fail(Problem::Name) };
    let namespace = match metadata.get("namespace") {
        None => None,
        Some(node) => match node.text().and_then(|text| text.parse().ok()) {
            Some(namespace) => Some(namespace),
            None => return fail(Problem::Namespace),
        },
    };
    let spec = node.get("spec").unwrap_or(&Node::Null);
    let says = |scope: Scope| {
        let annotation = scope.annotation();
        let annotations = metadata.get("annotations");
        annotation.and_then(|name| annotations?.get(&name)?.text()).is_some_and(|text| text == "true")
    };
    let scope = [Scope::ClusterWide, Scope::NamespaceWide].into_iter().find(|scope| says(*scope)).unwrap_or_default();
    let secret_type = spec.get("template").and_then(|template| template.get("type")).and_then(Node::text);
    let values = ciphertext_of(spec)?;
    let secret_type = secret_type.filter(|text| is_qualified(text)).map(str::to_owned);
    Ok(Some(Sealed { namespace, name, scope, secret_type, values, document }))
}

/// Returns what is sealed.
fn ciphertext_of(spec: &Node) -> Result<BTreeMap<KeyName, String>, ManifestError> {
    let fail = |problem| Err(ManifestError::new(problem));
    let mut values = BTreeMap::new();
    match spec.get("encryptedData") {
        None => {}
        Some(Node::Map(map)) => {
            for (key, text) in map {
                let Some(key) = KeyName::checked(key) else { return fail(Problem::Key) };
                // It is handed on as ciphertext, so it has to look like some: RSA and AES make no less.
                let text = text.text().filter(|text| STANDARD.decode(text).is_ok_and(|bytes| bytes.len() > 256));
                let Some(text) = text else {
                    let place = Place { key: Some(key), ..Place::default() };
                    return Err(ManifestError { problem: Problem::Ciphertext, place });
                };
                values.insert(key, text.to_owned());
            }
        }
        Some(_) => return fail(Problem::Shape),
    }
    Ok(values)
}

#[cfg(test)]
mod tests;
