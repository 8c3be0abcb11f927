//! Custom resources: the Secrets that they name, by rules. They can hold a value anywhere, so of their fields only names
//! leave this file that Kubernetes takes for the name of a Secret, a key or a namespace.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::names::{KeyName, Namespace, fits, is_subdomain};
use crate::plaintext::wire::{Page, WireBody, WireError, parse};
use crate::plan::consumers::{Consumer, CustomRule, FieldPath, How, Referenced, SecretField, Served, Step, Use};

use super::workload_shapes::{RawListMeta, RawMetadata};

/// Parses a list of custom resources of one kind, and keeps of each which Secrets it names.
pub(crate) fn parse_custom(
    body: &WireBody,
    served: &Served,
    rules: &[&CustomRule],
) -> Result<Page<Referenced>, WireError> {
    let list: RawList = parse(body)?;
    let items = list.items.unwrap_or_default().iter().flat_map(|item| references(item, served, rules)).collect();
    Ok(Page { items, next: list.metadata.continue_token.filter(|token| !token.is_empty()) })
}

#[derive(Deserialize)]
struct RawList {
    #[serde(default)]
    metadata: RawListMeta,
    items: Option<Vec<Value>>,
}

fn references(item: &Value, served: &Served, rules: &[&CustomRule]) -> Vec<Referenced> {
    let metadata = item.get("metadata").and_then(|metadata| RawMetadata::deserialize(metadata).ok());
    let Some(metadata) = metadata.filter(|metadata| is_subdomain(&metadata.name)) else { return Vec::new() };
    let home: Option<Namespace> = metadata.namespace.parse().ok();
    if home.is_none() == served.namespaced {
        return Vec::new();
    }
    let mut found: BTreeMap<(Option<Namespace>, String), BTreeSet<Use>> = BTreeMap::new();
    for rule in rules {
        for field in &rule.secrets {
            for name in names(item, field) {
                let namespace = name.namespace.or_else(|| home.clone()).or_else(|| rule.cluster_namespace.clone());
                let namespace = namespace.filter(|_| !field.anywhere);
                found.entry((namespace, name.secret)).or_default().insert(name.used);
            }
        }
    }
    let (managed_by, controller) = (metadata.managed_by(), metadata.controller());
    let consumer = |uses| Consumer {
        kind: served.kind.clone().into(),
        group: Some(served.group.clone().into()),
        name: metadata.name.clone(),
        namespace: home.clone(),
        controller: controller.clone(),
        managed_by: managed_by.clone(),
        uses,
    };
    let referenced = |((namespace, secret), uses)| Referenced { secret, namespace, consumer: consumer(uses) };
    found.into_iter().map(referenced).collect()
}

/// A name that was found, with what stands beside it.
struct Named {
    secret: String,
    namespace: Option<Namespace>,
    used: Use,
}

fn names(item: &Value, field: &SecretField) -> Vec<Named> {
    let mut found = Vec::new();
    look(item, &field.path, field, &mut found);
    if let Some(other) = field.or.as_ref().filter(|_| found.is_empty()) {
        look(item, other, field, &mut found);
    }
    found
}

fn look(item: &Value, path: &FieldPath, field: &SecretField, found: &mut Vec<Named>) {
    walk(item, None, path.steps(), &mut |name, beside| found.extend(named(name, beside, field, path)));
}

/// Follows the steps, and shows each text at their end with the object that it stands in.
fn walk<'a>(
    value: &'a Value,
    beside: Option<&'a Map<String, Value>>,
    steps: &[Step],
    show: &mut impl FnMut(&'a str, Option<&'a Map<String, Value>>),
) {
    let Some((step, rest)) = steps.split_first() else {
        if let Value::String(text) = value {
            show(text, beside);
        }
        return;
    };
    match (step, value) {
        (Step::Field(name), Value::Object(fields)) => {
            if let Some(value) = fields.get(name) {
                walk(value, Some(fields), rest, show);
            }
        }
        (Step::Like(pattern), Value::Object(fields)) => {
            for (_, value) in fields.iter().filter(|(name, _)| fits(pattern, name)) {
                walk(value, Some(fields), rest, show);
            }
        }
        (Step::Each, Value::Array(items)) => items.iter().for_each(|item| walk(item, None, rest, show)),
        (Step::Below, _) => {
            walk(value, beside, rest, show);
            match value {
                Value::Object(fields) => fields.values().for_each(|value| walk(value, Some(fields), steps, show)),
                Value::Array(items) => items.iter().for_each(|item| walk(item, None, steps, show)),
                _ => {}
            }
        }
        _ => {}
    }
}

