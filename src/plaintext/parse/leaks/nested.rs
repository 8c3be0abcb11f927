//! Documents in texts of other documents: a manifest in a ConfigMap, values in an Application, JSON in an annotation,
//! settings in the form of another program.

use super::document::{Document, Found, Offset};
use super::key::{self, Says};
use super::lines;
use super::tree::{self, Id, Read, Shape, Tree};
use super::{LeakKind, look_at, safe};

/// Shorter texts hold no document.
const SHORTEST: usize = 8;

pub(super) fn look(document: &Document<'_>, found: &mut Found) {
    if !document.goes_deeper() {
        return;
    }
    for id in document.tree.ids() {
        // Keys are scalars too, but have no key themselves.
        let Some(text) = document.tree.text(id).filter(|text| found.is_free(id) && is_document(text)) else { continue };
        let is_key = document
            .tree
            .node(id)
            .and_then(|node| node.parent)
            .is_some_and(|(parent, key)| key.is_none() && document.tree.items(parent).is_empty());
        if !is_key && (look_into(document, id, found) || settings(document, id, text, found)) {
            found.claim(id);
        }
    }
}

/// Tells text that may be a document: several lines or JSON.
fn is_document(text: &str) -> bool {
    let several = text.contains('\n');
    let text = text.trim();
    text.len() >= SHORTEST
        && ((several && text.contains([':', '=', ' '])) || (text.starts_with(['{', '[']) && text.ends_with(['}', ']'])))
}

/// Looks at the documents of a text; returns whether there is one that is more than text.
pub(super) fn look_into(document: &Document<'_>, id: Id, found: &mut Found) -> bool {
    let Some(text) = document.tree.text(id) else { return false };
    let offset = document.offset_of(id);
    let text = text.trim_start_matches('\u{feff}');
    // Lines of a text are indented further than they say.
    let offset = if offset.fixed { offset } else { Offset { column: offset.column + 1, ..offset } };
    let mut any = false;
    tree::read(text, &mut |read| {
        let (Read::Document(tree) | Read::Broken(_, _, tree)) = read;
        any |= look_at_nested(document, id, &tree, offset, found);
    });
    any
}

fn look_at_nested(document: &Document<'_>, id: Id, tree: &Tree<'_>, offset: Offset, found: &mut Found) -> bool {
    let is_structure = match tree.node(0).map(|node| &node.shape) {
        Some(Shape::Map(entries)) => !entries.is_empty(),
        Some(Shape::List(items)) => items.iter().any(|item| !tree.entries(*item).is_empty()),
        _ => false,
    };
    if is_structure {
        let inner = document.nested(tree, id, offset, document.by_line);
        found.aside(|found| look_at(&inner, found));
    }
    is_structure
}

/// Looks at settings of other programs; returns whether there are any.
fn settings(document: &Document<'_>, id: Id, text: &str, found: &mut Found) -> bool {
    let in_map = document.tree.kind_of(id) == Some("ConfigMap") || document.settings == LeakKind::ConfigMap;
    let kind = if in_map { LeakKind::ConfigMap } else { document.settings };
    let mut any = false;
    for setting in lines::settings(text, true) {
        if key::says(setting.key) == Says::Nothing
            || setting.value.contains(' ')
            || setting.value.starts_with(['=', '('])
        {
            continue;
        }
        any = true;
        let names_object = key::says(setting.key) == Says::SecretOrName && safe::is_object_name(setting.value);
        if !names_object && !safe::is_safe_text(setting.value) && !safe::is_safe_base64(setting.value) {
            found.hit_in(document, id, kind, setting.place, Some(setting.key));
        }
    }
    any
}
