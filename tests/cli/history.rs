//! What is known of the past of a Secret, however it came about: `list` and `history` say no more than there is
//! evidence for.

use std::process::Command;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::binaries;
use crate::support::command::{self, Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::proxy::Proxy;

/// One Secret, which somebody made and others may have changed.
struct Past {
    plane: &'static ControlPlane,
    namespace: String,
    name: &'static str,
    /// When the key was written last, or before.
    written: Timestamp,
}

impl Past {
    fn new(plane: &'static ControlPlane, namespace: &str, name: &'static str) -> Self {
        Self { plane, namespace: namespace.to_owned(), name, written: Timestamp::UNIX_EPOCH }
    }

    /// What comes now writes the key.
    fn now(mut self) -> Self {
        self.written = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
        self
    }

    fn kubectl(self, args: &[&str], stdin: &str) -> Self {
        self.plane.kubectl_with(&[args, &["-n", &self.namespace]].concat(), stdin.as_bytes()).success();
        self
    }

    fn ours(self, args: &[&str]) -> Self {
        let run = Secretsafe::new().args(args).args(["-n", &self.namespace]).kubeconfig(self.plane.admin_kubeconfig());
        run.run().success();
        self
    }

    fn created(self) -> Self {
        let name = self.name;
        self.now().kubectl(&["create", "secret", "generic", name, "--from-literal=k=not-a-real-one"], "")
    }

    fn created_by_us(self) -> Self {
        let name = self.name;
        self.now().ours(&["create", "generic", name, "k=generate"])
    }

    fn applied(self, more: &[&str]) -> Self {
        let manifest = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name},
            "data": {"k": "bm90LWEtcmVhbC1vbmU="}});
        self.now().kubectl(&[&["apply", "-f", "-"], more].concat(), &manifest.to_string())
    }

    fn patched(self) -> Self {
        let name = self.name;
        let patch = r#"{"stringData":{"k":"not-a-real-two"}}"#;
        self.now().kubectl(&["patch", "secret", name, "--type=merge", "-p", patch], "")
    }

    /// A person with an editor, which is a script.
    fn edited(self) -> Self {
        let past = self.now();
        let mut kubectl = Command::new(binaries::path("kubectl"));
        kubectl
            .env("KUBECONFIG", past.plane.admin_kubeconfig())
            .env("KUBE_EDITOR", "sed -i -E 's/^  k: .*/  k: bm90LWEtcmVhbC10aHJlZQ==/'")
            .args(["edit", "secret", past.name, "-n", &past.namespace]);
        command::run(kubectl, b"").success();
        past
    }

    fn helm(self) -> Self {
        let labels = json!({"app.kubernetes.io/managed-by": "Helm"});
        let object = json!({"metadata": {"name": self.name, "labels": labels}, "stringData": {"k": "not-a-real-one"}});
        let past = self.now();
        past.plane.create(&format!("/api/v1/namespaces/{}/secrets?fieldManager=helm", past.namespace), &object);
        past
    }

    /// Writes a record, as anyone may who may change the Secret.
    fn forged(self, at: &str, more: &[&str]) -> Self {
        let record = json!({"v": 1, "at": at, "by": "mallory", "from": "prompt", "n": 9, "op": "x"});
        let annotation = format!("key.secretsafe.dev/k={record}");
        let name = self.name;
        self.kubectl(&[&["annotate", "--overwrite", "secret", name, &annotation], more].concat(), "")
    }

    fn labelled(self) -> Self {
        let name = self.name;
        self.kubectl(&["label", "secret", name, "app=x"], "")
    }

    fn json(&self, args: &[&str]) -> Value {
        let run = Secretsafe::new().args(args).args(["-n", &self.namespace, "-o", "json"]);
        serde_json::from_str(&run.kubeconfig(self.plane.admin_kubeconfig()).run().success().out()).unwrap()
    }

    /// Compares what is said with what may be said.
    fn check(&self, exact: bool, trusted: Option<bool>, managers: &[&str]) {
        let name = self.name;
        let list = self.json(&["list", "--field-selector", &format!("metadata.name={name}")]);
        let key = list["items"][0]["keys"][0].clone();
        let basis = if exact { "record" } else { "managedFields" };
        assert_eq!((&key["changedAt"]["basis"], &key["changedAt"]["exact"]), (&json!(basis), &json!(exact)), "{name}");
        assert_eq!(key["recordNotTrusted"], trusted == Some(false), "{name}");
        let time: Timestamp = key["changedAt"]["time"].as_str().unwrap().parse().unwrap();
        if name != "under-our-name" {
            assert!(time >= self.written, "{name}: said to be unchanged since {time}, written at {}", self.written);
        }
        let history = self.json(&["history", name, "k"]);
        let items = history["items"].as_array().unwrap();
        let of = |what: &str| -> Vec<&Value> { items.iter().filter(|item| item["what"] == what).collect() };
        let records = of("written");
        assert_eq!(records.len(), usize::from(trusted.is_some()), "{name}: {items:#?}");
        for record in records {
            assert_eq!(
                (&record["claim"], &record["notTrusted"]),
                (&json!(true), &json!(trusted == Some(false))),
                "{name}"
            );
        }
        let set = of("set");
        let seen: Vec<&str> = set.iter().map(|item| item["manager"].as_str().unwrap()).collect();
        assert_eq!(seen, managers, "{name}");
        assert!(set.iter().all(|item| item["exact"] == false && item["user"].is_null()), "{name}: {set:#?}");
        assert_eq!(of("created").len(), 1, "{name}");
        assert!(items.iter().is_sorted_by_key(|item| std::cmp::Reverse(item["time"].as_str().unwrap())), "{items:#?}");
    }
}

