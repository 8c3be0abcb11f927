//! The job itself: its container's command, with its account's token, passes with the role that was made for it, and fails
//! clearly with any one verb taken away.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::pod::in_pod;
use super::{LIMIT, NAME, POLICY, enforced};
use crate::restart;
use crate::support::command::{Output, Secretsafe};
use crate::support::controllers::Controllers;
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::wait_for;
use crate::support::http::Request;

/// How many versions the policy keeps: with more than 0 the role also has `get`, `create` and `delete` on Secrets.
const HISTORY: u32 = 1;

const OLD: &str = "not-a-real-password";

/// Makes the Secret anew, with a key that our record says is 100 days old, and a policy that it is too old for.
fn plant_due(plane: &ControlPlane, namespace: &str, name: &str) {
    plane.kubectl(&["delete", "secret", name, "-n", namespace, "--ignore-not-found"]).success();
    let kept = "--field-selector=type=secretsafe.dev/history";
    plane.kubectl(&["delete", "secret", "-n", namespace, kept]).success();
    let at = Timestamp::now() - SignedDuration::from_hours(2400);
    let record = json!({"v": 1, "at": at, "from": "prompt", "n": 1, "op": "planted"}).to_string();
    let policy = json!({"v": 1, "keys": {"password": {"every": "90d", "source": "generate:length=40"}},
        "restart": "auto", "history": HISTORY});
    let metadata = json!({"name": name, "labels": {POLICY: "true"},
        "annotations": {POLICY: policy.to_string(), "key.secretsafe.dev/password": record}});
    let secret = json!({"metadata": metadata, "stringData": {"password": OLD}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets?fieldManager=kubectl-secretsafe"), &secret);
}

/// Makes it due again: its record says that it is old.
fn make_due(plane: &ControlPlane, namespace: &str, name: &str) {
    let record = json!({"v": 1, "at": "2026-01-02T03:04:05Z", "from": "generate", "n": 2, "op": "planted"});
    let record = format!("key.secretsafe.dev/password={record}");
    plane
        .kubectl(&[
            "annotate",
            "secret",
            name,
            "-n",
            namespace,
            "--overwrite",
            "--field-manager=kubectl-secretsafe",
            &record,
        ])
        .success();
}

fn value(plane: &ControlPlane, namespace: &str, name: &str) -> Value {
    plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/{name}")).json()["data"]["password"].clone()
}

/// One schedule under test.
struct Scheduled<'a> {
    plane: &'a ControlPlane,
    /// Where the account is.
    home: String,
    /// Where the Secret and its workloads are.
    namespace: String,
    /// The path of its role.
    role: String,
}

impl Scheduled<'_> {
    /// Runs what the CronJob's container runs.
    fn run(&self) -> Output {
        let path = format!("/apis/batch/v1/namespaces/{}/cronjobs/{NAME}", self.home);
        let job = self.plane.get(&path).json();
        let args = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"].clone();
        let args: Vec<&str> = args.as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
        in_pod(self.plane, &self.home, &args)
    }

    fn passes(&self) {
        plant_due(self.plane, &self.namespace, "db");
        let before = value(self.plane, &self.namespace, "db");
        let output = self.run().success();
        assert_ne!(value(self.plane, &self.namespace, "db"), before, "{}{}", output.out(), output.err());
        for line in output.out().lines() {
            let line: Value = serde_json::from_str(line).expect("the log is one document a line");
            assert!(line["kind"].is_string(), "{line}");
        }
        assert!(!format!("{}{}", output.out(), output.err()).contains("not-a-real"));
        // Nothing is due any more: the next run changes nothing, and is no failure.
        let after = value(self.plane, &self.namespace, "db");
        self.run().success();
        assert_eq!(value(self.plane, &self.namespace, "db"), after);
    }

    /// Replaces the rules of the role, and waits until `gone` is refused, or allowed again.
    fn put(&self, rules: &[Value], (verb, group, resource): (&str, &str, &str), allowed: bool) {
        let mut role = self.plane.get(&self.role).json();
        role["rules"] = json!(rules);
        let body = role.to_string();
        let put = Request::new("PUT", &self.role).body("application/json", body.as_bytes());
        assert_eq!(self.plane.request(self.plane.admin_token(), put).code, 200);
        let attributes =
            json!({"verb": verb, "group": group, "resource": resource, "namespace": self.namespace, "name": "db"});
        let review = json!({"kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "spec": {
            "user": format!("system:serviceaccount:{}:{NAME}", self.home), "resourceAttributes": attributes}});
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        let settled =
            wait_for(LIMIT, || (self.plane.create(path, &review)["status"]["allowed"] == allowed).then_some(()));
        assert!(settled.is_some(), "{verb} {resource} is not as it was set");
    }

    /// Takes each verb on each resource away, one at a time.
    fn fails_without_any_verb(&self) {
        let words = |value: &Value| -> Vec<String> {
            value.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
        };
        let mut single = Vec::new();
        for rule in self.plane.get(&self.role).json()["rules"].as_array().unwrap() {
            for resource in words(&rule["resources"]) {
                for verb in words(&rule["verbs"]) {
                    let mut one = rule.clone();
                    one["resources"] = json!([resource]);
                    one["verbs"] = json!([verb]);
                    single.push(one);
                }
            }
        }
        assert!(single.len() >= 14, "five on Secrets, three on each kind of workload: {single:#?}");
        for index in 0..single.len() {
            let mut rules = single.clone();
            let gone = rules.remove(index);
            let [verb, group, resource] =
                ["verbs", "apiGroups", "resources"].map(|field| words(&gone[field]).remove(0));
            plant_due(self.plane, &self.namespace, "db");
            if verb == "delete" {
                // Only what is one too many is deleted.
                self.run().success();
                make_due(self.plane, &self.namespace, "db");
            }
            self.put(&rules, (&verb, &group, &resource), false);
            let output = self.run();
            let what = format!("without {verb} {resource}: {:?}\n{}{}", output.code, output.out(), output.err());
            assert!(matches!(output.code, Some(5 | 6)), "{what}");
            let said = format!("{}{}", output.out(), output.err());
            assert!(said.contains(&format!("{verb} {resource}")), "{what}");
            assert!(said.contains("may not") || said.contains("(403)"), "{what}");
            assert!(!said.contains("not-a-real"), "{what}");
            self.put(&single, (&verb, &group, &resource), true);
        }
    }
}

