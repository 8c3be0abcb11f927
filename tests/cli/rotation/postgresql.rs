//! The hook of docs/hooks/postgresql, with a real PostgreSQL that logs every statement.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::exec_programs::database;
use crate::support::command::{self, Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::{Daemon, wait_for};

const LIMIT: std::time::Duration = std::time::Duration::from_secs(30);
const FIRST: &str = "not-a-real-pass:word\\1";
const SECOND: &str = "not-a-real $ucce'ssor";

struct Database {
    daemon: Daemon,
    port: String,
    namespace: String,
    _folder: tempfile::TempDir,
}

impl Database {
    /// A role `app` that is in the cluster's Secret `db` as well.
    fn new() -> Self {
        let (daemon, port, folder) = database(FIRST);
        let plane = ControlPlane::shared();
        let namespace = plane.namespace();
        let object = json!({"metadata": {"name": "db"}, "stringData": {"password": FIRST}});
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
        let database = Self { daemon, port: port.to_string(), namespace, _folder: folder };
        let ready = wait_for(LIMIT, || database.lets_in(FIRST).then_some(()));
        assert!(ready.is_some(), "{}", database.daemon.last_words());
        database
    }

    fn lets_in(&self, password: &str) -> bool {
        let mut psql = std::process::Command::new("psql");
        psql.env_clear().env("PGPASSWORD", password).env("PATH", std::env::var_os("PATH").unwrap());
        psql.args(["-h", "127.0.0.1", "-p", &self.port, "-U", "app", "-d", "postgres", "-wAtc", "select 1"]);
        command::run(psql, b"").code == Some(0)
    }

    fn rotate(&self, args: &[&str], value: &str) -> Secretsafe {
        Secretsafe::new()
            .args(["rotate", "db", "--yes", "-n", &self.namespace])
            .args(args)
            .arg_hook(&hook(), &["--host", "127.0.0.1", "--port", &self.port, "--user", "app", "--sslmode", "disable"])
            .stdin(value)
            .kubeconfig(ControlPlane::shared().admin_kubeconfig())
    }

    /// The database lets this password in and the other one not, and the Secret has it.
    fn has(&self, valid: &str, other: &str, output: &Output) {
        assert!(self.lets_in(valid) && !self.lets_in(other), "{}", output.err());
        let path = format!("/api/v1/namespaces/{}/secrets/db", self.namespace);
        let secret = ControlPlane::shared().get(&path).json();
        let stored = secret["data"]["password"].as_str().unwrap().to_owned();
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, valid);
        assert_eq!(stored, encoded, "{}", output.err());
    }
}

fn hook() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/hooks/postgresql")
}

trait WithHook {
    fn arg_hook(self, hook: &Path, args: &[&str]) -> Self;
}

impl WithHook for Secretsafe {
    fn arg_hook(self, hook: &Path, args: &[&str]) -> Self {
        self.args(["--hook"]).args([hook]).args(args)
    }
}

#[test]
fn the_password_is_changed_on_both_sides_and_is_not_in_the_servers_log() {
    let database = Database::new();
    let output = database.rotate(&["password=stdin"], SECOND).run().success();
    database.has(SECOND, FIRST, &output);
    let log = database.daemon.last_words();
    assert!(log.contains("ALTER ROLE") && log.contains("SCRAM-SHA-256$4096:"), "every statement is logged: {log}");
    assert!(!log.contains(SECOND) && !log.contains(&SECOND.replace('\'', "''")), "{log}");
    // The hook takes printable ASCII only; what it refuses is changed nowhere.
    let refused = database.rotate(&["password=stdin"], "t\u{e9}l\u{e9}phone").run().expect_code(5);
    database.has(SECOND, FIRST, &refused);
}

#[test]
fn cut_off_anywhere_it_is_brought_to_an_end() {
    let database = Database::new();
    let (mut valid, mut other) = (FIRST, SECOND);
    for point in ["after-note", "after-hook", "after-patch", "before-delete"] {
        let cut = database.rotate(&["password=stdin"], other);
        let cut = cut.env("SECRETSAFE_FAULT", point).env("SECRETSAFE_FAULT_KILLS", "1").run();
        assert_eq!(cut.signal, Some(9), "{point}: {}", cut.err());
        let output = database.rotate(&["--abort"], "").run().success();
        database.has(valid, other, &output);
        let cut = database.rotate(&["password=stdin"], other);
        cut.env("SECRETSAFE_FAULT", point).env("SECRETSAFE_FAULT_KILLS", "1").run();
        let output = database.rotate(&["--resume"], "").run().success();
        database.has(other, valid, &output);
        std::mem::swap(&mut valid, &mut other);
    }
}
