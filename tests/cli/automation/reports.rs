//! Every command that has `-o json`, in all its variants: what it prints fits the schema of its kind, and together
//! they reach each field and each word that a schema names.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::restart;
use crate::support::command::Secretsafe;
use crate::support::controllers::Controllers;
use crate::support::controlplane::ControlPlane;
use crate::support::keychain::Keyring;
use crate::support::schema::{Document, complaints, published};
use crate::support::tls::Authority;

/// Words that a schema names and no command prints today.
const NOT_REACHED: &[(&str, &str)] = &[
    ("SecretView: word unchanged", "nothing was written, so the report is a SecretUnchanged"),
    (
        "SecretSummaryList: word creation",
        "metadata names keys only in managedFields, whose entries the API server dates",
    ),
    (
        "SecretRotationList: word creation",
        "the age of the object says nothing about that of a key, so none is due by it",
    ),
    ("SecretRotation: word creation", "the same"),
    ("ScanReport: word low", "no kind of finding is so harmless"),
    ("ScanReport: field commit", "a history has commits, and is not scanned here"),
    ("Plan: word keep", "only `create --apply` keeps a key, and its client dry run looks at no Secret"),
];

/// Runs commands, and keeps what they print.
pub(super) struct Reports<'a> {
    pub(super) plane: &'a ControlPlane,
    pub(super) namespace: String,
    key: String,
    certificate: String,
    pub(super) documents: Vec<Document>,
}

