//! A whole Secret as a manifest, values and all: only to be sealed as one.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::names::KeyName;
use crate::plaintext::SecretValue;
use crate::plan::Target;
use crate::plan::seal::Template;

/// Writes a Secret as a document of YAML that `kubectl apply -f -` takes; `None` if it cannot be written.
pub(crate) fn secret_manifest(
    target: &Target,
    template: &Template,
    values: &BTreeMap<KeyName, SecretValue>,
) -> Option<SecretValue> {
    let mut metadata = json!({"name": target.name, "namespace": target.namespace});
    for (field, texts) in [("labels", &template.labels), ("annotations", &template.annotations)] {
        if let (false, Some(fields)) = (texts.is_empty(), metadata.as_object_mut()) {
            fields.insert(field.to_owned(), json!(texts));
        }
    }
    // The texts are wiped when they are freed, by the allocator.
    let data = values.iter().map(|(key, value)| (key.to_string(), Value::String(STANDARD.encode(value.expose()))));
    let mut object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": template.secret_type});
    let fields = object.as_object_mut()?;
    fields.insert("data".to_owned(), Value::Object(data.collect::<Map<_, _>>()));
    if template.immutable {
        fields.insert("immutable".to_owned(), json!(true));
    }
    let text = Zeroizing::new(serde_yaml::to_string(&object).ok()?);
    Some(SecretValue::from_bytes(Zeroizing::new(format!("---\n{}", *text).into_bytes())))
}

/// Puts manifests one behind the other.
pub(crate) fn joined(manifests: Vec<SecretValue>) -> SecretValue {
    let mut all = Zeroizing::new(Vec::with_capacity(manifests.iter().map(SecretValue::len).sum()));
    manifests.iter().for_each(|manifest| all.extend_from_slice(manifest.expose()));
    SecretValue::from_bytes(all)
}
