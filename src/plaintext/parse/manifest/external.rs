//! Two sides of one object, as `kubectl diff` writes them to files: what may be shown of each. Of a Secret that is its
//! shape, with a mask for every value; any other object is shown as it is.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use crate::plaintext::SecretValue;
use crate::plaintext::wire::LAST_APPLIED;

use super::document::only_document;
use super::node::Node;
use super::{ManifestError, Problem};

/// Fields of a Secret that are shown as they are; others can hold values.
const PLAIN: &[&str] = &["apiVersion", "kind", "type", "immutable"];

/// Two texts that show what differs, and no value of a Secret.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The left one; empty if there is none.
    pub(crate) left: String,
    /// The right one; empty if there is none.
    pub(crate) right: String,
}

/// Returns what may be shown of both sides.
pub(crate) fn shown(left: Option<&SecretValue>, right: Option<&SecretValue>) -> Result<Shown, ManifestError> {
    let node = |side: Option<&SecretValue>| side.map_or(Ok(Node::Null), only_document);
    let (left_node, right_node) = (node(left)?, node(right)?);
    if holds_secret(&left_node) || holds_secret(&right_node) {
        let (left, right) = object(&left_node, &right_node);
        return Ok(Shown { left: text(&left)?, right: text(&right)? });
    }
    // Both were parsed as one object that is no Secret: this text is not secret by its kind.
    let plain = |side: Option<&SecretValue>| side.map(|side| String::from_utf8_lossy(side.expose()).into_owned());
    Ok(Shown { left: plain(left).unwrap_or_default(), right: plain(right).unwrap_or_default() })
}

/// Tells whether an object is a Secret of whatever version, or a list in which one may be.
fn holds_secret(node: &Node) -> bool {
    let kind = node.get("kind").and_then(Node::text).unwrap_or_default();
    kind == "Secret" || kind.ends_with("List")
}

fn text(value: &Value) -> Result<String, ManifestError> {
    if value.is_null() {
        return Ok(String::new());
    }
    serde_yaml::to_string(value).map_err(|_| ManifestError::new(Problem::NoObject))
}

fn object(left: &Node, right: &Node) -> (Value, Value) {
    fields(left, right, &|name, left, right| match name {
        name if PLAIN.contains(&name) => (plain(left), plain(right)),
        "metadata" => fields(left, right, &|name, left, right| match name {
            "annotations" => fields(left, right, &|name, left, right| match name {
                LAST_APPLIED => (Value::Null, Value::Null),
                _ => masked(left, right),
            }),
            _ => (plain(left), plain(right)),
        }),
        _ => masked(left, right),
    })
}

/// Goes through the fields of two maps, side by side; what is no map on both sides is masked.
fn fields(left: &Node, right: &Node, each: &dyn Fn(&str, &Node, &Node) -> (Value, Value)) -> (Value, Value) {
    let is_map = |node: &Node| matches!(node, Node::Map(_) | Node::Null);
    if !is_map(left) || !is_map(right) {
        return leaf(left, right);
    }
    let names = |node: &Node| if let Node::Map(map) = node { map.keys().cloned().collect() } else { BTreeSet::new() };
    let (mut first, mut second) = (Map::new(), Map::new());
    for name in names(left).union(&names(right)) {
        let null = Node::Null;
        let (one, other) = each(name, left.get(name).unwrap_or(&null), right.get(name).unwrap_or(&null));
        let keep = |map: &mut Map<String, Value>, value: Value| {
            if !value.is_null() {
                map.insert(name.clone(), value);
            }
        };
        keep(&mut first, one);
        keep(&mut second, other);
    }
    let side = |node: &Node, map| if matches!(node, Node::Null) { Value::Null } else { Value::Object(map) };
    (side(left, first), side(right, second))
}

fn masked(left: &Node, right: &Node) -> (Value, Value) {
    match (left, right) {
        (Node::Map(_) | Node::Null, Node::Map(_) | Node::Null) => {
            fields(left, right, &|_, left, right| masked(left, right))
        }
        _ => leaf(left, right),
    }
}

/// The same words as kubectl's own, which masks `data` before it writes the files.
fn leaf(left: &Node, right: &Node) -> (Value, Value) {
    let (before, after) = if same(left, right) || matches!(left, Node::Null) || matches!(right, Node::Null) {
        ("***", "***")
    } else {
        ("*** (before)", "*** (after)")
    };
    let side = |node: &Node, text: &str| if matches!(node, Node::Null) { Value::Null } else { Value::from(text) };
    (side(left, before), side(right, after))
}

fn same(left: &Node, right: &Node) -> bool {
    match (left, right) {
        (Node::Text(left), Node::Text(right)) => left.as_bytes().ct_eq(right.as_bytes()).into(),
        (Node::Number(left), Node::Number(right)) => left == right,
        (Node::Bool(left), Node::Bool(right)) => left == right,
        (Node::Null, Node::Null) => true,
        (Node::List(left), Node::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Node::Map(left), Node::Map(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|((name, left), (other, right))| name == other && same(left, right))
        }
        _ => false,
    }
}

fn plain(node: &Node) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Bool(given) => Value::from(*given),
        Node::Number(text) => Value::from(text.as_str()),
        Node::Text(text) => Value::from(text.as_str()),
        Node::List(list) => Value::Array(list.iter().map(plain).collect()),
        Node::Map(map) => Value::Object(map.iter().map(|(name, node)| (name.clone(), plain(node))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn both(left: &str, right: &str) -> (String, String) {
        let value = |text: &str| SecretValue::from_bytes(Zeroizing::new(text.as_bytes().to_vec()));
        let shown = shown(Some(&value(left)), Some(&value(right))).unwrap();
        (shown.left, shown.right)
    }

    #[test]
    fn a_secret_is_masked_and_others_are_not() {
        let secret = |a: &str, note: &str, label: &str| {
            format!(
                "apiVersion: v1\nkind: Secret\ntype: Opaque\ndata: {{a: {a}, same: not-a-real-one}}\nodd: [{a}]\n\
                 metadata: {{name: db, labels: {{app: {label}}}, annotations: {{note: {note}, {LAST_APPLIED}: '{a}'}}}}\n"
            )
        };
        let (left, right) =
            both(&secret("not-a-real-1", "not-a-real-2", "x"), &secret("not-a-real-3", "not-a-real-2", "y"));
        for text in [&left, &right] {
            assert!(!text.contains("not-a-real") && !text.contains("last-applied"), "{text}");
            assert!(text.contains("note: '***'") && text.contains("same: '***'"), "{text}");
        }
        assert!(left.contains("a: '*** (before)'") && left.contains("app: x"), "{left}");
        assert!(right.contains("a: '*** (after)'") && right.contains("odd: '*** (after)'"), "{right}");
        let (left, right) = both("kind: ConfigMap\ndata: {a: x}\n", "");
        assert_eq!((left.as_str(), right.as_str()), ("kind: ConfigMap\ndata: {a: x}\n", ""));
        let (left, _) = both("kind: List\nitems: [{kind: Secret, data: {a: not-a-real-1}}]\n", "");
        assert!(!left.contains("not-a-real"), "{left}");
    }
}
