//! Every request of every command that writes or compares, and everything that can go wrong with it: no
//! false success, no half-written keys, the exit codes that are documented. The values on the server are
//! looked at after each.

use serde_json::json;

use crate::change::text;
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;

struct Case {
    args: &'static [&'static str],
    /// What the keys are when it is done.
    done: &'static [(&'static str, Option<&'static str>)],
    /// The exit code of success.
    code: i32,
}

const OLD: &[(&str, Option<&str>)] = &[("a", Some("old-a")), ("b", Some("old-b")), ("c", None)];

const CASES: &[Case] = &[
    Case {
        args: &["rotate", "db", "a=stdin", "--yes"],
        done: &[("a", Some("new")), ("b", Some("old-b")), ("c", None)],
        code: 0,
    },
    Case {
        args: &["set", "db", "c=stdin", "--yes"],
        done: &[("a", Some("old-a")), ("b", Some("old-b")), ("c", Some("new"))],
        code: 0,
    },
    Case { args: &["unset", "db", "a", "--yes"], done: &[("a", None), ("b", Some("old-b")), ("c", None)], code: 0 },
    Case {
        args: &["rename-key", "db", "a", "c", "--yes"],
        done: &[("a", None), ("b", Some("old-b")), ("c", Some("old-a"))],
        code: 0,
    },
    Case {
        args: &["create", "generic", "db", "c=stdin", "--apply"],
        done: &[("a", Some("old-a")), ("b", Some("old-b")), ("c", Some("new"))],
        code: 0,
    },
    Case {
        args: &["rotate", "db", "a=stdin", "--yes", "--write-only"],
        done: &[("a", Some("new")), ("b", Some("old-b")), ("c", None)],
        code: 0,
    },
    Case { args: &["diff", "db", "a=stdin"], done: OLD, code: 1 },
    Case { args: &["diff", "db", "--with", "db"], done: OLD, code: 0 },
];

fn faults() -> Vec<(&'static str, Fault)> {
    let status = |code, reason| Fault::Status { code, reason, quote: "quoted".into(), retry_after: None };
    vec![
        ("cut before", Fault::CutBefore),
        ("cut after", Fault::CutAfter),
        ("half body", Fault::HalfBody),
        ("garbage", Fault::Garbage(b"<html>not json</html>".to_vec())),
        ("wrong type", Fault::WrongContentType),
        ("401", status(401, "Unauthorized")),
        ("403", status(403, "Forbidden")),
        ("404", status(404, "NotFound")),
        ("409", status(409, "Conflict")),
        ("410", status(410, "Gone")),
        ("422", status(422, "Invalid")),
        ("429", status(429, "TooManyRequests")),
        ("500", status(500, "InternalError")),
        ("503", status(503, "ServiceUnavailable")),
    ]
}

/// More requests than any of these commands makes.
const MOST_REQUESTS: usize = 5;

fn check(case: &Case) {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    for (what, fault) in faults() {
        for index in 0..MOST_REQUESTS {
            plane.kubectl(&["delete", "secret", "db", "-n", &namespace, "--ignore-not-found"]).success();
            plane.create(&path, &json!({"metadata": {"name": "db"}, "stringData": {"a": "old-a", "b": "old-b"}}));
            let proxy = Proxy::start(plane, vec![Rule::nth(index, fault.clone())]);
            let output = Secretsafe::new()
                .args(case.args)
                .args(["-n", &namespace])
                .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
                .stdin("new")
                .run();
            let where_it_was = format!("{:?}, request {index}: {what}: {}", case.args, output.err());
            let is = |expected: &[(&str, Option<&str>)]| {
                expected.iter().all(|(key, value)| text(plane, &namespace, key).as_deref() == *value)
            };
            let code = output.code.unwrap_or(-1);
            match code {
                5 => assert!(is(OLD), "exit 5, but something changed: {where_it_was}"),
                6 => assert!(is(OLD) || is(case.done), "half-written: {where_it_was}"),
                _ => assert!(code == case.code && is(case.done), "exit {code}: {where_it_was}"),
            }
            if code != case.code {
                assert!(output.out().is_empty(), "nothing is called done: {where_it_was}");
            }
            if proxy.requests().len() <= index {
                break; // the command makes no more requests
            }
        }
    }
}

#[test]
fn rotate() {
    check(&CASES[0]);
}

#[test]
fn set() {
    check(&CASES[1]);
}

#[test]
fn unset() {
    check(&CASES[2]);
}

#[test]
fn rename_key() {
    check(&CASES[3]);
}

#[test]
fn create_apply() {
    check(&CASES[4]);
}

#[test]
fn rotate_write_only() {
    check(&CASES[5]);
}

#[test]
fn diff() {
    check(&CASES[6]);
}

#[test]
fn diff_with() {
    check(&CASES[7]);
}

/// A write is never sent twice for the same precondition, whatever happens to its answer.
#[test]
fn a_lost_answer_is_recognised_by_its_mark() {
    let plane = ControlPlane::shared();
    let namespace = crate::change::planted(plane);
    let proxy = Proxy::start(plane, vec![Rule::first(1, Fault::CutAfter).method("PATCH")]);
    let output = Secretsafe::new()
        .args(["rotate", "db", "a=stdin", "--yes", "-n", &namespace])
        .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
        .stdin("new")
        .run()
        .success();
    assert_eq!(output.out(), "secret/db rotated\n");
    let patches = proxy.requests().iter().filter(|seen| seen.request.method == "PATCH").count();
    assert_eq!(patches, 1);
    // Stored, the answer lost, and nobody can look.
    let rules = vec![
        Rule::first(1, Fault::CutAfter).method("PATCH"),
        Rule::nth(1, Fault::CutBefore).method("GET"),
        Rule::nth(2, Fault::CutBefore).method("GET"),
        Rule::nth(3, Fault::CutBefore).method("GET"),
        Rule::nth(4, Fault::CutBefore).method("GET"),
    ];
    let proxy = Proxy::start(plane, rules);
    let open = Secretsafe::new()
        .args(["rotate", "db", "a=stdin", "--yes", "-n", &namespace])
        .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
        .stdin("newer")
        .run()
        .expect_code(6);
    assert!(open.err().contains("it is not known whether"), "{}", open.err());
}
