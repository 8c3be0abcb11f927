//! What the programs work on: a control plane full of Secrets, and how ours and kubectl are started.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Sizes;
use crate::support::controlplane::ControlPlane;
use crate::support::{binaries, command, temp_folder};

/// How many requests of the seeding are under way at a time.
const SEEDERS: usize = 6;
const VALUE_SIZE: usize = 2048;
/// Where the Secrets are that are looked at one by one, and where TAB finds all of them.
pub(crate) const SINGLE: &str = "single";
/// The one Secret whose values are asked for, by `view`, and its twin.
pub(crate) const READ: &str = "db";
pub(crate) const UNREAD: &str = "twin";
pub(crate) const CROWDED: &str = "crowded";

/// The control plane, and a home for the programs.
pub(crate) struct Bed {
    pub(crate) sizes: Sizes,
    pub(crate) plane: &'static ControlPlane,
    pub(crate) folder: TempDir,
    binary: PathBuf,
    value: String,
}

impl Bed {
    /// Starts the control plane, installs the completion, and makes two Secrets alike: one to be read, one not.
    pub(crate) fn new(sizes: Sizes) -> Self {
        let value: String = "not-a-real-value ".chars().cycle().take(VALUE_SIZE).collect();
        let binary = release_binary();
        let plane = ControlPlane::shared();
        let bed = Self { sizes, plane, folder: temp_folder("bench"), binary, value: STANDARD.encode(value) };
        let mut install = bed.ours(&["completion", "--install", "--dir"]);
        install.arg(bed.folder.path());
        command::run(install, b"").success();
        bed.namespace(SINGLE);
        let data = json!({"username": "YXBw", "password": bed.value, "url": bed.value});
        for name in [READ, UNREAD] {
            bed.plane.create(&path(SINGLE), &json!({"metadata": {"name": name}, "data": data}));
        }
        bed
    }

    /// Returns our program with arguments.
    pub(crate) fn ours(&self, arguments: &[&str]) -> Command {
        self.program(&self.binary, arguments)
    }

    /// Returns kubectl with arguments; it finds our program and our completion.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Command {
        self.program(&binaries::path("kubectl"), arguments)
    }

    /// Makes the Secrets, spread over many namespaces.
    pub(crate) fn spread(&self) {
        let Sizes { secrets, namespaces } = self.sizes;
        (0..namespaces).for_each(|number| self.namespace(&spread_name(number)));
        self.seed(|number| spread_name(number % namespaces), secrets);
    }

    /// Makes many Secrets again, in one namespace.
    pub(crate) fn crowd(&self) {
        self.namespace(CROWDED);
        self.seed(|_| CROWDED.to_owned(), self.sizes.crowd());
    }

    /// Fails if an answer to one of our requests carried a value, but for those about [`READ`]; counts the others.
    pub(crate) fn check_answers(&self) -> usize {
        let ours = r#""userAgent":"kubectl-secretsafe/"#;
        let viewed = format!("\"requestURI\":\"{}/{READ}\"", path(SINGLE));
        let mut answers = 0;
        self.plane.for_each_audit_line(|line| {
            if !line.contains(ours) || line.contains(&viewed) {
                return;
            }
            assert!(!line.contains(&self.value), "a value travelled");
            let event: Value = serde_json::from_str(line).expect("an event");
            if event["objectRef"]["resource"] == "secrets" && event["responseStatus"]["code"] == 200 {
                assert_eq!(event["responseObject"]["kind"], "Table", "{}", event["requestURI"]);
                answers += 1;
            }
        });
        assert!(answers > 0, "the audit log shows our requests");
        answers
    }

    fn program(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.env_clear().args(arguments);
        command.env("PATH", self.path()).env("HOME", self.folder.path()).env("LC_ALL", "C.UTF-8");
        command.env("KUBECONFIG", self.plane.admin_kubeconfig());
        command
    }

    fn path(&self) -> OsString {
        let plugin = self.binary.parent().expect("a file in a folder").to_owned();
        let mut path = vec![self.folder.path().to_owned(), plugin, binaries::folder().to_owned()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        std::env::join_paths(path).expect("folders that were in PATH")
    }

    fn namespace(&self, name: &str) {
        self.plane.create("/api/v1/namespaces", &json!({"metadata": {"name": name}}));
    }

    /// Makes Deployments and Pods that use Secrets where those are.
    pub(crate) fn employ(&self) {
        let Sizes { namespaces, .. } = self.sizes;
        let home = |number: usize| spread_name(number % namespaces);
        for number in 0..namespaces {
            let path = format!("/api/v1/namespaces/{}/serviceaccounts", home(number));
            self.plane.create(&path, &json!({"metadata": {"name": "default"}}));
        }
        each(self.sizes.deployments(), |number| {
            let labels = json!({"app": format!("app-{number}")});
            let template = json!({"metadata": {"labels": labels}, "spec": pod(number)});
            let spec = json!({"selector": {"matchLabels": labels}, "template": template});
            let path = format!("/apis/apps/v1/namespaces/{}/deployments", home(number));
            self.plane.create(&path, &json!({"metadata": {"name": format!("app-{number}")}, "spec": spec}));
        });
        each(self.sizes.pods(), |number| {
            let path = format!("/api/v1/namespaces/{}/pods", home(number));
            self.plane.create(&path, &json!({"metadata": {"name": format!("pod-{number}")}, "spec": pod(number)}));
        });
    }

    fn seed(&self, namespace: impl Fn(usize) -> String + Sync, count: usize) {
        each(count, |number| {
            let metadata = json!({"name": format!("secret-{number:05}"), "labels": {"app": "bench"}});
            let object = json!({"metadata": metadata, "data": {"value": self.value}});
            self.plane.create(&path(&namespace(number)), &object);
        });
    }
}

/// Does something so many times, a few at a time.
fn each(count: usize, make: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..SEEDERS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    make(number);
                }
            });
        }
    });
}

/// A Pod's specification of the usual size, with one Secret in its environment and as files.
fn pod(number: usize) -> Value {
    let secret = format!("secret-{number:05}");
    let mut variables: Vec<Value> =
        (0..10).map(|index| json!({"name": format!("V{index}"), "value": "twenty characters of it"})).collect();
    variables.push(json!({"name": "P", "valueFrom": {"secretKeyRef": {"name": secret, "key": "value"}}}));
    json!({"volumes": [{"name": "v", "secret": {"secretName": secret}}],
        "containers": [{"name": "app", "image": "registry.example.com/app:1.2.3", "env": variables,
            "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
            "livenessProbe": {"httpGet": {"path": "/", "port": 80}}}]})
}

fn spread_name(number: usize) -> String {
    format!("spread-{number:04}")
}

fn path(namespace: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/secrets")
}

fn release_binary() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let path = target.join("release").join("kubectl-secretsafe");
    assert!(path.is_file(), "{} is missing: type `make bench`, which builds it", path.display());
    path
}
