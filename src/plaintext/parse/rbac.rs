//! Roles and bindings: only rules that lead to a Secret are kept, and of metadata only names.

use serde::Deserialize;

use crate::plaintext::wire::{Page, WireBody, WireError, parse};
use crate::plan::access::{Binding, Role, RoleRef, Rule, Subject, matters};

/// Parses a list of Roles or ClusterRoles. All names are kept, so that a role that is not there can be told.
pub(crate) fn parse_roles(body: &WireBody, cluster: bool) -> Result<Page<Role>, WireError> {
    page(body, if cluster { "ClusterRoleList" } else { "RoleList" }, |raw: RawRole| {
        let rules = raw.rules.unwrap_or_default().into_iter().map(RawRule::rule).filter(matters).collect();
        let namespace = (!cluster).then_some(raw.metadata.namespace);
        Some(Role { name: RoleRef { namespace, name: raw.metadata.name }, rules })
    })
}

/// Parses a list of RoleBindings or ClusterRoleBindings.
pub(crate) fn parse_bindings(body: &WireBody, cluster: bool) -> Result<Page<Binding>, WireError> {
    page(body, if cluster { "ClusterRoleBindingList" } else { "RoleBindingList" }, |raw: RawBinding| {
        let home = Some(raw.metadata.namespace.as_str()).filter(|namespace| !namespace.is_empty() && !cluster);
        let role = match raw.role_ref.kind.as_str() {
            "ClusterRole" => RoleRef { namespace: None, name: raw.role_ref.name },
            "Role" if !cluster => RoleRef { namespace: Some(raw.metadata.namespace.clone()), name: raw.role_ref.name },
            // The authorizer knows no other kind.
            _ => return None,
        };
        let subjects = raw.subjects.unwrap_or_default();
        let bound =
            |subject: &RawSubject| Subject::bound(&subject.kind, &subject.name, subject.namespace.as_deref(), home);
        let subjects = subjects.iter().filter_map(bound).collect();
        let namespace = (!cluster).then_some(raw.metadata.namespace);
        Some(Binding { namespace, name: raw.metadata.name, role, subjects })
    })
}

fn page<R: for<'de> Deserialize<'de>, T>(
    body: &WireBody,
    kind: &str,
    keep: impl Fn(R) -> Option<T>,
) -> Result<Page<T>, WireError> {
    let list: RawList<R> = parse(body)?;
    if list.kind != kind {
        return Err(WireError::OtherKind);
    }
    let items = list.items.unwrap_or_default().into_iter().filter_map(keep).collect();
    Ok(Page { items, next: list.metadata.continue_token.filter(|token| !token.is_empty()) })
}

#[derive(Deserialize)]
struct RawList<R> {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: RawListMetadata,
    items: Option<Vec<R>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawListMetadata {
    #[serde(rename = "continue")]
    continue_token: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawMetadata {
    name: String,
    namespace: String,
}

#[derive(Deserialize)]
struct RawRole {
    #[serde(default)]
    metadata: RawMetadata,
    rules: Option<Vec<RawRule>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRule {
    verbs: Option<Vec<String>>,
    api_groups: Option<Vec<String>>,
    resources: Option<Vec<String>>,
    resource_names: Option<Vec<String>>,
}

impl RawRule {
    fn rule(self) -> Rule {
        Rule {
            verbs: self.verbs.unwrap_or_default(),
            groups: self.api_groups.unwrap_or_default(),
            resources: self.resources.unwrap_or_default(),
            names: self.resource_names.unwrap_or_default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBinding {
    #[serde(default)]
    metadata: RawMetadata,
    #[serde(default)]
    role_ref: RawRoleRef,
    subjects: Option<Vec<RawSubject>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawRoleRef {
    kind: String,
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawSubject {
    kind: String,
    name: String,
    namespace: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::plaintext::wire::json as body;

    use super::*;

    #[test]
    fn rules_that_lead_nowhere_are_dropped_and_their_role_is_known() {
        let rule = |resource: &str| json!({"verbs": ["get"], "apiGroups": [""], "resources": [resource]});
        let role = |name: &str, rules| json!({"metadata": {"name": name, "annotations": {"a": "b"}}, "rules": rules});
        let list = json!({"kind": "RoleList", "metadata": {"continue": "t"},
            "items": [role("a", json!([rule("secrets"), rule("pods")])), role("b", json!(null))]});
        let page = parse_roles(&body(&list), false).unwrap();
        assert_eq!(page.next.as_deref(), Some("t"));
        let found: Vec<_> = page.items.iter().map(|role| (role.name.name.as_str(), role.rules.len())).collect();
        assert_eq!(found, [("a", 1), ("b", 0)]);
        assert!(matches!(parse_roles(&body(&list), true), Err(WireError::OtherKind)));
    }

    #[test]
    fn bindings_have_subjects_of_the_three_kinds() {
        let list = json!({"kind": "RoleBindingList", "metadata": {}, "items": [
            {"metadata": {"name": "x", "namespace": "prod"}, "roleRef": {"kind": "Role", "name": "a"}, "subjects": [
                {"kind": "User", "name": "ann"}, {"kind": "Robot", "name": "r"}, {"kind": "ServiceAccount", "name": "ci"}]},
            {"metadata": {"name": "y", "namespace": "prod"}, "roleRef": {"kind": "Other", "name": "a"}},
        ]});
        let page = parse_bindings(&body(&list), false).unwrap();
        assert_eq!(page.items.len(), 1);
        let subjects: Vec<_> = page.items[0].subjects.iter().map(|s| (s.namespace.as_str(), s.name.as_str())).collect();
        assert_eq!(subjects, [("", "ann"), ("prod", "ci")]);
    }
}
