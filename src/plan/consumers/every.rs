//! Gathers who uses the Secrets of a whole cluster: of thousands of Pods only those are held that no workload speaks for.

use std::collections::{BTreeMap, HashSet};

use crate::names::Namespace;

use super::{Consumer, Referenced};

/// How many references are held before it is looked for the first time which of them can go.
const FIRST_LOOK: usize = 1024;

/// A workload's reference to a Secret: namespace, kind, name, and the Secret's name.
type Known = (Namespace, String, String, String);

/// Those that reference a Secret; whether it is there was not looked at.
#[derive(Debug, Default)]
pub(crate) struct Users {
    /// By the Secret's namespace and name.
    pub(crate) of: BTreeMap<(Namespace, String), Vec<Consumer>>,
    /// By its name, where the namespace cannot be told.
    pub(crate) anywhere: BTreeMap<String, Vec<Consumer>>,
}

impl Users {
    /// Returns those that use a Secret, or may.
    pub(crate) fn users(&self, namespace: &Namespace, name: &str) -> impl Iterator<Item = &Consumer> {
        let here = self.of.get(&(namespace.clone(), name.to_owned()));
        here.into_iter().chain(self.anywhere.get(name)).flatten()
    }

    /// Takes in what was found in another namespace. Who names no namespace may have been found there as well.
    pub(crate) fn extend(&mut self, other: Self) {
        self.of.extend(other.of);
        for (name, consumers) in other.anywhere {
            let known = self.anywhere.entry(name).or_default();
            let new: Vec<Consumer> = consumers.into_iter().filter(|one| !known.contains(one)).collect();
            known.extend(new);
        }
    }
}

/// References as they come, from several lists at a time.
#[derive(Debug)]
pub(crate) struct Gathered {
    /// References that others can belong to; each stays known when it has gone itself.
    known: HashSet<Known>,
    held: Vec<Referenced>,
    next_look: usize,
}

impl Default for Gathered {
    fn default() -> Self {
        Self { known: HashSet::new(), held: Vec::new(), next_look: FIRST_LOOK }
    }
}

impl Gathered {
    /// Takes one more.
    pub(crate) fn add(&mut self, referenced: Referenced) {
        let Consumer { kind, group, name, namespace, .. } = &referenced.consumer;
        if let (Some(namespace), None, true) = (namespace, group, kind != "Pod") {
            self.known.insert((namespace.clone(), kind.to_string(), name.clone(), referenced.secret.clone()));
        }
        if !self.belongs(&referenced) {
            self.held.push(referenced);
        }
        if self.held.len() >= self.next_look {
            self.look();
            // What is left has no workload yet, and may never have one: to look at every step would take too long.
            self.next_look = FIRST_LOOK.max(2 * self.held.len());
        }
    }

    /// Returns who uses each Secret, without what belongs to another that uses it.
    pub(crate) fn end(mut self) -> Users {
        self.look();
        let mut users = Users::default();
        for Referenced { secret, namespace, consumer } in self.held {
            match namespace {
                Some(namespace) => users.of.entry((namespace, secret)).or_default().push(consumer),
                None => users.anywhere.entry(secret).or_default().push(consumer),
            }
        }
        for consumers in users.of.values_mut().chain(users.anywhere.values_mut()) {
            consumers.sort_by(|left, right| left.order().cmp(&right.order()));
        }
        users
    }

    fn look(&mut self) {
        let held = std::mem::take(&mut self.held);
        self.held = held.into_iter().filter(|referenced| !self.belongs(referenced)).collect();
    }

    /// Tells whether a workload that is known speaks for it. One for which only a custom resource speaks is kept: it
    /// alone tells how the value gets into a container.
    fn belongs(&self, referenced: &Referenced) -> bool {
        let Consumer { controller, group, namespace, .. } = &referenced.consumer;
        let (Some((kind, name)), None, Some(namespace)) = (controller, group, namespace) else { return false };
        self.known.contains(&(namespace.clone(), kind.clone(), name.clone(), referenced.secret.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(kind: &'static str, name: &str, secret: &str, controller: Option<(&str, &str)>) -> Referenced {
        let namespace: Namespace = "prod".parse().unwrap();
        Referenced {
            secret: secret.to_owned(),
            namespace: Some(namespace.clone()),
            consumer: Consumer {
                kind: kind.into(),
                group: None,
                name: name.to_owned(),
                namespace: Some(namespace),
                controller: controller.map(|(kind, name)| (kind.to_owned(), name.to_owned())),
                managed_by: None,
                uses: std::collections::BTreeSet::new(),
            },
        }
    }

    fn names(gathered: Gathered, secret: &str) -> Vec<String> {
        let users = gathered.end();
        users.users(&"prod".parse().unwrap(), secret).map(|one| one.name.clone()).collect()
    }

    #[test]
    fn pods_of_a_workload_are_not_held_in_whichever_order_they_come() {
        let deployment = || reference("Deployment", "web", "db", None);
        let set = || reference("ReplicaSet", "web-1", "db", Some(("Deployment", "web")));
        let pods = || (0..5000).map(|n| reference("Pod", &format!("web-1-{n}"), "db", Some(("ReplicaSet", "web-1"))));
        let mut early = Gathered::default();
        pods().chain([set(), deployment()]).for_each(|one| early.add(one));
        assert_eq!(names(early, "db"), ["web"]);
        let mut late = Gathered::default();
        for one in [deployment(), set()].into_iter().chain(pods()) {
            late.add(one);
            assert!(late.held.len() < 3);
        }
        assert_eq!(names(late, "db"), ["web"]);
    }

    #[test]
    fn what_only_the_pod_uses_is_the_pods_own() {
        let mut gathered = Gathered::default();
        gathered.add(reference("ReplicaSet", "web-1", "db", None));
        gathered.add(reference("Pod", "web-1-x", "injected", Some(("ReplicaSet", "web-1"))));
        gathered.add(reference("Pod", "web-1-x", "db", Some(("ReplicaSet", "web-1"))));
        assert_eq!(names(gathered, "injected"), ["web-1-x"]);
    }

    #[test]
    fn one_that_names_no_namespace_may_mean_any() {
        let mut gathered = Gathered::default();
        gathered.add(reference("Deployment", "web", "db", None));
        gathered.add(Referenced { namespace: None, ..reference("Gateway", "edge", "db", None) });
        gathered.add(Referenced { namespace: None, ..reference("Gateway", "edge", "other", None) });
        assert_eq!(names(gathered, "db"), ["web", "edge"]);
    }

    #[test]
    fn a_workload_of_a_custom_resource_is_named_beside_it() {
        let mut gathered = Gathered::default();
        let mut custom = reference("Prometheus", "k8s", "db", None);
        custom.consumer.group = Some("monitoring.coreos.com".into());
        gathered.add(custom);
        gathered.add(reference("StatefulSet", "prometheus-k8s", "db", Some(("Prometheus", "k8s"))));
        assert_eq!(names(gathered, "db"), ["k8s", "prometheus-k8s"]);
    }
}
