//! `access` beside the API server's own authorizer: a few hundred generated roles and bindings, and for each identity,
//! verb and name a SubjectAccessReview. They must agree on all.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
const API_GROUP: &str = "rbac.authorization.k8s.io";
/// The policies are the same in each run; another seed makes others.
const SEED: u64 = 0x5ec2_e75a_fe00_0018;
const NAMESPACES: [&str; 3] = ["one", "two", "three"];
const SECRETS: [&str; 2] = ["db", "web"];
const THREADS: usize = 6;

/// A small generator (xorshift): the test must make the same policies everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// So many words at most, and `rare` once in a while.
    fn some(&mut self, from: &[&str], most: usize, rare: &str) -> Vec<String> {
        let mut words: Vec<String> = (0..=self.below(most)).map(|_| self.pick(from).to_owned()).collect();
        if self.one_in(12) {
            words.push(rare.to_owned());
        }
        words
    }

    fn rules(&mut self) -> Value {
        const VERBS: &[&str] =
            &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "ge*", "GET", "bind"];
        const RESOURCES: &[&str] = &[
            "secrets",
            "secrets",
            "pods",
            "deployments",
            "jobs",
            "configmaps",
            "secrets/*",
            "pods/exec",
            "*/exec",
            "*/secrets",
            "secrets/status",
        ];
        const NAMES: &[&str] = &["db", "web", "other", "*", "d", "secrets"];
        let rules = (0..=self.below(2)).map(|_| {
            let (verbs, groups) = (self.some(VERBS, 3, "*"), self.some(&["", "", "", "apps", "batch"], 2, "*"));
            let resources = self.some(RESOURCES, 3, "*");
            let names = if self.one_in(2) { self.some(NAMES, 2, "x") } else { Vec::new() };
            json!({"verbs": verbs, "apiGroups": groups, "resources": resources, "resourceNames": names})
        });
        Value::Array(rules.collect())
    }

    fn subjects(&mut self) -> Value {
        let of = |kind: &str, name: String| json!({"apiGroup": API_GROUP, "kind": kind, "name": name});
        let subjects = (0..=self.below(2)).map(|_| match self.below(12) {
            0..=3 => of("User", format!("user{}", self.below(8))),
            4..=6 => of("Group", format!("group{}", self.below(8))),
            7..=9 => {
                let (namespace, name) = (self.pick(&NAMESPACES), self.pick(&["ci", "app", "idle"]));
                json!({"kind": "ServiceAccount", "namespace": namespace, "name": name})
            }
            10 => of("User", format!("system:serviceaccount:{}:ci", self.pick(&NAMESPACES))),
            _ if self.one_in(3) => {
                let groups = [
                    "system:serviceaccounts:one",
                    "system:serviceaccounts",
                    "system:authenticated",
                    "system:unauthenticated",
                ];
                of("Group", self.pick(&groups).to_owned())
            }
            _ => of("Group", "system:serviceaccounts:two".to_owned()),
        });
        Value::Array(subjects.collect())
    }

    /// Roles and bindings, with the paths at which they are made.
    fn policies(&mut self) -> Vec<(String, Value)> {
        let mut objects = Vec::new();
        for number in 0..40 {
            let mut role = json!({"metadata": {"name": format!("wide{number}")}, "rules": self.rules()});
            if number % 8 == 0 {
                // Its rules are those that the controller has filled in: here, by hand.
                role["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]});
            }
            objects.push((format!("{RBAC}/clusterroles"), role));
        }
        for namespace in NAMESPACES {
            let path = format!("{RBAC}/namespaces/{namespace}");
            for number in 0..25 {
                let role = json!({"metadata": {"name": format!("role{number}")}, "rules": self.rules()});
                objects.push((format!("{path}/roles"), role));
            }
            for number in 0..45 {
                objects.push((format!("{path}/rolebindings"), self.binding(number, false)));
            }
        }
        objects.extend((0..12).map(|number| (format!("{RBAC}/clusterrolebindings"), self.binding(number, true))));
        objects
    }

    fn binding(&mut self, number: usize, cluster: bool) -> Value {
        // The last few of each are not there.
        let (kind, name) = match cluster || self.one_in(2) {
            true => ("ClusterRole", format!("wide{}", self.below(42))),
            false => ("Role", format!("role{}", self.below(27))),
        };
        let role = json!({"apiGroup": API_GROUP, "kind": kind, "name": name});
        json!({"metadata": {"name": format!("binding{number}")}, "roleRef": role, "subjects": self.subjects()})
    }
}

/// Somebody who is logged in.
struct Identity {
    user: String,
    groups: Vec<String>,
}

