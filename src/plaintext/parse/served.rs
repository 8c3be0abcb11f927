//! The kinds that an API server has, from its aggregated discovery.

use serde::Deserialize;

use crate::names::is_subdomain;
use crate::plaintext::wire::{WireBody, WireError, parse};
use crate::plan::consumers::Served;

/// Parses what the server has, and keeps the kinds that are wanted, each in the version that the server prefers.
///
/// A server that is older than Kubernetes 1.26 answers with another kind of list: `OtherKind`.
pub(crate) fn parse_served(body: &WireBody, wanted: impl Fn(&str, &str) -> bool) -> Result<Vec<Served>, WireError> {
    let list: RawList = parse(body)?;
    if list.kind != "APIGroupDiscoveryList" {
        return Err(WireError::OtherKind);
    }
    let mut found: Vec<Served> = Vec::new();
    for RawGroup { metadata: RawName { name: group }, versions } in list.items.unwrap_or_default() {
        for RawVersion { version, resources } in versions.unwrap_or_default() {
            for resource in resources.unwrap_or_default() {
                let kind = resource.response_kind.kind;
                let known = found.iter().any(|one| one.group == group && one.kind == kind);
                if known || !resource.verbs.iter().flatten().any(|verb| verb == "list") || !wanted(&group, &kind) {
                    continue;
                }
                // They become parts of paths.
                if [&group, &version, &resource.resource].into_iter().all(|part| is_subdomain(part)) && is_kind(&kind) {
                    let namespaced = resource.scope == "Namespaced";
                    let (group, version) = (group.clone(), version.clone());
                    found.push(Served { group, version, resource: resource.resource, kind, namespaced });
                }
            }
        }
    }
    Ok(found)
}

fn is_kind(text: &str) -> bool {
    text.len() <= 63 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[derive(Deserialize)]
struct RawList {
    #[serde(default)]
    kind: String,
    items: Option<Vec<RawGroup>>,
}

#[derive(Deserialize)]
struct RawGroup {
    #[serde(default)]
    metadata: RawName,
    versions: Option<Vec<RawVersion>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawName {
    name: String,
}

#[derive(Deserialize)]
struct RawVersion {
    #[serde(default)]
    version: String,
    resources: Option<Vec<RawResource>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawResource {
    #[serde(default)]
    resource: String,
    #[serde(default)]
    response_kind: RawKind,
    #[serde(default)]
    scope: String,
    verbs: Option<Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawKind {
    kind: String,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::plaintext::wire::json as body;

    use super::*;

    fn resource(name: &str, kind: &str, verbs: &[&str]) -> Value {
        json!({"resource": name, "responseKind": {"group": "", "version": "", "kind": kind}, "scope": "Namespaced", "verbs": verbs})
    }

    #[test]
    fn each_kind_is_there_once_in_the_preferred_version() {
        let version = |name: &str, resources: Value| json!({"version": name, "resources": resources});
        let list = json!({"kind": "APIGroupDiscoveryList", "metadata": {}, "items": [
            {"metadata": {"name": "a.example"}, "versions": [
                version("v1", json!([resource("things", "Thing", &["list"]), resource("reviews", "Review", &["create"])])),
                version("v1alpha1", json!([resource("things", "Thing", &["list"]), resource("news", "New", &["get", "list"])])),
            ]},
            {"metadata": {"name": "b.example"}, "versions": null},
            {"metadata": {"name": "../x"}, "versions": [version("v1", json!([resource("things", "Thing", &["list"])]))]},
            {"metadata": {"name": "c.example"}, "versions": [version("v1", json!([
                resource("a?b", "Thing", &["list"]), resource("others", "No Kind", &["list"])]))]},
        ]});
        let found = parse_served(&body(&list), |_, kind| kind != "Unwanted").unwrap();
        let names: Vec<_> = found.iter().map(|one| format!("{} {}", one.named(), one.version)).collect();
        assert_eq!(names, ["things.a.example v1", "news.a.example v1alpha1"]);
        assert!(found[0].namespaced);
        assert!(parse_served(&body(&list), |_, _| false).unwrap().is_empty());
        assert!(matches!(
            parse_served(&body(&json!({"kind": "APIGroupList"})), |_, _| true),
            Err(WireError::OtherKind)
        ));
    }
}
