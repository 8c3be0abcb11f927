//! Values in the clear in files: manifests, values files, `.env` files, kubeconfigs, keys. Pure: content comes in, places
//! and kinds go out, and nothing of a value. One file per family of findings, one row each in `DETECTORS`.

mod allow;
mod blob;
mod document;
mod file;
mod found;
mod key;
mod kind;
mod lines;
mod nested;
mod safe;
mod template;
mod text;
mod tree;
mod wanted;

mod config_map;
mod docker;
mod encrypted;
mod env_file;
mod generator;
mod kubeconfig;
mod last_applied;
mod pairs;
mod private_key;
mod secret;
mod url;
mod values;

#[cfg(test)]
mod tests;

use document::{Document, Found};

pub(crate) use blob::is_blob;
pub(crate) use file::{find, find_generated};
pub(crate) use found::{Findings, Generated, Leak, Unread};
pub(crate) use kind::{KINDS, LeakKind};
pub(crate) use safe::stands_for_a_value;
pub(crate) use wanted::{Wanted, wants};

/// Larger files are not read.
pub(crate) const MAX_FILE: usize = 64 * 1024 * 1024;

/// Looks at a document, and claims the values that it knows.
type Detector = fn(&Document<'_>, &mut Found);

/// Every detector, the surest first: what one has claimed, no other sees.
const DETECTORS: &[Detector] = &[
    encrypted::look,
    last_applied::look,
    secret::look,
    generator::look,
    kubeconfig::look,
    docker::look,
    pairs::look,
    private_key::look,
    nested::look,
    config_map::look,
    values::look,
    url::look,
];

/// Looks at a document with all detectors.
fn look_at(document: &Document<'_>, found: &mut Found) {
    DETECTORS.iter().for_each(|look| look(document, found));
    found.end_document();
}
