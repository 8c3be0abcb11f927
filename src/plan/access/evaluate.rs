//! From roles and bindings to subjects, and the ways of each.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::ways::{Effect, Name, Reach, Right, WAYS, Way};
use super::{Binding, Policies, Role, RoleRef, Subject, SubjectKind};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'a> {
    /// The namespace.
    pub(crate) namespace: &'a str,
    /// The Secret; without one, any of the namespace.
    pub(crate) secret: Option<&'a str>,
}

/// One right of a way that a role allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    /// The way.
    pub(crate) way: &'static Way,
    /// What the role allows of it: a verb and a resource.
    pub(crate) right: Right,
    /// The `resourceNames` that it is limited to; none means all.
    pub(crate) names: BTreeSet<String>,
}

/// How a subject comes to ways.
#[derive(Debug, Clone)]
pub(crate) struct Path<'a> {
    /// The binding.
    pub(crate) binding: &'a Binding,
    /// The ways that its role allows; the same list for all bindings of the role.
    pub(crate) grants: Rc<[Grant]>,
}

/// Who may do what.
#[derive(Debug, Default)]
pub(crate) struct Access<'a> {
    /// The subjects that have a way.
    pub(crate) subjects: BTreeMap<&'a Subject, Vec<Path<'a>>>,
    /// Bindings to a role that is not there, and so give nothing until somebody makes it.
    pub(crate) without_role: usize,
}

/// Roles by their names.
#[derive(Debug)]
pub(crate) struct Index<'a>(BTreeMap<&'a RoleRef, &'a Role>);

impl<'a> Index<'a> {
    /// Sorts the roles.
    pub(crate) fn of(policies: &'a Policies) -> Self {
        Self(policies.roles.iter().map(|role| (&role.name, role)).collect())
    }

    /// Finds out who may read or change by these bindings, all of one namespace or of the cluster. Of indirect ways,
    /// those are left out that count only if somebody else may read.
    pub(crate) fn direct(&self, bindings: &'a [Binding], query: &Query<'_>) -> Access<'a> {
        Pass { query, readers: None }.over(&self.0, bindings)
    }
}

/// Finds out who has which ways.
pub(crate) fn evaluate<'a>(policies: &'a Policies, query: &Query<'_>) -> Access<'a> {
    let Index(roles) = Index::of(policies);
    let direct = Pass { query, readers: None };
    let first = direct.over(&roles, &policies.bindings);
    // Who may read is known only now: an account's token counts if the account may.
    let readers = first.subjects.iter().filter(|(_, paths)| reads(paths)).map(|(subject, _)| *subject).collect();
    Pass { query, readers: Some(readers) }.over(&roles, &policies.bindings)
}

