//! Every command that reads values or changes something leaves a line, with what it did: a new one that is in neither
//! list here fails.

use serde_json::json;

use super::{Machine, told};
use crate::clip::{Held, clip};
use crate::due;
use crate::schedule::image;
use crate::seal::{CERTIFICATE, FINGERPRINT};
use crate::support::canary::{Canary, assert_absent};
use crate::support::controlplane::ControlPlane;
use crate::support::desktop::{Desktop, X11};
use crate::support::keychain::Keyring;
use crate::support::terminal::Terminal;
use crate::support::{mcp, random_hex, temp_folder};

/// Commands that leave none; `ends.rs` runs them.
const NONE: &[&str] = &[
    "list",
    "export",
    "history",
    "usage",
    "access",
    "scan",
    "policy show",
    "schedule show",
    "completion",
    "keychain list",
    "log",
    "mcp",
];

/// The commands below, and the lines of each.
struct Table {
    machine: Machine,
    namespace: String,
    seen: usize,
    covered: Vec<String>,
}

impl Table {
    /// Runs a command, and compares what it has added to the log.
    fn row(&mut self, args: &[&str], stdin: &str, expected: &[&str]) {
        let words = [&["-n", &self.namespace], args].concat();
        let run = self.machine.run(&words).stdin(stdin).run();
        assert!(run.code.is_some_and(|code| code < 2), "{args:?}: {}{}", run.out(), run.err());
        self.added(args, expected);
    }

    fn added(&mut self, args: &[&str], expected: &[&str]) {
        let told = told(&self.machine.entries());
        assert_eq!(told[self.seen..], *expected, "{args:?}");
        self.seen = told.len();
        self.covered
            .extend(expected.iter().filter_map(|line| line.split_once(": ")).map(|(action, _)| action.to_owned()));
    }
}

fn leaves(command: &clap::Command, path: &str, all: &mut Vec<String>) {
    for sub in command.get_subcommands() {
        let path = format!("{path}{}", sub.get_name());
        if !sub.has_subcommands() || sub.is_args_conflicts_with_subcommands_set() {
            all.push(path.clone());
        }
        leaves(sub, &format!("{path} "), all);
    }
}

