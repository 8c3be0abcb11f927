//! Builds the bodies of requests. Values go in as base64, straight into a buffer that is wiped.

use std::collections::BTreeMap;

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};
use zeroize::Zeroizing;

use crate::names::{KeyName, Namespace, SecretName};
use crate::plaintext::SecretValue;

use super::body::WireBody;

/// Everything about a new Secret but its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretDraft {
    /// Its name.
    pub(crate) name: SecretName,
    /// Its namespace.
    pub(crate) namespace: Namespace,
    /// Its type, such as `Opaque`.
    pub(crate) secret_type: String,
    /// Whether it may never be changed.
    pub(crate) immutable: bool,
    /// Its labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// Its annotations, the records of the keys among them.
    pub(crate) annotations: BTreeMap<String, String>,
}

/// Builds the body that creates a Secret: always `data`, never `stringData`, whose plaintext the API
/// server would copy into managedFields under another name.
pub(crate) fn secret_create<'a>(
    draft: &SecretDraft,
    values: impl IntoIterator<Item = (&'a KeyName, &'a SecretValue)>,
) -> WireBody {
    let values: Vec<_> = values.into_iter().collect();
    let size: usize = values.iter().map(|(_, value)| value.len() * 4 / 3 + 300).sum();
    write(&Create { draft, values: &values }, size + 2048)
}

/// Everything about a change of a Secret but its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PatchDraft {
    /// The object that is meant; another one of the same name is not touched.
    pub(crate) uid: String,
    /// The version that was looked at; the server refuses if there is a newer one.
    pub(crate) resource_version: String,
    /// Annotations to set, or to remove.
    pub(crate) annotations: Texts,
    /// Labels to set, or to remove.
    pub(crate) labels: Texts,
    /// Makes it impossible to change it again.
    pub(crate) seals: bool,
}

/// Values to set, and keys to remove.
pub(crate) type Edits = BTreeMap<KeyName, Option<SecretValue>>;

/// Builds the JSON merge patch (RFC 7386) that changes only the keys named.
pub(crate) fn secret_patch(draft: &PatchDraft, edits: &Edits) -> WireBody {
    let size: usize = edits.values().flatten().map(|value| value.len() * 4 / 3 + 300).sum();
    write(&Patch { draft, edits }, size + 2048)
}

/// Builds the merge patch of labels and annotations alone, to set or to remove.
pub(crate) fn metadata_patch(uid: &str, version: &str, labels: &Texts, annotations: &Texts) -> WireBody {
    json(&serde_json::json!({"metadata": {"uid": uid, "resourceVersion": version, "labels": labels,
        "annotations": annotations}}))
}

/// Labels or annotations; what is `None` goes.
pub(crate) type Texts = BTreeMap<String, Option<String>>;

/// The patch that changes nothing: with a dry run its answer tells what a read would.
pub(crate) fn empty_patch() -> WireBody {
    json(&serde_json::json!({}))
}

struct Patch<'a> {
    draft: &'a PatchDraft,
    edits: &'a Edits,
}

impl Serialize for Patch<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Secret", 3)?;
        fields.serialize_field("metadata", &PatchMeta(self.draft))?;
        if self.draft.seals {
            fields.serialize_field("immutable", &true)?;
        }
        fields.serialize_field("data", &PatchData(self.edits))?;
        fields.end()
    }
}

struct PatchMeta<'a>(&'a PatchDraft);

impl Serialize for PatchMeta<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("ObjectMeta", 4)?;
        fields.serialize_field("uid", &self.0.uid)?;
        fields.serialize_field("resourceVersion", &self.0.resource_version)?;
        if !self.0.labels.is_empty() {
            fields.serialize_field("labels", &self.0.labels)?;
        }
        fields.serialize_field("annotations", &self.0.annotations)?;
        fields.end()
    }
}

struct PatchData<'a>(&'a Edits);

impl Serialize for PatchData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0 {
            map.serialize_entry(key, &value.as_ref().map(Encoded))?;
        }
        map.end()
    }
}

/// Builds a body that holds no value, such as an Event.
pub(crate) fn json(body: &serde_json::Value) -> WireBody {
    write(body, 1024)
}

fn write(body: &impl Serialize, capacity: usize) -> WireBody {
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    // Maps with text keys cannot fail to serialize, and a Vec cannot fail to take bytes; an empty
    // body is refused by the server.
    if serde_json::to_writer(&mut *bytes, body).is_err() {
        bytes.clear();
    }
    WireBody::from_bytes(bytes)
}

struct Create<'a> {
    draft: &'a SecretDraft,
    values: &'a [(&'a KeyName, &'a SecretValue)],
}

impl Serialize for Create<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Secret", 6)?;
        fields.serialize_field("apiVersion", "v1")?;
        fields.serialize_field("kind", "Secret")?;
        fields.serialize_field("metadata", &Meta(self.draft))?;
        fields.serialize_field("type", &self.draft.secret_type)?;
        if self.draft.immutable {
            fields.serialize_field("immutable", &true)?;
        }
        fields.serialize_field("data", &Data(self.values))?;
        fields.end()
    }
}

struct Meta<'a>(&'a SecretDraft);

impl Serialize for Meta<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("ObjectMeta", 4)?;
        fields.serialize_field("name", &self.0.name)?;
        fields.serialize_field("namespace", &self.0.namespace)?;
        fields.serialize_field("labels", &self.0.labels)?;
        fields.serialize_field("annotations", &self.0.annotations)?;
        fields.end()
    }
}

struct Data<'a>(&'a [(&'a KeyName, &'a SecretValue)]);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, Encoded(value))))
    }
}

/// Writes a value as base64 without a copy in between.
struct Encoded<'a>(&'a SecretValue);

impl Serialize for Encoded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0.expose(), &STANDARD))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_names_only_what_changes() {
        let draft = PatchDraft {
            uid: "u".into(),
            resource_version: "7".into(),
            annotations: BTreeMap::from([("a".into(), Some("x".into())), ("b".into(), None)]),
            labels: BTreeMap::new(),
            seals: false,
        };
        let key = |name| KeyName::checked(name).unwrap();
        let value = SecretValue::from_bytes(Zeroizing::new(b"a".to_vec()));
        let body = secret_patch(&draft, &BTreeMap::from([(key("k"), Some(value)), (key("gone"), None)]));
        let json: serde_json::Value = serde_json::from_slice(body.bytes()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"metadata": {"uid": "u", "resourceVersion": "7", "annotations": {"a": "x", "b": null}},
                "data": {"k": "YQ==", "gone": null}})
        );
    }

    #[test]
    fn a_secret_is_data_and_never_string_data() {
        let draft = SecretDraft {
            name: "db".parse().unwrap(),
            namespace: "prod".parse().unwrap(),
            secret_type: "Opaque".into(),
            immutable: true,
            labels: BTreeMap::from([("app".into(), "db".into())]),
            annotations: BTreeMap::new(),
        };
        let values = BTreeMap::from([(
            KeyName::checked("k").unwrap(),
            SecretValue::from_bytes(Zeroizing::new(vec![0xff, 0x00, b'a'])),
        )]);
        let body = secret_create(&draft, &values);
        let json: serde_json::Value = serde_json::from_slice(body.bytes()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "immutable": true,
                "metadata": {"name": "db", "namespace": "prod", "labels": {"app": "db"}, "annotations": {}},
                "data": {"k": "/wBh"}})
        );
    }
}
