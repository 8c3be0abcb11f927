//! Logins to registries: a docker config, in a file of its own or in a text.

use super::document::{Document, Found};
use super::tree::Id;
use super::{LeakKind, nested, safe};

/// Fields of a login that are a credential.
const FIELDS: &[&str] = &["auth", "password", "identitytoken", "registrytoken"];
/// Keys under which such a config is kept.
const KEYS: &[&str] = &[".dockerconfigjson", ".dockercfg", "dockerconfigjson", "dockerConfigJson"];

pub(super) fn look(document: &Document<'_>, found: &mut Found) {
    for id in document.tree.ids() {
        if let Some(auths) = document.tree.get(id, "auths") {
            document.tree.entries(auths).iter().for_each(|(_, login)| fields(document, *login, found));
        }
        let is_named = || document.key_name(id).is_some_and(|name| KEYS.contains(&name.as_str()));
        if document.tree.scalar(id).is_some() && found.is_free(id) && is_named() {
            whole(document, id, found);
        }
    }
}

fn fields(document: &Document<'_>, login: Id, found: &mut Found) {
    for id in FIELDS.iter().filter_map(|name| document.tree.get(login, name)) {
        match document.tree.text(id) {
            Some(text) if !is_safe(text) => found.hit(document, id, LeakKind::DockerConfig),
            _ => found.claim(id),
        }
    }
}

/// `auth` is USER:PASSWORD in base64.
fn is_safe(text: &str) -> bool {
    let decoded = safe::decoded(text);
    let login = decoded.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
    safe::is_safe_text(text)
        || login.and_then(|login| login.split_once(':')).is_some_and(|(_, password)| safe::is_safe_text(password))
}

/// A config in base64, or in the clear.
fn whole(document: &Document<'_>, id: Id, found: &mut Found) {
    let Some(text) = document.tree.text(id) else { return };
    if safe::is_safe_text(text) {
        return found.claim(id);
    }
    if text.trim_start().starts_with('{') {
        nested::look_into(document, id, found);
        return found.claim(id);
    }
    if safe::decoded(text).is_some_and(|bytes| memchr::memmem::find(&bytes, b"\"auth").is_some()) {
        found.hit(document, id, LeakKind::DockerConfig);
    }
}
