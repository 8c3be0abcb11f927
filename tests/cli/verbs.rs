//! Each command with exactly the verbs that docs/architecture.md names, and with one taken away.

use std::time::Duration;

use crate::change::{planted, text};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::wait_for;
use crate::support::desktop::{Desktop, X11};

/// Runs a command as a user who has these verbs on Secrets and nothing else.
fn with(verbs: &str, namespace: &str, args: &[&str]) -> Output {
    let plane = ControlPlane::shared();
    let user = plane.user();
    if !verbs.is_empty() {
        plane.grant(&user, namespace, &[(verbs, "secrets")]);
    }
    Secretsafe::new()
        .args(args)
        .args(["-n", namespace])
        .kubeconfig(&plane.kubeconfig_for(&user.token))
        .stdin("new-value")
        .run()
}

fn denied(output: Output, words: &str) {
    let output = output.expect_code(5);
    assert!(
        output.err().contains("may not do that (403)") && output.err().contains(words),
        "{words}: {}",
        output.err()
    );
}

#[test]
fn rotate_set_and_unset_need_patch() {
    let plane = ControlPlane::shared();
    for args in
        [&["rotate", "db", "a=stdin", "--yes"][..], &["set", "db", "c=stdin", "--yes"], &["unset", "db", "a", "--yes"]]
    {
        let namespace = planted(plane);
        denied(with("", &namespace, args), "cannot patch secrets `db`");
        denied(with("get", &namespace, args), "cannot patch secrets `db`");
        assert_eq!(text(plane, &namespace, "a").as_deref(), Some("old-a"));
        with("get,patch", &namespace, args).success();
    }
    // With patch alone: precondition, record and owner check all the same.
    let namespace = planted(plane);
    with("patch", &namespace, &["rotate", "db", "a=stdin", "--yes"]).success();
    assert_eq!(text(plane, &namespace, "a").as_deref(), Some("new-value"));
    let secret = crate::change::live(plane, &namespace);
    assert!(secret["metadata"]["annotations"]["key.secretsafe.dev/a"].is_string());
    with("patch", &namespace, &["rotate", "db", "nothing=stdin", "--yes"]).expect_code(2);
    plane.kubectl(&["label", "secret", "db", "-n", &namespace, "kustomize.toolkit.fluxcd.io/name=x"]).success();
    with("patch", &namespace, &["rotate", "db", "a=stdin", "--yes"]).expect_code(3);
}

#[test]
fn write_only_reads_nothing_even_where_it_may() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    with("get,patch", &namespace, &["rotate", "db", "a=stdin", "--yes", "--write-only"]).success();
    let ours = |event: &serde_json::Value| {
        event["userAgent"].as_str().is_some_and(|agent| agent.starts_with("kubectl-secretsafe"))
    };
    let verbs: Vec<String> = plane
        .secret_events(&namespace)
        .iter()
        .filter(|event| ours(event))
        .map(|event| event["verb"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(verbs, ["patch", "patch"], "a patch of nothing, and the patch");
}

#[test]
fn rename_key_and_diff_need_get() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let rename = ["rename-key", "db", "a", "z", "--yes"];
    denied(with("get", &namespace, &rename), "cannot patch secrets `db`");
    denied(with("patch", &namespace, &rename), "cannot get secrets `db`");
    with("get,patch", &namespace, &rename).success();
    denied(with("patch", &namespace, &["diff", "db", "b=stdin"]), "cannot get secrets `db`");
    with("get", &namespace, &["diff", "db", "b=stdin"]).expect_code(1);
}

#[test]
fn exec_needs_get_of_that_secret_and_nothing_else() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let user = plane.user();
    let exec = |key: &str| {
        let run = Secretsafe::new().args(["exec", "db", "-n", &namespace, "--stdin", key, "--", "cat"]);
        run.kubeconfig(&plane.kubeconfig_for(&user.token)).run()
    };
    denied(exec("a"), "cannot get secrets `db`");
    plane
        .kubectl(&["create", "role", "one", "-n", &namespace, "--verb=get", "--resource=secrets", "--resource-name=db"])
        .success();
    let to = format!("--user={}", user.name);
    plane.kubectl(&["create", "rolebinding", "one", "-n", &namespace, "--role=one", &to]).success();
    let allowed = wait_for(Duration::from_secs(20), || Some(exec("a")).filter(|output| output.code == Some(0)));
    assert_eq!(allowed.expect("the right is in force").out(), "old-a");
    exec("nothing").expect_code(2);
}

#[test]
fn clip_needs_get_and_clears_nothing_without_it() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let desktop = X11::start();
    desktop.copy("before");
    let clip = |verbs: &str| {
        let user = plane.user();
        plane.grant(&user, &namespace, &[(verbs, "secrets")]);
        let run = Secretsafe::new().args(["clip", "db", "a", "--for", "1s", "-n", &namespace]).envs(desktop.env());
        run.kubeconfig(&plane.kubeconfig_for(&user.token)).run()
    };
    denied(clip("list"), "cannot get secrets `db`");
    assert_eq!(desktop.paste().as_deref(), Some(&b"before"[..]));
    clip("get").success();
}

#[test]
fn create_apply_needs_get_and_create_or_patch() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let update = ["create", "generic", "db", "c=stdin", "--apply"];
    let fresh = ["create", "generic", "fresh", "c=stdin", "--apply"];
    denied(with("create,patch", &namespace, &fresh), "cannot get secrets");
    denied(with("get,patch", &namespace, &fresh), "cannot create secrets");
    with("get,create", &namespace, &fresh).success();
    denied(with("get,create", &namespace, &update), "cannot patch secrets");
    with("get,patch", &namespace, &update).success();
}
