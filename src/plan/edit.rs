//! The plan of a change to an existing Secret: which keys are replaced, added or removed.
//!
//! Key names come from managedFields. An object can have more keys than names are known; what is not
//! known is said, not guessed.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::names::{KeyName, nearest};
use crate::plaintext::wire::{Metadata, Outline, PatchDraft};
use crate::sources::KeySources;

use super::record::{Author, Provenance, Record, annotation_for, too_many};
use super::rollout::Workload;
use super::{Action, EditKind, Plan, PlannedEdit, Precondition, Step, Target};

/// The keys of an object, as far as they can be known without a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keys {
    /// The names that are known.
    pub(crate) known: BTreeSet<KeyName>,
    /// Whether these are all.
    pub(crate) complete: bool,
}

impl Keys {
    /// Takes the names that metadata tells.
    pub(crate) fn of(outline: &Outline) -> Self {
        let known = outline.metadata.known_keys();
        Self { complete: known.len() >= outline.count, known }
    }

    /// Tells whether a key is there; `None` if that cannot be known.
    pub(crate) fn has(&self, key: &KeyName) -> Option<bool> {
        if self.known.contains(key) { Some(true) } else { self.complete.then_some(false) }
    }
}

/// What to do about keys that are not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// They are a mistake.
    Refuse,
    /// They are added.
    Add,
}

/// Plans new values for keys.
pub(crate) fn replace(
    sources: &KeySources,
    keys: &Keys,
    missing: Missing,
    target: &Target,
) -> Result<Vec<PlannedEdit>> {
    let mut edits = Vec::new();
    for group in sources.groups() {
        for key in group.keys() {
            let edit = match keys.has(key) {
                Some(false) if missing == Missing::Refuse => return Err(no_key(key, keys, target)),
                Some(false) => EditKind::Add,
                Some(true) | None => EditKind::Replace,
            };
            edits.push(PlannedEdit { name: key.clone(), edit, source: Some(group.source().summary()), old: None });
        }
    }
    Ok(edits)
}

/// Plans the removal of keys.
pub(crate) fn remove(names: &[KeyName], keys: &Keys, target: &Target) -> Result<Vec<PlannedEdit>> {
    names
        .iter()
        .map(|key| match keys.has(key) {
            Some(false) => Err(no_key(key, keys, target)),
            _ => Ok(PlannedEdit { name: key.clone(), edit: EditKind::Remove, source: None, old: None }),
        })
        .collect()
}

/// Says that a key is not there, which ones are, and which was probably meant.
pub(crate) fn absent<'a>(key: &KeyName, keys: impl IntoIterator<Item = &'a KeyName>, target: &Target) -> Error {
    let names: Vec<&str> = keys.into_iter().map(KeyName::as_str).collect();
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

/// The same for a key that is to be changed, and so can be added.
pub(crate) fn no_key(key: &KeyName, keys: &Keys, target: &Target) -> Error {
    absent(key, &keys.known, target).hint(format!("to add it, type: kubectl secretsafe set {} {key}", target.name))
}

/// Puts the edits into a plan with the precondition that the object is still what was looked at.
pub(crate) fn plan(
    target: Target,
    metadata: &Metadata,
    before: Vec<Action>,
    keys: Vec<PlannedEdit>,
    restarts: &[Workload],
) -> Plan {
    let version =
        Precondition::Version { uid: metadata.uid.clone(), resource_version: metadata.resource_version.clone() };
    // The first step that writes finds the object as it was looked at; each other needs the one before.
    let (first, then) = if before.is_empty() { (version.clone(), version) } else { (version, Precondition::Previous) };
    let mut first = Some(first);
    let step = |action, precondition| Step { action, precondition };
    let restart = |workload| step(Action::Restart { workload }, Precondition::Previous);
    Plan {
        target,
        steps: std::iter::once(step(Action::Identify, Precondition::None))
            .chain(before.into_iter().map(|action| step(action, first.take().unwrap_or(Precondition::Previous))))
            .chain([step(Action::Patch { keys }, then), step(Action::Event, Precondition::Previous)])
            .chain(restarts.iter().cloned().map(restart))
            .collect(),
    }
}

/// Drafts the patch: preconditions, a new record for each key that gets a value, none for one that goes.
///
/// Returns how many records go because they do not fit as well.
pub(crate) fn draft(
    metadata: &Metadata,
    edits: &[PlannedEdit],
    from: &BTreeMap<KeyName, Provenance>,
    author: &Author,
) -> (PatchDraft, usize) {
    let mut records: BTreeMap<String, Option<Record>> = BTreeMap::new();
    for edit in edits.iter().filter(|edit| edit.edit != EditKind::Keep) {
        let before = metadata.record(&edit.name);
        let from = from.get(&edit.name).cloned().unwrap_or_default();
        match (edit.edit, before) {
            (EditKind::Remove, None) => continue,
            (EditKind::Remove, Some(_)) => records.insert(annotation_for(&edit.name), None),
            (_, Some(before)) => records.insert(annotation_for(&edit.name), Some(before.next(author, &from))),
            (_, None) => records.insert(annotation_for(&edit.name), Some(Record::first(author, &from))),
        };
    }
    let dropped = make_room(&mut records, &metadata.annotations.records, &author.op);
    let annotations =
        records.into_iter().map(|(name, record)| (name, record.map(|record| record.to_annotation()))).collect();
    let draft = PatchDraft {
        uid: metadata.uid.clone(),
        resource_version: metadata.resource_version.clone(),
        annotations,
        labels: BTreeMap::new(),
        seals: false,
    };
    (draft, dropped)
}

/// Removes the oldest records, so that those of the patch and those that stay fit together.
fn make_room(patch: &mut BTreeMap<String, Option<Record>>, stored: &BTreeMap<String, Record>, op: &str) -> usize {
    let staying = stored.iter().filter(|(name, _)| !patch.contains_key(*name));
    let new = patch.iter().filter_map(|(name, record)| Some((name, record.as_ref()?)));
    let all = staying.chain(new).map(|(name, record)| (name.as_str(), record)).collect();
    let dropped: Vec<String> = too_many(&all, op).into_iter().map(str::to_owned).collect();
    for name in &dropped {
        if stored.contains_key(name) {
            patch.insert(name.clone(), None);
        } else {
            patch.remove(name);
        }
    }
    dropped.len()
}

/// After a conflict: who changed one of these keys in between, if anybody did.
///
/// Without values, a key counts as unchanged if neither our record for it nor the entry of a manager
/// that owns it has changed.
pub(crate) fn changed_by<'a>(
    before: &Metadata,
    after: &'a Metadata,
    edits: &[PlannedEdit],
) -> Option<(KeyName, &'a str)> {
    edits.iter().find_map(|edit| {
        let (old, new) = (before.owners(&edit.name), after.owners(&edit.name));
        let same = before.record(&edit.name) == after.record(&edit.name) && old == new;
        // One entry holds all keys of a manager, so its time moves when any of them changes. If the
        // record is ours and the same, the value is the same.
        let ours = before.record(&edit.name).is_some()
            && before.record(&edit.name) == after.record(&edit.name)
            && new.iter().any(|owner| owner.manager == super::age::FIELD_MANAGER);
        if same || ours {
            return None;
        }
        let by = after.record(&edit.name).and_then(|record| record.by.as_deref());
        let by = by.filter(|_| before.record(&edit.name) != after.record(&edit.name));
        let manager = new.iter().max_by_key(|owner| owner.time).map(|owner| owner.manager);
        Some((edit.name.clone(), by.or(manager).unwrap_or("somebody")))
    })
}
