//! The plan of `create`, and the object that it makes, without its values.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::plaintext::wire::SecretDraft;
use crate::sources::KeySources;

use super::record::{Record, annotation_for};
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
            group.keys().iter().map(|key| PlannedKey { name: key.clone(), source: group.source().summary() })
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

/// Who writes, and when: goes into the record of each key.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    /// The user, if the server named them.
    pub(crate) by: Option<String>,
    /// The server's time.
    pub(crate) at: Timestamp,
    /// The id of this write.
    pub(crate) op: String,
}

/// Drafts the object, with one record a key.
pub(crate) fn draft(target: &Target, shape: &Shape, sources: &KeySources, author: &Author) -> SecretDraft {
    let mut annotations = shape.annotations.clone();
    for group in sources.groups() {
        for key in group.keys() {
            let record = Record::first(author.at, author.by.clone(), group.source().scheme(), &author.op);
            annotations.insert(annotation_for(key), record.to_annotation());
        }
    }
    SecretDraft {
        name: target.name.clone(),
        namespace: target.namespace.clone(),
        secret_type: shape.secret_type.clone(),
        immutable: shape.immutable,
        labels: shape.labels.clone(),
        annotations,
    }
}
