//! Rows of flags, and both programs run on each.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::connect::{admin, namespace, write};
use crate::support::command::{Output, Secretsafe, run};
use crate::support::controlplane::ControlPlane;
use crate::support::fixtures::User;
use crate::support::tls::Authority;
use crate::support::{binaries, temp_folder, write_private};

/// One row: a kubeconfig, flags and variables, and whether that gets on.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) kubeconfig: Vec<PathBuf>,
    pub(super) flags: Vec<String>,
    pub(super) env: Vec<(&'static str, String)>,
    pub(super) works: bool,
}

/// What the rows are made of.
pub(super) struct Bed {
    pub(super) plane: &'static ControlPlane,
    pub(super) folder: TempDir,
    pub(super) namespace: String,
    pub(super) other: User,
}

impl Bed {
    pub(super) fn new() -> Self {
        let plane = ControlPlane::shared();
        let namespace = namespace(plane);
        let other = plane.user();
        plane.grant(&other, &namespace, &[("get", "secrets")]);
        let folder = temp_folder("flags");
        write_private(&folder.path().join("ca.crt"), plane.ca_pem().as_bytes());
        write_private(&folder.path().join("foreign.crt"), Authority::new("foreign").pem().as_bytes());
        write_private(&folder.path().join("login.token"), format!("{}\n", plane.admin_token()).as_bytes());
        Self { plane, folder, namespace, other }
    }

    /// Returns the admin's kubeconfig with the namespace, a second user and a second, dead cluster.
    pub(super) fn config(&self) -> Value {
        let mut config = admin(self.plane);
        config["contexts"][0]["context"]["namespace"] = json!(self.namespace);
        let users = config["users"].as_array_mut().unwrap();
        users.push(json!({"name": "other", "user": {"token": self.other.token}}));
        let clusters = config["clusters"].as_array_mut().unwrap();
        clusters.push(json!({"name": "nowhere", "cluster": {"server": "https://127.0.0.1:1"}}));
        config
    }

    pub(super) fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    pub(super) fn row(&self, name: &'static str, config: &Value, flags: &[&str], works: bool) -> Row {
        let path = write(self.folder.path(), &name.replace(' ', "-"), config);
        if config.is_null() {
            write_private(&path, b"");
        }
        Row { name, kubeconfig: vec![path], flags: owned(flags), env: Vec::new(), works }
    }

    /// Runs both and compares.
    pub(super) fn check(&self, row: &Row) {
        let before = self.users().len();
        let kubectl = self.kubectl(row);
        let theirs: Vec<Value> = self.users().split_off(before);
        let ours = self.ours(row);
        let mine: Vec<Value> = self.users().split_off(before + theirs.len());
        let said =
            format!("{}\nkubectl: {}{}\nours: {}{}", row.name, kubectl.out(), kubectl.err(), ours.out(), ours.err());
        assert_eq!(kubectl.code == Some(0), row.works, "the row is wrong about kubectl: {said}");
        assert_eq!(ours.code == Some(0), row.works, "{said}");
        if row.works {
            assert_eq!(kubectl.out(), ours.out(), "{said}");
            assert!(!theirs.is_empty(), "kubectl's request is in the audit log: {said}");
            // What fails may fail before the server is asked for a Secret.
            let distinct = |users: &[Value]| users.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
            assert_eq!(distinct(&theirs), distinct(&mine), "{said}");
        }
    }

    /// Who asked for Secrets of the namespace, and as whom, in order.
    fn users(&self) -> Vec<Value> {
        let events = self.plane.secret_events(&self.namespace);
        let events = events.iter().filter(|event| event["verb"] == "get");
        let who = |user: &Value| json!([user["username"], user["uid"], user["groups"], user["extra"]["team"]]);
        events.map(|event| json!([who(&event["user"]), who(&event["impersonatedUser"])])).collect()
    }

    fn kubectl(&self, row: &Row) -> Output {
        let home = temp_folder("home");
        let mut command = Command::new(binaries::path("kubectl"));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", home.path());
        command.env("KUBECONFIG", std::env::join_paths(&row.kubeconfig).unwrap());
        command.envs(row.env.iter().cloned()).args(["get", "secret", "db", "-o", "name"]).args(&row.flags);
        run(command, b"")
    }

    fn ours(&self, row: &Row) -> Output {
        Secretsafe::new()
            .args(["view", "db", "-o", "name"])
            .args(&row.flags)
            .envs(row.env.iter().cloned())
            .env("KUBECONFIG", std::env::join_paths(&row.kubeconfig).unwrap())
            .run()
    }
}

fn owned(flags: &[&str]) -> Vec<String> {
    flags.iter().map(|flag| (*flag).to_owned()).collect()
}
