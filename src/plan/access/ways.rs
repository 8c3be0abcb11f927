//! The table of ways to a Secret: what RBAC has to allow, and why it counts.

use schemars::JsonSchema;
use serde::Serialize;

use super::rule::{Named, Resource, Rule};
use super::subject::SubjectKind;

/// What a way leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Effect {
    /// The API server answers with values.
    Read,
    /// The Secret becomes another one.
    Change,
    /// One step away: it leads to values, or to the right to read them.
    Indirect,
}

/// Whether the object's name decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// The request names the Secret, or can.
    Secret,
    /// The request has no name, so that a rule with `resourceNames` never allows it.
    None,
    /// Any object will do.
    Any,
    /// The object is a subject of this kind that may read the Secret itself.
    Reader(SubjectKind),
}

/// Which bindings can give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those of the Secret's namespace, and those for the whole cluster.
    Namespace,
    /// Those for the whole cluster.
    Cluster,
}

/// A verb and a resource, such as `create pods`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Right {
    verb: &'static str,
    resource: &'static str,
}

impl std::fmt::Display for Right {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)
    }
}

/// A way to a Secret.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// What it leads to.
    pub(crate) effect: Effect,
    /// Its name in reports.
    pub(crate) word: &'static str,
    /// Why it counts.
    pub(crate) why: &'static str,
    /// One of these verbs is enough.
    pub(super) verbs: &'static [&'static str],
    /// The API group.
    pub(super) group: &'static str,
    /// On one of these resources.
    pub(super) resources: &'static [&'static str],
    pub(super) name: Name,
    pub(super) reach: Reach,
}

const SECRETS: &[&str] = &["secrets"];
const RBAC: &str = "rbac.authorization.k8s.io";
const CERTIFICATES: &str = "certificates.k8s.io";
const WRITE: &[&str] = &["create", "update", "patch"];

const fn secret(effect: Effect, verbs: &'static [&'static str], name: Name, why: &'static str) -> Way {
    let word = match verbs {
        [word, ..] => word,
        [] => "",
    };
    Way { effect, word, why, verbs, group: "", resources: SECRETS, name, reach: Reach::Namespace }
}

const fn indirect(
    word: &'static str,
    verbs: &'static [&'static str],
    group: &'static str,
    resources: &'static [&'static str],
    why: &'static str,
) -> Way {
    Way { effect: Effect::Indirect, word, why, verbs, group, resources, name: Name::Any, reach: Reach::Namespace }
}

impl Way {
    const fn everywhere(self) -> Self {
        Self { reach: Reach::Cluster, ..self }
    }

    const fn of(self, name: Name) -> Self {
        Self { name, ..self }
    }
}

