//! The bare loop: sends the requests that `rotate --due` sends, and does nothing else.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use serde_json::{Value, json};

use crate::field::{Field, secrets_of};
use crate::support::http::{Request, Response, tune};

/// How many at the same time; that of `rotate --due`.
const PARALLEL: usize = 16;
/// Asks for what `rotate --due` asks for.
const TABLE: &str = "application/json;as=Table;g=meta.k8s.io;v=v1";
const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/// Whether each request has a connection of its own, or one is kept open by each thread, as `rotate --due` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connections {
    Fresh,
    Kept,
}

/// One Secret of the list.
struct Row {
    namespace: String,
    name: String,
    uid: String,
    version: String,
}

/// Lists the group page by page, and sends a PATCH and an Event for each; returns how long that took.
pub(crate) fn run(field: &Field, group: &str, connections: Connections) -> Duration {
    let started = Instant::now();
    let rows = list(field, group);
    assert_eq!(rows.len(), field.secrets);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..PARALLEL {
            scope.spawn(|| {
                let mut wire = Wire { field, connections, open: None };
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let answer = wire.send(&patch(row));
                    assert_eq!(answer.code, 200, "a PATCH");
                    let answer = wire.send(&event(row));
                    assert_eq!(answer.code, 201, "an Event");
                }
            });
        }
    });
    started.elapsed()
}

fn list(field: &Field, group: &str) -> Vec<Row> {
    let mut wire = Wire { field, connections: Connections::Fresh, open: None };
    let (mut rows, mut token) = (Vec::new(), String::new());
    loop {
        let selector = format!("secretsafe.dev%2Fpolicy%3Dtrue%2Cgroup%3D{group}");
        let path = format!("/api/v1/secrets?limit=500&labelSelector={selector}{token}");
        let page = wire.send(&Request::new("GET", &path).header("Accept", TABLE)).json();
        for row in page["rows"].as_array().unwrap() {
            let text = |field: &str| row["object"]["metadata"][field].as_str().unwrap().to_owned();
            rows.push(Row {
                namespace: text("namespace"),
                name: text("name"),
                uid: text("uid"),
                version: text("resourceVersion"),
            });
        }
        match page["metadata"]["continue"].as_str() {
            Some(next) if !next.is_empty() => token = format!("&continue={next}"),
            _ => return rows,
        }
    }
}

fn patch(row: &Row) -> Request {
    let record = json!({"v": 1, "at": "2026-01-01T00:00:00Z", "by": "admin", "from": "generate", "n": 2,
        "op": "0123456789abcdef0123456789abcdef"});
    let body: Value = json!({"metadata": {"uid": row.uid, "resourceVersion": row.version,
            "annotations": {"key.secretsafe.dev/k": record.to_string()}},
        "data": {"k": "bm90LWEtcmVhbC12YWx1ZS1vZi1mb3J0eS1jaGFyYWN0ZXJzLW9y"}});
    let path = format!("{}/{}?fieldManager=kubectl-secretsafe", secrets_of(&row.namespace), row.name);
    Request::new("PATCH", &path)
        .header("Accept", METADATA)
        .body("application/merge-patch+json", body.to_string().as_bytes())
}

fn event(row: &Row) -> Request {
    let body = json!({"apiVersion": "v1", "kind": "Event",
        "metadata": {"name": format!("{}.0123456789abcdef", row.name), "namespace": row.namespace},
        "involvedObject": {"apiVersion": "v1", "kind": "Secret", "name": row.name, "namespace": row.namespace, "uid": row.uid},
        "type": "Normal", "reason": "SecretRotated", "message": format!("Secret {} was rotated with 1 key", row.name),
        "source": {"component": "kubectl-secretsafe"}, "reportingComponent": "kubectl-secretsafe",
        "reportingInstance": "kubectl-secretsafe", "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-01T00:00:00Z", "count": 1});
    let path = format!("/api/v1/namespaces/{}/events?fieldManager=kubectl-secretsafe", row.namespace);
    Request::new("POST", &path).header("Accept", METADATA).body("application/json", body.to_string().as_bytes())
}

/// One thread's way to the API server.
struct Wire<'a> {
    field: &'a Field,
    connections: Connections,
    open: Option<BufReader<StreamOwned<ClientConnection, TcpStream>>>,
}

impl Wire<'_> {
    fn send(&mut self, request: &Request) -> Response {
        let plane = self.field.plane;
        let request = request.clone().header("Authorization", &format!("Bearer {}", plane.admin_token()));
        if self.connections == Connections::Fresh {
            return request.send(plane.address(), &plane.trust()).expect("an answer");
        }
        let stream = self.open.get_or_insert_with(|| {
            let name = ServerName::IpAddress(plane.address().ip().into());
            let tls = ClientConnection::new(Arc::clone(&plane.trust()), name).expect("TLS");
            let tcp = TcpStream::connect(plane.address()).expect("a connection");
            tune(&tcp).expect("a socket of ours");
            BufReader::new(StreamOwned::new(tls, tcp))
        });
        let mut bytes = format!("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.target, plane.address());
        for (name, value) in &request.headers {
            bytes += &format!("{name}: {value}\r\n");
        }
        bytes += &format!("Content-Length: {}\r\n\r\n", request.body.len());
        let whole = [bytes.as_bytes(), &request.body].concat();
        stream.get_mut().write_all(&whole).and_then(|()| stream.get_mut().flush()).expect("it is sent");
        Response::read(stream, &request.method).expect("an answer")
    }
}
