//! What is said where a Secret that was read has not the key that was asked for.

use crate::error::Error;
use crate::names::{KeyName, nearest};
use crate::plan::Target;

/// Says that a Secret has no such key, which it has, and which was probably meant.
pub(super) fn no_key<'a>(key: &KeyName, keys: impl Iterator<Item = &'a KeyName>, target: &Target) -> Error {
    let names: Vec<&str> = keys.map(KeyName::as_str).collect();
    let meant = nearest(key.as_str(), names.iter().copied()).map(|name| format!("did you mean `{name}`?"));
    let error =
        Error::usage(format!("secret `{}` in namespace `{}` has no key `{key}`", target.name, target.namespace))
            .because(if names.is_empty() {
                "it has no keys".to_owned()
            } else {
                format!("its keys: {}", names.join(", "))
            });
    meant.into_iter().fold(error, Error::hint)
}
