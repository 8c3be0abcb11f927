//! The planted values, in the shapes that real ones have, and the check that none came out.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::canary::{Canary, assert_absent};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Fault;

/// Every output format, `None` being a command's own.
pub(crate) const FORMATS: &[Option<&str>] = &[None, Some("table"), Some("json"), Some("yaml"), Some("name")];

/// Values with their keys, and the canaries that are in them.
pub(crate) struct Planted {
    pub(crate) canaries: Vec<Canary>,
    pub(crate) values: Vec<(String, Vec<u8>)>,
}

impl Planted {
    /// Plants canaries of every sort: alone, and inside of what values usually are.
    pub(crate) fn new() -> Self {
        let mut planted = Self { canaries: Canary::variants(), values: Vec::new() };
        for (number, canary) in planted.canaries.iter().enumerate() {
            planted.values.push((format!("plain-{number}"), canary.bytes().to_vec()));
        }
        planted.add("json-key", |c| json!({ c: 1, "user": "app" }).to_string());
        planted.add("json-value", |c| json!({ "password": c }).to_string());
        planted.add("yaml", |c| format!("{c}: x\nother: {c}\n"));
        planted.add("url-user", |c| format!("amqp://{c}?x:y@mq/"));
        planted.add("url-password", |c| format!("postgres://app:{c}@db.example.com:5432/app?sslmode=require"));
        planted.add("url-query", |c| format!("https://example.com/hook?token={c}#x"));
        planted.add("docker-registry", |c| {
            json!({ "auths": { c: { "auth": STANDARD.encode(format!("u:{c}")) } } }).to_string()
        });
        planted.add("docker-user", |c| json!({ "auths": { "ghcr.io": { "username": c, "password": c } } }).to_string());
        planted.add("pem", |c| {
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(c))
        });
        planted.add("ssh", |c| {
            format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE5vdEFSZWFsS2V5Tm90QVJlYWxLZXlOb3RBUmVhbEtl {c}")
        });
        planted.add("jwt", |c| {
            let url = base64::engine::general_purpose::URL_SAFE_NO_PAD;
            format!("{}.{}.{}", url.encode(r#"{"alg":"HS256"}"#), url.encode(json!({ "sub": c }).to_string()), c)
        });
        planted.add("base64", |c| STANDARD.encode(c));
        planted.add("lines", |c| format!("{c}\r\n{c}\n"));
        planted
    }

    fn add(&mut self, key: &str, shape: impl Fn(&str) -> String) {
        let canary = Canary::random();
        self.values.push((key.to_owned(), shape(canary.text()).into_bytes()));
        self.canaries.push(canary);
    }

    /// A text that quotes every canary, raw and base64, as an API server or webhook may.
    pub(crate) fn quote(&self) -> String {
        let parts: Vec<String> = self
            .values
            .iter()
            .map(|(key, value)| format!("{key}: {} {}", String::from_utf8_lossy(value), STANDARD.encode(value)))
            .collect();
        parts.join("; ")
    }

    /// A namespace with the Secret `db`, made by `kubectl apply`, which copies all values into an annotation.
    pub(crate) fn applied(plane: &ControlPlane) -> (String, Self) {
        let (namespace, planted) = (plane.namespace(), Self::new());
        let manifest = planted.secret("db", &namespace).to_string();
        plane.kubectl_with(&["apply", "-f", "-"], manifest.as_bytes()).success();
        (namespace, planted)
    }

    /// A `v1` Secret with all values.
    pub(crate) fn secret(&self, name: &str, namespace: &str) -> serde_json::Value {
        let data: serde_json::Map<_, _> =
            self.values.iter().map(|(key, value)| (key.clone(), json!(STANDARD.encode(value)))).collect();
        json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name, "namespace": namespace }, "data": data })
    }

    /// Everything that can go wrong between us and the API server, quoting the canaries where it can.
    pub(crate) fn faults(&self) -> Vec<(&'static str, Fault)> {
        let status = |code, reason| Fault::Status { code, reason, quote: self.quote(), retry_after: None };
        let half = format!("{{\"kind\":\"Secret\",\"data\":{{\"a\":\"{}", self.quote());
        let wrong = json!({ "kind": "Secret", "metadata": { "name": "x" }, "data": { "a": self.quote() } }).to_string();
        let reason = json!({ "kind": "Status", "reason": self.quote(), "message": self.quote(),
            "details": { "causes": [{ "field": self.quote(), "reason": self.quote() }] } });
        vec![
            ("400", status(400, "BadRequest")),
            ("401", status(401, "Unauthorized")),
            ("403", status(403, "Forbidden")),
            ("404", status(404, "NotFound")),
            ("409", status(409, "AlreadyExists")),
            ("422", status(422, "Invalid")),
            ("500", status(500, "InternalError")),
            ("not JSON", Fault::Garbage(format!("<html>{}</html>", self.quote()).into_bytes())),
            ("half JSON", Fault::Garbage(half.into_bytes())),
            ("not base64", Fault::Garbage(wrong.into_bytes())),
            ("free words", Fault::Garbage(reason.to_string().into_bytes())),
            ("cut before", Fault::CutBefore),
            ("cut after", Fault::CutAfter),
            ("half body", Fault::HalfBody),
            ("wrong type", Fault::WrongContentType),
            ("TLS closed", Fault::TlsClosed),
            ("webhook 400", Fault::QuoteRequest(400)),
            ("webhook 500", Fault::QuoteRequest(500)),
            ("small chunks", Fault::Chunked(7)),
        ]
    }
}

/// Looks into everything that a run left: what it said, what it noted in the log, and the files it made.
pub(crate) fn check(canaries: &[Canary], run: &Secretsafe, output: &Output, what: &str) {
    assert_absent(canaries, &output.stdout, &format!("{what}: stdout"));
    assert_absent(canaries, &output.stderr, &format!("{what}: stderr"));
    assert_absent(canaries, &output.log, &format!("{what}: the local log"));
    for path in &output.files_created_under_home {
        check_file(canaries, &run.home().join(path), what);
    }
}

fn check_file(canaries: &[Canary], path: &Path, what: &str) {
    if path.is_file() {
        assert_absent(canaries, &fs::read(path).unwrap(), &format!("{what}: {}", path.display()));
    }
}
