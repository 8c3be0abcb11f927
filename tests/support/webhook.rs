//! Real admission in the way of a Secret, whose words quote the data: a webhook server of ours that
//! the API server calls, and a ValidatingAdmissionPolicy.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::controlplane::ControlPlane;
use super::daemon::wait_for;
use super::http::{Request, Response};
use super::https::{Answer, Handler, HttpsServer};
use super::random_hex;

const SETTLE_LIMIT: Duration = Duration::from_secs(30);
const GROUP: &str = "/apis/admissionregistration.k8s.io/v1";

/// What the webhook says to a write of a Secret. It always quotes the data, raw and base64.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verdict {
    /// Refuses with this code.
    Deny(u16),
    /// Lets the write pass with warnings.
    Warn,
}

/// What a ValidatingAdmissionPolicy does with its message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Deny,
    Warn,
}

/// Admission that is in force in one namespace until this is dropped.
pub(crate) struct Admission<'a> {
    plane: &'a ControlPlane,
    /// Paths of the objects that register it.
    objects: Vec<String>,
    webhook: Option<(HttpsServer, Arc<Quoter>)>,
}

struct Quoter {
    verdict: Verdict,
    calls: AtomicUsize,
}

impl<'a> Admission<'a> {
    /// Starts a webhook and registers it for all writes of Secrets in `namespace`. Returns when the
    /// API server calls it.
    pub(crate) fn webhook(plane: &'a ControlPlane, namespace: &str, verdict: Verdict) -> Self {
        let quoter = Arc::new(Quoter { verdict, calls: AtomicUsize::new(0) });
        let handler: Arc<dyn Handler> = Arc::<Quoter>::clone(&quoter);
        let server = HttpsServer::start("admission webhook", handler);
        let name = format!("quote-{}", random_hex(6));
        let object = json!({
            "metadata": { "name": name },
            "webhooks": [{
                "name": "quote.bed.test",
                "clientConfig": {
                    "url": format!("{}/admit", server.url()),
                    "caBundle": STANDARD.encode(server.ca_pem()),
                },
                "rules": [secrets()],
                "namespaceSelector": only(namespace),
                "failurePolicy": "Fail",
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
                "timeoutSeconds": 30,
            }],
        });
        let path = format!("{GROUP}/validatingwebhookconfigurations");
        plane.create(&path, &object);
        let objects = vec![format!("{path}/{name}")];
        let admission = Self { plane, objects, webhook: Some((server, Arc::clone(&quoter))) };
        admission.wait_until_in_force(namespace, || quoter.calls.load(Ordering::SeqCst) > 0);
        quoter.calls.store(0, Ordering::SeqCst);
        admission
    }

    /// Makes a ValidatingAdmissionPolicy whose message quotes the data, and binds it to `namespace`.
    /// Returns when it is in force.
    pub(crate) fn policy(plane: &'a ControlPlane, namespace: &str, action: Action) -> Self {
        let name = format!("quote-{}", random_hex(6));
        let quoted = "object.data.map(key, key + '=' + string(object.data[key])).join(' ')";
        let policy = json!({
            "metadata": { "name": name },
            "spec": {
                "failurePolicy": "Fail",
                "matchConstraints": {
                    "resourceRules": [secrets()],
                    "namespaceSelector": only(namespace),
                },
                "validations": [{
                    "expression": "!has(object.data)",
                    "messageExpression": format!("'the data is ' + {quoted}"),
                }],
            },
        });
        let binding = json!({
            "metadata": { "name": name },
            "spec": { "policyName": name, "validationActions": [format!("{action:?}")] },
        });
        let policies = format!("{GROUP}/validatingadmissionpolicies");
        let bindings = format!("{GROUP}/validatingadmissionpolicybindings");
        plane.create(&policies, &policy);
        plane.create(&bindings, &binding);
        let objects = vec![format!("{bindings}/{name}"), format!("{policies}/{name}")];
        let admission = Self { plane, objects, webhook: None };
        admission.wait_until_in_force(namespace, || false);
        admission
    }

    /// Returns how often the API server called the webhook.
    pub(crate) fn calls(&self) -> usize {
        self.webhook.as_ref().map_or(0, |(_, quoter)| quoter.calls.load(Ordering::SeqCst))
    }

    /// The server learns of new admission from a watch: writes a Secret, without storing it, until
    /// that shows.
    fn wait_until_in_force(&self, namespace: &str, called: impl Fn() -> bool) {
        let path = format!("/api/v1/namespaces/{namespace}/secrets?dryRun=All");
        let probe = json!({ "metadata": { "name": "probe" }, "data": { "probe": "" } });
        let in_force = wait_for(SETTLE_LIMIT, || {
            let answer = self.plane.post(&path, &probe);
            let warned = answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("warning"));
            (answer.code >= 400 || warned || called()).then_some(())
        });
        assert!(in_force.is_some(), "the API server does not apply {:?}", self.objects);
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        for path in &self.objects {
            self.plane.request(self.plane.admin_token(), Request::new("DELETE", path));
        }
    }
}

impl Handler for Quoter {
    fn answer(&self, _connection: usize, request: Request) -> Answer {
        let review: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let quotes = quotes(&review["request"]["object"]["data"]);
        self.calls.fetch_add(1, Ordering::SeqCst);
        let uid = &review["request"]["uid"];
        let response = match self.verdict {
            Verdict::Deny(code) => json!({
                "uid": uid,
                "allowed": false,
                "status": { "code": code, "message": quotes.join(" ") },
            }),
            Verdict::Warn => json!({ "uid": uid, "allowed": true, "warnings": quotes }),
        };
        let body = json!({
            "apiVersion": "admission.k8s.io/v1",
            "kind": "AdmissionReview",
            "response": response,
        });
        let body = body.to_string();
        Answer::Keep(Response::new(200, "application/json", body.as_bytes()).to_bytes())
    }
}

/// Returns each value of a Secret's data twice: as it came, and decoded.
fn quotes(data: &Value) -> Vec<String> {
    let values = data.as_object().into_iter().flatten();
    values
        .filter_map(|(key, value)| Some((key, value.as_str()?)))
        .flat_map(|(key, value)| {
            let raw = STANDARD.decode(value).unwrap_or_default();
            let raw = String::from_utf8_lossy(&raw).into_owned();
            [format!("{key} is {value}"), format!("{key} is {raw}")]
        })
        .collect()
}

fn secrets() -> Value {
    json!({
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["secrets"],
    })
}

fn only(namespace: &str) -> Value {
    json!({ "matchLabels": { "kubernetes.io/metadata.name": namespace } })
}
