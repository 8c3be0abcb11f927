//! Manifests in files: the Secrets in them, as values, SecretSources, and how many other objects there are. A file may be hostile, and
//! every line of it may hold a value: an error says where, never what.

use std::fmt;

use crate::error::Cause;
use crate::names::{KeyName, SecretName};

use super::spec::{Spec, Wrong};

mod adopt;
mod document;
mod edit;
mod external;
mod locate;
mod node;
mod sealed;
mod secret;
#[cfg(test)]
mod tests;

pub(crate) use adopt::{Adoptable, adoptable};
pub(crate) use document::{MAX_FILE, parse_manifests};
pub(crate) use external::shown;
pub(crate) use sealed::{Sealed, SealedManifests, parse_re_encrypted, parse_sealed};
pub(crate) use secret::Manifest;

pub(super) use document::Unfit;
pub(super) use locate::Step;
pub(super) use node::Node;

/// What is in a file.
#[derive(Debug, Default)]
pub(crate) struct Manifests {
    /// The Secrets, in the order of the file.
    pub(crate) secrets: Vec<Manifest>,
    /// The documents of SecretSources, in the order of the file.
    pub(crate) specs: Vec<Spec>,
    /// How many objects of other kinds there are.
    pub(crate) others: usize,
}

/// Why a file cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ManifestError {
    /// What is wrong.
    pub(crate) problem: Problem,
    /// Where, as far as that is known.
    pub(crate) place: Place,
}

/// A place in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The document, from 1.
    pub(crate) document: usize,
    /// Line and column, from 1.
    pub(crate) line: Option<(usize, usize)>,
    /// The Secret, if it has a name that is one.
    pub(crate) secret: Option<SecretName>,
    /// The key, if its name is one.
    pub(crate) key: Option<KeyName>,
}

/// What is wrong with a file. The texts are ours, and hold nothing of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// Neither YAML nor JSON.
    #[error("it is neither YAML nor JSON")]
    Syntax,
    /// Not text.
    #[error("it is not text: neither UTF-8 nor UTF-16")]
    NotText,
    /// More than a file of manifests has.
    #[error("it has more than 64 MiB")]
    LargeFile,
    /// More than the API server takes.
    #[error("a document has more than 8 MiB; the API server takes no object of more than 3 MiB")]
    LargeDocument,
    /// More levels than an object of Kubernetes has.
    #[error("it is nested more than 64 levels deep")]
    TooDeep,
    /// A bomb of aliases.
    #[error("its aliases make it larger than its text")]
    Aliases,
    /// A key twice.
    #[error("a map has a key twice")]
    Duplicate,
    /// A tag that is not YAML's own.
    #[error("it has a tag of YAML that no manifest has")]
    Tag,
    /// A map's key that is no text.
    #[error("a key is neither text nor a number")]
    OddKey,
    /// A document that is no object.
    #[error("a document is no object")]
    NoObject,
    /// A field of another type than Kubernetes wants.
    #[error("a field has another type than a Secret has there")]
    Shape,
    /// No name.
    #[error("a Secret has no name, or one that Kubernetes does not take")]
    Name,
    /// A namespace that is none.
    #[error("a namespace is one that Kubernetes does not take")]
    Namespace,
    /// A label or annotation that is none.
    #[error("the name of a label or annotation is one that Kubernetes does not take")]
    Label,
    /// A type that is none.
    #[error("the type is no name such as kubernetes.io/tls")]
    Type,
    /// A key of `data` that is none.
    #[error("a key in data or stringData has a name that Kubernetes does not take")]
    Key,
    /// A value that is no text.
    #[error("its value is no text: a number, true, false or null must be quoted")]
    NotQuoted,
    /// A value that is not base64.
    #[error("its value in data is not base64")]
    Base64,
    /// Ciphertext.
    #[error("it is encrypted with SOPS")]
    Sops,
    /// A document of SecretSources that is none.
    #[error("{0}")]
    Spec(Wrong),
    /// A text that could not be written back as it was.
    #[error("it is UTF-16, or begins with a byte order mark")]
    Encoding,
    /// A Secret among SealedSecrets.
    #[error("it is a Secret in plain text")]
    PlainSecret,
    /// A list among SealedSecrets.
    #[error("it is a list of objects")]
    List,
    /// Several objects of JSON, one behind the other.
    #[error("it has several objects that `---` does not part")]
    SeveralObjects,
    /// A value of a SealedSecret that is not sealed.
    #[error("its value is no ciphertext of a SealedSecret")]
    Ciphertext,
    /// A text that cannot be edited in place.
    #[error("its encryptedData is not written line by line, and other documents are in the file")]
    Layout,
}

impl ManifestError {
    pub(super) fn new(problem: Problem) -> Self {
        Self { problem, place: Place::default() }
    }

    fn at(problem: Problem, line: usize, column: usize) -> Self {
        Self { problem, place: Place { line: Some((line, column)), ..Place::default() } }
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { document, line, secret, key } = &self.place;
        let mut parts = Vec::new();
        parts.extend(line.map(|(line, column)| format!("line {line}, column {column}")));
        parts.extend((*document > 0).then(|| format!("document {document}")));
        parts.extend(secret.as_ref().map(|name| format!("secret `{name}`")));
        parts.extend(key.as_ref().map(|key| format!("key `{key}`")));
        if !parts.is_empty() {
            write!(f, "{}: ", parts.join(", "))?;
        }
        write!(f, "{}", self.problem)
    }
}

impl std::error::Error for ManifestError {}
impl Cause for ManifestError {}
