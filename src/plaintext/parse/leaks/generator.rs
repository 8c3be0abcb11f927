//! Kustomize's generators: literals in the kustomization, and the files that it names.

use super::document::{Document, Found};
use super::found::Generated;
use super::key::{self, Says};
use super::tree::Id;
use super::{LeakKind, safe};

pub(super) fn look(document: &Document<'_>, found: &mut Found) {
    for id in document.tree.ids() {
        if let Some(generator) = document.tree.get(id, "secretGenerator") {
            for item in document.tree.items(generator) {
                literals(document, *item, LeakKind::GeneratorLiteral, found);
                files(document, *item, found);
            }
        }
        if let Some(generator) = document.tree.get(id, "configMapGenerator") {
            document
                .tree
                .items(generator)
                .iter()
                .for_each(|item| literals(document, *item, LeakKind::ConfigMap, found));
        }
    }
}

/// `KEY=VALUE`: every one of a Secret, those that look secret of a ConfigMap.
fn literals(document: &Document<'_>, item: Id, kind: LeakKind, found: &mut Found) {
    let Some(literals) = document.tree.get(item, "literals") else { return };
    for literal in document.tree.items(literals) {
        let Some((name, value)) = document.tree.text(*literal).and_then(|text| text.split_once('=')) else { continue };
        let counts = kind == LeakKind::GeneratorLiteral || key::says(name) != Says::Nothing;
        if counts && !safe::is_safe_text(value) && !safe::is_public(value) {
            found.hit(document, *literal, kind);
        } else {
            found.claim(*literal);
        }
    }
}

fn files(document: &Document<'_>, item: Id, found: &mut Found) {
    let named = |field: &str| document.tree.get(item, field);
    let mut take = |id: Id, lines: bool| {
        let Some(text) = document.tree.text(id) else { return };
        // `KEY=FILE` of `files`.
        let path = if lines { text } else { text.split_once('=').map_or(text, |(_, path)| path) };
        found.generated.push(Generated { path: path.trim().to_owned(), lines });
    };
    named("env").into_iter().for_each(|id| take(id, true));
    named("envs").into_iter().flat_map(|list| document.tree.items(list)).for_each(|id| take(*id, true));
    named("files").into_iter().flat_map(|list| document.tree.items(list)).for_each(|id| take(*id, false));
    if let Some(list) = named("files") {
        found.claim_below(document, list);
    }
}
