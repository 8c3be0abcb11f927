//! Documents of `policy` and `rotate --due`, for the test that every report fits its schema and reaches all of it.

use serde_json::{Value, json};

use super::reports::Reports;
use crate::due::plant;
use crate::restart;
use crate::support::command::Secretsafe;
use crate::support::controllers::Controllers;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::http::Request;
use crate::support::proxy::Proxy;
use crate::support::schema::Document;

fn rules(keys: &[(&str, &str)]) -> Value {
    let rule = |(key, source): &(&str, &str)| ((*key).to_owned(), json!({"every": "30h", "source": source}));
    json!({"v": 1, "keys": keys.iter().map(rule).collect::<serde_json::Map<_, _>>(), "restart": "auto"})
}

impl Reports<'_> {
    /// What `policy` prints.
    pub(super) fn policy(&mut self) {
        let set = ["policy", "set", "db", "a", "--every", "90d", "--source", "generate", "--restart=auto", "--yes"];
        self.thrice(&set);
        self.run(&set);
        self.run(&["policy", "show", "db"]);
        for mode in ["never", "always"] {
            self.run(&[&set[..8], &[&format!("--restart={mode}"), "--yes", "--dry-run=client"]].concat());
        }
        self.thrice(&["policy", "clear", "db", "--yes"]);
        self.run(&["policy", "show", "db"]);
        let plane = self.plane;
        plant(
            plane,
            &self.namespace,
            "ruled",
            40,
            &rules(&[("k", "generate"), ("other", "keychain"), ("gone", "exec:x")]),
        );
        plant(plane, &self.namespace, "young", 1, &rules(&[("k", "generate")]));
        plant(plane, &self.namespace, "broken", 1, &json!([]));
        plant(plane, &self.namespace, "unnamed", 1, &rules(&[("other", "generate")]));
        // Without managedFields nothing is known but the object's age.
        let unnamed = Request::new("PATCH", &format!("/api/v1/namespaces/{}/secrets/unnamed", self.namespace))
            .body("application/merge-patch+json", br#"{"metadata": {"managedFields": [{}]}}"#);
        assert_eq!(plane.request(plane.admin_token(), unnamed).code, 200);
        self.run(&["policy", "show"]);
        self.run(&["policy", "show", "-l", "app=nothing"]);
    }

    /// What `rotate --due` prints, in one document and line by line.
    pub(super) fn due(&mut self) {
        let plane = self.plane;
        let namespace = plane.namespace();
        restart::workload(plane, &namespace, "Deployment", "web", "env", json!({}));
        let due = ["rotate", "--due", "--yes", "--namespace", &namespace];
        self.documents_of(plane, 0, &due);
        plant(plane, &namespace, "db", 40, &rules(&[("k", "generate")]));
        for dry in ["--dry-run=client", "--dry-run=server"] {
            self.documents_of(plane, 0, &[&due[..], &[dry]].concat());
        }
        // Nobody there restarts anything.
        self.documents_of(plane, 6, &[&due[..], &["--timeout=1s"]].concat());
        for name in ["refused", "refused-2"] {
            plant(plane, &namespace, name, 40, &rules(&[("k", "exec:x")]));
        }
        self.documents_of(plane, 5, &due);
        self.documents_of(plane, 5, &[&due[..], &["--dry-run=client"]].concat());
        let elsewhere = plane.namespace();
        for name in ["one", "two"] {
            plant(plane, &elsewhere, name, 40, &rules(&[("k", "generate")]));
            let freeze = Request::new("PATCH", &format!("/api/v1/namespaces/{elsewhere}/secrets/{name}"))
                .body("application/merge-patch+json", br#"{"immutable": true}"#);
            assert_eq!(plane.request(plane.admin_token(), freeze).code, 200);
        }
        let stop = ["--parallel=1", "--max-failures=1", "--restart=never"];
        self.documents_of(plane, 5, &[&["rotate", "--due", "--yes", "--namespace", &elsewhere][..], &stop].concat());

        self.by_a_bound(plane);
        let plane = &Controllers::shared().plane;
        let namespace = plane.namespace();
        restart::workload(plane, &namespace, "Deployment", "web", "env", json!({}));
        restart::settled(plane, &namespace, "Deployment", "web");
        let due = ["rotate", "--due", "--yes", "--namespace", &namespace];
        for wait in ["--wait=true", "--wait=false"] {
            // A record of each run, so that both formats find it due.
            for format in ["json", "jsonl"] {
                self.plant_due(plane, &namespace);
                self.document(plane, 0, &[&due[..], &[wait]].concat(), format);
            }
        }
    }

    /// A Secret of somebody else, which surely is old enough: two hours later.
    fn by_a_bound(&mut self, plane: &ControlPlane) {
        let namespace = plane.namespace();
        let policy = crate::due::policy("1h", "generate").to_string();
        let object = json!({"metadata": {"name": "db", "labels": {"secretsafe.dev/policy": "true"},
            "annotations": {"secretsafe.dev/policy": policy}}, "stringData": {"k": "x"}});
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
        let proxy = Proxy::start(plane, vec![Rule::always(Fault::Clock(2 * 3600))]);
        let config = proxy.kubeconfig(plane.admin_token());
        let config = config.to_str().expect("a path of ours");
        let args = ["rotate", "--due", "--dry-run=client", "--namespace", &namespace, "--kubeconfig", config];
        self.documents_of(plane, 0, &args);
    }

    /// The Secret `db`, due again.
    fn plant_due(&self, plane: &ControlPlane, namespace: &str) {
        let path = format!("/api/v1/namespaces/{namespace}/secrets/db");
        plane.request(plane.admin_token(), Request::new("DELETE", &path));
        plant(plane, namespace, "db", 40, &rules(&[("k", "generate")]));
    }

    /// Runs it for one document, and for lines; what is done once is not due the second time.
    fn documents_of(&mut self, plane: &ControlPlane, code: i32, args: &[&str]) {
        self.document(plane, code, args, "json");
        let again = if code == 6 { 0 } else { code };
        self.document(plane, again, args, "jsonl");
    }

    fn document(&mut self, plane: &ControlPlane, code: i32, args: &[&str], format: &str) {
        let run = Secretsafe::new().args(args).args(["-o", format]).kubeconfig(plane.admin_kubeconfig());
        let output = run.run().expect_code(code);
        let text = output.out();
        let whole = [text.as_str()];
        let lines: Vec<&str> = if format == "jsonl" { text.lines().collect() } else { whole.to_vec() };
        for line in lines {
            let report = serde_json::from_str(line).unwrap_or_else(|_| panic!("{args:?}: {line}"));
            self.documents.push(Document { what: args.join(" "), report });
        }
    }
}
