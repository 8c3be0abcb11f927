//! How things end: refused, declined, failed, interrupted, killed; and what is no attempt and leaves nothing.

use serde_json::json;

use super::{Machine, told};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;
use crate::support::terminal::Terminal;

fn planted() -> (&'static ControlPlane, String) {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let object = json!({"metadata": {"name": "db"}, "stringData": {"a": "not-a-real-password", "b": "not-a-real-one"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    (plane, namespace)
}

#[test]
fn every_end_has_its_word() {
    let (plane, namespace) = planted();
    let machine = Machine::new();
    let on = |args: &[&str]| machine.run(&[&["-n", &namespace], args].concat());
    on(&["rotate", "db", "a=generate"]).run().expect_code(3);
    let rotate = on(&["rotate", "db", "a=generate"]);
    let mut session = Terminal::spawn(&rotate.command());
    session.expect("Go on?");
    session.send("n");
    assert_eq!(session.wait().code(), Some(3));
    on(&["view", "absent"]).run().expect_code(5);
    on(&["rotate", "db", "absent=generate", "--yes"]).run().expect_code(2);
    on(&["set", "db", "a=env:NOT_THERE", "--yes"]).run().expect_code(4);
    on(&["exec", "db", "a", "--", "sh", "-c", "exit 7"]).run().expect_code(7);
    on(&["diff", "db", "a=stdin"]).stdin("another").run().expect_code(1);
    on(&["view", "db", "absent"]).run().expect_code(5);
    // A prompt that is left with ctrl-C: what was begun is interrupted.
    let set = on(&["set", "db", "c", "--yes"]);
    let mut session = Terminal::spawn(&set.command());
    session.expect("hidden");
    session.signal(libc::SIGTERM);
    session.wait();
    // Killed: it has no end.
    let killed = on(&["rotate", "db", "a=generate", "--yes"]);
    assert_eq!(killed.env("SECRETSAFE_FAULT", "before-patch").env("SECRETSAFE_FAULT_KILLS", "1").run().signal, Some(9));
    // The answer is lost, and nobody can look.
    let unseen = (1..9).map(|index| Rule::nth(index, Fault::CutBefore).method("GET").path("/secrets/db"));
    let rules = std::iter::once(Rule::always(Fault::CutAfter).method("PATCH")).chain(unseen).collect();
    let proxy = Proxy::start(plane, rules);
    on(&["rotate", "db", "b=generate", "--yes"])
        .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
        .run()
        .expect_code(6);
    let expected = [
        "rotate: Secret db [a] refused 3",
        "rotate: Secret db [a] declined 3",
        "view: Secret absent [] failed 5",
        "rotate: Secret db [] failed 2",
        "set: Secret db [] failed 4",
        "exec: Secret db [a] done 7",
        "diff: Secret db [a] done 1",
        "view: Secret db [a,b] done",
        "view: Secret absent [] failed 5",
        "set: Secret db [] interrupted 143",
        "rotate: Secret db [a] begun",
        "rotate: Secret db [b] unfinished 6",
    ];
    assert_eq!(told(&machine.entries()), expected);
    machine.verify().success();
    // What is no key of the Secret may be a value in the wrong place.
    let text = machine.lines().join("\n");
    assert!(!text.contains("\"absent\"]") && !text.contains("\"c\"]"), "{text}");
}

#[test]
fn what_reads_no_value_and_changes_nothing_leaves_nothing() {
    let (_, namespace) = planted();
    let machine = Machine::new();
    for args in [
        &["list"][..],
        &["history", "db"],
        &["export", "db"],
        &["scan", "tests/seal"],
        &["usage", "db"],
        &["access", "db"],
        &["policy", "show"],
        &["schedule", "show"],
        &["view", "db", "--metadata-only"],
        &["rotate", "db", "a=generate", "--dry-run=client"],
        &["create", "generic", "new", "a=generate", "--dry-run=client"],
        &["completion", "bash"],
        &["__complete", "view", ""],
        &["log"],
        &["log", "--verify"],
    ] {
        machine.run(args).args(["-n", &namespace]).run().success();
    }
    for args in [&["view", "absent", "--metadata-only"][..], &["rotate", "absent", "a=generate", "--dry-run=client"]] {
        machine.run(args).args(["-n", &namespace]).run().expect_code(5);
    }
    machine.run(&["rotate", "--no-such-flag"]).run().expect_code(2);
    assert!(!machine.path().parent().unwrap().exists(), "{:?}", machine.lines());
}

#[test]
fn a_dry_run_of_the_server_is_noted_as_one() {
    let (_, namespace) = planted();
    let machine = Machine::new();
    machine.run(&["rotate", "db", "a=generate", "--dry-run=server", "-n", &namespace]).run().success();
    assert_eq!(told(&machine.entries()), ["rotate: Secret db [a] done dry"]);
}

