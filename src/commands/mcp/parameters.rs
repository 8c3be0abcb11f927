//! What tools take, and the JSON Schema of each.

use serde_json::{Value, json};

/// Something that a tool takes.
pub(super) struct Parameter {
    /// Its name.
    pub(super) name: &'static str,
    /// Whether a call must have it.
    pub(super) required: bool,
    /// Its JSON Schema.
    pub(super) schema: fn() -> Value,
}

/// The kubeconfig context.
pub(super) const CONTEXT: Parameter = Parameter {
    name: "context",
    required: false,
    schema: || json!({"type": "string", "description": "kubeconfig context; the current one if absent"}),
};
/// The namespace.
pub(super) const NAMESPACE: Parameter = Parameter {
    name: "namespace",
    required: false,
    schema: || json!({"type": "string", "description": "namespace; that of the context if absent"}),
};
/// All of them.
pub(super) const ALL_NAMESPACES: Parameter = Parameter {
    name: "allNamespaces",
    required: false,
    schema: || json!({"type": "boolean", "description": "all namespaces instead of one"}),
};
/// Labels.
pub(super) const SELECTOR: Parameter = Parameter {
    name: "selector",
    required: false,
    schema: || json!({"type": "string", "description": "labels to select by, such as app=web,tier!=test"}),
};
/// The Secret.
pub(super) const NAME: Parameter = Parameter {
    name: "name",
    required: true,
    schema: || json!({"type": "string", "description": "name of the Secret"}),
};
/// Whether values are looked at.
pub(super) const FACTS: Parameter = Parameter {
    name: "facts",
    required: false,
    schema: || {
        json!({"type": "boolean", "description": "read the values and say what may be said about them: class, \
            size as a range, certificate dates and the like; needs the right to get the Secret"})
    },
};
/// What it is compared with.
pub(super) const WITH: Parameter = Parameter {
    name: "with",
    required: true,
    schema: || json!({"type": "string", "description": "other Secret, as [CONTEXT:][NAMESPACE/]NAME"}),
};
/// Keys with their sources.
pub(super) const KEYS: Parameter = Parameter {
    name: "keys",
    required: true,
    schema: || {
        json!({"type": "array", "minItems": 1, "description": "keys, and where each new value comes from",
            "items": {"type": "object", "additionalProperties": false, "required": ["key", "source"], "properties": {
                "key": {"type": "string"},
                "source": {"type": "string", "description": "generate, generate:KIND,option=value, keychain or \
                    keychain:SERVICE/ACCOUNT with the service of this program; there is no way to give a value"}}}})
    },
};
/// The Secret, where any may be meant.
pub(super) const NAME_IF_ANY: Parameter = Parameter {
    name: "name",
    required: false,
    schema: || json!({"type": "string", "description": "name of the Secret; without it, any of the namespace"}),
};
