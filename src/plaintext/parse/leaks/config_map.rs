//! Entries of a ConfigMap that belong into a Secret.

use super::document::{Document, Found};
use super::{LeakKind, values};

pub(super) fn look(document: &Document<'_>, found: &mut Found) {
    for id in document.tree.ids().filter(|id| document.tree.get_text(*id, "kind") == Some("ConfigMap")) {
        let fields = ["data", "binaryData"].into_iter().filter_map(|field| document.tree.get(id, field));
        for (_, value) in fields.flat_map(|data| document.tree.entries(data)) {
            if values::is_value(document, *value, found) {
                found.hit(document, *value, LeakKind::ConfigMap);
            }
        }
    }
}
