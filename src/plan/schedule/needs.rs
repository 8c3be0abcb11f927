//! What the policies in scope ask of the account that applies them, and the RBAC rules that follow from it: no verb
//! more than a run fails without.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::names::{Namespace, is_subdomain};

/// What one Secret's policy asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asks {
    /// The Secret's name.
    pub(crate) name: String,
    /// Whether workloads are restarted.
    pub(crate) restart: bool,
    /// Whether earlier versions are kept.
    pub(crate) history: bool,
    /// Whether the policy could not be read, so that the above is the default.
    pub(crate) unreadable: bool,
}

/// What all policies in scope ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// The Secrets, where rules are to name them; in all namespaces a name says nothing.
    pub(crate) names: Option<BTreeSet<String>>,
    /// Secrets that are read: those that keep earlier versions, and those that are the source of others.
    pub(crate) read: BTreeSet<String>,
    /// How many sources are Secrets of other namespaces, which a Role cannot reach.
    pub(crate) out_of_reach: usize,
    /// Whether any Secret is read.
    pub(crate) reads: bool,
    /// Whether workloads are restarted.
    pub(crate) restart: bool,
    /// Whether earlier versions are kept.
    pub(crate) history: bool,
    /// How many policies there are.
    pub(crate) count: usize,
    /// How many of them could not be read.
    pub(crate) unreadable: usize,
    /// Whether rights are added that a run does without.
    pub(crate) more: bool,
}

impl Needs {
    /// Puts together what the policies ask for, and the file of allowed sources. Without a policy, what one asks for that
    /// says nothing of restarts and history: the Secrets that will have one have no name yet.
    pub(crate) fn of(policies: &[Asks], only: Option<&Namespace>, allow_sources: Option<&str>, more: bool) -> Self {
        let name = |asks: &Asks| asks.name.clone();
        let history = policies.is_empty() || policies.iter().any(|asks| asks.history);
        let sources: Vec<(&str, &str)> = allow_sources.into_iter().flat_map(str::lines).filter_map(secret_of).collect();
        let near = |namespace: &str| only.is_none_or(|only| only.as_str() == namespace);
        let mut read: BTreeSet<String> = policies.iter().filter(|asks| asks.history).map(name).collect();
        read.extend(sources.iter().filter(|(namespace, _)| near(namespace)).map(|(_, name)| (*name).to_owned()));
        Self {
            names: (only.is_some() && !policies.is_empty()).then(|| policies.iter().map(name).collect()),
            out_of_reach: sources.iter().filter(|(namespace, _)| !near(namespace)).count(),
            reads: history || !read.is_empty(),
            read,
            restart: policies.iter().any(|asks| asks.restart),
            history,
            count: policies.len(),
            unreadable: policies.iter().filter(|asks| asks.unreadable).count(),
            more,
        }
    }

    /// Returns the rules, the narrow ones first.
    pub(crate) fn rules(&self) -> Vec<Rule> {
        let rule = |group, resources: &[&'static str], verbs: &[&'static str]| Rule {
            group,
            resources: resources.to_vec(),
            verbs: verbs.to_vec(),
            names: BTreeSet::new(),
        };
        let named = |rule: Rule, names: &BTreeSet<String>| match self.names {
            Some(_) => Rule { names: names.clone(), ..rule },
            None => rule,
        };
        // RBAC cannot limit `list` to names, nor `create`; versions that are kept get their names later.
        let mut rules = vec![rule("", &["secrets"], &["list"])];
        rules.push(named(rule("", &["secrets"], &["patch"]), self.names.as_ref().unwrap_or(&BTreeSet::new())));
        if self.reads {
            rules.push(named(rule("", &["secrets"], &["get"]), &self.read));
        }
        if self.history {
            rules.push(rule("", &["secrets"], &["create", "delete"]));
        }
        if self.restart {
            rules.push(rule("apps", &RESTARTABLE, &["list", "get", "patch"]));
        }
        if self.more {
            rules.push(rule("", &["events"], &["create"]));
            if self.restart {
                rules.push(rule("", &["pods", "replicationcontrollers", "serviceaccounts"], &["list"]));
                rules.push(rule("apps", &["replicasets"], &["list"]));
                rules.push(rule("batch", &["jobs", "cronjobs"], &["list"]));
                rules.push(rule("networking.k8s.io", &["ingresses"], &["list"]));
            }
        }
        rules
    }
}

