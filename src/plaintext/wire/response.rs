//! Parses answers. A parse error says where, never what: serde's own text quotes the value.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use zeroize::Zeroizing;

use crate::error::Cause;
use crate::names::KeyName;
use crate::plaintext::SecretValue;

use super::body::WireBody;
use super::metadata::Metadata;

/// A Secret as it is stored, values included.
#[derive(Debug)]
pub(crate) struct LiveSecret {
    /// Its metadata.
    pub(crate) metadata: Metadata,
    /// Its type.
    pub(crate) secret_type: String,
    /// Whether it may never be changed.
    pub(crate) immutable: bool,
    /// Its values.
    pub(crate) values: BTreeMap<KeyName, SecretValue>,
    /// The texts of its annotations, which can hold values: to be compared, not read.
    pub(crate) annotations: BTreeMap<String, SecretValue>,
}

/// Why an answer cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum WireError {
    /// It is not JSON, or ends too early.
    #[error("the answer is not the JSON that was asked for (line {line}, column {column})")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// It is JSON of another kind of object.
    #[error("the answer is another kind of object than was asked for")]
    OtherKind,
}

impl Cause for WireError {}

/// Parses a whole Secret.
pub(crate) fn parse_secret(body: &WireBody) -> Result<LiveSecret, WireError> {
    let raw: RawSecret = parse(body)?;
    let texts: RawTexts = parse(body)?;
    if raw.kind != "Secret" {
        return Err(WireError::OtherKind);
    }
    Ok(LiveSecret {
        metadata: raw.metadata,
        secret_type: raw.secret_type,
        immutable: raw.immutable.unwrap_or(false),
        annotations: texts
            .metadata
            .annotations
            .unwrap_or_default()
            .into_iter()
            .map(|(name, text)| (name, text.0))
            .collect(),
        values: raw
            .data
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(key, value)| Some((KeyName::checked(&key)?, value.0)))
            .collect(),
    })
}

/// Parses a `PartialObjectMetadata`.
pub(crate) fn parse_metadata(body: &WireBody) -> Result<Metadata, WireError> {
    let raw: RawPartial = parse(body)?;
    if raw.kind != "PartialObjectMetadata" || raw.metadata.name.is_empty() {
        return Err(WireError::OtherKind);
    }
    Ok(raw.metadata)
}

/// Parses the user's name out of a `SelfSubjectReview`.
pub(crate) fn parse_user(body: &WireBody) -> Result<String, WireError> {
    let raw: RawReview = parse(body)?;
    Ok(raw.status.user_info.username)
}

pub(in crate::plaintext) fn parse<'a, T: Deserialize<'a>>(body: &'a WireBody) -> Result<T, WireError> {
    serde_json::from_slice(body.bytes()).map_err(|err| WireError::NotJson { line: err.line(), column: err.column() })
}

#[derive(Deserialize)]
struct RawPartial {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct RawSecret {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default, rename = "type")]
    secret_type: String,
    #[serde(default)]
    immutable: Option<bool>,
    #[serde(default)]
    data: Option<BTreeMap<String, Decoded>>,
}

#[derive(Deserialize)]
struct RawTexts {
    #[serde(default)]
    metadata: RawTextsMeta,
}

#[derive(Deserialize, Default)]
struct RawTextsMeta {
    #[serde(default)]
    annotations: Option<BTreeMap<String, Text>>,
}

/// The text of an annotation, kept as a value.
struct Text(SecretValue);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        Ok(Self(SecretValue::from_bytes(Zeroizing::new(text.as_bytes().to_vec()))))
    }
}

#[derive(Deserialize)]
struct RawReview {
    status: RawReviewStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawReviewStatus {
    user_info: RawUser,
}

#[derive(Deserialize)]
struct RawUser {
    username: String,
}

/// A value, decoded from base64 while the JSON is read.
struct Decoded(SecretValue);

impl<'de> Deserialize<'de> for Decoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Base64;

        impl Visitor<'_> for Base64 {
            type Value = Decoded;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("base64")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Decoded, E> {
                // The decoder's own error names the offending byte.
                let bytes = STANDARD.decode(text).map_err(|_| E::custom("not base64"))?;
                Ok(Decoded(SecretValue::from_bytes(Zeroizing::new(bytes))))
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Decoded, E> {
                Ok(Decoded(SecretValue::from_bytes(Zeroizing::default())))
            }
        }

        deserializer.deserialize_any(Base64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> WireBody {
        WireBody::from_bytes(Zeroizing::new(text.as_bytes().to_vec()))
    }

    const SECRET: &str = r#"{"kind":"Secret","apiVersion":"v1","type":"Opaque","metadata":{"name":"db","namespace":"prod",
        "uid":"u","resourceVersion":"7","creationTimestamp":"2026-01-02T03:04:05Z","annotations":{
          "kubectl.kubernetes.io/last-applied-configuration":"{\"stringData\":{\"a\":\"not-a-real-password\"}}",
          "key.secretsafe.dev/a":"{\"v\":1,\"at\":\"2026-01-02T03:04:05Z\",\"from\":\"prompt\",\"n\":1,\"op\":\"o1\"}"},
        "managedFields":[{"manager":"kubectl-create","operation":"Update","time":"2026-01-02T03:04:05Z",
          "fieldsV1":{"f:data":{".":{},"f:a":{}},"f:type":{}}}]},
        "data":{"a":"bm90LWEtcmVhbC1wYXNzd29yZA==","b":""}}"#;

    #[test]
    fn a_secret_is_values_and_harmless_metadata() {
        let secret = parse_secret(&body(SECRET)).unwrap();
        let key = KeyName::checked("a").unwrap();
        assert_eq!(secret.values[&key].expose(), b"not-a-real-password");
        assert_eq!(secret.values.len(), 2);
        assert_eq!(secret.metadata.annotations.names.len(), 2);
        assert_eq!(secret.metadata.record(&key).unwrap().op, "o1");
        assert_eq!(secret.metadata.owners(&key)[0].manager, "kubectl-create");
        assert_eq!(secret.metadata.known_keys().len(), 1);
        assert!(secret.metadata.written_by("o1") && !secret.metadata.written_by("o2"));
        assert!(!format!("{secret:?}").contains("not-a-real"), "metadata keeps no annotation text");
    }

    #[test]
    fn errors_quote_nothing() {
        for text in [
            r#"{"kind":"Secret","data":{"a":"not-a-real-password!"}}"#,
            r#"{"kind":"Secret","data":"not-a-real-password"}"#,
            "<html>not-a-real-password</html>",
            r#"{"kind":"Secret","data":{"a":"bm90"#,
        ] {
            let error = parse_secret(&body(text)).unwrap_err();
            assert!(matches!(error, WireError::NotJson { .. }), "{error}");
            assert!(!error.to_string().contains("not-a-real"), "{error}");
        }
        assert_eq!(parse_secret(&body(r#"{"kind":"ConfigMap"}"#)).unwrap_err(), WireError::OtherKind);
        assert_eq!(parse_metadata(&body(SECRET)).unwrap_err(), WireError::OtherKind);
    }
}