#[test]
fn every_command_that_reads_values_or_changes_something_leaves_a_line() {
    let plane = ControlPlane::shared();
    let (namespace, other) = (plane.namespace(), plane.namespace());
    let (keyring, desktop) = (Keyring::secret_service(), X11::start());
    let canary = Canary::random();
    let machine = Machine::new().with([keyring.env(), desktop.env()].concat());
    let mut table = Table { machine, namespace: namespace.clone(), seen: 0, covered: Vec::new() };
    let value = canary.text();

    table.row(&["create", "generic", "db", "a=stdin", "b=generate"], value, &["create generic: Secret db [a,b] done"]);
    let tls = ["create", "tls", "web", "--self-signed", "--host", "db.example.com"];
    table.row(&tls, "", &["create tls: Secret web [tls.crt,tls.key] done"]);
    let pull = ["create", "docker-registry", "pull", "--docker-server", "ghcr.io", "--docker-username", "ci"];
    let line = "create docker-registry: Secret pull [.dockerconfigjson] done";
    table.row(&[&pull[..], &["--docker-password", "stdin"]].concat(), value, &[line]);
    let hub = ["create", "basic-auth", "hub", "--username", "app", "--password", "stdin"];
    table.row(&hub, value, &["create basic-auth: Secret hub [username,password] done"]);
    let ssh = ["create", "ssh-auth", "deploy", "--key=generate:ssh-ed25519"];
    table.row(&ssh, "", &["create ssh-auth: Secret deploy [ssh-privatekey] done"]);
    let rotate = ["rotate", "db", "a=generate", "--yes", "--history", "2"];
    let version = "rotate: Secret db.secretsafe-v1 [a] done";
    table.row(&rotate, "", &["rotate: Secret db [a] done", version]);
    table.row(
        &["rollback", "db", "--yes"],
        "",
        &[
            "rollback: Secret db [a] done",
            "rollback: Secret db.secretsafe-v1 [a] done",
            "rollback: Secret db.secretsafe-v2 [a] done",
        ],
    );
    table.row(&["set", "db", "c=stdin", "--yes"], value, &["set: Secret db [c] done"]);
    let lines = format!("{value}=not-a-real-one\n");
    table.row(&["create", "generic", "piped", "--env-stdin"], &lines, &["create generic: Secret piped [] done"]);
    table.row(&["rename-key", "db", "c", "d", "--yes"], "", &["rename-key: Secret db [c,d] done"]);
    table.row(&["unset", "db", "d", "--yes"], "", &["unset: Secret db [d] done"]);
    table.row(&["diff", "db", "a=stdin"], value, &["diff: Secret db [a] done"]);
    table.row(
        &["diff", "db", "--with", "hub"],
        "",
        &["diff: Secret db [a,b] done 1", "diff: Secret hub [password,username] done 1"],
    );
    let document = crate::apply::document("wanted", "  k: {from: generate}\n");
    table.row(&["apply", "-f", "-", "--yes"], &document, &["apply: Secret wanted [k] done"]);
    let manifest = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "applied", "namespace": namespace,
        "labels": {"app": "audited"}}, "stringData": {"k": value}});
    plane.kubectl_with(&["apply", "-f", "-"], manifest.to_string().as_bytes()).success();
    let audited = ["audit", "-l", "app=audited"];
    table.row(&[&audited[..], &["--fail-on", "never"]].concat(), "", &[]);
    table.row(&[&audited[..], &["--fail-on", "never", "--deep"]].concat(), "", &["audit: Secret applied [k] done"]);
    table.row(&[&audited[..], &["--fix", "last-applied", "--yes"]].concat(), "", &["audit: Secret applied [] done"]);
    table.row(&["view", "db", "hub"], "", &["view: Secret db [a,b] done", "view: Secret hub [password,username] done"]);
    table.row(
        &["exec", "db", "a", "hub/password", "--", "true"],
        "",
        &["exec: Secret db [a] done", "exec: Secret hub [password] done"],
    );
    let held = Held::start(
        clip(&desktop, &namespace, &["db", "a", "--for", "1s"]).env("XDG_STATE_HOME", table.machine.state.path()),
    );
    held.end();
    table.added(&["clip"], &["clip: Secret db [a] done"]);
    table.row(
        &["copy", "db", "--to", &other, "--keys", "a", "--yes"],
        "",
        &["copy: Secret db [a] done", "copy: Secret db [a] done"],
    );
    let known = ["--cert", CERTIFICATE, "--cert-fingerprint", FINGERPRINT];
    table.row(&[&["seal", "db", "a"][..], &known].concat(), "", &["seal: Secret db [a] done"]);
    let policy = ["policy", "set", "db", "a", "--every", "90d", "--source", "generate", "--yes"];
    table.row(&policy, "", &["policy set: Secret db [a] done"]);
    table.row(&["policy", "clear", "db", "a", "--yes"], "", &["policy clear: Secret db [a] done"]);
    due::plant(plane, &namespace, "old", 48, &due::policy("1d", "generate"));
    table.row(&["rotate", "--due", "--yes"], "", &["rotate: Secret old [k] done"]);
    table.row(&["list", "--expiring", "1d", "--deep"], "", &["list: Secret web [tls.crt,tls.key] done"]);

    let image = image();
    let schedule = ["schedule", "--cron", "0 3 * * *", "--image", &image, "--yes"];
    table.machine.run(&[&schedule[..], &["-n", &namespace]].concat()).run().success();
    table.machine.run(&["schedule", "remove", "--yes", "-n", &namespace]).run().success();
    let told_now = told(&table.machine.entries());
    for kind in ["ServiceAccount", "Role", "RoleBinding", "ValidatingAdmissionPolicy", "CronJob"] {
        for action in ["schedule", "schedule remove"] {
            let line = format!("{action}: {kind} ");
            assert!(
                told_now.iter().any(|told| told.starts_with(&line) && told.ends_with(" done")),
                "{line}{told_now:#?}"
            );
        }
    }
    table.seen = told_now.len();
    table.covered.extend(["schedule", "schedule remove"].map(str::to_owned));

    let entry = "KeychainEntry";
    table.row(&["keychain", "set", "team/a", "--stdin"], value, &[&format!("keychain set: {entry} team/a [] done")]);
    let renamed = ["team/b", "team/a"].map(|name| format!("keychain rename: {entry} {name} [] done"));
    table.row(&["keychain", "rename", "team/a", "team/b", "--foreign"], "", &[&renamed[0], &renamed[1]]);
    let deleted = format!("keychain delete: {entry} team/b [] done");
    table.row(&["keychain", "delete", "team/b", "--foreign", "--yes"], "", &[&deleted]);
    let folder = temp_folder("import");
    let file = folder.path().join("import.env");
    std::fs::write(&file, format!("A={value}\nB={value}\n")).unwrap();
    let imported = ["team/A", "team/B"].map(|name| format!("keychain import: {entry} {name} [] done"));
    let import = ["keychain", "import", file.to_str().unwrap(), "--service", "team", "--yes"];
    table.row(&import, "", &[&imported[0], &imported[1]]);
    rebind(&mut table);

    // A call of an assistant is a run of its own.
    let state = table.machine.state.path().to_str().unwrap().to_owned();
    let config = plane.admin_kubeconfig().to_str().unwrap();
    let env = [("KUBECONFIG", config), ("XDG_STATE_HOME", state.as_str())];
    let call = ("view_secret", json!({"name": "db", "facts": true}));
    mcp::session(&["mcp", "-n", &namespace, "--reason", "asked by a person"], &env, &[call]);
    table.added(&["mcp"], &["view: Secret db [a,b] done"]);
    assert_eq!(table.machine.entries().last().unwrap()["reason"], "asked by a person");

    let mut all = Vec::new();
    leaves(&kubectl_secretsafe::command(), "", &mut all);
    all.retain(|path| !NONE.contains(&path.as_str()));
    let missing: Vec<_> = all.iter().filter(|path| !table.covered.contains(path)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
    assert_eq!(table.machine.verify().success().err(), "");
    let text = std::fs::read(table.machine.path()).unwrap();
    assert_absent(&[canary], &text, "the log");
    assert!(!String::from_utf8(text).unwrap().contains("--"), "nothing of the command line but names");
}