#[test]
fn no_history_is_told_sharper_than_it_is_known() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let past = |name| Past::new(plane, &namespace, name);
    past("create").created().check(false, None, &["kubectl-create"]);
    past("apply").applied(&[]).check(false, None, &["kubectl-client-side-apply"]);
    past("server-side").applied(&["--server-side"]).check(false, None, &["kubectl"]);
    past("patch").created().patched().check(false, None, &["kubectl-patch"]);
    past("edit").created().edited().check(false, None, &["kubectl-edit"]);
    past("helm").helm().check(false, None, &["helm"]);
    past("label").created().labelled().check(false, None, &["kubectl-create"]);
    past("ours").created_by_us().check(true, Some(true), &[]);
    past("ours-labelled").created_by_us().labelled().check(true, Some(true), &[]);
    past("ours-patched").created_by_us().patched().check(false, Some(false), &["kubectl-patch"]);
    past("ours-edited").created_by_us().edited().check(false, Some(false), &["kubectl-edit"]);
    let rotate = |name| ["rotate", name, "k=generate", "--yes"];
    past("rotate").created().now().ours(&rotate("rotate")).check(true, Some(true), &[]);
    let write_only = [&rotate("write-only")[..], &["--write-only"]].concat();
    past("write-only").created().now().ours(&write_only).check(true, Some(true), &[]);
    // Records that somebody else wrote: from the future, older than the value, and where there was a better one.
    past("future").created_by_us().forged("2090-01-01T00:00:00Z", &[]).check(
        false,
        Some(false),
        &["kubectl-secretsafe"],
    );
    past("old").created().forged("2020-01-01T00:00:00Z", &[]).check(false, Some(false), &["kubectl-create"]);
    past("ours-old").created_by_us().forged("2020-01-01T00:00:00Z", &[]).check(
        false,
        Some(false),
        &["kubectl-secretsafe"],
    );
    // Who also takes our name is believed: that is why it is called a claim.
    let our_name = ["--field-manager=kubectl-secretsafe"];
    past("under-our-name").created_by_us().forged("2020-01-01T00:00:00Z", &our_name).check(true, Some(true), &[]);
}