/// Every way. A row more is a way more.
pub(super) const WAYS: &[Way] = &[
    secret(Effect::Read, &["get"], Name::Secret, "the answer is the Secret with its values"),
    secret(Effect::Read, &["list"], Name::Secret, "the answer is the Secrets with their values"),
    secret(Effect::Read, &["watch"], Name::Secret, "the stream begins with the Secrets and their values"),
    secret(Effect::Read, &["patch"], Name::Secret, "a patch of nothing is answered with the Secret and its values"),
    secret(
        Effect::Read,
        &["delete"],
        Name::Secret,
        "a delete with foreground propagation and a dry run is answered with the Secret and its values",
    ),
    secret(
        Effect::Read,
        &["deletecollection"],
        Name::None,
        "a deletecollection with a dry run is answered with all Secrets and their values",
    ),
    secret(
        Effect::Change,
        &["create"],
        Name::None,
        "a Secret that is not there, or was deleted, can be made with other values",
    ),
    secret(Effect::Change, &["update"], Name::Secret, "replaces the Secret"),
    secret(Effect::Change, &["patch"], Name::Secret, "changes keys"),
    secret(Effect::Change, &["delete"], Name::Secret, "removes the Secret"),
    secret(Effect::Change, &["deletecollection"], Name::None, "removes all Secrets of the namespace"),
    // A request to create has no name; one to update or patch has the name of some Pod that is there.
    indirect(
        "pods",
        &["create"],
        "",
        &["pods"],
        "a new Pod can mount the Secret, or run as an account that may read it",
    )
    .of(Name::None),
    indirect(
        "pods",
        &["update", "patch"],
        "",
        &["pods", "pods/ephemeralcontainers"],
        "the image of a Pod that uses the Secret can be changed, or a container added to it",
    ),
    indirect("workloads", &["create"], "apps", APPS, WORKLOADS).of(Name::None),
    indirect("workloads", &["update", "patch"], "apps", APPS, WORKLOADS),
    indirect("workloads", &["create"], "batch", BATCH, WORKLOADS).of(Name::None),
    indirect("workloads", &["update", "patch"], "batch", BATCH, WORKLOADS),
    indirect("workloads", &["create"], "", &["replicationcontrollers"], WORKLOADS).of(Name::None),
    indirect("workloads", &["update", "patch"], "", &["replicationcontrollers"], WORKLOADS),
    indirect(
        "exec",
        &["create", "get"],
        "",
        &["pods/exec", "pods/attach"],
        "a command in a Pod that uses the Secret reads it, and one in any Pod has the token of its account",
    ),
    indirect("token", &["create"], "", &["serviceaccounts/token"], "a token of an account that may read the Secret")
        .of(Name::Reader(SubjectKind::ServiceAccount)),
    indirect("impersonate", &["impersonate"], "", &["serviceaccounts"], "acts as an account that may read the Secret")
        .of(Name::Reader(SubjectKind::ServiceAccount)),
    indirect("impersonate", &["impersonate"], "", &["users"], "acts as a user who may read the Secret")
        .of(Name::Reader(SubjectKind::User))
        .everywhere(),
    indirect("impersonate", &["impersonate"], "", &["groups"], "with a user, acts as a group that may read the Secret")
        .of(Name::Reader(SubjectKind::Group))
        .everywhere(),
    indirect(
        "impersonate",
        &["impersonate"],
        "authentication.k8s.io",
        &["userextras/*"],
        "with a user, acts with the fields by which another authorizer may decide",
    )
    .everywhere(),
    indirect(
        "escalate",
        &["escalate"],
        RBAC,
        &["roles"],
        "with create, update or patch of roles, a role can be given the right to read Secrets",
    ),
    indirect(
        "escalate",
        &["escalate"],
        RBAC,
        &["clusterroles"],
        "with create, update or patch of clusterroles, a role can be given the right to read Secrets",
    )
    .everywhere(),
    indirect(
        "bind",
        &["bind"],
        RBAC,
        &["roles", "clusterroles"],
        "with create, update or patch of bindings, a role that may read Secrets can be given to anybody",
    ),
    indirect(
        "nodes",
        &["get", "create"],
        "",
        &["nodes/proxy"],
        "the kubelet runs commands in every Pod of its node for whoever may use its API",
    )
    .everywhere(),
    indirect(
        "certificates",
        &["update", "patch"],
        CERTIFICATES,
        &["certificatesigningrequests/approval"],
        "with a request of one's own and approve on its signer, a certificate for any user or group",
    )
    .everywhere(),
    indirect(
        "certificates",
        &["update", "patch"],
        CERTIFICATES,
        &["certificatesigningrequests/status"],
        "with sign on its signer, a certificate is put into a request that others trust",
    )
    .everywhere(),
    indirect(
        "webhooks",
        WRITE,
        "admissionregistration.k8s.io",
        &["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
        "an admission webhook is sent every Secret that is written, and a mutating one can change it",
    )
    .everywhere(),
];

const APPS: &[&str] = &["deployments", "statefulsets", "daemonsets", "replicasets"];
const BATCH: &[&str] = &["jobs", "cronjobs"];
const WORKLOADS: &str = "its Pods can mount the Secret, or run as an account that may read it";

impl Effect {
    /// Returns the word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Change => "change",
            Self::Indirect => "indirect",
        }
    }
}

impl Way {
    /// Returns its place in the table, by which reports sort.
    pub(crate) fn place(&self) -> usize {
        WAYS.iter().position(|way| way == self).unwrap_or(WAYS.len())
    }

    /// Lists what the rule allows of this way; `secret` is the name of the one that is asked about.
    pub(super) fn rights(&self, rule: &Rule, secret: Option<&str>) -> Vec<Right> {
        let named = match (self.name, secret) {
            (Name::None, _) => Named::No,
            (Name::Secret, Some(secret)) => Named::Is(secret),
            _ => Named::Any,
        };
        let pairs = self.verbs.iter().flat_map(|verb| self.resources.iter().map(move |resource| (*verb, *resource)));
        pairs
            .filter(|(verb, name)| rule.allows(verb, Resource { group: self.group, name }, named))
            .map(|(verb, resource)| Right { verb, resource })
            .collect()
    }
}

/// Tells whether some way needs the rule, so that it is worth keeping.
pub(crate) fn matters(rule: &Rule) -> bool {
    WAYS.iter().any(|way| !way.rights(rule, None).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_is_what_the_security_requirements_say() {
        let words = |effect| WAYS.iter().filter(|way| way.effect == effect).map(|way| way.word).collect::<Vec<_>>();
        assert_eq!(words(Effect::Read), ["get", "list", "watch", "patch", "delete", "deletecollection"]);
        assert_eq!(words(Effect::Change), ["create", "update", "patch", "delete", "deletecollection"]);
    }

    #[test]
    fn every_row_has_a_reason_and_matters() {
        for way in WAYS {
            assert!(!way.why.is_empty() && !way.why.ends_with('.'), "{way:?}");
            let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
            let resources = way.resources.iter().map(|name| name.replace('*', "scopes")).collect();
            let rule = Rule { verbs: list(way.verbs), groups: list(&[way.group]), resources, names: Vec::new() };
            assert!(matters(&rule), "{way:?}");
            assert_eq!(way.rights(&rule, Some("db")).len(), way.verbs.len() * way.resources.len());
        }
        assert!(!matters(&Rule {
            verbs: vec!["get".to_owned()],
            groups: vec![String::new()],
            resources: vec!["pods".to_owned()],
            names: vec![]
        }));
    }
}
