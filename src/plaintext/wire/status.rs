//! Parses the API server's `Status`, and keeps only what no webhook can choose freely.
//!
//! `message` quotes the whole object for some errors, and an admission webhook can put any text into
//! `message`, `reason` and `details`. So reasons and fields are kept only if they are known ones.

use serde::Deserialize;

use crate::names::KeyName;

use super::body::WireBody;

/// Reasons that the API server gives (apimachinery, meta/v1 `StatusReason`).
const REASONS: &[&str] = &[
    "Unauthorized",
    "Forbidden",
    "NotFound",
    "AlreadyExists",
    "Conflict",
    "Gone",
    "Invalid",
    "ServerTimeout",
    "StoreReadError",
    "Timeout",
    "TooManyRequests",
    "BadRequest",
    "MethodNotAllowed",
    "NotAcceptable",
    "RequestEntityTooLarge",
    "UnsupportedMediaType",
    "InternalError",
    "Expired",
    "ServiceUnavailable",
];

/// Fields of a Secret that validation can complain about.
const FIELDS: &[&str] = &[
    "metadata",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.resourceVersion",
    "metadata.labels",
    "metadata.annotations",
    "metadata.managedFields",
    "metadata.ownerReferences",
    "metadata.finalizers",
    "data",
    "stringData",
    "type",
    "immutable",
    "patch",
];

/// Keys that typed Secrets must have; the server complains about the missing ones.
const TYPED_KEYS: &[&str] = &[
    "tls.crt",
    "tls.key",
    ".dockerconfigjson",
    ".dockercfg",
    "username",
    "password",
    "ssh-privatekey",
    "token-id",
    "token-secret",
];

/// What can be wrong with a field (apimachinery, meta/v1 `CauseType`).
const CAUSES: &[&str] = &[
    "FieldValueNotFound",
    "FieldValueRequired",
    "FieldValueDuplicate",
    "FieldValueInvalid",
    "FieldValueNotSupported",
    "FieldValueForbidden",
    "FieldValueTooLong",
    "FieldValueTooMany",
    "FieldManagerConflict",
];

/// A failure as the API server reported it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    /// The reason, if it is a known one.
    pub(crate) reason: Option<&'static str>,
    /// The fields that it complains about, as far as they are known ones.
    pub(crate) fields: Vec<FieldPath>,
    /// What is wrong with the first of them, if that is a known word.
    pub(crate) cause: Option<&'static str>,
    /// The token with which a list goes on after its first version is gone; it is sent back, never shown.
    pub(crate) resume: Option<String>,
}

/// A field of a Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FieldPath {
    /// A field of every Secret.
    Field(&'static str),
    /// One of the keys that we sent, or that the type demands.
    Key(KeyName),
}

impl std::fmt::Display for FieldPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(name) => f.write_str(name),
            Self::Key(key) => write!(f, "data[{key}]"),
        }
    }
}

/// Parses a `Status`; `keys` are the keys of the request. What is not a `Status` is an empty one.
pub(crate) fn parse_status(body: &WireBody, keys: &[KeyName]) -> Status {
    let Ok(raw) = serde_json::from_slice::<RawStatus<'_>>(body.bytes()) else { return Status::default() };
    let causes = raw.details.unwrap_or_default().causes.unwrap_or_default();
    let mut fields: Vec<FieldPath> = Vec::new();
    for cause in &causes {
        if let Some(path) = cause.field.as_deref().and_then(|field| known_field(field, keys))
            && !fields.contains(&path)
        {
            fields.push(path);
        }
    }
    let cause = causes.first().and_then(|cause| CAUSES.iter().find(|known| Some(**known) == cause.reason.as_deref()));
    let reason = REASONS.iter().find(|reason| Some(**reason) == raw.reason.as_deref());
    let resume = raw.metadata.unwrap_or_default().next.filter(|token| !token.is_empty()).map(Into::into);
    Status { reason: reason.copied(), fields, cause: cause.copied(), resume }
}

/// Tells whether this is what the API server says after it has deleted something: a `Status`, or what is left.
pub(crate) fn is_deletion(body: &WireBody) -> bool {
    serde_json::from_slice::<RawKind<'_>>(body.bytes())
        .is_ok_and(|raw| matches!(raw.kind.as_deref(), Some("Status" | "PartialObjectMetadata")))
}

#[derive(Deserialize)]
struct RawKind<'a> {
    #[serde(borrow)]
    kind: Option<std::borrow::Cow<'a, str>>,
}

fn known_field(text: &str, keys: &[KeyName]) -> Option<FieldPath> {
    if let Some(field) = FIELDS.iter().find(|field| **field == text) {
        return Some(FieldPath::Field(field));
    }
    let key = text.strip_prefix("data[")?.strip_suffix(']')?;
    let known = keys.iter().any(|known| known.as_str() == key) || TYPED_KEYS.contains(&key);
    KeyName::checked(key).filter(|_| known).map(FieldPath::Key)
}

#[derive(Deserialize)]
struct RawStatus<'a> {
    #[serde(borrow)]
    reason: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    details: Option<RawDetails<'a>>,
    #[serde(borrow)]
    metadata: Option<RawListMeta<'a>>,
}

#[derive(Deserialize, Default)]
struct RawListMeta<'a> {
    #[serde(borrow, rename = "continue")]
    next: Option<std::borrow::Cow<'a, str>>,
}

#[derive(Deserialize, Default)]
struct RawDetails<'a> {
    #[serde(borrow)]
    causes: Option<Vec<RawCause<'a>>>,
}

#[derive(Deserialize)]
struct RawCause<'a> {
    #[serde(borrow)]
    reason: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    field: Option<std::borrow::Cow<'a, str>>,
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn status(text: &str) -> Status {
        let body = WireBody::from_bytes(Zeroizing::new(text.as_bytes().to_vec()));
        parse_status(&body, &[KeyName::checked("a").unwrap()])
    }

    #[test]
    fn keeps_known_words_only() {
        let text = r#"{"kind":"Status","message":"not-a-real-password","reason":"Invalid","details":{"causes":[
            {"reason":"x","message":"not-a-real-password","field":"data[a]"},{"field":"data[a]"},
            {"field":"data[not-a-real-password]"},{"field":"not-a-real-password"},{"field":"immutable"}]}}"#;
        let status = status(text);
        assert_eq!(status.reason, Some("Invalid"));
        assert_eq!(status.fields.iter().map(ToString::to_string).collect::<Vec<_>>(), ["data[a]", "immutable"]);
        assert!(!format!("{status:?}").contains("not-a-real"));
    }

    #[test]
    fn an_expired_list_tells_how_to_go_on() {
        let text = r#"{"kind":"Status","metadata":{"continue":"token"},"reason":"Expired","code":410}"#;
        assert_eq!(status(text).resume.as_deref(), Some("token"));
        assert_eq!(status(r#"{"metadata":{"continue":""}}"#).resume, None);
    }

    #[test]
    fn a_free_reason_is_dropped() {
        assert_eq!(status(r#"{"reason":"not-a-real-password"}"#), Status::default());
        assert_eq!(status("<html>"), Status::default());
    }
}
