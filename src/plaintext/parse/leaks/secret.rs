//! Values of a Secret's manifest: every key, whatever its name.

use super::LeakKind;
use super::document::{Document, Found};
use super::safe;
use super::tree::Id;

/// The type of which one key is the name of a namespace.
const ACCOUNT_TOKEN: &str = "kubernetes.io/service-account-token";

pub(super) fn look(document: &Document<'_>, found: &mut Found) {
    for id in document.tree.ids() {
        let kind = document.tree.get_text(id, "kind");
        let is_list_item = document.tree.node(id).and_then(|node| node.parent).is_some_and(|(_, key)| key.is_none());
        let is_template =
            is_list_item && document.tree.key_of(id).and_then(|key| document.tree.text(key)) == Some("secretTemplates");
        let in_list = || is_list_item && document.tree.kind_of(id) == Some("SecretList");
        if kind == Some("Secret") || is_template || in_list() {
            fields(document, id, found);
        }
        patch(document, id, found);
    }
}

/// `data` and `stringData` of a Secret.
fn fields(document: &Document<'_>, object: Id, found: &mut Found) {
    let is_token = document.tree.get_text(object, "type") == Some(ACCOUNT_TOKEN);
    for (key, value) in document.tree.entries(object) {
        match document.tree.text(*key) {
            // The object that Kyverno makes stands in a field of the same name.
            Some("data")
                if document.tree.get(*value, "stringData").is_some() || document.tree.get(*value, "kind").is_some() => {
            }
            Some("data") => each(document, *value, found, |document, id| {
                let name = document.tree.key_of(id).and_then(|key| document.tree.text(key));
                (is_token && name == Some("namespace"))
                    || document.tree.scalar(id).is_some_and(|scalar| scalar.tagged)
                    || document.tree.text(id).is_none_or(safe::is_safe_base64)
            }),
            Some("stringData") => each(document, *value, found, is_safe_text),
            _ => {}
        }
    }
}

fn is_safe_text(document: &Document<'_>, id: Id) -> bool {
    document.tree.scalar(id).is_none_or(|scalar| safe::is_safe(scalar) || safe::is_public(&scalar.text))
}

/// Claims every value, and reports those that are not safe.
fn each(document: &Document<'_>, map: Id, found: &mut Found, is_safe: impl Fn(&Document<'_>, Id) -> bool) {
    for (_, value) in document.tree.entries(map) {
        if !found.is_free(*value) {
            continue;
        }
        if document.tree.scalar(*value).is_none() {
            // No Secret has a list or a map there, but what is in it is meant to be a value.
            if scalars_below(document, *value).iter().any(|id| !is_safe_text(document, *id)) {
                found.hit(document, *value, LeakKind::SecretValue);
            }
            found.claim_below(document, *value);
        } else if is_safe(document, *value) {
            found.claim(*value);
        } else {
            found.hit(document, *value, LeakKind::SecretValue);
        }
    }
}

fn scalars_below(document: &Document<'_>, top: Id) -> Vec<Id> {
    let (mut left, mut scalars) = (vec![top], Vec::new());
    while let Some(id) = left.pop() {
        scalars.extend(document.tree.scalar(id).map(|_| id));
        left.extend(document.tree.entries(id).iter().map(|(_, value)| *value));
        left.extend(document.tree.items(id));
    }
    scalars
}

/// An operation of a JSON patch on a value.
fn patch(document: &Document<'_>, operation: Id, found: &mut Found) {
    let Some(path) = document.tree.get_text(operation, "path") else { return };
    let Some(value) = document.tree.get(operation, "value") else { return };
    let data = document.patches_secret && path.starts_with("/data");
    if document.tree.get(operation, "op").is_none() || !(path.starts_with("/stringData") || data) {
        return;
    }
    let is_safe = |id: Id| match data {
        true => document.tree.text(id).is_none_or(safe::is_safe_base64),
        false => is_safe_text(document, id),
    };
    match document.tree.scalar(value) {
        Some(_) if is_safe(value) => found.claim(value),
        Some(_) => found.hit(document, value, LeakKind::SecretValue),
        None => each(document, value, found, |_, id| is_safe(id)),
    }
}
