//! `policy set|show|clear`, and `rotate NAME` without keys: what is written, what is asked, what is refused.

use serde_json::{Value, json};

use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::kubeconfig::CONTEXT;
use crate::support::proxy::Proxy;
use crate::support::terminal::Terminal;

const ANNOTATION: &str = "secretsafe.dev/policy";

/// A Secret `db` with the keys `password`, `token` and `user`.
fn plant(plane: &ControlPlane) -> String {
    let namespace = plane.namespace();
    let object = json!({"metadata": {"name": "db", "labels": {"app": "db"}, "annotations": {"note": "x"}},
        "stringData": {"password": "not-a-real-password", "token": "not-a-real-token", "user": "app"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    namespace
}

fn stored(plane: &ControlPlane, namespace: &str) -> Value {
    plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json()
}

fn policy(plane: &ControlPlane, namespace: &str) -> Value {
    let stored = stored(plane, namespace);
    let text = stored["metadata"]["annotations"][ANNOTATION].as_str().unwrap_or("null").to_owned();
    assert_eq!(
        stored["metadata"]["labels"].get(ANNOTATION).is_some(),
        text != "null",
        "label and annotation go together"
    );
    serde_json::from_str(&text).unwrap()
}

fn run(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new().args(args).args(["-n", namespace]).kubeconfig(plane.admin_kubeconfig())
}

fn set(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Output {
    run(plane, namespace, &[&["policy", "set", "db"], args, &["--yes"]].concat()).run()
}

fn report(output: &Output) -> Value {
    serde_json::from_str(&output.out()).unwrap()
}

#[test]
fn rules_are_set_shown_and_cleared() {
    let plane = ControlPlane::shared();
    let namespace = plant(plane);
    let before = stored(plane, &namespace);
    let said =
        set(plane, &namespace, &["password", "token", "--every", "90d", "--source", "generate:length=40"]).success();
    assert_eq!(said.out(), "secret/db policy set\n");
    let rule = json!({"every": "90d", "source": "generate:length=40"});
    assert_eq!(policy(plane, &namespace), json!({"v": 1, "keys": {"password": rule, "token": rule}, "history": 1}));
    // Nothing else is touched, and it is no change of a value: no record, no Event.
    let now = stored(plane, &namespace);
    assert_eq!((&now["data"], &now["metadata"]["labels"]["app"]), (&before["data"], &json!("db")));
    assert_eq!(now["metadata"]["annotations"].as_object().unwrap().len(), 2);
    assert_eq!(
        set(plane, &namespace, &["token", "--every", "90d", "--source", "generate:length=40"]).out(),
        "secret/db policy unchanged\n"
    );

    // Other rules stay, and what is not said stays as it was.
    let more =
        ["token", "--every", "12w", "--source", "generate:hex", "--restart", "auto", "--history", "3", "-o", "json"];
    let view = report(&set(plane, &namespace, &more).success());
    assert_eq!(
        (&view["kind"], &view["result"], &view["labelled"]),
        (&json!("SecretPolicy"), &json!("set"), &json!(true))
    );
    set(plane, &namespace, &["token", "--every", "1w", "--source", "generate:hex"]).success();
    let there = policy(plane, &namespace);
    assert_eq!(
        (&there["restart"], &there["history"], &there["keys"]["token"]["every"]),
        (&json!("auto"), &json!(3), &json!("1w"))
    );

    let shown = run(plane, &namespace, &["policy", "show", "db"]).run().success().out();
    assert!(shown.contains("restart auto") && shown.contains("generate:hex (32 bytes, 256 bits)"), "{shown}");
    let listed = run(plane, &namespace, &["policy", "show", "-l", "app=db", "-o", "json"]).run().success();
    let listed = report(&listed);
    assert_eq!(listed["items"][0]["keys"][0]["state"], "undecided", "its age is not known: {listed:#}");
    assert_eq!(
        run(plane, &namespace, &["policy", "show", "-l", "app=other"]).run().success().err().trim(),
        "No policies found."
    );

    let clear = |args: &[&str]| run(plane, &namespace, &[&["policy", "clear", "db"], args, &["--yes"]].concat()).run();
    assert_eq!(clear(&["token"]).success().out(), "secret/db policy cleared\n");
    assert_eq!(policy(plane, &namespace)["keys"], json!({"password": rule}));
    assert!(clear(&["token"]).expect_code(2).err().contains("rules: password"));
    clear(&["password"]).success();
    assert_eq!(policy(plane, &namespace), Value::Null, "with the last rule, all goes");
    assert_eq!(clear(&[]).success().out(), "secret/db policy unchanged\n");
    assert_eq!(
        run(plane, &namespace, &["policy", "show", "db"]).run().success().err().trim(),
        "Secret db has no policy."
    );
}

#[test]
fn what_cannot_run_is_refused_when_it_is_set() {
    let plane = ControlPlane::shared();
    let namespace = plant(plane);
    for (source, code) in [
        ("exec:id", 3),
        ("env:HOME", 3),
        ("fd:0", 3),
        ("stdin", 3),
        ("-", 3),
        ("summon:p/x", 3),
        ("prompt", 3),
        ("public-file:/etc/hostname", 3),
        ("generate:length=8", 3),
        ("generate:htpasswd,user=u,from=user", 3),
        ("generate:tls-self-signed,hosts=x", 2),
        ("public:aB3dE6gH9jK2mN5pQ8sT", 3),
        ("hunter2-S3cret", 2),
        ("generate:hunter2-S3cret", 2),
    ] {
        let output = set(plane, &namespace, &["password", "--every", "1d", "--source", source]).expect_code(code);
        assert!(output.err().contains("hint: ") && !output.err().contains("hunter2"), "{source}: {}", output.err());
    }
    for args in [
        &["nothing", "--every", "1d", "--source", "generate"][..],
        &["password", "--every", "1", "--source", "generate"],
        &["password", "--every", "10s", "--source", "generate"],
        &["password", "--every", "1d", "--source", "generate", "--history", "21"],
        &["password", "--every", "1d"],
        &["password", "--source", "generate"],
    ] {
        set(plane, &namespace, args).expect_code(2);
    }
    assert_eq!(policy(plane, &namespace), Value::Null);
    let noted = set(plane, &namespace, &["password", "--every", "1d", "--source", "keychain:team/db"]).success();
    assert!(
        noted.err().contains(&format!("--allow-sources FILE with the line {namespace}/db/password=SOURCE")),
        "{}",
        noted.err()
    );
}

#[test]
fn dry_runs_and_questions() {
    let plane = ControlPlane::shared();
    let namespace = plant(plane);
    let rule = ["password", "--every", "1d", "--source", "generate"];
    for dry in ["--dry-run=client", "--dry-run=server"] {
        let output = set(plane, &namespace, &[&rule[..], &[dry, "-o", "json"]].concat()).success();
        assert_eq!((&report(&output)["result"], policy(plane, &namespace)), (&json!("wouldSet"), Value::Null), "{dry}");
    }
    let ask = || run(plane, &namespace, &[&["policy", "set", "db"], &rule[..]].concat());
    assert!(ask().run().expect_code(3).err().contains("--yes"));
    for (answer, code) in [("n", 3), ("y", 0)] {
        let run = ask();
        let mut session = Terminal::spawn(&run.command());
        session.expect("rotate password every 1d from generate:password (24 characters from 62, 142 bits)");
        session.expect("Go on?");
        session.send(answer);
        assert_eq!(session.wait().code(), Some(code), "{}", session.screen());
    }
    assert_eq!(policy(plane, &namespace)["keys"]["password"]["source"], "generate");
    let protected =
        ask().args(["--yes", "--history", "2"]).config(&format!("protected: [{CONTEXT}]\n")).run().expect_code(3);
    assert!(protected.err().contains("--confirm-context"), "{}", protected.err());
}

/// With `patch` alone; `show` needs a read.
#[test]
fn least_privilege() {
    let plane = ControlPlane::shared();
    let namespace = plant(plane);
    let user = plane.user();
    let as_user = |args: &[&str]| run(plane, &namespace, args).kubeconfig(&plane.kubeconfig_for(&user.token)).run();
    let rule = ["policy", "set", "db", "password", "--every", "1d", "--source", "generate", "--yes"];
    as_user(&rule).expect_code(5);
    plane.grant(&user, &namespace, &[("patch", "secrets")]);
    as_user(&rule).success();
    as_user(&["policy", "clear", "db", "--write-only", "--yes"]).success();
    as_user(&["policy", "show", "db"]).expect_code(5);
    plane.grant(&user, &namespace, &[("get", "secrets")]);
    as_user(&["policy", "show", "db"]).success();
    as_user(&["policy", "show"]).expect_code(5);
    plane.grant(&user, &namespace, &[("list", "secrets")]);
    as_user(&["policy", "show"]).success();
}

#[test]
fn conflicts_are_solved_and_a_lost_answer_is_found_out() {
    let plane = ControlPlane::shared();
    let namespace = plant(plane);
    let through = |rules: Vec<Rule>, key: &str| {
        let proxy = Proxy::start(plane, rules);
        let rule = ["policy", "set", "db", key, "--every", "1d", "--source", "generate", "--yes"];
        run(plane, &namespace, &rule).kubeconfig(&proxy.kubeconfig(plane.admin_token())).run()
    };
    let conflict = Fault::Status { code: 409, reason: "Conflict", quote: "x".into(), retry_after: None };
    through(vec![Rule::first(3, conflict).method("PATCH")], "password").success();
    through(vec![Rule::first(1, Fault::CutAfter).method("PATCH")], "token").success();
    let lost = through(vec![Rule::first(1, Fault::CutBefore).method("PATCH")], "user").expect_code(5);
    assert!(lost.err().contains("cannot patch secrets `db`"), "{}", lost.err());
    let open =
        vec![Rule::always(Fault::CutAfter).method("PATCH"), Rule::always(Fault::CutBefore).path("/db").method("GET")];
    // Without the look before there is nothing to be written.
    through(open, "user").expect_code(5);
    let keys = policy(plane, &namespace)["keys"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys, ["password", "token"]);
}

#[test]
fn rotate_without_keys_takes_those_of_the_policy() {
    let plane = ControlPlane::shared();
    let namespace = plant(plane);
    set(plane, &namespace, &["password", "token", "--every", "90d", "--source", "generate:length=40"]).success();
    let before = stored(plane, &namespace)["data"].clone();
    let rotate = || run(plane, &namespace, &["rotate", "db"]);
    let mut session = {
        let run = rotate();
        Terminal::spawn(&run.command())
    };
    session.expect("replace password from generate:password (40 characters from 62, 238 bits) (policy)");
    session.send("y");
    assert!(session.wait().success(), "{}", session.screen());
    let after = stored(plane, &namespace)["data"].clone();
    assert!(after["password"] != before["password"] && after["token"] != before["token"]);
    assert_eq!(after["user"], before["user"]);
    // What is not trusted does not run here either.
    set(plane, &namespace, &["token", "--every", "90d", "--source", &format!("secret:{namespace}/db/user")]).success();
    let refused = rotate().args(["--yes"]).run().expect_code(3);
    assert!(
        refused.err().contains("source `secret`") && refused.err().contains("--allow-sources"),
        "{}",
        refused.err()
    );
    assert_eq!(stored(plane, &namespace)["data"], after, "nothing is changed");
    let folder = crate::support::temp_folder("sources");
    let list = folder.path().join("allowed");
    std::fs::write(&list, format!("# ours\n{namespace}/db/token=secret:{namespace}/db/user\n")).unwrap();
    rotate().args(["--yes", "--allow-sources"]).args([&list]).run().success();
    assert_eq!(stored(plane, &namespace)["data"]["token"], before["user"]);
    // The flag of the command line lifts no floor for a policy.
    let weak = json!({"v": 1, "keys": {"password": {"every": "1d", "source": "generate:length=8"}}}).to_string();
    plane
        .kubectl(&["annotate", "secret", "db", "-n", &namespace, "--overwrite", &format!("{ANNOTATION}={weak}")])
        .success();
    rotate().args(["--yes", "--weak-ok"]).run().expect_code(3);
}