impl Reports<'_> {
    pub(super) fn run(&mut self, args: &[&str]) -> Value {
        self.run_to(0, args, |run| run)
    }

    fn run_elsewhere(&mut self, plane: &ControlPlane, args: &[&str]) {
        let run = Secretsafe::new().args(args).args(["-o", "json"]).kubeconfig(plane.admin_kubeconfig());
        let report = serde_json::from_str(&run.run().success().out()).expect("a report");
        self.documents.push(Document { what: args.join(" "), report });
    }

    pub(super) fn run_to(&mut self, code: i32, args: &[&str], with: impl Fn(Secretsafe) -> Secretsafe) -> Value {
        let run = super::run(&self.namespace, args)
            .args(["-o", "json"])
            .stdin("not-a-real-password")
            .fd(5, self.key.as_str());
        let output = with(run).run().expect_code(code);
        let report: Value =
            serde_json::from_str(&output.out()).unwrap_or_else(|_| panic!("{args:?}: {}", output.out()));
        self.documents.push(Document { what: args.join(" "), report: report.clone() });
        report
    }

    /// Runs it as both dry runs, and then in earnest.
    pub(super) fn thrice(&mut self, args: &[&str]) {
        for more in [&["--dry-run=client"][..], &["--dry-run=server"], &[]] {
            self.run(&[args, more].concat());
        }
    }

    fn plant(&self, name: &str, object: Value) {
        let mut object = object;
        object["metadata"]["name"] = json!(name);
        self.plane.create(&format!("/api/v1/namespaces/{}/secrets?fieldManager=other", self.namespace), &object);
    }

    /// Every kind of `create`, and what `--apply` says.
    fn create(&mut self, certificate: &str) {
        self.thrice(&["create", "generic", "db", "a=generate", "b=stdin", "--label", "app=db", "--annotation", "n=x"]);
        self.thrice(&["create", "tls", "web", "--self-signed", "--host", "db.example.com"]);
        self.thrice(&["create", "tls", "given", "--cert", certificate, "--key", "fd:5"]);
        let login = ["--docker-server", "ghcr.io", "--docker-username", "ci", "--docker-password", "stdin"];
        self.thrice(&[&["create", "docker-registry", "pull"][..], &login].concat());
        self.thrice(&["create", "basic-auth", "hub", "--username", "app", "--password", "stdin"]);
        self.thrice(&["create", "ssh-auth", "deploy", "--key=generate:ssh-ed25519"]);
        self.thrice(&["create", "generic", "frozen", "a=generate", "--immutable"]);
        let unchanged = self.run(&["create", "generic", "db", "a=generate", "--apply"]);
        assert_eq!(unchanged["kind"], "SecretUnchanged");
        self.thrice(&["create", "generic", "db", "a=generate", "c=generate", "--apply"]);
        self.thrice(&["create", "generic", "fresh", "a=generate", "--apply"]);
    }

    fn change(&mut self) {
        self.thrice(&["rotate", "db", "a=generate", "--yes"]);
        self.thrice(&["rotate", "db", "b=stdin", "--yes", "--write-only"]);
        self.thrice(&["set", "db", "d=public:aB3dE6gH9jK2mN5pQ8sT", "--public-ok", "d", "--yes"]);
        self.thrice(&["rename-key", "db", "c", "z", "--yes"]);
        self.thrice(&["unset", "db", "z", "--yes"]);
    }

    /// Old values that stay somewhere, and a rotation that was cut off.
    fn rotation(&mut self) {
        self.thrice(&["rotate", "db", "a=generate", "--yes", "--history", "2"]);
        self.thrice(&["rotate", "db", "a=generate", "--yes", "--history", "2"]);
        self.thrice(&["rollback", "db", "--yes"]);
        self.thrice(&["rotate", "db", "a=generate", "--yes", "--keep-previous"]);
        let folder = crate::support::temp_folder("hook");
        let hook = crate::create_kinds::write(folder.path(), "hook", b"#!/bin/sh\n");
        std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let hook = format!("--hook={}", hook.display());
        let hook = hook.as_str();
        let rotate = ["rotate", "db", "a=generate", "--yes"];
        self.run(&[&rotate[..], &["--dry-run=client", "--history", "2", hook]].concat());
        self.run(&[&rotate[..], &["--dry-run=client", hook]].concat());
        self.run(&[&rotate[..], &["--dry-run=server", "--history", "2", hook]].concat());
        let cut = super::run(&self.namespace, &[&rotate[..], &[hook]].concat());
        let cut = cut.env("SECRETSAFE_FAULT", "after-hook").env("SECRETSAFE_FAULT_KILLS", "1").run();
        assert_eq!(cut.signal, Some(9), "{}", cut.err());
        self.run(&["view", "db"]);
        self.run(&["list"]);
        self.run(&["rotate", "db", "--yes", "--resume", hook]);
        self.run(&["rotate", "db", "a", "--finish", "--yes"]);
    }

    /// Who uses it, and what becomes of them; only real controllers make something ready.
    fn usage(&mut self) {
        crate::usage::every_way(self.plane, &self.namespace, "not-a-real-value");
        self.run(&["usage", "db"]);
        self.run(&["usage", "frozen"]);
        self.plant("token", json!({"type": "bootstrap.kubernetes.io/token", "metadata": {}}));
        self.plant(
            "operators",
            json!({"metadata": {"ownerReferences":
            [{"apiVersion": "example.com/v1", "kind": "Database", "name": "a", "uid": "1", "controller": true}]}}),
        );
        self.plant("cluster", json!({"metadata": {"labels": {"argocd.argoproj.io/secret-type": "cluster"}}}));
        self.plant(
            "account",
            json!({"type": "kubernetes.io/service-account-token",
            "metadata": {"annotations": {"kubernetes.io/service-account.name": "an-account"}}}),
        );
        self.run(&["usage", "--all"]);
        self.run(&["usage", "-A", "--unused"]);
        self.run(&["usage", "--dangling"]);
        let plane = ControlPlane::start();
        crate::usage_custom::install(&plane);
        let namespace = plane.namespace();
        crate::usage_custom::put(
            &plane,
            Some(&namespace),
            "cert-manager.io",
            "Certificate",
            "web",
            &json!({"secretName": "web-tls", "keystores": {"jks": {"passwordSecretRef": {"name": "jks", "key": "password"}}}}),
        );
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &json!({"metadata": {"name": "web-tls"}}));
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &json!({"metadata": {"name": "jks"}}));
        self.run_elsewhere(&plane, &["usage", "web-tls", "--namespace", &namespace]);
        self.run_elsewhere(&plane, &["usage", "jks", "--namespace", &namespace]);
        self.run_elsewhere(&plane, &["usage", "-A"]);
        self.run(&["rotate", "db", "a=generate", "--yes", "--restart=auto", "--dry-run=client"]);
        self.run(&["rotate", "db", "a=generate", "--yes", "--restart=auto", "--wait=false"]);
        self.run_to(6, &["rotate", "db", "a=generate", "--yes", "--restart=auto", "--timeout=1s"], |run| run);
        let plane = &Controllers::shared().plane;
        let namespace = restart::plant(plane);
        restart::workload(plane, &namespace, "Deployment", "web", "env", json!({}));
        restart::settled(plane, &namespace, "Deployment", "web");
        let rotate = ["rotate", "db", "password=generate", "--yes", "--restart=auto", "--namespace"];
        self.run_elsewhere(plane, &[&rotate[..], &[&namespace]].concat());
    }

    /// A schedule before its first run, during it, and with every end that a run has.
    fn schedule(&mut self) {
        crate::schedule::schedule(self.plane, &self.namespace, &["--yes"]).run().success();
        self.run(&["schedule", "show"]);
        self.plane
            .kubectl(&["create", "job", "run-0", "--from=cronjob/secretsafe-rotate", "-n", &self.namespace])
            .success();
        self.run(&["schedule", "show"]);
        for (name, failed) in [("run-1", false), ("run-2", true)] {
            crate::schedule::show::job(self.plane, &self.namespace, name, failed);
            self.run(&["schedule", "show"]);
        }
        self.run(&["schedule", "show", "-A"]);
    }

    /// Who may read it, of all kinds and from both kinds of bindings.
    fn access(&mut self) {
        self.plane.grant(&self.plane.user(), &self.namespace, &[("get", "secrets")]);
        self.run(&["access", "db"]);
        self.run(&["access", "db", "--all-subjects"]);
        self.run(&["access"]);
    }

    fn view(&mut self) {
        for more in [&[][..], &["--sizes"], &["--metadata-only"]] {
            self.run(&[&["view", "db"], more].concat());
            self.run(&[&["view", "facts", "frozen", "owned", "bare"], more].concat());
        }
        // What could be read is printed, also if the rest failed.
        self.run_to(5, &["view", "db", "nothing-of-that-name"], |run| run);
        self.run(&["view", "given"]);
        self.run(&["view", "bare", "--metadata-only"]);
    }

    fn list(&mut self) {
        for more in [
            &[][..],
            &["-A"],
            &["--all-types"],
            &["-l", "app=nothing"],
            &["--sort-by=.metadata.name"],
            &["--chunk-size=2"],
        ] {
            self.run(&[&["list"], more].concat());
        }
        // Namespaces that are left out: so many, or nobody knows how many.
        for rights in [&[("list", "namespaces")][..], &[]] {
            let user = self.plane.user();
            self.plane.grant(&user, &self.namespace, &[("list", "secrets")]);
            self.plane.grant_everywhere(&user, rights);
            let kubeconfig = self.plane.kubeconfig_for(&user.token);
            self.run_to(0, &["list", "-A"], |run| run.kubeconfig(&kubeconfig));
            self.run_to(0, &["list", "-A", "--summary"], |run| run.kubeconfig(&kubeconfig));
            self.run_to(0, &["usage", "-A"], |run| run.kubeconfig(&kubeconfig));
        }
    }

    /// Everything that a list can find, and what it cannot know.
    fn findings(&mut self) {
        let certificate = self.certificate.clone();
        for (name, certificate) in [("site", certificate.as_str()), ("no-site", "not a certificate")] {
            let data = json!({"tls.crt": certificate, "tls.key": "not-a-real-key"});
            self.plant(name, json!({"type": "kubernetes.io/tls", "stringData": data}));
        }
        let policy = |key: &str| json!({"v": 1, "keys": {key: {"every": "90d", "source": "generate"}}}).to_string();
        for (name, policy) in [("aging", policy("a")), ("aging-not", policy("z")), ("unruly", "none".to_owned())] {
            let metadata = json!({"annotations": {"secretsafe.dev/policy": policy}});
            self.plant(name, json!({"metadata": metadata, "stringData": {"a": "not-a-real-one"}}));
        }
        crate::findings::write_later(self.plane, &self.namespace, "aging", "a", 50);
        crate::due::plant(self.plane, &self.namespace, "aged", 1, &crate::due::policy("90d", "generate"));
        let findings = ["--stale=90d", "--due", "--unmanaged", "--expiring=36600d", "--deep"];
        for days in [0, 20, 100] {
            let kubeconfig = crate::findings::ahead(ControlPlane::shared(), days);
            let kubeconfig = (kubeconfig.kubeconfig(self.plane.admin_token()), kubeconfig);
            for more in [&[][..], &["--summary"]] {
                self.run_to(0, &[&["list"], &findings[..], more].concat(), |run| run.kubeconfig(&kubeconfig.0));
            }
        }
        self.run(&["list", "--summary"]);
        // And those of which there is nothing to find.
        self.run(&["list"]);
    }

    /// A Secret with everything that a history can tell, and one that this user may see little of.
    fn history(&mut self) {
        let (plane, namespace) = (ControlPlane::shared(), self.namespace.clone());
        crate::history::full(plane, &namespace, "past", &mut |args| drop(self.run(args)));
        let user = plane.user();
        plane.grant(&user, &namespace, &[("get", "secrets")]);
        let kubeconfig = plane.kubeconfig_for(&user.token);
        self.run_to(0, &["history", "past", "k"], |run| run.kubeconfig(&kubeconfig));
    }

    /// A log with every word that it can have, and every flaw.
    fn log(&mut self) {
        let namespace = self.namespace.clone();
        for (code, machine, args) in crate::log::in_all_states(&namespace) {
            self.run_to(code, &args, |run| run.env("XDG_STATE_HOME", machine.state.path()));
        }
    }

    fn diff(&mut self) {
        self.run_to(1, &["diff", "db", "b=stdin", "new=env:TOKEN"], |run| run.env("TOKEN", "not-a-real-token"));
        self.run(&["diff", "db", "b=stdin"]);
        self.run_to(1, &["diff", "db", "--with", "facts"], |run| run);
        self.run_to(1, &["diff", "owned", "--with", "frozen"], |run| run);
        self.run(&["diff", "db", "--with", "db"]);
        let folder = crate::support::temp_folder("manifests");
        let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, labels: {app: x}, annotations: {n: y}}\ntype: Opaque\n\
                    immutable: false\nstringData: {a: x, z: y}\n---\nkind: Pod\n---\n\
                    apiVersion: v1\nkind: Secret\nmetadata: {name: not-yet}\nstringData: {a: x}\n---\n";
        let facts =
            self.plane.kubectl(&["get", "secret", "facts", "-n", &self.namespace, "-o", "json"]).success().out();
        let text = format!("{text}{facts}");
        let path = crate::create_kinds::write(folder.path(), "db.yaml", text.as_bytes());
        self.run_to(1, &["diff", "-f", path.to_str().unwrap()], |run| run);
    }

    fn apply(&mut self) {
        let one = crate::apply::document("applied", "  a: {from: generate}\n");
        let metadata = "{name: applied, labels: {app: web}, annotations: {note: x}}";
        let keys = "  a: {from: generate, policy: {every: 1d}}\n  b: {from: 'public:x'}\n";
        let two = one.replace("{name: applied}", metadata).replace("  a: {from: generate}\n", keys);
        let sealed = one.replace("keys:", "immutable: true\nkeys:");
        let other = format!("{}---\nkind: ConfigMap\n", crate::apply::document("other", "  k: {from: keychain}\n"));
        for (code, text, more) in [
            (0, &one, &["--dry-run=client"][..]),
            (0, &one, &["--dry-run=server"]),
            (0, &one, &[]),
            (0, &one, &[]),
            (0, &two, &["--dry-run=client"]),
            (0, &two, &["--dry-run=server"]),
            (0, &two, &[]),
            (0, &two, &["--dry-run=client"]),
            (0, &one, &["--renew", "a", "--prune"]),
            (0, &sealed, &[]),
            (4, &other, &[]),
        ] {
            self.run_to(code, &[&["apply", "-f", "-", "--yes"], more].concat(), |run| run.stdin(text.as_str()));
        }
    }

    fn copy(&mut self) {
        let (one, other) = (self.plane.namespace(), self.plane.namespace());
        let to = ["copy", "db", "--to", &one, "--to", &other, "--yes"];
        self.thrice(&to);
        for dry in ["client", "server"] {
            self.run(&[&to[..], &["--apply", &format!("--dry-run={dry}"), "--keys", "a"]].concat());
        }
        self.run(&[&to[..], &["--apply"]].concat());
        self.run_to(5, &to, |run| run);
        self.run(&["copy", "-l", "app=nothing", "--to", &one, "--yes"]);
        self.run(&["copy", "db", "--all-namespaces-matching", "nothing-of-that-name-*", "--yes"]);
    }
}

