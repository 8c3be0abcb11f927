//! What can go wrong between a client and the API server, and for which requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::http::{Request, Response};

/// One thing that goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Wait, then forward as if nothing happened.
    Delay(Duration),
    /// Close the connection; the server never hears of the request.
    CutBefore,
    /// Forward the request, then close the connection without an answer.
    CutAfter,
    /// Forward the request, answer with all headers and half of the body, then close.
    HalfBody,
    /// Answer with a Kubernetes Status whose message, cause and `Warning:` header quote `quote`.
    Status { code: u16, reason: &'static str, quote: String, retry_after: Option<u32> },
    /// Answer that this version of the list is gone, with the token of the request as the one to go on with.
    Gone,
    /// Answer with success and this body, called JSON.
    Garbage(Vec<u8>),
    /// Forward the request and move the server's clock, as its answers tell it, by so many seconds.
    Clock(i64),
    /// Forward the request and take the server's clock out of the answer.
    NoClock,
    /// Forward the request and call the answer `text/html`.
    WrongContentType,
    /// Close each new connection before the handshake. Counts connections, and ignores filters.
    TlsClosed,
    /// Answer with this code, as a webhook does that quotes what it was sent: raw and base64.
    QuoteRequest(u16),
    /// Forward the request and send the answer in chunks of so many bytes.
    Chunked(usize),
    /// Answer in the place of a server behind the API server's own proxy.
    StandIn(StandIn),
}

/// What stands for such a server: a control plane without nodes has no Pod to run one.
#[derive(Clone)]
pub(crate) struct StandIn(pub(crate) Arc<dyn Fn(&Request) -> Response + Send + Sync>);

impl std::fmt::Debug for StandIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StandIn(…)")
    }
}

/// A fault and the requests it happens to. The first rule that applies to a request wins.
#[derive(Debug)]
pub(crate) struct Rule {
    fault: Fault,
    method: Option<&'static str>,
    path: Option<String>,
    skip: usize,
    times: usize,
    matched: AtomicUsize,
}

impl Rule {
    /// Happens to every request.
    pub(crate) fn always(fault: Fault) -> Self {
        let matched = AtomicUsize::new(0);
        Self { fault, method: None, path: None, skip: 0, times: usize::MAX, matched }
    }

    /// Happens to the request of that index only, counted from 0 among those that the filters let
    /// through.
    pub(crate) fn nth(index: usize, fault: Fault) -> Self {
        Self { skip: index, times: 1, ..Self::always(fault) }
    }

    /// Happens to the first requests only, counted as in [`Rule::nth`].
    pub(crate) fn first(times: usize, fault: Fault) -> Self {
        Self { times, ..Self::always(fault) }
    }

    /// Leaves requests with another method alone.
    #[must_use]
    pub(crate) fn method(self, method: &'static str) -> Self {
        Self { method: Some(method), ..self }
    }

    /// Leaves requests alone whose path and query do not contain `part`.
    #[must_use]
    pub(crate) fn path(self, part: impl Into<String>) -> Self {
        Self { path: Some(part.into()), ..self }
    }

    fn fits(&self, request: &Request) -> bool {
        self.method.is_none_or(|method| request.method == method)
            && self.path.as_ref().is_none_or(|part| request.target.contains(part))
    }

    fn strikes(&self) -> bool {
        let index = self.matched.fetch_add(1, Ordering::SeqCst);
        index >= self.skip && index - self.skip < self.times
    }
}

/// Returns what happens to this request. Every rule that fits counts it, whichever wins.
pub(crate) fn for_request(rules: &[Rule], request: &Request) -> Option<Fault> {
    let striking: Vec<&Rule> = rules
        .iter()
        .filter(|rule| !matches!(rule.fault, Fault::TlsClosed))
        .filter(|rule| rule.fits(request) && rule.strikes())
        .collect();
    striking.first().map(|rule| rule.fault.clone())
}

/// Returns whether a new connection is closed before its handshake.
pub(crate) fn for_connection(rules: &[Rule]) -> bool {
    let mut closers = rules.iter().filter(|rule| matches!(rule.fault, Fault::TlsClosed));
    closers.any(Rule::strikes)
}

/// Returns a Kubernetes Status that quotes `quote` wherever a server can put text.
pub(crate) fn status(code: u16, reason: &str, quote: &str) -> Response {
    let body = json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": quote,
        "reason": reason,
        "details": {
            "name": quote,
            "kind": "secrets",
            "causes": [{ "reason": "FieldValueInvalid", "message": quote, "field": "data" }],
        },
        "code": code,
    });
    Response::new(code, "application/json", body.to_string().as_bytes())
        .header("Warning", &format!("299 - \"{}\"", header_text(quote)))
}

/// Returns the text of a `Date` header, so many seconds from now.
pub(crate) fn date(seconds: i64) -> String {
    let time = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).expect("a date of our time")
}

/// Returns the Status of a list whose version is gone: its metadata says how to go on.
pub(crate) fn gone(request: &Request) -> Response {
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let token = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "continue");
    let token = token.map_or_else(String::new, |(_, token)| token.into_owned());
    let body = json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": { "continue": token },
        "status": "Failure",
        "message": "The provided continue parameter is too old",
        "reason": "Expired",
        "code": 410,
    });
    Response::new(410, "application/json", body.to_string().as_bytes())
}

/// Returns a Status that quotes the body of `request`, raw and base64.
pub(crate) fn quote(code: u16, request: &Request) -> Response {
    let raw = String::from_utf8_lossy(&request.body);
    let message =
        format!("admission webhook \"quote.bed.test\" denied the request: {raw} ({})", STANDARD.encode(&request.body));
    status(code, "Forbidden", &message)
}

/// Makes text fit for a quoted string in a header.
fn header_text(text: &str) -> String {
    let printable = text.chars().filter(|c| !c.is_control());
    printable.collect::<String>().replace('\\', "\\\\").replace('"', "\\\"")
}
