//! The local log: what is noted, that it is noted whatever becomes of the run, and that changes of it are found.

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::kubeconfig::{Kubeconfig, Login};
use crate::support::temp_folder;

mod chain;
mod commands;
mod disk;
mod ends;
mod states;

pub(crate) use states::in_all_states;

/// A machine with a log, and a kubeconfig.
pub(crate) struct Machine {
    pub(crate) state: TempDir,
    kubeconfig: PathBuf,
    /// Variables of all runs, such as those of a keychain.
    pub(super) env: Vec<(String, String)>,
}

impl Machine {
    /// One whose kubeconfig leads to the shared control plane.
    pub(super) fn new() -> Self {
        let kubeconfig = ControlPlane::shared().admin_kubeconfig().to_owned();
        Self { state: temp_folder("state"), kubeconfig, env: Vec::new() }
    }

    /// One whose kubeconfig leads nowhere: each `view` begins and fails, which makes two lines.
    pub(super) fn alone() -> Self {
        let state = temp_folder("state");
        let kubeconfig = Kubeconfig::new("https://127.0.0.1:1", "", Login::Nothing).write_into(state.path());
        Self { state, kubeconfig, env: Vec::new() }
    }

    pub(super) fn with(self, env: Vec<(String, String)>) -> Self {
        Self { env, ..self }
    }

    pub(super) fn run(&self, args: &[&str]) -> Secretsafe {
        Secretsafe::new()
            .args(args)
            .kubeconfig(&self.kubeconfig)
            .envs(self.env.clone())
            .env("XDG_STATE_HOME", self.state.path())
    }

    /// Makes two lines, where nothing is reached.
    pub(super) fn view(&self) -> Output {
        self.run(&["view", "db"]).run().expect_code(5)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.state.path().join("secretsafe/log.jsonl")
    }

    pub(super) fn state_path(&self) -> PathBuf {
        self.state.path().join("secretsafe/log.state")
    }

    pub(super) fn lines(&self) -> Vec<String> {
        std::fs::read_to_string(self.path()).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// What the log says, without what is different in each run.
    pub(super) fn entries(&self) -> Vec<Value> {
        let list: Value = serde_json::from_str(&self.run(&["log", "-o", "json"]).run().success().out()).unwrap();
        list["items"].as_array().unwrap().clone()
    }

    pub(super) fn verify(&self) -> Output {
        self.run(&["log", "--verify"]).run()
    }
}

/// One line for each entry: the command, the object, its keys, and how it ended.
pub(super) fn told(entries: &[Value]) -> Vec<String> {
    let line = |entry: &Value| {
        let text = |field: &str| entry[field].as_str().unwrap_or("-").to_owned();
        let keys: Vec<&str> = entry["keys"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let code = entry["exit"].as_u64().filter(|code| *code > 0).map(|code| format!(" {code}")).unwrap_or_default();
        let dry = if entry["dryRun"] == true { " dry" } else { "" };
        format!(
            "{}: {} {} [{}] {}{code}{dry}",
            text("action"),
            text("kind"),
            text("name"),
            keys.join(","),
            text("result")
        )
    };
    entries.iter().map(line).collect()
}
