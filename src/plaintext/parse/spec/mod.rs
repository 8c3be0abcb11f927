//! SecretSources in files. The file may be hostile, or one into which somebody has typed a value by habit: every field
//! is known, nothing in it is a value, and an error says where, never what.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Restart;
use crate::names::{KeyName, Namespace, SecretName, is_label_value, is_qualified, is_subdomain, nearest};
use crate::plaintext::facts::{looks_secret_name, looks_secret_text};
use crate::plaintext::wire::LAST_APPLIED;
use crate::plan::policy::MOST_KEPT;
use crate::plan::spec::{API_VERSION, Fill, KIND, Part, SecretSources, SpecPolicy};

use super::manifest::{Node, Step, Unfit};

mod cursor;
mod entry;
mod source;
#[cfg(test)]
mod tests;
mod wrong;

use cursor::Cursor;
pub(crate) use wrong::Wrong;

/// A document, and where it stands.
#[derive(Debug)]
pub(crate) struct Spec {
    /// What it says.
    pub(crate) sources: SecretSources,
    /// The document of its file, from 1.
    pub(crate) document: usize,
}

/// Tells an object that is, or is meant to be, a document of SecretSources.
pub(super) fn is_spec(node: &Node) -> bool {
    let word = |name| node.get(name).and_then(Node::text).unwrap_or_default();
    let group = API_VERSION.split('/').next().unwrap_or_default();
    let ours = word("apiVersion").split('/').next() == Some(group);
    word("kind") == KIND || (ours && nearest(word("kind"), [KIND]).is_some())
}

/// Reads it.
pub(super) fn spec(node: &Node, document: usize, path: &[Step]) -> Result<Spec, Unfit> {
    let name = node.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::text);
    let named = name.filter(|name| is_subdomain(name) && !looks_secret_name(name)).and_then(|name| name.parse().ok());
    let root = Cursor::at(node, path).of_secret(named);
    if root.needed("apiVersion")?.text("`apiVersion`")? != API_VERSION {
        return Err(root.needed("apiVersion")?.wrong(Wrong::Version));
    }
    if root.needed("kind")?.text("`kind`")? != KIND {
        return Err(root.needed("kind")?.wrong(Wrong::Kind));
    }
    root.only("SecretSources", &["apiVersion", "kind", "metadata", "type", "immutable", "policy", "parts", "keys"])?;
    let mut sources = metadata(&root.needed("metadata")?)?;
    if let Some(secret_type) = root.get("type") {
        let text = secret_type.text("`type`")?;
        if !is_type(text) {
            return Err(secret_type.wrong(Wrong::Name("`type`")));
        }
        sources.secret_type = Some(text.to_owned());
    }
    sources.immutable = root.get("immutable").map(|given| given.truth("`immutable`")).transpose()?;
    sources.policy = root.get("policy").map(|given| policy(&given)).transpose()?;
    if let Some(parts) = root.get("parts") {
        for (name, part) in parts.fields("`parts`")? {
            let key = key_name(name, &parts)?;
            part.only("a part", &["from"])?;
            let from = source::text(&part.needed("from")?, 1)?.to_owned();
            sources.parts.insert(key, Part { from });
        }
    }
    let keys = root.needed("keys")?;
    let mut seen: BTreeSet<KeyName> = sources.parts.keys().cloned().collect();
    for (name, cursor) in keys.fields("`keys`")? {
        let group = entry::group(name, &keys)?;
        if group.keys().iter().any(|key| !seen.insert(key.clone())) {
            return Err(keys.wrong_name(name, Wrong::Twice));
        }
        let entry = entry::entry(&cursor.of_key(group.keys().first()), &group)?;
        sources.keys.insert(group, entry);
    }
    if sources.keys.is_empty() {
        return Err(keys.wrong(Wrong::Type("`keys`", "a map of at least one key")));
    }
    if let Some(policy) = root.get("policy")
        && sources.keys.values().all(|entry| entry.policy.is_none())
    {
        return Err(policy.wrong(Wrong::Policy("a policy needs a key that has one")));
    }
    check_templates(&root, &sources)?;
    Ok(Spec { sources, document })
}

fn metadata(cursor: &Cursor<'_>) -> Result<SecretSources, Unfit> {
    cursor.only("`metadata`", &["name", "namespace", "labels", "annotations"])?;
    let name = cursor.needed("name")?;
    let text = name.text("`metadata.name`")?;
    if looks_secret_name(text) {
        return Err(name.wrong(Wrong::LooksSecret("the name")));
    }
    let parsed = text.parse::<SecretName>().ok().filter(|_| is_subdomain(text));
    let parsed = parsed.ok_or_else(|| name.wrong(Wrong::Name("a Secret")))?;
    let namespace = match cursor.get("namespace") {
        None => None,
        Some(given) => {
            let text = given.text("`metadata.namespace`")?;
            Some(text.parse::<Namespace>().map_err(|_| given.wrong(Wrong::Name("a namespace")))?)
        }
    };
    let mut sources = SecretSources::new(parsed, namespace);
    if let Some(labels) = cursor.get("labels") {
        sources.metadata.labels = texts(&labels, "`labels`", "the text of a label")?;
    }
    if let Some(annotations) = cursor.get("annotations") {
        sources.metadata.annotations = texts(&annotations, "`annotations`", "the text of an annotation")?;
    }
    Ok(sources)
}

