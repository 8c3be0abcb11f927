//! `rotate --due`: what is due by the server's clock, what is requested, and what an interruption or a failure leaves.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::wait_for;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;
use crate::support::terminal::Terminal;

const LIMIT: Duration = Duration::from_secs(60);

/// When it was so many hours ago.
fn ago(hours: i64) -> Timestamp {
    let time = Timestamp::now() - SignedDuration::from_hours(hours);
    Timestamp::from_second(time.as_second()).unwrap()
}

/// The policy of one key.
pub(crate) fn policy(every: &str, source: &str) -> Value {
    json!({"v": 1, "keys": {"k": {"every": every, "source": source}}, "history": 0})
}

/// Makes a Secret with the key `k`, which our record says is so many hours old, and a policy.
pub(crate) fn plant(plane: &ControlPlane, namespace: &str, name: &str, hours: i64, policy: &Value) {
    let record = json!({"v": 1, "at": ago(hours), "from": "prompt", "n": 1, "op": "planted"});
    let object = json!({"metadata": {"name": name, "labels": {"secretsafe.dev/policy": "true", "app": name},
            "annotations": {"secretsafe.dev/policy": policy.to_string(), "key.secretsafe.dev/k": record.to_string()}},
        "stringData": {"k": "not-a-real-password", "other": "not-a-real-other"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets?fieldManager=kubectl-secretsafe"), &object);
}

/// How often each of the keys `k` was written.
fn written(plane: &ControlPlane, namespaces: &[String]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for namespace in namespaces {
        for item in plane.get(&format!("/api/v1/namespaces/{namespace}/secrets")).json()["items"].as_array().unwrap() {
            let record: Value =
                serde_json::from_str(item["metadata"]["annotations"]["key.secretsafe.dev/k"].as_str().unwrap())
                    .unwrap();
            counts.insert(
                format!("{namespace}/{}", item["metadata"]["name"].as_str().unwrap()),
                record["n"].as_u64().unwrap(),
            );
        }
    }
    counts
}

pub(crate) fn due(plane: &ControlPlane, args: &[&str]) -> Secretsafe {
    Secretsafe::new().args(["rotate", "--due"]).args(args).kubeconfig(plane.admin_kubeconfig())
}

pub(crate) fn report(output: &Output) -> Value {
    serde_json::from_str(&output.out()).unwrap()
}

/// Names and results of the items.
pub(crate) fn results(report: &Value) -> Vec<(String, String)> {
    let items = report["items"].as_array().unwrap().iter();
    let mut results: Vec<_> =
        items.map(|item| (item["name"].as_str().unwrap().into(), item["result"].as_str().unwrap().into())).collect();
    results.sort();
    results
}

pub(crate) fn named(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, result)| ((*name).to_owned(), (*result).to_owned())).collect()
}

#[test]
fn what_is_due_is_rotated_and_nothing_else() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "old", 24 * 100, &policy("90d", "generate:length=40"));
    plant(plane, &namespace, "young", 24 * 10, &policy("90d", "generate:length=40"));
    plant(plane, &namespace, "future", -24, &policy("1h", "generate:length=40"));
    plant(plane, &namespace, "broken", 24 * 100, &json!({"v": 9}));
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    // Somebody else's: all that is known is that it is some seconds old.
    let other = json!({"metadata": {"name": "other", "labels": {"secretsafe.dev/policy": "true"},
        "annotations": {"secretsafe.dev/policy": policy("1h", "generate").to_string()}}, "stringData": {"k": "x"}});
    plane.create(&path, &other);
    // And one without the label.
    plane.create(&path, &json!({"metadata": {"name": "unlabelled"}, "stringData": {"k": "x"}}));
    let data = |name: &str| plane.get(&format!("{path}/{name}")).json()["data"].clone();
    let names = ["old", "young", "future", "broken", "other", "unlabelled"];
    let before: Vec<Value> = names.iter().map(|name| data(name)).collect();

    let planned = due(plane, &["-n", &namespace, "--dry-run=client", "-o", "json"]).run().success();
    assert_eq!(results(&report(&planned)), named(&[("old", "wouldRotate")]));
    let table = due(plane, &["-n", &namespace, "--dry-run"]).run().success().out();
    assert!(table.contains("100d old, every 90d") && table.contains("generate:password (40 characters"), "{table}");
    let checked = due(plane, &["-n", &namespace, "--dry-run=server", "-o", "json"]).run().success();
    assert_eq!(results(&report(&checked)), named(&[("old", "wouldRotate")]));
    assert_eq!(names.iter().map(|name| data(name)).collect::<Vec<_>>(), before, "dry runs change nothing");

    let proxy = Proxy::start(plane, Vec::new());
    let output = due(plane, &["-n", &namespace, "--yes", "-o", "json"])
        .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
        .run()
        .success();
    let whole = report(&output);
    assert_eq!(results(&whole), named(&[("old", "rotated")]));
    let numbers =
        ["policies", "unreadable", "keysNotDue", "keysUndecided", "keysAbsent", "rotated", "failed", "notStarted"];
    assert_eq!(numbers.map(|name| whole[name].as_u64().unwrap()), [5, 1, 1, 2, 0, 1, 0, 0]);
    assert_eq!(whole["items"][0]["keys"][0]["changedAt"]["basis"], "record");
    assert!(
        output.err().contains("2 keys are undecided") && output.err().contains("1 Secret has the label"),
        "{}",
        output.err()
    );
    // One list, one question who we are, one PATCH, one Event: no look before.
    let requests: Vec<String> = proxy.requests().iter().map(|seen| seen.request.method.clone()).collect();
    assert_eq!(requests, ["GET", "POST", "PATCH", "POST"]);

    let after: Vec<Value> = names.iter().map(|name| data(name)).collect();
    assert_ne!(after[0]["k"], before[0]["k"]);
    assert_eq!(after[0]["other"], before[0]["other"], "its other key has no rule");
    assert_eq!(after[1..], before[1..]);
    // Another limit than that of the policies.
    let quiet = due(plane, &["-n", &namespace, "--yes", "-q", "--older-than", "9d", "-l", "app=young"]).run().success();
    assert_eq!((quiet.out(), quiet.err()), (String::new(), String::new()));
    let again = due(plane, &["-n", &namespace, "--yes"]).run().success();
    assert!(again.err().contains("No keys are due."), "{}", again.err());
    let output = due(plane, &["-n", &namespace, "--yes", "--older-than", "60s", "-l", "app=young", "-o", "json"])
        .run()
        .success();
    assert_eq!(results(&report(&output)), named(&[]), "it was rotated without a word");
}

