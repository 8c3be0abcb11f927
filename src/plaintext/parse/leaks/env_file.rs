//! `.env` files, and files of the same form that a generator reads.

use super::found::Leak;
use super::key::{self, Says};
use super::{LeakKind, lines, safe};

/// Finds variables that look secret, and URLs with a password.
pub(super) fn look(text: &str) -> Vec<Leak> {
    let kind = |name: &str, value: &str| {
        let says = key::says(name);
        let names_object = says == Says::SecretOrName && safe::is_object_name(value);
        match says {
            Says::Nothing => safe::has_password(value).then_some(LeakKind::UrlPassword),
            _ => (!names_object && !safe::is_safe_base64(value)).then_some(LeakKind::EnvFile),
        }
    };
    of_each(text, kind)
}

/// Finds every variable that has a value.
pub(super) fn look_generated(text: &str) -> Vec<Leak> {
    of_each(text, |_, _| Some(LeakKind::GeneratorFile))
}

fn of_each(text: &str, kind: impl Fn(&str, &str) -> Option<LeakKind>) -> Vec<Leak> {
    let settings = lines::settings(text, false)
        .filter(|setting| !safe::is_safe_text(setting.value) && !safe::is_public(setting.value));
    let leak = |setting: lines::Setting<'_>| {
        let (line, column) = setting.place;
        let kind = kind(setting.key, setting.value)?;
        let key = key::is_name(setting.key).then(|| setting.key.to_owned());
        // A key in it is found as one.
        if setting.value.contains("-----BEGIN ") {
            return None;
        }
        Some(Leak { line, column, kind, document: None, object: None, key })
    };
    settings.filter_map(leak).collect()
}
