//! What the API server itself holds the account to, whatever its role says (requirement S19), in the language of a
//! ValidatingAdmissionPolicy (CEL).
//!
//! Objects are compared field by field over the names of the fields that they have, so that a field which Kubernetes
//! adds later is covered too. An expression that fails denies.

use serde_json::{Value, json};

use super::POLICY;

/// Of a kept version, and of a rotation that is not finished: their names, and their types.
const COMPANION: &str = "[.]secretsafe-v[0-9]+$') && NEW.type == 'secretsafe.dev/history'";
const PENDING: &str = "[.]secretsafe-pending$') && NEW.type == 'secretsafe.dev/pending'";

/// The annotation that `kubectl rollout restart` writes.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// Where the API server counts the templates of a DaemonSet.
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// What the API server changes by itself, or what changes with every write.
const BOOKKEEPING: &[&str] = &["managedFields", "resourceVersion", "generation"];

/// One rule: on what, what must be true, and what is said if it is not. The text is ours and quotes nothing.
struct Check {
    on: &'static str,
    operation: &'static str,
    holds: String,
    says: &'static str,
}

/// Returns the spec of the policy for the account of this user name.
pub(super) fn policy(user: &str) -> Value {
    let validations: Vec<Value> = checks()
        .iter()
        .map(|Check { on, operation, holds, says }| {
            let expression = format!("!({on}) || !({operation}) || ({holds})");
            json!({"expression": expression, "message": format!("the account of kubectl-secretsafe's schedule {says}"), "reason": "Forbidden"})
        })
        .collect();
    let rule = |group: &str, resources: &[&str]| json!({"apiGroups": [group], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE", "DELETE"], "resources": resources, "scope": "*"});
    json!({
        "failurePolicy": "Fail",
        "matchConstraints": {
            "matchPolicy": "Equivalent",
            "resourceRules": [
                rule("", &["secrets"]),
                rule("apps", &["deployments", "deployments/*", "statefulsets", "statefulsets/*", "daemonsets", "daemonsets/*"]),
            ],
        },
        // Anybody else's request costs one comparison of names.
        "matchConditions": [{"name": "schedule", "expression": format!("request.userInfo.username == '{user}'")}],
        "variables": [
            {"name": "before", "expression": annotations("oldObject", "metadata")},
            {"name": "after", "expression": annotations("object", "metadata")},
            {"name": "templateBefore", "expression": annotations("oldObject", "spec.template.metadata")},
            {"name": "templateAfter", "expression": annotations("object", "spec.template.metadata")},
        ],
        "validations": validations,
    })
}

fn checks() -> Vec<Check> {
    const SECRETS: &str = "request.resource.resource == 'secrets'";
    const WORKLOADS: &str = "request.resource.group == 'apps'";
    const UPDATE: &str = "request.operation == 'UPDATE'";
    const RESTARTS: &str = "changes nothing of a workload but the time of its restart";
    let on = |on, operation, holds, says| Check { on, operation, holds, says };
    vec![
        on(
            SECRETS,
            UPDATE,
            format!(
                "has(oldObject.metadata.labels) && '{POLICY}' in oldObject.metadata.labels && oldObject.metadata.labels['{POLICY}'] == 'true'"
            ),
            "changes only Secrets that had the label of a policy before",
        ),
        on(
            SECRETS,
            UPDATE,
            unchanged("", &["metadata", "data"]),
            "changes nothing of a Secret but its data and records",
        ),
        on(
            SECRETS,
            UPDATE,
            unchanged(".metadata", &[BOOKKEEPING, &["annotations"]].concat()),
            "changes no label, owner or finalizer of a Secret",
        ),
        on(
            SECRETS,
            UPDATE,
            same_map(
                "variables.before",
                "variables.after",
                &format!("(k.matches('^([a-z]+[.])?secretsafe[.]dev/') && k != '{POLICY}')"),
            ),
            "changes no policy, and no annotation of others",
        ),
        on(
            SECRETS,
            "request.operation == 'CREATE'",
            format!(
                "({}) && !(has(object.metadata.labels) && '{POLICY}' in object.metadata.labels)",
                companion("object")
            ),
            "makes no Secrets but those that rotations keep",
        ),
        on(
            SECRETS,
            "request.operation == 'DELETE'",
            companion("oldObject"),
            "deletes no Secrets but those that rotations keep",
        ),
        on(
            WORKLOADS,
            "true",
            format!("{UPDATE} && (!has(request.subResource) || request.subResource == '')"),
            "neither makes, deletes nor scales workloads",
        ),
        on(WORKLOADS, UPDATE, unchanged(".metadata", &[BOOKKEEPING, &["annotations"]].concat()), RESTARTS),
        on(
            WORKLOADS,
            UPDATE,
            same_map(
                "variables.before",
                "variables.after",
                &format!("(k == '{TEMPLATE_GENERATION}' && request.resource.resource == 'daemonsets')"),
            ),
            RESTARTS,
        ),
        on(WORKLOADS, UPDATE, unchanged(".spec", &["template"]), RESTARTS),
        on(WORKLOADS, UPDATE, unchanged(".spec.template", &["metadata"]), RESTARTS),
        on(WORKLOADS, UPDATE, unchanged(".spec.template.metadata", &["annotations"]), RESTARTS),
        on(
            WORKLOADS,
            UPDATE,
            same_map("variables.templateBefore", "variables.templateAfter", &format!("k == '{RESTARTED_AT}'")),
            RESTARTS,
        ),
    ]
}

/// The annotations at a path, or none. They are looked at only where the path is known to exist: variables of a policy
/// are worked out when they are used.
fn annotations(object: &str, path: &str) -> String {
    format!("has({object}.{path}.annotations) ? {object}.{path}.annotations : {{}}")
}

/// Every field below this path is there before and after, and the same, but for those named.
fn unchanged(path: &str, but: &[&str]) -> String {
    let names: Vec<String> = but.iter().map(|name| format!("k == '{name}'")).collect();
    same_map(&format!("oldObject{path}"), &format!("object{path}"), &names.join(" || "))
}

/// Two maps are the same, but for the names of which `but` is true.
fn same_map(before: &str, after: &str, but: &str) -> String {
    format!(
        "{before}.all(k, {but} || (k in {after} && {after}[k] == {before}[k])) && {after}.all(k, {but} || k in {before})"
    )
}

fn companion(object: &str) -> String {
    let one = |what: &str| format!("({object}.metadata.name.matches('{})", what.replace("NEW", object));
    format!("{} || {}", one(COMPANION), one(PENDING))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_the_rule_denies_and_only_this_account_is_asked() {
        let policy = policy("system:serviceaccount:prod:secretsafe-rotate");
        assert_eq!(policy["failurePolicy"], "Fail");
        assert_eq!(
            policy["matchConditions"][0]["expression"],
            "request.userInfo.username == 'system:serviceaccount:prod:secretsafe-rotate'"
        );
    }

    #[test]
    fn companions_are_told_by_name_and_type() {
        assert_eq!(
            companion("object"),
            "(object.metadata.name.matches('[.]secretsafe-v[0-9]+$') && object.type == 'secretsafe.dev/history') || \
             (object.metadata.name.matches('[.]secretsafe-pending$') && object.type == 'secretsafe.dev/pending')"
        );
    }
}