/// Finds the Secret that a line of the file names as a source: `NAMESPACE/NAME/KEY=secret:NAMESPACE/NAME[/KEY]`. One
/// with a context is of another cluster, of which the job has no login.
fn secret_of(line: &str) -> Option<(&str, &str)> {
    let (_, source) = line.split_once('=')?;
    let (namespace, rest) = source.trim().strip_prefix("secret:")?.split_once('/')?;
    let name = rest.split_once('/').map_or(rest, |(name, _)| name);
    (is_subdomain(namespace) && is_subdomain(name) && !line.starts_with('#')).then_some((namespace, name))
}

/// What can be restarted.
const RESTARTABLE: [&str; 3] = ["deployments", "statefulsets", "daemonsets"];

/// One rule of a Role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    group: &'static str,
    resources: Vec<&'static str>,
    verbs: Vec<&'static str>,
    names: BTreeSet<String>,
}

impl Rule {
    /// Returns it as it stands in a Role.
    pub(super) fn to_json(&self) -> Value {
        let mut rule = json!({"apiGroups": [self.group], "resources": self.resources, "verbs": self.verbs});
        if !self.names.is_empty()
            && let Some(fields) = rule.as_object_mut()
        {
            fields.insert("resourceNames".to_owned(), json!(self.names));
        }
        rule
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        /// More names than these are counted.
        const SHOWN: usize = 8;
        write!(f, "{} {}", self.verbs.join(", "), self.resources.join(", "))?;
        let shown: Vec<&str> = self.names.iter().take(SHOWN).map(String::as_str).collect();
        match self.names.len() {
            0 => Ok(()),
            count if count > SHOWN => write!(f, " named {} and {} more", shown.join(", "), count - SHOWN),
            _ => write!(f, " named {}", shown.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(name: &str, restart: bool, history: bool) -> Asks {
        Asks { name: name.to_owned(), restart, history, unreadable: false }
    }

    fn rules(policies: &[Asks], one_namespace: bool) -> Vec<String> {
        let only = one_namespace.then(|| "prod".parse().unwrap());
        Needs::of(policies, only.as_ref(), None, false).rules().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_policy_adds_what_it_needs_and_no_more() {
        assert_eq!(rules(&[asks("db", false, false)], true), ["list secrets", "patch secrets named db"]);
        assert_eq!(
            rules(&[asks("db", false, true), asks("api", false, false)], true),
            ["list secrets", "patch secrets named api, db", "get secrets named db", "create, delete secrets"]
        );
        assert_eq!(
            rules(&[asks("db", true, false)], true),
            ["list secrets", "patch secrets named db", "list, get, patch deployments, statefulsets, daemonsets"]
        );
        assert_eq!(rules(&[asks("db", false, false)], false), ["list secrets", "patch secrets"], "in all namespaces");
        assert_eq!(rules(&[], true), ["list secrets", "patch secrets", "get secrets", "create, delete secrets"]);
    }

    #[test]
    fn a_secret_that_is_the_source_of_another_is_read() {
        let file = "# prod/a/k=secret:prod/no\nprod/db/password=secret:prod/master/password\nprod/api/k=secret:prod/key\n\
                    prod/x/k=secret:other/far/k\nprod/y/k=secret:context:prod/z/k\nprod/z/k=vault:kv/secret:prod/no#k\n";
        let policies = [asks("db", false, false)];
        let needs = Needs::of(&policies, Some(&"prod".parse().unwrap()), Some(file), false);
        let rules: Vec<String> = needs.rules().iter().map(ToString::to_string).collect();
        assert_eq!(rules, ["list secrets", "patch secrets named db", "get secrets named key, master"]);
        assert_eq!(needs.out_of_reach, 1);
        let all: Vec<String> =
            Needs::of(&policies, None, Some(file), false).rules().iter().map(ToString::to_string).collect();
        assert_eq!(all, ["list secrets", "patch secrets", "get secrets"]);
    }
}
