//! The Secrets among objects: what Kubernetes would take, or an error that names nothing but names.

use std::collections::BTreeMap;

use base64::Engine;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::names::{KeyName, Namespace, SecretName, is_qualified, is_subdomain};
use crate::plaintext::SecretValue;

use super::super::spec::{is_spec, spec};
use super::document::Unfit;
use super::locate::Step;
use super::node::Node;
use super::{ManifestError, Manifests, Place, Problem};

/// As Go decodes: with padding, and without a look at the bits behind the last byte.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// A Secret as a file wants it.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// Its namespace, if the file names one.
    pub(crate) namespace: Option<Namespace>,
    /// Its name.
    pub(crate) name: SecretName,
    /// Its type, if the file names one.
    pub(crate) secret_type: Option<String>,
    /// Whether it may never be changed, if the file says.
    pub(crate) immutable: Option<bool>,
    /// Its values, of `data` and `stringData`.
    pub(crate) values: BTreeMap<KeyName, SecretValue>,
    /// The texts of its labels, to be compared.
    pub(crate) labels: BTreeMap<String, SecretValue>,
    /// The texts of its annotations, to be compared.
    pub(crate) annotations: BTreeMap<String, SecretValue>,
    /// Where in its file it stands: the document, from 1.
    pub(crate) document: usize,
}

/// Takes an object, or those of a list.
pub(super) fn collect(node: &Node, found: &mut Manifests, document: usize) -> Result<(), Unfit> {
    collect_below(node, found, document, &[])
}

fn collect_below(node: &Node, found: &mut Manifests, document: usize, path: &[Step]) -> Result<(), Unfit> {
    match node {
        Node::Null => return Ok(()),
        Node::Map(_) => {}
        _ => return Err(ManifestError::new(Problem::NoObject).into()),
    }
    let word = |name| node.get(name).and_then(Node::text).unwrap_or_default();
    let kind = word("kind");
    if let (true, Some(Node::List(items))) = (kind.ends_with("List"), node.get("items")) {
        return items.iter().enumerate().try_for_each(|(index, item)| {
            let below = [Step::Field("items".to_owned()), Step::Item(index)];
            collect_below(item, found, document, &[path, &below].concat())
        });
    }
    if is_spec(node) {
        found.specs.push(spec(node, document, path)?);
        return Ok(());
    }
    if kind != "Secret" || word("apiVersion") != "v1" {
        found.others += 1;
        return Ok(());
    }
    let name = node.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::text);
    let name = name.filter(|name| is_subdomain(name)).and_then(|name| name.parse::<SecretName>().ok());
    let manifest = secret(node, name.clone(), document)
        .map_err(|error| ManifestError { place: Place { secret: name, ..error.place }, ..error })?;
    found.secrets.push(manifest);
    Ok(())
}

fn secret(node: &Node, name: Option<SecretName>, document: usize) -> Result<Manifest, ManifestError> {
    if node.get("sops").is_some() {
        return Err(ManifestError::new(Problem::Sops));
    }
    let metadata = node.get("metadata").unwrap_or(&Node::Null);
    let mut values = BTreeMap::new();
    for (key, text) in pairs(node.get("data"))? {
        let key_name = key_name(key)?;
        let bytes = decode(text.text().ok_or_else(|| of(&key_name, Problem::NotQuoted))?);
        values.insert(key_name.clone(), bytes.ok_or_else(|| of(&key_name, Problem::Base64))?);
    }
    // As in the API server, stringData wins.
    for (key, text) in pairs(node.get("stringData"))? {
        let key_name = key_name(key)?;
        let text = text.text().ok_or_else(|| of(&key_name, Problem::NotQuoted))?;
        values.insert(key_name, value(text));
    }
    let immutable = match node.get("immutable") {
        None => None,
        Some(Node::Bool(given)) => Some(*given),
        Some(_) => return Err(ManifestError::new(Problem::Shape)),
    };
    Ok(Manifest {
        namespace: word(metadata, "namespace")?.map(namespace).transpose()?,
        name: name.ok_or_else(|| ManifestError::new(Problem::Name))?,
        // It is shown, so it must be what Kubernetes' own types look like.
        secret_type: match word(node, "type")?.filter(|text| !text.is_empty()) {
            Some(text) if is_qualified(text) => Some(text.to_owned()),
            Some(_) => return Err(ManifestError::new(Problem::Type)),
            None => None,
        },
        immutable,
        values,
        labels: texts(metadata.get("labels"))?,
        annotations: texts(metadata.get("annotations"))?,
        document,
    })
}

fn word<'a>(node: &'a Node, name: &str) -> Result<Option<&'a str>, ManifestError> {
    match node.get(name) {
        None => Ok(None),
        Some(Node::Text(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(ManifestError::new(Problem::Shape)),
    }
}

fn namespace(text: &str) -> Result<Namespace, ManifestError> {
    text.parse().map_err(|_| ManifestError::new(Problem::Namespace))
}

/// Returns the entries of a map; what is not there has none.
fn pairs(node: Option<&Node>) -> Result<impl Iterator<Item = (&String, &Node)>, ManifestError> {
    match node {
        None => Ok(None.into_iter().flatten()),
        Some(Node::Map(map)) => Ok(Some(map).into_iter().flatten()),
        Some(_) => Err(ManifestError::new(Problem::Shape)),
    }
}

/// Reads labels or annotations, whose texts can hold values.
fn texts(node: Option<&Node>) -> Result<BTreeMap<String, SecretValue>, ManifestError> {
    let text = |(name, text): (&String, &Node)| {
        if !is_qualified(name) {
            return Err(ManifestError::new(Problem::Label));
        }
        text.text().map(|text| (name.clone(), value(text))).ok_or_else(|| ManifestError::new(Problem::NotQuoted))
    };
    pairs(node)?.map(text).collect()
}

fn key_name(text: &str) -> Result<KeyName, ManifestError> {
    KeyName::checked(text).ok_or_else(|| ManifestError::new(Problem::Key))
}

fn of(key: &KeyName, problem: Problem) -> ManifestError {
    ManifestError { problem, place: Place { key: Some(key.clone()), ..Place::default() } }
}

fn value(text: &str) -> SecretValue {
    SecretValue::from_bytes(Zeroizing::new(text.as_bytes().to_vec()))
}

/// Decodes base64, in one line or wrapped.
fn decode(text: &str) -> Option<SecretValue> {
    let text: Zeroizing<Vec<u8>> = Zeroizing::new(text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect());
    let bytes = BASE64.decode(text.as_slice()).ok()?;
    Some(SecretValue::from_bytes(Zeroizing::new(bytes)))
}
