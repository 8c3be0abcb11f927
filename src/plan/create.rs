//! The plan of `create`, and the object that it makes, without its values.

use std::collections::BTreeMap;

use crate::names::KeyName;
use crate::plaintext::wire::SecretDraft;
use crate::sources::KeySources;

use super::record::{Author, Provenance, Record, annotation_for, too_many};
use super::{Action, Plan, PlannedKey, Precondition, Step, Target};

/// What the new Secret is to be, apart from its keys.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// Its type.
    pub(crate) secret_type: String,
    /// Whether it may never be changed.
    pub(crate) immutable: bool,
    /// Its labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// Its annotations, apart from our records.
    pub(crate) annotations: BTreeMap<String, String>,
}

/// Plans the creation: who are we, create if absent, leave an Event.
pub(crate) fn plan(target: Target, shape: &Shape, sources: &KeySources) -> Plan {
    let keys = sources
        .groups()
        .iter()
        .flat_map(|group| {
            let planned = |(index, key): (usize, &KeyName)| PlannedKey {
                name: key.clone(),
                source: group.source_of(index).summary(),
            };
            group.keys().iter().enumerate().map(planned)
        })
        .collect();
    let create = Action::Create { secret_type: shape.secret_type.clone(), immutable: shape.immutable, keys };
    let step = |action, precondition| Step { action, precondition };
    Plan {
        target,
        steps: vec![
            step(Action::Identify, Precondition::None),
            step(create, Precondition::Absent),
            step(Action::Event, Precondition::Previous),
        ],
    }
}

/// Drafts the object, with one record a key; returns how many records do not fit as well.
pub(crate) fn draft(
    target: &Target,
    shape: &Shape,
    from: &BTreeMap<KeyName, Provenance>,
    author: &Author,
) -> (SecretDraft, usize) {
    let records: BTreeMap<String, Record> =
        from.iter().map(|(key, from)| (annotation_for(key), Record::first(author, from))).collect();
    let dropped = too_many(&records.iter().map(|(name, record)| (name.as_str(), record)).collect(), &author.op);
    let kept = records.iter().filter(|(name, _)| !dropped.contains(&name.as_str()));
    let mut annotations = shape.annotations.clone();
    annotations.extend(kept.map(|(name, record)| (name.clone(), record.to_annotation())));
    let draft = SecretDraft {
        name: target.name.clone(),
        namespace: target.namespace.clone(),
        secret_type: shape.secret_type.clone(),
        immutable: shape.immutable,
        labels: shape.labels.clone(),
        annotations,
    };
    (draft, dropped.len())
}