/// The bound of managedFields decides when it is past the limit.
#[test]
fn a_bound_that_is_past_is_enough() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let object = json!({"metadata": {"name": "db", "labels": {"secretsafe.dev/policy": "true"},
        "annotations": {"secretsafe.dev/policy": policy("1h", "generate").to_string()}}, "stringData": {"k": "x"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    let proxy = Proxy::start(plane, vec![Rule::always(Fault::Clock(2 * 3600))]);
    let output = due(plane, &["-n", &namespace, "--yes", "-o", "json"])
        .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
        .run()
        .success();
    let whole = report(&output);
    assert_eq!(results(&whole), named(&[("db", "rotated")]));
    assert_eq!(whole["items"][0]["keys"][0]["changedAt"]["basis"], "managedFields");
}

/// The server's clock and this machine's are a day apart, either way: the server's decides, and is what is written.
#[test]
fn the_clock_of_this_machine_decides_nothing() {
    let plane = ControlPlane::shared();
    const DAY: i64 = 24 * 3600;
    // How old the key is by this machine's clock, in hours, and whether it is due after 30 by the server's.
    for (shift, hours, is_due) in
        [(0, 40, true), (0, 10, false), (DAY, 10, true), (DAY, 2, false), (-DAY, 60, true), (-DAY, 40, false)]
    {
        let namespace = plane.namespace();
        plant(plane, &namespace, "db", hours, &policy("30h", "generate"));
        let proxy = Proxy::start(plane, vec![Rule::always(Fault::Clock(shift))]);
        let output = due(plane, &["-n", &namespace, "--yes", "-o", "json"])
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .run()
            .success();
        assert_eq!(!results(&report(&output)).is_empty(), is_due, "shift {shift}, age {hours}: {}", output.out());
        if is_due {
            let stored = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json();
            let text = stored["metadata"]["annotations"]["key.secretsafe.dev/k"].as_str().unwrap().to_owned();
            let at: Timestamp = serde_json::from_str::<Value>(&text).unwrap()["at"].as_str().unwrap().parse().unwrap();
            let off = at.as_second() - Timestamp::now().as_second() - shift;
            assert!(off.abs() < 120, "the record has the server's time: {off} s off");
        }
    }
    // Without the server's time, nothing is decided.
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", 2, &policy("1h", "generate"));
    let proxy = Proxy::start(plane, vec![Rule::always(Fault::NoClock)]);
    let output = due(plane, &["-n", &namespace, "--yes"])
        .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
        .run()
        .expect_code(5);
    assert!(output.err().contains("no Date header"), "{}", output.err());
}

/// Many Secrets in some namespaces that share a label, all due.
fn many(plane: &ControlPlane, spaces: usize, each: usize) -> (Vec<String>, String) {
    let group = crate::support::random_hex(6);
    let namespaces: Vec<String> = (0..spaces).map(|_| plane.namespace()).collect();
    for namespace in &namespaces {
        for number in 0..each {
            let record = json!({"v": 1, "at": ago(48), "from": "prompt", "n": 1, "op": "planted"});
            let object = json!({"metadata": {"name": format!("db-{number}"),
                    "labels": {"secretsafe.dev/policy": "true", "group": group},
                    "annotations": {"secretsafe.dev/policy": policy("1d", "generate").to_string(),
                        "key.secretsafe.dev/k": record.to_string()}},
                "stringData": {"k": "not-a-real-password"}});
            plane.create(&format!("/api/v1/namespaces/{namespace}/secrets?fieldManager=kubectl-secretsafe"), &object);
        }
    }
    (namespaces, format!("group={group}"))
}

#[test]
fn what_an_interruption_leaves_the_next_run_does_and_nothing_twice() {
    let plane = ControlPlane::shared();
    for signal in [libc::SIGINT, libc::SIGKILL] {
        let (namespaces, selector) = many(plane, 4, 10);
        // From the 16th on, nothing gets through.
        let stuck = Rule::always(Fault::Delay(Duration::from_secs(30))).method("PATCH");
        let proxy = Proxy::start(plane, vec![Rule::first(15, Fault::Delay(Duration::ZERO)).method("PATCH"), stuck]);
        let run = due(plane, &["-A", "-l", &selector, "--yes", "--parallel", "8"])
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()));
        let mut child = run.command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let patches = || proxy.requests().iter().filter(|seen| seen.request.method == "PATCH").count();
        assert!(wait_for(LIMIT, || (patches() >= 23).then_some(())).is_some(), "it hangs with 8 at the same time");
        // SAFETY: kill takes no pointers; the process is our own child.
        unsafe { libc::kill(i32::try_from(child.id()).unwrap(), signal) };
        child.wait().unwrap();
        let half = written(plane, &namespaces);
        assert_eq!(half.values().filter(|count| **count == 2).count(), 15, "{half:?}");
        assert!(half.values().all(|count| *count <= 2));

        let second = due(plane, &["-A", "-l", &selector, "--yes", "-o", "json"]).run().success();
        assert_eq!(report(&second)["rotated"], 25);
        let all = written(plane, &namespaces);
        assert_eq!((all.len(), all.values().all(|count| *count == 2)), (40, true), "{all:?}");
    }
}

