//! Credentials in a kubeconfig, whatever its file is called.

use super::document::{Document, Found};
use super::tree::Id;
use super::{LeakKind, safe};

/// Fields of a user that are one.
const OF_USER: &[&str] = &["token", "password", "client-key-data"];
/// Fields of its login to somebody else.
const OF_PROVIDER: &[&str] = &["access-token", "id-token", "refresh-token", "client-secret"];

pub(super) fn look(document: &Document<'_>, found: &mut Found) {
    for id in document.tree.ids().filter(|id| document.tree.get_text(*id, "kind") == Some("Config")) {
        let users = document.tree.get(id, "users").map_or(&[][..], |users| document.tree.items(users));
        for user in users.iter().filter_map(|user| document.tree.get(*user, "user")) {
            fields(document, user, OF_USER, found);
            let provider = document.tree.get(user, "auth-provider");
            let config = provider.and_then(|provider| document.tree.get(provider, "config"));
            config.into_iter().for_each(|config| fields(document, config, OF_PROVIDER, found));
        }
    }
}

fn fields(document: &Document<'_>, map: Id, names: &[&str], found: &mut Found) {
    for id in names.iter().filter_map(|name| document.tree.get(map, name)) {
        match document.tree.scalar(id) {
            Some(scalar) if !safe::is_safe(scalar) && !safe::is_safe_base64(&scalar.text) => {
                found.hit(document, id, LeakKind::Kubeconfig);
            }
            _ => found.claim(id),
        }
    }
}
