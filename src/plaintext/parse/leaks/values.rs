//! Secret-looking keys with a literal, anywhere: values of charts, variables of Ansible, environments of Compose.

use super::document::{Document, Found};
use super::key::{self, Says};
use super::safe;
use super::tree::Id;
use crate::plaintext::facts::looks_secret_text;

/// Fields next to a key that make its text the name of a key in a Secret.
const NAMED_BESIDE: &[&str] =
    &["secretName", "secretRef", "remoteRef", "secretNamespace", "objectName", "secretPath", "envName"];
/// Fields that hold names, whatever is below them.
const NAMES: &[&str] = &[
    "secretKeyRef",
    "secretRef",
    "valueFrom",
    "remoteRef",
    "labels",
    "matchLabels",
    "additionalPrinterColumns",
    "resourceNames",
    "secretKeys",
    "properties",
    "envFrom",
    "secretMappings",
    "tokenRequests",
];

pub(super) fn look(document: &Document<'_>, found: &mut Found) {
    for id in document.tree.ids() {
        if is_value(document, id, found) {
            found.hit(document, id, document.settings);
        }
    }
}

/// Tells whether a text is a value in the clear, by the name of its key.
pub(super) fn is_value(document: &Document<'_>, id: Id, found: &Found) -> bool {
    let tree = document.tree;
    let Some(scalar) = tree.scalar(id).filter(|_| found.is_free(id)) else { return false };
    let Some((parent, own)) = tree.node(id).and_then(|node| node.parent) else { return false };
    let is_item = own.is_none() && !tree.items(parent).is_empty();
    if own.is_none() && !is_item {
        return false;
    }
    let says = document.key_name(id).map_or(Says::Nothing, |name| key::says(&name));
    let text = scalar.text.trim();
    let is_named = || {
        (tree.entries(parent).len() < 64
            && NAMED_BESIDE.iter().filter_map(|field| tree.get(parent, field)).any(|id| tree.text(id) != Some("")))
            || tree.above(id).filter_map(|above| tree.key_of(above)).any(|key| {
                tree.text(key)
                    .is_some_and(|key| NAMES.contains(&key) || key.ends_with("SecretRef") || key.ends_with("KeyRef"))
            })
    };
    let own_key = own.and_then(|key| tree.text(key)).unwrap_or_default();
    match says {
        Says::Nothing => {
            let is_key = || key::is_some_key(own_key) && looks_secret_text(text) && !safe::is_safe(scalar);
            return is_member(document, id, own_key) || safe::is_connection(text) || is_key();
        }
        // The name of a key in the Secret that is named beside it.
        Says::Secret if own_key.ends_with("ey") && (is_named() || names_secret(document, parent)) => return false,
        Says::SecretOrName if safe::is_object_name(text) => return false,
        // Scopes, modules and the like are lists of words.
        Says::Secret if is_item && safe::is_object_name(text) && !text.contains(|char: char| char.is_ascii_digit()) => {
            return false;
        }
        _ => {}
    }
    !(safe::is_safe(scalar)
        || safe::is_safe_base64(text)
        || safe::is_public(text)
        || (safe::is_prose(text) && !own_key.to_lowercase().ends_with("phrase"))
        || safe::is_version(text)
        || ["read", "write"].contains(&text)
        || (safe::is_object_name(text) && is_named()))
}

/// Tells whether a Secret is named beside a value, for the whole map.
fn names_secret(document: &Document<'_>, map: Id) -> bool {
    let named = document.tree.get_text(map, "existingSecret").unwrap_or_default();
    document.tree.entries(map).len() < 64 && !named.is_empty() && named != "~"
}

/// The `value` of a secret-looking key, or the default of a variable of Terraform.
fn is_member(document: &Document<'_>, id: Id, key: &str) -> bool {
    if key != "default" && key != "value" {
        return false;
    }
    let above = document.tree.above(id).filter_map(|above| document.tree.key_of(above));
    let mut keys = above.filter_map(|key| document.tree.text(key));
    let name = keys.next().unwrap_or_default();
    let counts = key == "value" || keys.next() == Some("variable");
    let is_safe = document.tree.text(id).is_none_or(|text| safe::is_safe_base64(text) || safe::is_prose(text));
    counts && key::says(name) == Says::Secret && !is_safe
}
