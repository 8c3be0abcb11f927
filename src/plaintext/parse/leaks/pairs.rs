//! Names and values in lists: variables of containers, parameters of charts and pipelines.

use super::document::{Document, Found};
use super::key::{self, Says};
use super::tree::Id;
use super::{LeakKind, safe};

/// Fields that say what a value is.
const NAMES: &[&str] = &["name", "key", "type", "id"];

pub(super) fn look(document: &Document<'_>, found: &mut Found) {
    for id in document.tree.ids() {
        document.tree.items(id).iter().for_each(|item| assignment(document, *item, found));
        let Some(value) = document.tree.get(id, "value") else { continue };
        let Some(scalar) = document.tree.scalar(value) else { continue };
        let names = NAMES.iter().filter_map(|name| document.tree.get_text(id, name));
        let said = names.map(|name| key::says(name.rsplit('/').next().unwrap_or(name)));
        let said = said.max_by_key(|said| *said == Says::Secret).unwrap_or(Says::Nothing);
        let names_object = said == Says::SecretOrName && safe::is_object_name(&scalar.text);
        if said == Says::Nothing || names_object || !found.is_free(value) {
            continue;
        }
        if safe::is_safe(scalar) || safe::is_safe_base64(&scalar.text) || safe::is_public(&scalar.text) {
            found.claim(value);
            continue;
        }
        let list = document.key_name(id).unwrap_or_default().to_lowercase();
        let is_env = list.contains("env") && document.tree.get_text(id, "name").is_some();
        found.hit(document, value, if is_env { LeakKind::WorkloadEnv } else { document.settings });
    }
}

/// `KEY=VALUE` as an item of a list, as Compose has it.
fn assignment(document: &Document<'_>, item: Id, found: &mut Found) {
    let Some((name, value)) = document.tree.text(item).and_then(|text| text.split_once('=')) else { return };
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if !is_name || key::says(name) == Says::Nothing || !found.is_free(item) {
        return;
    }
    let names_object = key::says(name) == Says::SecretOrName && safe::is_object_name(value);
    if names_object || safe::is_safe_text(value) || safe::is_public(value) {
        found.claim(item);
    } else {
        found.hit(document, item, document.settings);
    }
}
