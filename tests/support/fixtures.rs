//! What a test asks of a control plane: a namespace, a user, rights, a request, the audit log.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use super::command::{self, Output};
use super::controlplane::{ControlPlane, USERS};
use super::daemon::wait_for;
use super::http::{Request, Response};
use super::kubeconfig::{Kubeconfig, Login};
use super::{binaries, random_hex};

const SETTLE_LIMIT: Duration = Duration::from_secs(30);

/// Someone who may do nothing until [`ControlPlane::grant`] says so.
#[derive(Clone, Debug)]
pub(crate) struct User {
    /// The name in RBAC: `user-N`, or `system:serviceaccount:NAMESPACE:NAME`.
    pub(crate) name: String,
    pub(crate) token: String,
}

impl ControlPlane {
    /// Sends a request as the holder of `token`.
    pub(crate) fn request(&self, token: &str, request: Request) -> Response {
        request
            .header("Authorization", &format!("Bearer {token}"))
            .send(self.address(), &self.trust)
            .expect("the API server answers")
    }

    /// Reads a path as the administrator.
    pub(crate) fn get(&self, path: &str) -> Response {
        self.request(&self.admin_token, Request::new("GET", path))
    }

    /// Posts an object as the administrator and returns what the server made of it.
    pub(crate) fn post(&self, path: &str, object: &Value) -> Response {
        let body = object.to_string();
        let request = Request::new("POST", path).body("application/json", body.as_bytes());
        self.request(&self.admin_token, request)
    }

    /// Posts an object that the server must accept.
    pub(crate) fn create(&self, path: &str, object: &Value) -> Value {
        let answer = self.post(path, object);
        assert!(answer.code < 300, "POST {path}: {}: {}", answer.code, answer.json()["message"]);
        answer.json()
    }

    /// Runs the real kubectl as the administrator.
    pub(crate) fn kubectl(&self, args: &[&str]) -> Output {
        self.kubectl_with(args, b"")
    }

    /// Runs the real kubectl as the administrator with something on its standard input.
    pub(crate) fn kubectl_with(&self, args: &[&str], stdin: &[u8]) -> Output {
        let mut kubectl = Command::new(binaries::path("kubectl"));
        kubectl
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env("KUBECONFIG", self.admin_kubeconfig())
            .args(args);
        command::run(kubectl, stdin)
    }

    /// Makes a namespace for one test and returns its name.
    pub(crate) fn namespace(&self) -> String {
        let name = format!("t-{}", random_hex(6));
        let object = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
        self.create("/api/v1/namespaces", &object);
        name
    }

    /// Returns a user without rights whom no other test uses.
    pub(crate) fn user(&self) -> User {
        let number = self.next_user.fetch_add(1, Ordering::Relaxed);
        let token = self.user_tokens.get(number);
        let token = token.unwrap_or_else(|| panic!("all {USERS} users are taken: raise USERS"));
        User { name: format!("user-{number}"), token: token.clone() }
    }