fn identities() -> Vec<Identity> {
    let of = |user: &str, groups: &[&str]| Identity {
        user: user.to_owned(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    };
    let mut all = vec![
        of("user0", &["system:authenticated"]),
        of("user1", &["group0", "system:authenticated"]),
        of("user2", &["group1", "group2", "system:authenticated"]),
        of("stranger", &["group3", "system:authenticated"]),
        of("nobody", &["system:authenticated"]),
        of("system:anonymous", &["system:unauthenticated"]),
        of("root", &["system:masters", "system:authenticated"]),
    ];
    for (namespace, name) in [("one", "ci"), ("two", "app"), ("three", "idle"), ("elsewhere", "ci")] {
        let own = format!("system:serviceaccounts:{namespace}");
        let user = format!("system:serviceaccount:{namespace}:{name}");
        all.push(of(&user, &["system:serviceaccounts", &own, "system:authenticated"]));
    }
    all
}

impl Identity {
    fn is(&self, item: &Value) -> bool {
        let name = item["name"].as_str().unwrap();
        match item["kind"].as_str().unwrap() {
            "User" => self.user == name,
            "Group" => self.groups.iter().any(|group| group == name),
            _ => self.user == format!("system:serviceaccount:{}:{name}", item["namespace"].as_str().unwrap()),
        }
    }

    /// All rights of the report that this identity has for a Secret of that name, such as `get secrets`.
    fn rights(&self, report: &Value, secret: &str) -> BTreeSet<String> {
        let list = |value: &Value| -> Vec<String> {
            value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let mut rights = BTreeSet::new();
        for item in report["items"].as_array().unwrap().iter().filter(|item| self.is(item)) {
            for way in
                item["through"].as_array().unwrap().iter().flat_map(|through| through["ways"].as_array().unwrap())
            {
                let names = list(&way["names"]);
                if names.is_empty() || names.iter().any(|name| name == secret) {
                    rights.insert(way["right"].as_str().unwrap().to_owned());
                }
            }
        }
        rights
    }
}

/// What is asked about: verb, group, resource, and whether the request has a name.
const ASKED: &[(&str, &str, &str, bool)] = &[
    ("get", "", "secrets", true),
    ("list", "", "secrets", true),
    ("watch", "", "secrets", true),
    ("patch", "", "secrets", true),
    ("delete", "", "secrets", true),
    ("update", "", "secrets", true),
    ("create", "", "secrets", false),
    ("deletecollection", "", "secrets", false),
    ("create", "", "pods", false),
    ("create", "", "pods/exec", true),
    ("get", "", "pods/exec", true),
    ("patch", "apps", "deployments", true),
    ("create", "apps", "deployments", false),
    ("create", "batch", "jobs", false),
];

fn in_parallel<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    std::thread::scope(|scope| {
        for part in items.chunks(items.len().div_ceil(THREADS)) {
            let work = &work;
            scope.spawn(move || part.iter().for_each(work));
        }
    });
}

fn run(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Value {
    let run = Secretsafe::new().args(["access", "--all-subjects", "-o", "json", "-n", namespace]).args(args);
    let output = run.kubeconfig(plane.admin_kubeconfig()).run().success();
    serde_json::from_str(&output.out()).unwrap()
}

#[test]
fn the_authorizer_agrees() {
    // What is granted to everybody here would get in the way of other tests.
    let plane = ControlPlane::start();
    for namespace in NAMESPACES {
        plane.create("/api/v1/namespaces", &json!({"metadata": {"name": namespace}}));
    }
    let objects = Random(SEED).policies();
    let (roles, bindings): (Vec<_>, Vec<_>) = objects.into_iter().partition(|(path, _)| path.ends_with("roles"));
    for part in [&roles, &bindings] {
        in_parallel(part, |(path, object)| drop(plane.create(path, object)));
    }
    // The authorizer learns of each kind in the order in which it was written: what came last is in force.
    let mark = plane.user();
    plane.grant(&mark, "one", &[("get", "configmaps")]);
    plane.grant_everywhere(&mark, &[("get", "namespaces")]);

    let reports: Vec<(&str, &str, Value, Value)> = NAMESPACES
        .iter()
        .flat_map(|namespace| {
            let whole = run(&plane, namespace, &[]);
            let plane = &plane;
            SECRETS.map(|secret| (*namespace, secret, run(plane, namespace, &[secret]), whole.clone()))
        })
        .collect();
    let identities = identities();
    let mut questions = Vec::new();
    for (index, (namespace, secret, one, whole)) in reports.iter().enumerate() {
        for identity in &identities {
            let of_one = identity.rights(one, secret);
            let of_whole = identity.rights(whole, secret);
            for (verb, group, resource, has_name) in ASKED {
                if *has_name || index % SECRETS.len() == 0 {
                    let right = format!("{verb} {resource}");
                    let ours = [of_one.contains(&right), of_whole.contains(&right)];
                    let name = if *has_name { *secret } else { "" };
                    questions.push((identity, *namespace, name, *verb, *group, *resource, ours));
                }
            }
        }
    }
    let (wrong, allowed) = (Mutex::new(Vec::new()), Mutex::new(0_usize));
    in_parallel(&questions, |(identity, namespace, name, verb, group, resource, ours)| {
        let (plain, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let review = json!({"kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1",
            "spec": {"user": identity.user, "groups": identity.groups, "resourceAttributes": {
                "namespace": namespace, "verb": verb, "group": group, "resource": plain,
                "subresource": subresource, "name": name}}});
        let answer = plane.create("/apis/authorization.k8s.io/v1/subjectaccessreviews", &review);
        let theirs = answer["status"]["allowed"] == true;
        *allowed.lock().unwrap() += usize::from(theirs);
        if *ours != [theirs; 2] {
            let what = format!("{} {verb} {resource} {name} in {namespace}", identity.user);
            wrong.lock().unwrap().push(format!("{what}: authorizer {theirs}, of one and of all {ours:?}"));
        }
    });
    let (wrong, allowed) = (wrong.into_inner().unwrap(), allowed.into_inner().unwrap());
    assert!(wrong.is_empty(), "{} of {} differ: {:#?}", wrong.len(), questions.len(), &wrong[..wrong.len().min(20)]);
    let policies = roles.len() + bindings.len();
    assert!(policies > 250 && questions.len() > 700, "{policies} policies, {} answers compared", questions.len());
    assert!(allowed > 100 && questions.len() - allowed > 100, "{allowed} of {} allowed", questions.len());
}