#[test]
fn it_can_be_switched_off_or_required_by_flag_and_by_config() {
    let (_, namespace) = planted();
    let machine = Machine::new();
    let view = || machine.run(&["view", "db", "-n", &namespace]);
    view().args(["--no-log"]).run().success();
    view().config("log: off\n").run().success();
    assert!(machine.lines().is_empty());
    view().config("log: off\n").args(["--require-log"]).run().success();
    assert_eq!(machine.lines().len(), 3);
    // The state is a folder: nothing can be noted, and nothing is asked of the server.
    std::fs::remove_file(machine.state_path()).unwrap();
    std::fs::create_dir(machine.state_path()).unwrap();
    let output = view().config("log: required\n").run().expect_code(3);
    assert!(output.err().contains("nothing is done without a line in the local log"), "{}", output.err());
    view().config("log: required\n").args(["--no-log"]).run().success();
}

#[test]
fn where_the_log_is_required_nobody_is_asked_for_a_value_in_vain() {
    let (plane, namespace) = planted();
    let machine = Machine::new();
    std::fs::write(machine.state.path().join("secretsafe"), "no folder").unwrap();
    // Neither the pipe nor the Secret is read.
    let set = ["set", "db", "a=stdin", "--yes", "--require-log", "-n", &namespace];
    machine.run(&set).stdin("not-a-real-new-one").run().expect_code(3);
    machine.run(&["exec", "db", "a", "--require-log", "-n", &namespace, "--", "true"]).run().expect_code(3);
    let secret = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json();
    assert_eq!(secret["data"]["a"], "bm90LWEtcmVhbC1wYXNzd29yZA==");
    let values = plane.secret_events(&namespace).into_iter().filter(|event| {
        let ours = event["userAgent"].as_str().is_some_and(|agent| agent.starts_with("kubectl-secretsafe/"));
        ours && event["verb"] != "get"
    });
    assert_eq!(values.count(), 0);
}

#[test]
fn it_tells_who_where_and_why() {
    let (_, namespace) = planted();
    let machine = Machine::new();
    let view = ["view", "db", "-n", &namespace, "--reason", "ticket OPS-123 \u{202e}evil"];
    machine.run(&view).env("LOGNAME", "alice").run().success();
    machine.run(&["rotate", "db", "a=generate", "--yes", "-n", &namespace]).run().success();
    let entries = machine.entries();
    let (first, second) = (&entries[0], &entries[1]);
    assert_eq!(first["osUser"], "alice");
    assert_eq!((first["login"].as_str(), first["user"].as_str()), (Some("tester"), None));
    assert!(second["user"].is_string(), "the record needed the name, so it is known: {second}");
    assert_eq!((first["context"].as_str(), first["namespace"].as_str()), (Some("bed"), Some(namespace.as_str())));
    assert_eq!(first["cluster"].as_str().map(str::len), Some(16));
    assert_eq!(first["access"], "read");
    let table = machine.run(&["log", "-n", &namespace]).run().success().out();
    assert!(table.contains("ticket OPS-123") && !table.contains('\u{202e}'), "{table}");
    // Filters.
    let count =
        |args: &[&str]| machine.run(&[&["log", "-o", "name"], args].concat()).run().success().out().lines().count();
    assert_eq!(count(&[]), 2);
    assert_eq!((count(&["db"]), count(&["other"]), count(&["-n", "elsewhere"])), (2, 0, 0));
    assert_eq!(
        (count(&["--tail", "1"]), count(&["--since", "1h"]), count(&["--since", "2100-01-01T00:00:00Z"])),
        (1, 2, 0)
    );
}

#[test]
fn history_has_the_log_of_this_cluster_as_a_claim() {
    let (_, namespace) = planted();
    let machine = Machine::new();
    machine.run(&["rotate", "db", "a=generate", "--yes", "-n", &namespace]).run().success();
    machine.run(&["view", "db", "-n", &namespace]).run().success();
    let history = |args: &[&str]| {
        let output = machine.run(&[&["history", "db", "-n", &namespace, "-o", "json"], args].concat()).run().success();
        let report: serde_json::Value = serde_json::from_str(&output.out()).unwrap();
        let items = report["items"].as_array().unwrap().clone();
        let ours = items.into_iter().filter(|item| item["basis"] == "log" && item["claim"] == true);
        ours.map(|item| item["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(history(&[]), ["view", "rotate"]);
    assert_eq!(history(&["b"]), ["view"]);
    // The same names in another cluster are other Secrets.
    let text = std::fs::read_to_string(machine.path()).unwrap();
    let entries = machine.entries();
    let fingerprint = entries[0]["cluster"].as_str().unwrap();
    std::fs::write(machine.path(), text.replace(fingerprint, "0123456789abcdef")).unwrap();
    assert!(history(&[]).is_empty());
}
