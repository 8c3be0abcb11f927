//! A file as documents: text of any encoding, split where YAML splits, each read by itself.

use serde::Deserialize;
use serde::de::{DeserializeSeed, IgnoredAny};
use zeroize::Zeroizing;

use crate::plaintext::SecretValue;

use super::locate::{Seek, Step};
use super::node::{Limits, Node, Reader};
use super::secret::collect;
use super::{ManifestError, Manifests, Place, Problem};

/// Largest file that is read.
pub(crate) const MAX_FILE: usize = 64 * 1024 * 1024;
/// Largest document of YAML, whose parser needs many times its size.
const MAX_DOCUMENT: usize = 8 * 1024 * 1024;

/// Parses a file of manifests.
pub(crate) fn parse_manifests(file: &SecretValue) -> Result<Manifests, ManifestError> {
    let bytes = file.expose();
    if bytes.len() > MAX_FILE {
        return Err(ManifestError::new(Problem::LargeFile));
    }
    let text = text_of(bytes)?;
    let mut found = Manifests::default();
    let mut number = 0;
    for (line, document) in documents_of(&text) {
        let mut keep = |node: Node| {
            number += 1;
            collect(&node, &mut found, number).map_err(|unfit| Failed::Unfit(number, unfit))
        };
        read(document, &mut keep).map_err(|failed| {
            let mut error = match failed {
                Failed::Unread(error) => error,
                Failed::Unfit(number, Unfit { mut error, .. }) => {
                    error.place.document = number;
                    *error
                }
            };
            error.place.line = error.place.line.map(|(at, column)| (at + line, column));
            error
        })?;
    }
    Ok(found)
}

/// Parses a file of one document, or of none.
pub(super) fn only_document(file: &SecretValue) -> Result<Node, ManifestError> {
    let bytes = file.expose();
    if bytes.len() > MAX_FILE {
        return Err(ManifestError::new(Problem::LargeFile));
    }
    let text = text_of(bytes)?;
    let mut nodes = Vec::new();
    for (line, document) in documents_of(&text) {
        nodes.extend(nodes_of(document, line)?);
    }
    let first = nodes.pop().unwrap_or(Node::Null);
    if nodes.is_empty() && matches!(first, Node::Map(_) | Node::Null) {
        Ok(first)
    } else {
        Err(ManifestError::new(Problem::NoObject))
    }
}

/// Parses a document, of which this many lines stand before it.
pub(super) fn nodes_of(document: &str, line: usize) -> Result<Vec<Node>, ManifestError> {
    let mut nodes = Vec::new();
    let mut keep = |node: Node| {
        nodes.push(node);
        Ok(())
    };
    let read = read(document, &mut keep);
    read.map_err(|failed| {
        let error = match failed {
            Failed::Unread(error) => error,
            Failed::Unfit(_, Unfit { error, .. }) => *error,
        };
        let at = error.place.line.map(|(at, column)| (at + line, column));
        ManifestError { place: Place { line: at, ..error.place }, ..error }
    })?;
    Ok(nodes)
}

/// Why a document cannot be used.
enum Failed {
    /// It cannot be read; the line is that of the document.
    Unread(ManifestError),
    /// It was read, as the document of this number, and is nothing that Kubernetes would take.
    Unfit(usize, Unfit),
}

/// Something in a document that nobody would take, and the way to it.
pub(in crate::plaintext::parse) struct Unfit {
    /// What is wrong.
    pub(in crate::plaintext::parse) error: Box<ManifestError>,
    /// Where, from the root of the document; `None` if that is not to be said.
    pub(in crate::plaintext::parse) path: Option<Vec<Step>>,
}

impl From<ManifestError> for Unfit {
    fn from(error: ManifestError) -> Self {
        Self { error: Box::new(error), path: None }
    }
}

/// What is done with a document.
type Keep<'a> = dyn FnMut(Node) -> Result<(), Failed> + 'a;

/// Returns the text of a file that is to be written back: as it is, to the byte.
pub(super) fn text_as_written(file: &SecretValue) -> Result<Zeroizing<String>, ManifestError> {
    let bytes = file.expose();
    if bytes.len() > MAX_FILE {
        return Err(ManifestError::new(Problem::LargeFile));
    }
    let text = text_of(bytes)?;
    if text.as_bytes() == bytes { Ok(text) } else { Err(ManifestError::new(Problem::Encoding)) }
}