fn reads(paths: &[Path<'_>]) -> bool {
    paths.iter().flat_map(|path| path.grants.iter()).any(|grant| grant.way.effect == Effect::Read)
}

struct Pass<'q, 'a> {
    query: &'q Query<'q>,
    /// Who may read; not known in the first pass.
    readers: Option<Vec<&'a Subject>>,
}

impl<'a> Pass<'_, 'a> {
    fn over(&self, roles: &BTreeMap<&RoleRef, &Role>, bindings: &'a [Binding]) -> Access<'a> {
        let mut access = Access::default();
        // Very many bindings may give the same role.
        let mut known: BTreeMap<(&RoleRef, bool), Rc<[Grant]>> = BTreeMap::new();
        for binding in bindings {
            let Some(role) = roles.get(&binding.role) else {
                access.without_role += 1;
                continue;
            };
            let grants = known.entry((&binding.role, binding.is_of_cluster())).or_insert_with(|| {
                WAYS.iter().flat_map(|way| self.grants(way, role, binding.is_of_cluster())).collect()
            });
            if grants.is_empty() {
                continue;
            }
            let subjects: BTreeSet<&Subject> = binding.subjects.iter().collect();
            for subject in subjects {
                let path = Path { binding, grants: Rc::clone(grants) };
                access.subjects.entry(subject).or_default().push(path);
            }
        }
        access
    }

    fn grants(&self, way: &'static Way, role: &Role, everywhere: bool) -> Vec<Grant> {
        if way.reach == Reach::Cluster && !everywhere {
            return Vec::new();
        }
        // None where some rule has no names, and so allows all.
        let mut found: BTreeMap<Right, Option<BTreeSet<String>>> = BTreeMap::new();
        for rule in role.rules.iter().filter(|rule| self.is_of_use(way, &rule.names, everywhere)) {
            for right in way.rights(rule, self.query.secret) {
                let names = found.entry(right).or_insert_with(|| Some(BTreeSet::new()));
                match names {
                    _ if rule.names.is_empty() => *names = None,
                    Some(names) => names.extend(rule.names.iter().cloned()),
                    None => {}
                }
            }
        }
        found.into_iter().map(|(right, names)| Grant { way, right, names: names.unwrap_or_default() }).collect()
    }

    /// Tells whether acting as somebody leads anywhere: as one who may read.
    fn is_of_use(&self, way: &Way, names: &[String], everywhere: bool) -> bool {
        let Name::Reader(kind) = way.name else { return true };
        let Some(readers) = &self.readers else { return false };
        let namespace = (!everywhere).then_some(self.query.namespace);
        match kind {
            SubjectKind::ServiceAccount => readers.iter().any(|reader| reader.includes_account(namespace, names)),
            // Members of system:masters pass every check, and somebody's name may be theirs.
            SubjectKind::User | SubjectKind::Group if names.is_empty() => true,
            SubjectKind::User | SubjectKind::Group => names.iter().any(|name| {
                name == "system:masters" || readers.iter().any(|reader| reader.kind == kind && reader.name == *name)
            }),
        }
    }
}

impl Access<'_> {
    /// Tells whether these are the control plane's own rights: its own subject, by bindings that it makes itself.
    pub(crate) fn is_built_in(subject: &Subject, paths: &[Path<'_>]) -> bool {
        subject.is_of_control_plane()
            && paths.iter().all(|Path { binding, .. }| {
                binding.name.starts_with("system:") || (binding.is_of_cluster() && binding.name == "cluster-admin")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Rule;
    use super::*;

    fn rule(verbs: &[&str], resource: &str, names: &[&str]) -> Rule {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Rule { verbs: list(verbs), groups: list(&[""]), resources: list(&[resource]), names: list(names) }
    }

    fn role(cluster: bool, name: &str, rules: Vec<Rule>) -> Role {
        Role { name: reference(cluster, name), rules }
    }

    fn binding(cluster: bool, name: &str, role: (bool, &str), kind: &str, subject: &str) -> Binding {
        let role = reference(role.0, role.1);
        let subjects = Subject::bound(kind, subject, None, Some("prod")).into_iter().collect();
        Binding { namespace: (!cluster).then(|| "prod".to_owned()), name: name.to_owned(), role, subjects }
    }

    fn reference(cluster: bool, name: &str) -> RoleRef {
        RoleRef { namespace: (!cluster).then(|| "prod".to_owned()), name: name.to_owned() }
    }

    /// Lists subject, words and names of all ways.
    fn found(policies: &Policies, secret: Option<&str>) -> Vec<(String, String, String)> {
        let access = evaluate(policies, &Query { namespace: "prod", secret });
        let ways = access.subjects.iter().flat_map(|(subject, paths)| {
            paths.iter().flat_map(|path| path.grants.iter()).map(move |grant| {
                let names: Vec<&str> = grant.names.iter().map(String::as_str).collect();
                (subject.name.clone(), grant.way.word.to_owned(), names.join(","))
            })
        });
        ways.collect()
    }

    fn of(rows: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
        rows.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
    }

    #[test]
    fn names_that_a_right_is_limited_to_are_kept_until_one_rule_has_none() {
        let limited = || vec![rule(&["get", "create"], "secrets", &["db"]), rule(&["get"], "secrets", &["web"])];
        let mut policies = Policies {
            roles: vec![role(false, "r", limited())],
            bindings: vec![binding(false, "b", (false, "r"), "User", "ann")],
        };
        assert_eq!(found(&policies, None), of(&[("ann", "get", "db,web")]));
        assert_eq!(found(&policies, Some("web")), of(&[("ann", "get", "web")]));
        assert!(found(&policies, Some("other")).is_empty());
        policies.roles[0].rules.push(rule(&["get"], "secrets", &[]));
        assert_eq!(found(&policies, None), of(&[("ann", "get", "")]));
    }

    #[test]
    fn a_role_and_a_cluster_role_of_one_name_are_two() {
        let policies = Policies {
            roles: vec![
                role(false, "r", vec![rule(&["get"], "secrets", &[])]),
                role(true, "r", vec![rule(&["list"], "secrets", &[])]),
            ],
            bindings: vec![
                binding(false, "a", (false, "r"), "User", "ann"),
                binding(false, "b", (true, "r"), "User", "bob"),
                binding(true, "c", (true, "gone"), "User", "cid"),
            ],
        };
        assert_eq!(found(&policies, None), of(&[("ann", "get", ""), ("bob", "list", "")]));
        assert_eq!(evaluate(&policies, &Query { namespace: "prod", secret: None }).without_role, 1);
    }

    #[test]
    fn what_is_in_no_namespace_takes_a_cluster_role_binding() {
        let mut policies = Policies {
            roles: vec![role(true, "r", vec![rule(&["get"], "nodes/proxy", &[])])],
            bindings: vec![binding(false, "a", (true, "r"), "User", "ann")],
        };
        assert!(found(&policies, None).is_empty());
        policies.bindings.push(binding(true, "b", (true, "r"), "User", "bob"));
        assert_eq!(found(&policies, None), of(&[("bob", "nodes", "")]));
    }

    #[test]
    fn acting_as_somebody_counts_if_they_may_read() {
        let rules = |verb, resource, names: &[&str]| vec![rule(&[verb], resource, names)];
        let policies = Policies {
            roles: vec![
                role(false, "read", rules("get", "secrets", &["db"])),
                role(false, "token", rules("create", "serviceaccounts/token", &["ci"])),
                role(true, "users", rules("impersonate", "users", &["ann"])),
                role(true, "masters", rules("impersonate", "groups", &["system:masters"])),
            ],
            bindings: vec![
                binding(false, "a", (false, "read"), "ServiceAccount", "ci"),
                binding(false, "b", (false, "token"), "User", "bob"),
                binding(true, "c", (true, "users"), "User", "cid"),
                binding(true, "d", (true, "masters"), "User", "dan"),
            ],
        };
        let masters = ("dan", "impersonate", "system:masters");
        assert_eq!(found(&policies, Some("db")), of(&[("ci", "get", "db"), ("bob", "token", "ci"), masters]));
        assert_eq!(found(&policies, Some("web")), of(&[masters]));
    }

    #[test]
    fn only_what_the_api_server_binds_itself_is_hidden() {
        let policies = Policies {
            roles: vec![role(true, "r", vec![rule(&["*"], "secrets", &[])])],
            bindings: vec![
                binding(true, "cluster-admin", (true, "r"), "Group", "system:masters"),
                binding(true, "system:x", (true, "r"), "User", "system:kube-scheduler"),
                binding(true, "system:x", (true, "r"), "Group", "system:authenticated"),
                binding(true, "system:y", (true, "r"), "User", "mallory"),
                binding(true, "mine", (true, "r"), "Group", "system:nodes"),
                binding(true, "system:z", (true, "r"), "Group", "system:nodes"),
            ],
        };
        let access = evaluate(&policies, &Query { namespace: "prod", secret: None });
        let hidden = access.subjects.iter().filter(|(subject, paths)| Access::is_built_in(subject, paths));
        let hidden: Vec<&str> = hidden.map(|(subject, _)| subject.name.as_str()).collect();
        assert_eq!(hidden, ["system:masters", "system:kube-scheduler"]);
    }
}