/// Reads labels or annotations.
fn texts(cursor: &Cursor<'_>, what: &'static str, of_text: &'static str) -> Result<BTreeMap<String, String>, Unfit> {
    let mut texts = BTreeMap::new();
    for (name, given) in cursor.fields(what)? {
        let text = given.text(of_text)?;
        let prefix = name.split_once('/').map_or("", |(prefix, _)| prefix);
        if !is_qualified(name) {
            return Err(cursor.wrong_name(name, Wrong::Name("a label or annotation")));
        } else if looks_secret_name(name) {
            return Err(cursor.wrong_name(name, Wrong::LooksSecret("the name of a label or annotation")));
        } else if prefix == "secretsafe.dev" || prefix.ends_with(".secretsafe.dev") {
            return Err(cursor.wrong_name(name, Wrong::Reserved));
        } else if name == LAST_APPLIED {
            return Err(cursor.wrong_name(name, Wrong::LastApplied));
        } else if looks_secret_text(text) {
            return Err(given.wrong(Wrong::LooksSecret(of_text)));
        } else if what == "`labels`" && !text.is_empty() && !is_label_value(text) {
            return Err(given.wrong(Wrong::Type(of_text, "one that Kubernetes takes")));
        }
        texts.insert(name.to_owned(), text.to_owned());
    }
    Ok(texts)
}

fn policy(cursor: &Cursor<'_>) -> Result<SpecPolicy, Unfit> {
    cursor.only("`policy`", &["restart", "history"])?;
    let restart = match cursor.get("restart") {
        None => None,
        Some(given) => {
            let word = <Restart as clap::ValueEnum>::from_str(given.text("`restart`")?, false);
            Some(word.map_err(|_| given.wrong(Wrong::Type("`restart`", "never, auto or always")))?)
        }
    };
    let history = cursor.get("history").map(|given| given.number("`history`", MOST_KEPT)).transpose()?;
    Ok(SpecPolicy { restart, history })
}

/// As `create --type` takes it.
fn is_type(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/' | b'_');
    !text.is_empty() && text.len() <= 253 && text.bytes().all(fits) && !looks_secret_text(text)
}

fn key_name(name: &str, cursor: &Cursor<'_>) -> Result<KeyName, Unfit> {
    let key = KeyName::checked(name).ok_or_else(|| cursor.wrong_name(name, Wrong::Name("a key or part")))?;
    if looks_secret_name(name) {
        return Err(cursor.wrong_name(name, Wrong::LooksSecret("the name of a key or part")));
    }
    Ok(key)
}

/// Refuses templates of what there is not, or of themselves, and parts that are for nothing.
fn check_templates(root: &Cursor<'_>, sources: &SecretSources) -> Result<(), Unfit> {
    let (Some(keys), parts) = (root.get("keys"), root.get("parts")) else { return Ok(()) };
    let mut needs: BTreeMap<&KeyName, BTreeSet<KeyName>> = BTreeMap::new();
    for (group, entry) in &sources.keys {
        let Fill::Template(text) = &entry.fill else { continue };
        let named = entry::named(text);
        let stored: BTreeSet<&KeyName> = sources.stored().collect();
        if !named.iter().all(|name| stored.contains(name) || sources.parts.contains_key(name)) {
            return Err(keys.wrong_name(&group.to_string(), Wrong::NoPart));
        }
        needs.extend(group.keys().iter().map(|key| (key, named.clone())));
    }
    for start in needs.keys() {
        let mut reached: BTreeSet<&KeyName> = BTreeSet::new();
        let mut open: Vec<&KeyName> = vec![start];
        while let Some(next) = open.pop() {
            let below = needs.get(next).into_iter().flatten();
            open.extend(below.filter(|name| reached.insert(name)));
        }
        if reached.contains(*start) {
            return Err(keys.wrong_name(start.as_str(), Wrong::Cycle));
        }
    }
    let used: BTreeSet<&KeyName> = needs.values().flatten().collect();
    match (sources.parts.keys().find(|part| !used.contains(part)), parts) {
        (Some(unused), Some(parts)) => Err(parts.wrong_name(unused.as_str(), Wrong::Unused)),
        _ => Ok(()),
    }
}
