//! What takes over a second says so: on a terminal only, and it is gone at the end.

use std::time::Duration;

use serde_json::json;

use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;
use crate::support::terminal::{Session, Streams, Terminal};

/// Goes to the start of the line and erases it.
const ERASE: &str = "\r\u{1b}[2K";
const WAITING: &str = "waiting for the API server …";

/// A server that takes its time, and a Secret on it.
fn slow() -> (Proxy, Secretsafe) {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &json!({"metadata": {"name": "db"}}));
    let proxy = Proxy::start(plane, vec![Rule::first(1, Fault::Delay(Duration::from_secs(3)))]);
    let run = Secretsafe::new().args(["view", "db", "--metadata-only", "-n", &namespace]);
    let run = run.kubeconfig(&proxy.kubeconfig(plane.admin_token()));
    (proxy, run)
}

/// Asserts that the line was erased, and that only the report came after.
fn assert_gone(session: &Session, line: &str) {
    let screen = session.screen();
    let (before, after) = screen.rsplit_once(ERASE).expect("a line that was erased");
    assert!(before.contains(line) && !after.contains('…'), "{}", screen.escape_debug());
}

#[test]
fn a_slow_server_is_waited_for_before_the_users_eyes() {
    let (_proxy, run) = slow();
    let mut session = Terminal::spawn(&run.command());
    session.expect(WAITING);
    session.expect("secret/db");
    assert!(session.wait().success());
    assert_gone(&session, WAITING);
}

#[test]
fn off_a_terminal_and_with_q_nothing_is_said() {
    let (_proxy, run) = slow();
    let output = run.run().success();
    assert!(!output.err().contains('…') && !output.out().contains('…'), "{}", output.err());

    let (_proxy, run) = slow();
    let streams = Streams { capture_stderr: true, ..Streams::default() };
    let mut session = Terminal::new().run_with(&run.command(), streams).start();
    assert!(session.wait().success());
    assert_eq!(String::from_utf8_lossy(&session.stderr()), "");
    assert!(!session.screen().contains('…'), "{}", session.screen());

    let (_proxy, run) = slow();
    let mut session = Terminal::spawn(&run.args(["-q"]).command());
    assert!(session.wait().success());
    assert!(!session.screen().contains('…'), "{}", session.screen());
}

#[test]
fn a_generator_that_takes_long_says_so() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let create = |source: &str| {
        let run = Secretsafe::new().args(["create", "generic", "db", "p=generate", source, "-n", &namespace]);
        run.kubeconfig(plane.admin_kubeconfig())
    };
    // A hash that takes seconds, whatever the machine; an RSA key may be found at once.
    let run = create("h=generate:htpasswd,user=app,from=p,cost=16");
    let mut session = Terminal::spawn(&run.command());
    session.expect("generating a value …");
    session.expect("secret/db created");
    assert!(session.wait().success());
    assert_gone(&session, "generating a value …");
}