/// What the API server sees of a run over 60 Secrets: pages, who we are, and for each PATCH and Event.
#[test]
fn only_pages_patches_and_events_are_requested() {
    let plane = ControlPlane::shared();
    let (_, selector) = many(plane, 6, 10);
    let proxy = Proxy::start(plane, Vec::new());
    let output = due(plane, &["-A", "-l", &selector, "--yes", "-o", "jsonl", "--parallel", "32"])
        .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
        .run()
        .success();
    assert!(proxy.connections() < 70, "{} connections for 122 requests, 32 at a time", proxy.connections());
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for seen in proxy.requests() {
        let kind =
            seen.request.target.split('?').next().unwrap().rsplit('/').find(|part| !part.starts_with("db-")).unwrap();
        *counts.entry((seen.request.method.clone(), kind.to_owned())).or_default() += 1;
    }
    let wanted = [
        (("GET", "secrets"), 1),
        (("PATCH", "secrets"), 60),
        (("POST", "events"), 60),
        (("POST", "selfsubjectreviews"), 1),
    ];
    let wanted: BTreeMap<_, _> =
        wanted.iter().map(|((verb, kind), n)| (((*verb).to_owned(), (*kind).to_owned()), *n)).collect();
    assert_eq!(counts, wanted);
    // One line for each, and a summary.
    let lines: Vec<Value> = output.out().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 61);
    assert!(lines[..60].iter().all(|line| line["kind"] == "SecretRotation" && line["result"] == "rotated"));
    assert_eq!((&lines[60]["kind"], &lines[60]["rotated"]), (&json!("SecretRotationSummary"), &json!(60)));
}

