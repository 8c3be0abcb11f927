//! The annotation of client-side apply: a copy of the whole object.

use super::document::{Document, Found};
use super::{LeakKind, nested};

/// Where `kubectl apply` keeps it.
const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";

pub(super) fn look(document: &Document<'_>, found: &mut Found) {
    for id in document.tree.ids().filter(|id| document.tree.scalar(*id).is_some()) {
        let is_annotation = document.tree.key_of(id).and_then(|key| document.tree.text(key)) == Some(ANNOTATION);
        if !is_annotation || !document.goes_deeper() {
            continue;
        }
        let before = found.leaks.len();
        nested::look_into(document, id, found);
        for leak in found.leaks.iter_mut().skip(before) {
            leak.kind = LeakKind::LastApplied;
            leak.object = document.object_of(id);
        }
        found.claim(id);
        found.cover(document, id);
    }
}