fn history(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Output {
    Secretsafe::through_kubectl()
        .args(["history"])
        .args(args)
        .args(["-n", namespace])
        .kubeconfig(plane.admin_kubeconfig())
        .run()
}

/// A Secret with all that a history can have.
pub(crate) fn full(plane: &'static ControlPlane, namespace: &str, name: &'static str, look: &mut dyn FnMut(&[&str])) {
    let rotate = ["rotate", name, "k=generate", "--yes", "--history", "2"];
    let past = Past::new(plane, namespace, name).created().ours(&rotate).ours(&rotate);
    let patch = json!({"stringData": {"other": "not-a-real-one"}}).to_string();
    past.kubectl(&["patch", "secret", name, "--type=merge", "-p", &patch], "");
    for undo in [false, true] {
        let note = json!({"v": 1, "uid": "u", "op": "o", "at": "2026-01-01T00:00:00Z", "by": "alice", "keys": ["k"],
            "undo": undo});
        let note = format!("secretsafe.dev/pending={note}");
        plane.kubectl(&["annotate", "--overwrite", "secret", name, "-n", namespace, &note]).success();
        look(&["history", name]);
    }
}

#[test]
fn one_timeline_has_all_sources() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    full(plane, &namespace, "db", &mut |_| {});
    let report: Value =
        serde_json::from_str(&history(plane, &namespace, &["db", "-o", "json"]).success().out()).unwrap();
    let items = report["items"].as_array().unwrap();
    let of = |what: &str| items.iter().filter(|item| item["what"] == what).count();
    let counts = ["created", "written", "set", "versionKept", "puttingBack", "event"].map(of);
    assert_eq!(counts, [1, 1, 1, 2, 1, 2], "{items:#?}");
    assert_eq!((&report["eventsListed"], &report["moreKeys"]), (&json!(true), &json!(0)));
    let written = items.iter().find(|item| item["what"] == "written").unwrap();
    assert_eq!((&written["writes"], &written["source"]), (&json!(2), &json!("generate")));
    let table = history(plane, &namespace, &["db"]).success();
    for words in [
        "written from generate, write 2",
        "replaced, kept as v1",
        "set by then",
        "manager kubectl-patch",
        "is being put back",
        "Event SecretRotated",
        "record, a claim",
        "≥ ",
    ] {
        assert!(table.out().contains(words), "{words}: {}", table.out());
    }
    assert!(table.err().contains("claims can be written"), "{}", table.err());
    let one = history(plane, &namespace, &["db", "other"]).success().out();
    assert!(one.contains("manager kubectl-patch") && !one.contains("Event") && !one.contains("   k"), "{one}");
    assert_eq!(history(plane, &namespace, &["db", "-o", "name"]).success().out(), "secret/db\n");
    let wrong = history(plane, &namespace, &["db", "othr"]).expect_code(2);
    assert!(
        wrong.err().contains("has no key `othr`") && wrong.err().contains("did you mean `other`?"),
        "{}",
        wrong.err()
    );
}

#[test]
fn no_value_is_requested_and_events_are_asked_for_by_uid() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    full(plane, &namespace, "db", &mut |_| {});
    for (args, requests) in [(&["db"][..], 2), (&["db", "k"], 1)] {
        let proxy = Proxy::start(plane, Vec::new());
        let kubeconfig = proxy.kubeconfig(plane.admin_token());
        Secretsafe::new().args(["history", "-n", &namespace]).args(args).kubeconfig(&kubeconfig).run().success();
        let seen = proxy.requests();
        assert_eq!(seen.len(), requests, "{args:?}");
        let accept = seen[0].request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("accept")).unwrap();
        assert!(accept.1.contains("as=Table"), "{accept:?}");
        let events = seen.iter().filter(|seen| seen.request.target.contains("/events?")).count();
        assert_eq!(events, requests - 1, "{args:?}");
    }
}

#[test]
fn who_may_not_list_events_sees_the_rest() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    full(plane, &namespace, "db", &mut |_| {});
    let user = plane.user();
    let run = |args: &[&str]| {
        let run = Secretsafe::new().args(["history", "db", "-n", &namespace]).args(args);
        run.kubeconfig(&plane.kubeconfig_for(&user.token)).run()
    };
    let denied = run(&[]).expect_code(5);
    assert!(denied.err().contains("cannot get secrets `db`"), "{}", denied.err());
    plane.grant(&user, &namespace, &[("get", "secrets")]);
    let output = run(&["-o", "json"]).success();
    let report: Value = serde_json::from_str(&output.out()).unwrap();
    assert_eq!(report["eventsListed"], false);
    assert!(output.err().contains("may not list them") && report["items"].as_array().unwrap().len() > 3);
    assert!(!run(&["k"]).success().err().contains("may not list"), "nothing was asked for");
    plane.grant(&user, &namespace, &[("list", "events")]);
    assert!(!run(&[]).success().err().contains("may not list"));
}
