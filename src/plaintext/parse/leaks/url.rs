//! URLs with a password, under keys that do not look secret.

use super::document::{Document, Found};
use super::tree::Style;
use super::{LeakKind, safe};

pub(super) fn look(document: &Document<'_>, found: &mut Found) {
    for id in document.tree.ids() {
        let Some(scalar) = document.tree.scalar(id).filter(|_| found.is_free(id)) else { continue };
        if !scalar.text.contains("://") || !safe::has_password(&scalar.text) {
            continue;
        }
        if scalar.style != Style::Literal {
            found.hit(document, id, LeakKind::UrlPassword);
            continue;
        }
        for (index, line) in scalar.text.lines().enumerate().filter(|(_, line)| safe::has_password(line)) {
            let column = line.len() - line.trim_start().len();
            found.hit_in(document, id, LeakKind::UrlPassword, (index + 1, column + 1), None);
        }
    }
}
