//! One rule of a role, and what it allows: the comparisons of the API server's own authorizer.

/// A rule, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The verbs; `*` is all.
    pub(crate) verbs: Vec<String>,
    /// The API groups; `*` is all, and the empty one is the core.
    pub(crate) groups: Vec<String>,
    /// The resources, such as `secrets`, `pods/exec`, `*/exec`; `*` is all, subresources included.
    pub(crate) resources: Vec<String>,
    /// The names that it is limited to; none means all, and requests without a name.
    pub(crate) names: Vec<String>,
}

/// The resource of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resource<'a> {
    /// Its API group.
    pub(super) group: &'a str,
    /// Its name, with the subresource behind a `/`; `*` there stands for any subresource.
    pub(super) name: &'a str,
}

/// The object's name in a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named<'a> {
    /// The request has none, such as `create`: a rule that names objects never allows it.
    No,
    /// It is this.
    Is(&'a str),
    /// Some name that the rule allows.
    Any,
}

impl Rule {
    /// Tells whether the rule allows the request.
    pub(super) fn allows(&self, verb: &str, resource: Resource<'_>, named: Named<'_>) -> bool {
        has(&self.verbs, verb)
            && has(&self.groups, resource.group)
            && self.resources.iter().any(|ours| covers(ours, resource.name))
            && (self.names.is_empty()
                || match named {
                    Named::No => false,
                    Named::Is(name) => self.names.iter().any(|ours| ours == name),
                    Named::Any => true,
                })
    }
}

/// `*` is a word of its own here, not a pattern: `get*` is no verb.
fn has(ours: &[String], wanted: &str) -> bool {
    ours.iter().any(|ours| ours == "*" || ours == wanted)
}

fn covers(ours: &str, wanted: &str) -> bool {
    if ours == "*" || ours == wanted {
        return true;
    }
    let Some((resource, subresource)) = wanted.split_once('/') else { return false };
    match ours.split_once('/') {
        Some((resource_of_ours, _)) if subresource == "*" => resource_of_ours == resource || resource_of_ours == "*",
        Some(("*", of_ours)) => of_ours == subresource,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(verbs: &str, groups: &str, resources: &str, names: &str) -> Rule {
        let list = |text: &str| text.split(',').map(|word| word.trim_matches('\'').to_owned()).collect::<Vec<_>>();
        let names = if names.is_empty() { Vec::new() } else { list(names) };
        Rule { verbs: list(verbs), groups: list(groups), resources: list(resources), names }
    }

    fn allows(rule: &Rule, verb: &str, group: &str, name: &str, named: Named<'_>) -> bool {
        rule.allows(verb, Resource { group, name }, named)
    }

    #[test]
    fn words_and_stars() {
        let secrets = |rule: &Rule, verb| allows(rule, verb, "", "secrets", Named::Is("db"));
        for (verbs, groups, resources, get) in [
            ("get", "''", "secrets", true),
            ("*", "*", "*", true),
            ("list,get", "apps,''", "pods,secrets", true),
            ("list", "''", "secrets", false),
            ("get", "apps", "secrets", false),
            ("get", "''", "pods", false),
            ("ge*", "''", "secrets", false),
            ("GET", "''", "secrets", false),
            ("get", "''", "secret*", false),
            ("get", "''", "secrets/*", false),
            ("get", "''", "*/secrets", false),
            ("get", "''", "*/*", false),
            ("get", "", "", false),
        ] {
            assert_eq!(secrets(&rule(verbs, groups, resources, ""), "get"), get, "{verbs} {groups} {resources}");
        }
    }

    #[test]
    fn subresources_are_resources_of_their_own() {
        let exec =
            |resources: &str| allows(&rule("create", "''", resources, ""), "create", "", "pods/exec", Named::Any);
        assert!(exec("pods/exec") && exec("*/exec") && exec("*"));
        assert!(!exec("pods") && !exec("pods/*") && !exec("*/*") && !exec("*/exe") && !exec("nodes/exec"));
        let extra = |resources: &str| {
            allows(&rule("impersonate", "a", resources, ""), "impersonate", "a", "userextras/*", Named::Any)
        };
        assert!(extra("userextras/scopes") && extra("*/scopes") && extra("*"));
        assert!(!extra("userextras") && !extra("users/scopes"));
    }

    #[test]
    fn names_limit_requests_that_have_one() {
        let rule = rule("*", "''", "secrets", "db,web");
        let get = |named| allows(&rule, "get", "", "secrets", named);
        assert!(get(Named::Is("db")) && get(Named::Is("web")) && get(Named::Any));
        assert!(!get(Named::Is("d")) && !get(Named::Is("")) && !get(Named::No));
    }
}