#[test]
fn after_so_many_failures_no_more_are_begun() {
    let plane = ControlPlane::shared();
    let (namespaces, selector) = many(plane, 2, 5);
    let denied =
        Fault::Status { code: 403, reason: "Forbidden", quote: "not-a-real-password".into(), retry_after: None };
    let proxy = Proxy::start(plane, vec![Rule::always(denied).method("PATCH")]);
    let run = |more: &[&str]| {
        due(plane, &[&["-A", "-l", &selector, "--yes", "-o", "json"], more].concat())
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .run()
            .expect_code(5)
    };
    let whole = report(&run(&["--parallel", "1", "--max-failures", "3"]));
    assert_eq!((&whole["failed"], &whole["notStarted"], &whole["rotated"]), (&json!(3), &json!(7), &json!(0)));
    let all = run(&[]);
    assert_eq!(report(&all)["failed"], 10);
    assert!(all.err().contains("10 of 10 Secrets with keys that are due were not rotated"), "{}", all.err());
    assert!(written(plane, &namespaces).values().all(|count| *count == 1));
}

#[test]
fn the_worst_of_mixed_failures_is_the_exit_code() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let folder = crate::support::temp_folder("sources");
    let list = folder.path().join("allowed");
    let gone = "secret:nowhere/none/k";
    std::fs::write(&list, format!("{namespace}/source/k={gone}\n")).unwrap();
    plant(plane, &namespace, "source", 48, &policy("1d", gone));
    let run = |rules: Vec<Rule>| {
        let proxy = Proxy::start(plane, rules);
        let output = due(plane, &["-n", &namespace, "--yes", "-o", "json", "--allow-sources", list.to_str().unwrap()])
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .run();
        (output.code.unwrap(), results(&report(&output)), output.err())
    };
    let (code, failed, said) = run(Vec::new());
    assert_eq!((code, failed), (4, named(&[("source", "failed")])), "{said}");
    plant(plane, &namespace, "lost", 48, &policy("1d", "generate"));
    plant(plane, &namespace, "fine", 48, &policy("1d", "generate"));
    // Its answer is lost, and nobody can look.
    let lost = vec![
        Rule::always(Fault::CutAfter).path("/lost").method("PATCH"),
        Rule::always(Fault::CutBefore).path("/lost").method("GET"),
    ];
    let (code, mixed, said) = run(lost);
    assert_eq!((code, mixed), (6, named(&[("fine", "rotated"), ("lost", "failed"), ("source", "failed")])), "{said}");
    // It was stored all the same, so that the next run has nothing to do about it.
    let (code, rest, _) = run(Vec::new());
    assert_eq!((code, rest), (4, named(&[("source", "failed")])));
}

#[test]
fn the_plan_is_shown_and_asked_for() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", 48, &policy("1d", "generate"));
    let alone = due(plane, &["-n", &namespace]).run().expect_code(3);
    assert!(alone.err().contains("nothing was rotated") && alone.err().contains("--yes"), "{}", alone.err());
    for (answer, count) in [("n", 1), ("y", 2)] {
        let run = due(plane, &["-n", &namespace]);
        let mut session = Terminal::spawn(&run.command());
        session.expect("2d old, every 1d");
        session.expect("The old values of 1 Secret will be gone.");
        session.expect("Go on?");
        session.send(answer);
        session.wait();
        assert_eq!(written(plane, std::slice::from_ref(&namespace))[&format!("{namespace}/db")], count);
    }
    for args in [&["-A"][..], &["--older-than", "1d"], &["--max-failures", "1"], &["-l", "a=b"]] {
        let alone = Secretsafe::new().args(["rotate", "db"]).args(args).kubeconfig(plane.admin_kubeconfig());
        assert!(alone.run().expect_code(2).err().contains("is for `rotate --due`"));
    }
    for args in [&["db"][..], &["--write-only"], &["--weak-ok"], &["--parallel", "0"], &["--older-than", "x"]] {
        due(plane, args).run().expect_code(2);
    }
}

/// `list` and `patch` on Secrets, in one namespace or in all.
#[test]
fn least_privilege() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", 48, &policy("1d", "generate"));
    let user = plane.service_account(&namespace, "rotator");
    let run = |more: &[&str]| {
        let args = [&["-n", &namespace, "--yes"], more].concat();
        due(plane, &args).kubeconfig(&plane.kubeconfig_for(&user.token)).run()
    };
    assert!(run(&[]).expect_code(5).err().contains("cannot list secrets"));
    plane.grant(&user, &namespace, &[("list", "secrets")]);
    assert!(run(&[]).expect_code(5).err().contains("cannot patch secrets `db`"));
    plane.grant(&user, &namespace, &[("patch", "secrets")]);
    run(&[]).success();
    assert!(run(&["-A"]).expect_code(5).err().contains("cannot list secrets"));
}
