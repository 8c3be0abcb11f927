//! What is worked on: groups of Secrets with policies, all due, spread over namespaces.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::controlplane::ControlPlane;
use crate::support::{binaries, temp_folder};

/// How many requests of the planting are under way at a time.
const PLANTERS: usize = 6;

/// The control plane, its namespaces, and how the programs are started.
pub(crate) struct Field {
    pub(crate) plane: &'static ControlPlane,
    pub(crate) folder: TempDir,
    pub(crate) secrets: usize,
    namespaces: usize,
    binary: PathBuf,
}

impl Field {
    /// Starts the control plane and makes the namespaces.
    pub(crate) fn new(secrets: usize, namespaces: usize) -> Self {
        let field =
            Self { plane: ControlPlane::shared(), folder: temp_folder("soak"), secrets, namespaces, binary: binary() };
        for number in 0..namespaces {
            field.plane.create("/api/v1/namespaces", &json!({"metadata": {"name": space(number)}}));
        }
        field
    }

    /// Makes a group of Secrets that are due, and labels them by it.
    pub(crate) fn plant(&self, group: &str) {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..PLANTERS {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= self.secrets {
                            break;
                        }
                        let path = format!("{}?fieldManager=kubectl-secretsafe", secrets_of(&self.space_of(number)));
                        self.plane.create(&path, &self.object(group, number));
                    }
                });
            }
        });
    }

    /// Makes the manifest of a group, as `kubectl apply` takes it.
    pub(crate) fn manifest(&self, group: &str) -> PathBuf {
        let documents: Vec<String> = (0..self.secrets)
            .map(|number| {
                let mut object = self.object(group, number);
                object["metadata"]["namespace"] = json!(self.space_of(number));
                object["stringData"]["k"] = json!("another-not-a-real-value-of-24-or-so");
                object.to_string()
            })
            .collect();
        let path = self.folder.path().join(format!("{group}.yaml"));
        std::fs::write(&path, documents.join("\n---\n")).unwrap();
        path
    }

    fn object(&self, group: &str, number: usize) -> Value {
        let record =
            json!({"v": 1, "at": "2020-01-01T00:00:00Z", "by": "planter", "from": "generate", "n": 1, "op": "planted"});
        let policy = json!({"v": 1, "keys": {"k": {"every": "90d", "source": "generate:length=40"}}, "history": 0});
        json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": format!("{group}-{number:05}"),
                "labels": {"secretsafe.dev/policy": "true", "group": group},
                "annotations": {"secretsafe.dev/policy": policy.to_string(), "key.secretsafe.dev/k": record.to_string()}},
            "stringData": {"k": "not-a-real-value-of-forty-characters-or-so"}})
    }

    /// How often each Secret of a group was written.
    pub(crate) fn written(&self, group: &str) -> BTreeMap<u64, usize> {
        let list = self.plane.get(&format!("/api/v1/secrets?labelSelector=group%3D{group}")).json();
        let mut counts = BTreeMap::new();
        for item in list["items"].as_array().unwrap() {
            let record = item["metadata"]["annotations"]["key.secretsafe.dev/k"].as_str().unwrap();
            let record: Value = serde_json::from_str(record).unwrap();
            *counts.entry(record["n"].as_u64().unwrap()).or_default() += 1;
        }
        counts
    }

    /// Returns `rotate --due` over a group.
    pub(crate) fn ours(&self, group: &str) -> Command {
        let selector = format!("group={group}");
        self.program(&self.binary, &["rotate", "--due", "-A", "--yes", "-l", &selector, "-o", "jsonl"])
    }

    /// Returns kubectl with arguments.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Command {
        self.program(&binaries::path("kubectl"), arguments)
    }

    fn program(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.env_clear().args(arguments).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.folder.path()).env("LC_ALL", "C.UTF-8");
        command.env("KUBECONFIG", self.plane.admin_kubeconfig());
        command
    }

    fn space_of(&self, number: usize) -> String {
        space(number % self.namespaces)
    }
}

fn space(number: usize) -> String {
    format!("soak-{number:04}")
}

/// Returns where the Secrets of a namespace are.
pub(crate) fn secrets_of(namespace: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/secrets")
}

fn binary() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let profile = std::env::var("SECRETSAFE_SOAK_PROFILE").unwrap_or_else(|_| "release".to_owned());
    let path = target.join(profile).join("kubectl-secretsafe");
    assert!(path.is_file(), "{} is missing: type `make soak`, which builds it", path.display());
    path
}