    /// Makes a service account and asks the server for a token of it.
    pub(crate) fn service_account(&self, namespace: &str, name: &str) -> User {
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts");
        self.create(&path, &json!({ "metadata": { "name": name } }));
        let answer = self.create(
            &format!("{path}/{name}/token"),
            &json!({ "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {} }),
        );
        let token = answer["status"]["token"].as_str().expect("a token in the answer");
        let name = format!("system:serviceaccount:{namespace}:{name}");
        User { name, token: token.to_owned() }
    }

    /// Writes a kubeconfig that logs in with `token`.
    pub(crate) fn kubeconfig_for(&self, token: &str) -> PathBuf {
        self.kubeconfig(Login::Token(token.to_owned())).write_into(self.folder.path())
    }

    /// Returns a kubeconfig to be changed or written by the caller.
    pub(crate) fn kubeconfig(&self, login: Login) -> Kubeconfig {
        Kubeconfig::new(&self.server_url(), self.ca_pem(), login)
    }

    /// Returns a login with a client certificate of this user and group.
    pub(crate) fn certificate(&self, user: &str, group: Option<&str>) -> Login {
        Login::Certificate(Box::new(self.authority.client(user, group)))
    }

    /// Gives `user` rights in one namespace: `&[("get,list", "secrets"), ("create", "events")]`.
    /// Returns when they are in force.
    pub(crate) fn grant(&self, user: &User, namespace: &str, rules: &[(&str, &str)]) {
        let path = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}");
        self.bind(user, &path, ["Role", "RoleBinding"], ["roles", "rolebindings"], rules);
        self.wait_for_rights(user, Some(namespace), rules);
    }

    /// Gives `user` rights in all namespaces and on cluster-wide objects.
    pub(crate) fn grant_everywhere(&self, user: &User, rules: &[(&str, &str)]) {
        let kinds = ["ClusterRole", "ClusterRoleBinding"];
        let plurals = ["clusterroles", "clusterrolebindings"];
        self.bind(user, "/apis/rbac.authorization.k8s.io/v1", kinds, plurals, rules);
        self.wait_for_rights(user, None, rules);
    }

    /// Returns the audit log's events that `wanted` accepts, those of every finished request
    /// included.
    pub(crate) fn audit_events(&self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut events = Vec::new();
        self.for_each_audit_line(|line| {
            let event = serde_json::from_str(line).expect("an event a line");
            if wanted(&event) {
                events.push(event);
            }
        });
        events
    }

    /// Shows every line of the audit log, for logs too long to be parsed whole.
    pub(crate) fn for_each_audit_line(&self, mut look: impl FnMut(&str)) {
        // The log is written in order: once our own mark is in it, so is all that came before.
        let mark = format!("/version?mark={}", random_hex(8));
        self.get(&mark);
        let shown = wait_for(SETTLE_LIMIT, || {
            let log = std::fs::read_to_string(self.folder.path().join("audit.log")).ok()?;
            log.contains(&mark).then_some(())
        });
        assert!(shown.is_some(), "the audit log shows the request just made");
        // What is over 100 MB was moved to `audit-TIME.log`, which sorts before the newest.
        let entries = std::fs::read_dir(self.folder.path()).expect("our own folder").flatten();
        let mut logs: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        logs.retain(|path| path.extension().is_some_and(|end| end == "log") && is_audit_log(path));
        logs.sort();
        for path in logs {
            std::fs::read_to_string(path).expect("a log of ours").lines().for_each(&mut look);
        }
    }

    /// Returns the audit log's events about Secrets in one namespace.
    pub(crate) fn secret_events(&self, namespace: &str) -> Vec<Value> {
        self.audit_events(|event| {
            event["objectRef"]["resource"] == "secrets" && event["objectRef"]["namespace"] == namespace
        })
    }

    fn bind(
        &self,
        user: &User,
        path: &str,
        [role, binding]: [&str; 2],
        [roles, bindings]: [&str; 2],
        rules: &[(&str, &str)],
    ) {
        let name = format!("grant-{}", random_hex(6));
        let rules: Vec<Value> = rules
            .iter()
            .map(|(verbs, resource)| {
                let verbs: Vec<&str> = verbs.split(',').collect();
                json!({ "apiGroups": ["*"], "resources": [resource], "verbs": verbs })
            })
            .collect();
        let role_object = json!({ "kind": role, "metadata": { "name": name }, "rules": rules });
        self.create(&format!("{path}/{roles}"), &role_object);
        let group = "rbac.authorization.k8s.io";
        let binding_object = json!({
            "kind": binding,
            "metadata": { "name": name },
            "roleRef": { "apiGroup": group, "kind": role, "name": name },
            "subjects": [{ "apiGroup": group, "kind": "User", "name": user.name }],
        });
        self.create(&format!("{path}/{bindings}"), &binding_object);
    }

    /// The server learns of new roles from a watch, a moment after it has stored them.
    fn wait_for_rights(&self, user: &User, namespace: Option<&str>, rules: &[(&str, &str)]) {
        for (verbs, resource) in rules {
            let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
            for verb in verbs.split(',') {
                let review = json!({
                    "kind": "SubjectAccessReview",
                    "apiVersion": "authorization.k8s.io/v1",
                    "spec": { "user": user.name, "resourceAttributes": {
                        "verb": verb,
                        "resource": resource,
                        "subresource": subresource,
                        "namespace": namespace,
                    }},
                });
                let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
                let allowed = wait_for(SETTLE_LIMIT, || {
                    let answer = self.create(path, &review);
                    (answer["status"]["allowed"] == true).then_some(())
                });
                assert!(allowed.is_some(), "{verb} on {resource} was granted but is not in force");
            }
        }
    }
}

fn is_audit_log(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("audit"))
}