/// Checks what was found: a rule can be wrong about an object, and an object about itself.
fn named(secret: &str, beside: Option<&Map<String, Value>>, field: &SecretField, path: &FieldPath) -> Option<Named> {
    let text = |name: &str| beside.and_then(|fields| fields.get(name)).and_then(Value::as_str);
    let fits_rule = field.needs.iter().all(|name| text(name).is_some())
        && field.said.iter().all(|(name, said)| text(name).is_none_or(|text| text == said));
    let secret = field.secret(secret);
    if !fits_rule || !is_subdomain(&secret) {
        return None;
    }
    let namespace = match field.namespace.as_deref().and_then(text).filter(|text| !text.is_empty()) {
        Some(namespace) => Some(namespace.parse().ok()?),
        None => None,
    };
    let key = field.key.as_deref().and_then(text).and_then(KeyName::checked);
    let optional = beside.and_then(|fields| fields.get("optional")).and_then(Value::as_bool) == Some(true);
    Some(Named {
        secret,
        namespace,
        used: Use {
            how: if field.makes { How::Makes } else { How::Reference },
            container: None,
            key: key.map(|key| key.to_string()),
            variable: None,
            field: Some(path.to_string()),
            optional: field.optional || optional,
        },
    })
}

#[cfg(test)]
mod known_tests;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use crate::plaintext::wire::json as body;

    use super::known_tests::{found, in_prod, served};
    use super::*;

    #[test]
    fn nothing_but_names_leaves_an_object() {
        let rule = "{group: a.b, kinds: [C], secrets: [{path: spec.**.name, key: key, namespace: namespace}]}";
        let rules: Vec<CustomRule> = vec![serde_yaml::from_str(rule).unwrap()];
        let item = in_prod(
            json!({"a": {"name": "S3cret Value!"}, "b": {"name": "../../x"}, "c": {"name": 7}, "d": {"name": ["x"]},
            "e": {"name": "ok", "key": "not a key", "namespace": ""}, "f": {"name": "lost", "namespace": "No Namespace"}}),
        );
        assert_eq!(found(&rules, &served("a.b", "C", true), &item), ["reference prod/ok"]);
        // An object that says it is somewhere else than its kind can be is not believed.
        assert!(found(&rules, &served("a.b", "C", false), &item).is_empty());
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z./ A]{0,8}".prop_map(Value::from),
        ];
        let name = prop_oneof![Just("name".to_owned()), Just("key".to_owned()), Just("spec".to_owned()), "[a-z*]{0,4}"];
        leaf.prop_recursive(5, 48, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(name.clone(), inner, 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn objects_of_any_shape_yield_valid_names_only(spec in any_value(), path in 0usize..5) {
            let path = ["spec.**.name", "spec.*.*", "spec[*].name", "spec.name[*]", "spec.**.*[*]"][path];
            let rule = format!("{{group: a.b, kinds: [C], secrets: [{{path: '{path}', key: key, namespace: key}}]}}");
            let rule: CustomRule = serde_yaml::from_str(&rule).unwrap();
            let kind = served("a.b", "C", true);
            let page = parse_custom(&body(&json!({"items": [in_prod(spec)]})), &kind, &[&rule]).unwrap();
            for one in page.items {
                prop_assert!(is_subdomain(&one.secret));
                for used in one.consumer.uses {
                    prop_assert!(used.key.is_none_or(|key| KeyName::checked(&key).is_some()));
                }
            }
        }
    }
}
