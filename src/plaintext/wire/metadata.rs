//! The metadata of an object, as far as it may leave this room.
//!
//! An annotation can hold every value of its Secret: `kubectl apply` copies the manifest into
//! `last-applied-configuration`. So only the names of annotations are kept, and the text of our own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::names::KeyName;
use crate::plan::age::Owner;
use crate::plan::companions::{self, COMPANION, Companion, KEPT, Kept, NOTE, Note};
use crate::plan::policy::{ANNOTATION as POLICY, Policy};
use crate::plan::record::{PREFIX, Record, annotation_for};

use super::last_applied::{LAST_APPLIED, LastApplied};

/// What is known about an object without its data.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Metadata {
    /// Its name.
    pub(crate) name: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// Its uid: the same name made anew has another one.
    pub(crate) uid: String,
    /// Its version, the precondition of the next write.
    pub(crate) resource_version: String,
    /// When it was made.
    pub(crate) creation_timestamp: Option<Timestamp>,
    /// Its labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// The names of its annotations, and our records.
    pub(crate) annotations: Annotations,
    /// Who set which field.
    pub(crate) managed_fields: Vec<Manager>,
    /// Objects that own it.
    pub(crate) owner_references: Vec<OwnerReference>,
}

/// An object that owns this one; as a controller it will undo what others change.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(default)]
pub(crate) struct OwnerReference {
    /// Its kind.
    pub(crate) kind: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether it manages this object.
    pub(crate) controller: bool,
}

impl Metadata {
    /// Returns the record of a key, if it has one.
    pub(crate) fn record(&self, key: &KeyName) -> Option<&Record> {
        self.annotations.records.get(&annotation_for(key))
    }

    /// Returns the managers that own a key.
    pub(crate) fn owners(&self, key: &KeyName) -> Vec<Owner<'_>> {
        let record = annotation_for(key);
        self.managed_fields
            .iter()
            .filter(|entry| entry.fields.names().any(|name| name == key.as_str()))
            .map(|entry| Owner {
                manager: &entry.manager,
                time: entry.time,
                has_record: entry.fields.metadata.annotations.0.contains(&record),
            })
            .collect()
    }

    /// Returns the names of the keys that managedFields know; older objects may have more.
    pub(crate) fn known_keys(&self) -> BTreeSet<KeyName> {
        self.managed_fields.iter().flat_map(|entry| entry.fields.names()).filter_map(KeyName::checked).collect()
    }

    /// Returns kinds and names of the owners that are controllers.
    pub(crate) fn controllers(&self) -> Vec<(String, String)> {
        let controllers = self.owner_references.iter().filter(|owner| owner.controller);
        controllers.map(|owner| (owner.kind.clone(), owner.name.clone())).collect()
    }

    /// Tells whether a policy is there that cannot be read.
    pub(crate) fn has_unreadable_policy(&self) -> bool {
        self.annotations.names.contains(POLICY) && self.annotations.policy.is_none()
    }

    /// Tells whether the write with the id `op` is the one that made this object what it is.
    pub(crate) fn written_by(&self, op: &str) -> bool {
        self.annotations.records.values().any(|record| record.op == op)
            || self.annotations.companion.as_ref().is_some_and(|companion| companion.op == op)
    }
}

/// Names of annotations; the text is kept only of those that this program writes.
#[derive(Debug, Default, Clone)]
pub(crate) struct Annotations {
    /// All names.
    pub(crate) names: BTreeSet<String>,
    /// Our records, by the name of their annotation.
    pub(crate) records: BTreeMap<String, Record>,
    /// The note of a rotation that is under way.
    pub(crate) pending: Option<Note>,
    /// The list of kept versions.
    pub(crate) kept: Option<Kept>,
    /// What a companion says of itself.
    pub(crate) companion: Option<Companion>,
    /// Our policy, if what stands there is one.
    pub(crate) policy: Option<Policy>,
    /// What client-side `kubectl apply` has left, if it has.
    pub(crate) last_applied: Option<LastApplied>,
}

impl<'de> Deserialize<'de> for Annotations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamesOnly;

        impl<'de> Visitor<'de> for NamesOnly {
            type Value = Annotations;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("annotations")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Annotations, A::Error> {
                let mut annotations = Annotations::default();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        NOTE => annotations.pending = companions::read(&map.next_value::<String>()?),
                        KEPT => annotations.kept = companions::read(&map.next_value::<String>()?),
                        COMPANION => annotations.companion = companions::read(&map.next_value::<String>()?),
                        record if record.starts_with(PREFIX) => {
                            if let Some(record) = Record::parse(&map.next_value::<String>()?) {
                                annotations.records.insert(name.clone(), record);
                            }
                        }
                        LAST_APPLIED => annotations.last_applied = Some(map.next_value()?),
                        POLICY => annotations.policy = Policy::parse(&map.next_value::<String>()?),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                    annotations.names.insert(name);
                }
                Ok(annotations)
            }

            fn visit_unit<E>(self) -> Result<Annotations, E> {
                Ok(Annotations::default())
            }
        }

        deserializer.deserialize_any(NamesOnly)
    }
}

/// One entry of managedFields: who set which keys, and when.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Manager {
    /// The manager's name.
    pub(crate) manager: String,
    /// `Update` or `Apply`.
    pub(crate) operation: String,
    /// When the entry was written.
    pub(crate) time: Option<Timestamp>,
    /// The fields it owns.
    #[serde(rename = "fieldsV1")]
    fields: Fields,
}

impl Manager {
    /// Tells whether it owns keys, not only labels or the like.
    pub(crate) fn has_keys(&self) -> bool {
        self.fields.names().next().is_some()
    }

    /// Returns the names of the keys that it owns.
    pub(crate) fn keys(&self) -> BTreeSet<KeyName> {
        self.fields.names().filter_map(KeyName::checked).collect()
    }
}

/// The part of `fieldsV1` that names keys. Server-side apply of `stringData` is kept apart there.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(default)]
struct Fields {
    #[serde(rename = "f:data")]
    data: BTreeMap<String, IgnoredAny>,
    #[serde(rename = "f:stringData")]
    string_data: BTreeMap<String, IgnoredAny>,
    #[serde(rename = "f:metadata")]
    metadata: MetadataFields,
}

#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(default)]
struct MetadataFields {
    #[serde(rename = "f:annotations")]
    annotations: RecordNames,
}

/// The names of annotations that are records; all others are passed over.
#[derive(Debug, Default, Clone)]
struct RecordNames(Vec<String>);

impl<'de> Deserialize<'de> for RecordNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = BTreeMap::<String, IgnoredAny>::deserialize(deserializer)?.into_keys();
        let record = |name: String| name.strip_prefix("f:").filter(|name| name.starts_with(PREFIX)).map(str::to_owned);
        Ok(Self(names.filter_map(record).collect()))
    }
}

impl Fields {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.data.keys().chain(self.string_data.keys()).filter_map(|name| name.strip_prefix("f:"))
    }
}