/// Decodes text; PowerShell writes UTF-16.
fn text_of(bytes: &[u8]) -> Result<Zeroizing<String>, ManifestError> {
    let wide: fn([u8; 2]) -> u16 = match bytes {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => {
            let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            return match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Zeroizing::new(text.to_owned())),
                Err(error) => Err(after(bytes.get(..error.valid_up_to()).unwrap_or_default())),
            };
        }
    };
    let units = bytes.get(2..).unwrap_or_default().chunks(2);
    let units = units.map(|pair| <[u8; 2]>::try_from(pair).map(wide).unwrap_or(0xDC00));
    let mut text = Zeroizing::new(String::with_capacity(bytes.len()));
    for decoded in char::decode_utf16(units) {
        match decoded {
            Ok(one) => text.push(one),
            Err(_) => return Err(after(text.as_bytes())),
        }
    }
    Ok(text)
}

/// The text ends behind this.
fn after(valid: &[u8]) -> ManifestError {
    let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
    let last = valid.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    ManifestError::at(Problem::NotText, line, String::from_utf8_lossy(last).chars().count() + 1)
}

/// Splits at `---`, which at the start of a line is nothing else in YAML; each comes with the number of lines before it.
pub(super) fn documents_of(text: &str) -> Vec<(usize, &str)> {
    let (mut all, mut start, mut first, mut place) = (Vec::new(), 0, 0, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let marks =
            line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        if marks && place > start {
            all.extend(text.get(start..place).map(|document| (first, document)));
            (start, first) = (place, number);
        }
        place += line.len();
    }
    all.extend(text.get(start..).map(|document| (first, document)));
    all
}

/// Reads a document, or several of JSON one behind the other.
fn read(text: &str, keep: &mut Keep<'_>) -> Result<(), Failed> {
    let body = text.strip_prefix("---").unwrap_or(text);
    if body.trim_start().starts_with('{') {
        // Before anything of it is used: what looks like JSON can be YAML.
        let is_json = serde_json::Deserializer::from_str(body).into_iter::<IgnoredAny>().all(|one| one.is_ok());
        if is_json || text.len() > MAX_DOCUMENT {
            return read_json(body, keep);
        }
    }
    if text.len() > MAX_DOCUMENT {
        return Err(Failed::Unread(ManifestError::at(Problem::LargeDocument, 1, 1)));
    }
    let limits = Limits::of(text);
    for (index, document) in serde_yaml::Deserializer::from_str(text).enumerate() {
        let node = Reader::new(&limits).deserialize(document).map_err(|error| {
            let problem = limits.stopped().unwrap_or(Problem::Syntax);
            match error.location() {
                Some(place) => ManifestError::at(problem, place.line(), place.column()),
                None => ManifestError::at(problem, 1, 1),
            }
        });
        match node {
            // Comments only are no document.
            Err(error) if index == 0 && is_blank(text) && error.problem == Problem::Syntax => {}
            node => keep(node.map_err(Failed::Unread)?).map_err(|failed| {
                located(failed, |path| {
                    let limits = Limits::of(text);
                    let again = serde_yaml::Deserializer::from_str(text).nth(index)?;
                    let place = Seek { path, limits: &limits }.deserialize(again).err()?.location()?;
                    Some((place.line(), place.column()))
                })
            })?,
        }
    }
    Ok(())
}

/// Adds line and column to an error that came with a path.
fn located(mut failed: Failed, locate: impl FnOnce(&[Step]) -> Option<(usize, usize)>) -> Failed {
    if let Failed::Unfit(_, Unfit { error, path: Some(path) }) = &mut failed {
        error.place.line = locate(path);
    }
    failed
}

fn is_blank(text: &str) -> bool {
    let body = text.strip_prefix("---").unwrap_or(text);
    body.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
}

fn read_json(text: &str, keep: &mut Keep<'_>) -> Result<(), Failed> {
    let limits = Limits::of(text);
    let mut parser = serde_json::Deserializer::from_str(text);
    for index in 0.. {
        // A probe for the end: what is left of the text is one more value, or blank.
        if parser.end().is_ok() {
            return Ok(());
        }
        let node = Reader::new(&limits).deserialize(&mut parser).map_err(|error| {
            let problem = limits.stopped().unwrap_or(Problem::Syntax);
            Failed::Unread(ManifestError::at(problem, error.line(), error.column()))
        })?;
        keep(node).map_err(|failed| {
            located(failed, |path| {
                let mut again = serde_json::Deserializer::from_str(text);
                for _ in 0..index {
                    IgnoredAny::deserialize(&mut again).ok()?;
                }
                let error = Seek { path, limits: &Limits::of(text) }.deserialize(&mut again).err()?;
                Some((error.line(), error.column()))
            })
        })?;
    }
    Ok(())
}