fn jwt(claims: &str) -> String {
    format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#), URL_SAFE_NO_PAD.encode(claims))
}

/// One value for each kind of fact, and for each form that it has.
fn facts(authority: &Authority) -> Value {
    let server = authority.server();
    let pem = |label: &str| format!("-----BEGIN {label}-----\nbm90LWEtcmVhbC1vbmU=\n-----END {label}-----\n");
    let mut data: Vec<(&str, String)> = vec![
        ("certificate", server.cert_pem.clone()),
        ("chain", format!("{}{}", server.cert_pem, authority.pem())),
        ("key", server.key_pem.clone()),
        ("encrypted", pem("ENCRYPTED PRIVATE KEY")),
        ("pem", pem("CERTIFICATE REQUEST")),
        ("ssh", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f".to_owned()),
        ("jwt", jwt(r#"{"exp":1900000000}"#)),
        ("jwt.forever", jwt("{}")),
        ("docker", r#"{"auths":{"ghcr.io":{"username":"ci"}}}"#.to_owned()),
        ("url", "postgres://db.example.com/x".to_owned()),
        ("url.hidden", "postgres://u:p@h@db.example.com/x".to_owned()),
        ("json", r#"{"a":1}"#.to_owned()),
        ("yaml", "a: 1\nb: 2\n".to_owned()),
        ("newline", "text\n".to_owned()),
        ("windows", "a\r\nb".to_owned()),
        ("mark", "\u{feff}text".to_owned()),
        ("twice", STANDARD.encode("not-a-real-password")),
        ("weak", "password".to_owned()),
        ("placeholder", "changeme".to_owned()),
        ("empty", String::new()),
    ];
    let mut encoded: serde_json::Map<String, Value> =
        data.drain(..).map(|(key, text)| (key.to_owned(), json!(STANDARD.encode(text)))).collect();
    encoded.insert("binary".to_owned(), json!("/wAB"));
    Value::Object(encoded)
}

/// Secrets that this program did not make.
fn plant(reports: &Reports<'_>, authority: &Authority) {
    reports.plant("facts", json!({"metadata": {"labels": {"app": "facts"}}, "data": facts(authority)}));
    let owner = json!({"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "s", "uid": "1", "controller": true});
    let forged = json!({"v": 1, "at": "2090-01-01T00:00:00Z", "by": "mallory", "from": "prompt", "n": 1, "op": "x"});
    reports.plant(
        "owned",
        json!({"metadata": {"ownerReferences": [owner], "annotations": {"key.secretsafe.dev/a": forged.to_string()}},
            "type": "example.com/other", "stringData": {"a": "x"}}),
    );
    reports.plant("helm", json!({"type": "helm.sh/release.v1", "metadata": {"labels": {"owner": "helm"}}}));
    reports.plant("bare", json!({"stringData": {"a": "x", "b": "y"}, "metadata": {"annotations": {"key.secretsafe.dev/a": forged.to_string()}}}));
    // Nothing tells who set which key: what is left is the time of creation.
    let nobody = r#"{"metadata":{"managedFields":[{}]}}"#;
    reports
        .plane
        .kubectl(&["patch", "secret", "bare", "-n", &reports.namespace, "--type=merge", "-p", nobody])
        .success();
}

/// A certificate that ends within a hundred years, unlike those of the test bed.
fn expiring() -> String {
    let mut params = rcgen::CertificateParams::new(vec!["site.example.com".into()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2100, 1, 1);
    params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
}

/// Names of fields and words of closed sets: what a schema names, in whatever place.
fn named(schema: &Value, fields: &mut BTreeSet<String>, words: &mut BTreeSet<String>) {
    if let Some(Value::Object(properties)) = schema.get("properties") {
        fields.extend(properties.keys().cloned());
    }
    if let Some(word) = schema.get("const").and_then(Value::as_str) {
        words.insert(word.to_owned());
    }
    let parts: Vec<&Value> = match schema {
        Value::Object(parts) => parts.values().collect(),
        Value::Array(parts) => parts.iter().collect(),
        _ => Vec::new(),
    };
    parts.into_iter().for_each(|part| named(part, fields, words));
}

fn used(document: &Value, fields: &mut BTreeSet<String>, words: &mut BTreeSet<String>) {
    match document {
        Value::Object(parts) => {
            for (name, part) in parts {
                fields.insert(name.clone());
                used(part, fields, words);
            }
        }
        Value::Array(parts) => parts.iter().for_each(|part| used(part, fields, words)),
        Value::String(word) => drop(words.insert(word.clone())),
        _ => {}
    }
}

#[test]
fn every_report_fits_its_schema_and_reaches_all_of_it() {
    let plane = ControlPlane::shared();
    let authority = Authority::new("automation");
    let server = authority.server();
    let mut reports = Reports {
        plane,
        namespace: plane.namespace(),
        key: server.key_pem.clone(),
        certificate: expiring(),
        documents: Vec::new(),
    };
    plant(&reports, &authority);
    let folder = crate::support::temp_folder("automation");
    let certificate = crate::create_kinds::write(folder.path(), "server.crt", server.cert_pem.as_bytes());
    reports.create(certificate.to_str().unwrap());
    reports.change();
    reports.rotation();
    reports.usage();
    reports.access();
    reports.audit();
    reports.scan();
    reports.view();
    reports.list();
    reports.diff();
    reports.apply();
    reports.copy();
    reports.policy();
    reports.due();
    reports.findings();
    reports.history();
    reports.schedule();
    reports.log();
    let keyring = Keyring::secret_service();
    reports.run_to(0, &["keychain", "list"], |run| run.envs(keyring.env()));
    keyring.store("secretsafe", "team/db", b"not-a-real-token");
    reports.run_to(0, &["keychain", "list"], |run| run.envs(keyring.env()));

    let wrong = complaints(&reports.documents);
    assert!(wrong.is_empty(), "{} complaints: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);

    let mut missed = Vec::new();
    for (kind, schema) in published() {
        let [mut fields, mut words, mut seen_fields, mut seen_words] = std::array::from_fn(|_| BTreeSet::new());
        named(&schema, &mut fields, &mut words);
        // The items of a SecretViewList are as good as a SecretView.
        let family = |kind: &str| match kind {
            "SecretViewList" | "SecretDiffList" | "SecretPolicyList" | "SecretRotationList" => {
                kind.trim_end_matches("List").to_owned()
            }
            kind => kind.to_owned(),
        };
        for document in reports.documents.iter().filter(|document| family(document.kind()) == family(&kind)) {
            used(&document.report, &mut seen_fields, &mut seen_words);
        }
        missed.extend(fields.difference(&seen_fields).map(|field| format!("{kind}: field {field}")));
        missed.extend(words.difference(&seen_words).map(|word| format!("{kind}: word {word}")));
    }
    let excused = |missed: &String| NOT_REACHED.iter().any(|(what, _)| missed.replace("ViewList", "View") == *what);
    missed.retain(|missed| !excused(missed));
    assert!(missed.is_empty(), "no document has these: {missed:#?}");
}

#[test]
fn a_document_that_does_not_fit_is_found() {
    let list = json!({"apiVersion": "secretsafe.dev/v1alpha1", "kind": "KeychainList",
        "items": [{"service": "secretsafe", "account": "team/db"}]});
    let found = |change: fn(&mut Value)| {
        let mut report = list.clone();
        change(&mut report);
        complaints(&[Document { what: "list".to_owned(), report }])
    };
    assert!(found(|_| {}).is_empty());
    assert!(found(|report| report["apiVersion"] = json!("secretsafe.dev/v2")).len() > 1);
    assert!(found(|report| report["items"][0]["account"] = Value::Null)[0].contains("$.items[0].account"));
    assert!(found(|report| drop(report.as_object_mut().unwrap().remove("items")))[0].contains("'items' is a required"));
    let more = found(|report| report["items"][0]["note"] = json!("x"));
    assert!(more.len() == 1 && more[0].contains("more than the schema names"), "{more:?}");
}
