//! What is encrypted, or describes values and has none: claimed first, so that nothing else looks at it.

use super::document::{Document, Found};
use super::tree::Id;

/// Fields whose texts are ciphertext or a schema, whatever their keys are.
const CLAIMED: &[&str] = &["encryptedData", "openAPIV3Schema", "sops", "x-kubernetes-validations"];

pub(super) fn look(document: &Document<'_>, found: &mut Found) {
    for id in document.tree.ids() {
        for (key, value) in document.tree.entries(id) {
            let Some(name) = document.tree.text(*key) else { continue };
            if CLAIMED.contains(&name) && !document.tree.entries(*value).is_empty()
                || is_list_of_names(document, *value)
            {
                found.claim_below(document, *value);
            }
        }
    }
}

/// `data` of an ExternalSecret: which key of which entry becomes which key.
fn is_list_of_names(document: &Document<'_>, list: Id) -> bool {
    let items = document.tree.items(list);
    !items.is_empty() && items.iter().all(|item| document.tree.get(*item, "remoteRef").is_some())
}