/// A namespace in which each kind of workload uses the Secret `db`.
fn prepare(plane: &ControlPlane) -> String {
    let namespace = plane.namespace();
    plant_due(plane, &namespace, "db");
    for (kind, name) in [("Deployment", "web"), ("StatefulSet", "store"), ("DaemonSet", "agent")] {
        restart::workload(plane, &namespace, kind, name, "env", json!({}));
        restart::settled(plane, &namespace, kind, name);
    }
    namespace
}

fn schedule(plane: &ControlPlane, args: &[&str]) {
    Secretsafe::new()
        .args(["schedule", "--cron", "@daily", "--image", &super::image(), "--yes"])
        .args(args)
        .kubeconfig(plane.admin_kubeconfig())
        .run()
        .success();
}

/// Both in one test, on a control plane of its own: what is due in all namespaces would be another test's, too.
#[test]
fn the_job_passes_with_its_role_and_fails_without_any_one_verb() {
    let controllers = Controllers::start();
    let plane = &controllers.plane;
    let namespace = prepare(plane);
    schedule(plane, &["-n", &namespace]);
    enforced(plane, &namespace);
    let role = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles/{NAME}");
    let one = Scheduled { plane, home: namespace.clone(), namespace: namespace.clone(), role };
    one.passes();
    one.fails_without_any_verb();
    one.passes();
    // A Secret whose policy came after the role fails the run, and does not stop the others.
    plant_due(plane, &namespace, "later");
    plant_due(plane, &namespace, "db");
    let before = value(plane, &namespace, "db");
    let output = one.run().expect_code(5);
    assert!(format!("{}{}", output.out(), output.err()).contains("get secrets `later`"), "{}", output.err());
    assert_ne!(value(plane, &namespace, "db"), before);
    schedule(plane, &["-n", &namespace]);
    let later = value(plane, &namespace, "later");
    let caught_up = wait_for(LIMIT, || (one.run().code == Some(0)).then_some(()));
    assert!(caught_up.is_some() && value(plane, &namespace, "later") != later);

    let namespace = prepare(plane);
    schedule(plane, &["-A"]);
    enforced(plane, "secretsafe");
    let role = format!("/apis/rbac.authorization.k8s.io/v1/clusterroles/{NAME}");
    let all = Scheduled { plane, home: "secretsafe".to_owned(), namespace, role };
    all.passes();
    all.fails_without_any_verb();
    all.passes();
}