/// An entry that was made for another server.
fn rebind(table: &mut Table) {
    let fingerprint = table.machine.entries()[0]["cluster"].as_str().unwrap().to_owned();
    let namespace = table.namespace.clone();
    let key = format!("k{}", random_hex(3));
    let set = ["keychain", "set", "--for", &format!("db/{key}"), "--stdin", "-n", &namespace];
    table.machine.run(&set).stdin("not-a-real-password").run().success();
    let account = |fingerprint: &str| format!("bed@{fingerprint}/{namespace}/db/{key}");
    let added = format!("keychain set: KeychainEntry secretsafe/{} [] done", account(&fingerprint));
    table.added(&["keychain", "set"], &[&added]);
    let second = ControlPlane::start();
    let run = |plane: &ControlPlane, args: &[&str]| {
        table.machine.run(args).args(["-n", &namespace]).kubeconfig(plane.admin_kubeconfig())
    };
    let rebind = run(&second, &["keychain", "rebind", "--for", &format!("db/{key}")]);
    let mut session = Terminal::spawn(&rebind.command());
    session.expect("Type");
    session.send("bed\r");
    session.wait();
    let told = told(&table.machine.entries());
    let lines: Vec<_> =
        told[table.seen..].iter().filter(|line| line.starts_with("keychain rebind: KeychainEntry")).collect();
    assert_eq!(lines.len(), 2, "{told:#?}");
    table.seen = told.len();
    table.covered.push("keychain rebind".to_owned());
}
