//! The parts of a control plane that make workloads run: kube-controller-manager, kube-scheduler, and kwok, whose nodes
//! exist in the API only and whose Pods become ready at once.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::json;
use tempfile::TempDir;

use super::binaries;
use super::controlplane::ControlPlane;
use super::daemon::{Daemon, Feed};
use super::http::Request;
use super::temp_folder;

/// What the tests need of the controller manager; each controller costs watches and time.
const CONTROLLERS: &str = "deployment-controller,replicaset-controller,statefulset-controller,daemonset-controller,\
                           serviceaccount-controller";

/// A control plane in which workloads run.
pub(crate) struct Controllers {
    /// The control plane.
    pub(crate) plane: ControlPlane,
    daemons: Vec<Daemon>,
    _folder: TempDir,
}

static SHARED: OnceLock<Controllers> = OnceLock::new();

impl Controllers {
    /// Returns the one of this test binary, with the node `node-0`.
    pub(crate) fn shared() -> &'static Self {
        SHARED.get_or_init(Self::start)
    }

    /// Starts one of its own, for tests that change cluster-wide things.
    pub(crate) fn start() -> Self {
        let plane = ControlPlane::start();
        let folder = temp_folder("controllers");
        let config = plane.admin_kubeconfig();
        let daemons =
            vec![manager(config, folder.path()), scheduler(config, folder.path()), kwok(config, folder.path())];
        let controllers = Self { plane, daemons, _folder: folder };
        controllers.node("node-0");
        controllers
    }

    /// Returns the last words of each part, for a test that waited in vain.
    pub(crate) fn last_words(&self) -> String {
        self.daemons.iter().map(Daemon::last_words).collect::<Vec<_>>().join("\n")
    }

    /// Adds a node, with a label of its own name.
    pub(crate) fn node(&self, name: &str) {
        let room = json!({"cpu": "64", "memory": "64Gi", "pods": "1000"});
        let node = json!({"metadata": {"name": name, "labels": {"node": name}},
            "status": {"allocatable": room, "capacity": room}});
        self.plane.create("/api/v1/nodes", &node);
        // The API server takes a new node for one that is not ready; who would look again is not started.
        let ready = Request::new("PATCH", &format!("/api/v1/nodes/{name}"))
            .body("application/merge-patch+json", br#"{"spec": {"taints": null}}"#);
        let answer = self.plane.request(self.plane.admin_token(), ready);
        assert_eq!(answer.code, 200, "the taint of node {name} stays");
    }
}

fn manager(kubeconfig: &Path, folder: &Path) -> Daemon {
    let mut command = Command::new(binaries::path("kube-controller-manager"));
    command.env_clear().arg(format!("--kubeconfig={}", kubeconfig.display()));
    command.args(["--leader-elect=false", "--secure-port=0"]).arg(format!("--controllers={CONTROLLERS}"));
    Daemon::start("kube-controller-manager", command, Feed::Nothing, folder)
}

fn scheduler(kubeconfig: &Path, folder: &Path) -> Daemon {
    let mut command = Command::new(binaries::path("kube-scheduler"));
    command.env_clear().arg(format!("--kubeconfig={}", kubeconfig.display()));
    command.args(["--leader-elect=false", "--secure-port=0"]);
    Daemon::start("kube-scheduler", command, Feed::Nothing, folder)
}

fn kwok(kubeconfig: &Path, folder: &Path) -> Daemon {
    let mut command = Command::new(binaries::path("kwok"));
    command.env_clear().env("HOME", folder).arg(format!("--kubeconfig={}", kubeconfig.display()));
    command.arg("--manage-all-nodes=true").arg(format!("--config={}", binaries::path("kwok.yaml").display()));
    Daemon::start("kwok", command, Feed::Nothing, folder)
}
