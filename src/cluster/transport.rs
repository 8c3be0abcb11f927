//! One request, one answer: sends it, waits within the limit, and sorts what came back.
//!
//! Reads are tried again when the server is busy, a bounded number of times; writes never are.

use std::time::{Duration, Instant};

use http::header::{ACCEPT, CONTENT_TYPE, DATE, RETRY_AFTER, WARNING};
use http::{HeaderMap, Method, Request};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use kube::client::Body;

use crate::names::KeyName;
use crate::plaintext::wire::{Incomplete, Status, WireBody, parse_status};

use super::connect::Cluster;
use super::error::ClusterError;
use super::protection::stores;

/// Asks for an answer without data, which works for reads and for writes.
pub(super) const METADATA_ONLY: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
/// The same for lists.
pub(super) const METADATA_LIST: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
/// Asks for the row that `kubectl get` shows (type and number of keys), with the metadata; no data.
pub(super) const TABLE: &str = "application/json;as=Table;g=meta.k8s.io;v=v1";
/// Asks for the object itself.
pub(super) const WHOLE: &str = "application/json";

/// How often a read is tried again.
const RETRIES: u32 = 3;
/// The longest wait that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A request to be sent.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// The HTTP method.
    pub(super) method: Method,
    /// Path and query; every part of it is a checked name.
    pub(super) path: String,
    /// What kind of answer is wanted.
    pub(super) accept: &'static str,
    /// The keys that are sent along, so that an error may name them.
    pub(super) keys: &'a [KeyName],
}

impl Call<'_> {
    /// Returns the path for a trace: a selector is text that was typed, and a token is the server's own.
    fn shown(&self) -> &str {
        match self.path.split_once('?') {
            Some((path, _)) if self.method == Method::GET => path,
            _ => &self.path,
        }
    }
}

/// A good answer.
#[derive(Debug)]
pub(super) struct Reply {
    /// The server's time.
    pub(super) date: Option<Timestamp>,
    /// The body.
    pub(super) body: WireBody,
}

/// A bad answer, with the server's time if it gave one.
#[derive(Debug)]
pub(super) struct Failure {
    /// What went wrong.
    pub(super) error: ClusterError,
    /// The server's time.
    pub(super) date: Option<Timestamp>,
    /// The token with which an expired list goes on.
    pub(super) resume: Option<Box<str>>,
    retry_after: Option<Duration>,
}

impl From<ClusterError> for Failure {
    fn from(error: ClusterError) -> Self {
        Self { error, date: None, resume: None, retry_after: None }
    }
}

impl Cluster {
    /// Sends a read; tries again when the server is busy or cuts the connection, not when nobody listens.
    pub(super) async fn read(&self, call: &Call<'_>) -> Result<Reply, Failure> {
        let mut attempt = 0;
        loop {
            let failure = match self.once(call, WireBody::empty()).await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            let busy = matches!(failure.error.code(), Some(429 | 500 | 502 | 503 | 504));
            let cut = matches!(failure.error, ClusterError::Cut { .. });
            if attempt >= RETRIES || !(busy || cut) {
                return Err(failure);
            }
            attempt += 1;
            let wait = failure.retry_after.unwrap_or(Duration::from_millis(100 << attempt)).min(LONGEST_WAIT);
            self.ui()
                .trace(1, || format!("{}; try {} of {RETRIES} in {} ms", failure.error, attempt, wait.as_millis()));
            tokio::time::sleep(wait).await;
        }
    }

    /// Sends a write, once.
    pub(super) async fn write(&self, call: &Call<'_>, body: WireBody) -> Result<Reply, Failure> {
        if self.lock().stops(&call.method, &call.path) {
            return Err(ClusterError::Protected.into());
        }
        // An Event belongs to a change that was noted itself.
        if stores(&call.method, &call.path) && !self.journal().has_begun_to_write() {
            return Err(ClusterError::Unlogged.into());
        }
        let reply = self.once(call, body).await?;
        if stores(&call.method, &call.path) {
            self.note_stored();
        }
        Ok(reply)
    }

    async fn once(&self, call: &Call<'_>, body: WireBody) -> Result<Reply, Failure> {
        let started = Instant::now();
        let exchange = self.ui().waiting(self.exchange(call, body));
        let result = match self.timeout() {
            None => exchange.await,
            Some(limit) => tokio::time::timeout(limit, exchange).await.unwrap_or_else(|_| {
                Err(ClusterError::Timeout { server: self.server().to_owned(), seconds: limit.as_secs() }.into())
            }),
        };
        self.ui().trace(6, || {
            let outcome = match &result {
                Ok(_) => "ok".to_owned(),
                Err(failure) => failure.error.code().map_or_else(|| "no answer".to_owned(), |code| code.to_string()),
            };
            format!("{} {} -> {outcome} in {} ms", call.method, call.shown(), started.elapsed().as_millis())
        });
        result
    }

    async fn exchange(&self, call: &Call<'_>, body: WireBody) -> Result<Reply, Failure> {
        let mut request = Request::builder().method(call.method.clone()).uri(&call.path).header(ACCEPT, call.accept);
        if call.method != Method::GET {
            request = request.header(CONTENT_TYPE, content_type(call));
        }
        // Only a path with forbidden characters could fail here, and paths are made of checked names.
        let request = request.body(body.send()).map_err(|_| ClusterError::Cut { server: self.server().to_owned() })?;
        let response = self.client().send(request).await.map_err(|err| self.sort(&err))?;
        let (head, body) = response.into_parts();
        self.count_warnings(&head.headers);
        let date = server_time(&head.headers);
        let body = self.collect(body).await.map_err(|error| Failure { date, ..error.into() })?;
        if head.status.is_success() {
            return Ok(Reply { date, body });
        }
        let Status { reason, fields, cause, resume } = parse_status(&body, call.keys);
        let error = ClusterError::Status { code: head.status.as_u16(), reason, fields, cause };
        let resume = resume.map(String::into_boxed_str);
        Err(Failure { error, date, resume, retry_after: retry_after(&head.headers) })
    }

    async fn collect(&self, body: Body) -> Result<WireBody, ClusterError> {
        WireBody::collect(body).await.map_err(|why| match why {
            Incomplete::Cut => ClusterError::Cut { server: self.server().to_owned() },
            Incomplete::TooLarge => ClusterError::TooLarge,
        })
    }

    /// Warnings are text that webhooks choose: they are counted and never shown (requirement S8).
    fn count_warnings(&self, headers: &HeaderMap) {
        let count = headers.get_all(WARNING).iter().count();
        if count > 0 {
            self.add_warnings(count);
            self.ui().trace(1, || {
                format!("the API server sent {count} warning(s), which are not shown: they may quote values")
            });
        }
    }

    /// Tells a connection that was never made from one that broke, without quoting the library.
    fn sort(&self, err: &kube::Error) -> ClusterError {
        let server = self.server().to_owned();
        match connect_failure(err) {
            Some(reason) => ClusterError::Connect { server, reason },
            None => ClusterError::Cut { server },
        }
    }
}

/// Walks to the connector's error, if the connection was never made.
fn connect_failure(err: &kube::Error) -> Option<&'static str> {
    let mut connect = false;
    let mut reason = "the connection could not be made";
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(err);
    while let Some(error) = next {
        connect |= error.downcast_ref::<hyper_util::client::legacy::Error>().is_some_and(|client| client.is_connect());
        if error.is::<rustls::Error>() {
            reason = "its certificate or TLS setup is not accepted";
        }
        // An io::Error's `source` is that of the error inside of it, so that one would be skipped.
        next = match error.downcast_ref::<std::io::Error>() {
            Some(io) => {
                reason = io_reason(io);
                io.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static))
            }
            None => error.source(),
        };
    }
    connect.then_some(reason)
}

fn io_reason(io: &std::io::Error) -> &'static str {
    use std::io::ErrorKind as Kind;

    match io.kind() {
        Kind::ConnectionRefused => "connection refused",
        Kind::TimedOut => "timed out",
        Kind::HostUnreachable | Kind::NetworkUnreachable => "the host cannot be reached",
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::UnexpectedEof => "it closed the connection",
        Kind::InvalidData => "its certificate or TLS setup is not accepted",
        _ => "the host is not known or cannot be reached",
    }
}

/// What kind of body a write has.
fn content_type(call: &Call<'_>) -> &'static str {
    match () {
        () if call.method != Method::PATCH => "application/json",
        // Server-side apply; the API server refuses `force` with any other patch.
        () if call.path.contains("force=true") => "application/apply-patch+yaml",
        // RFC 7386: a key that is not named stays, null removes it.
        () => "application/merge-patch+json",
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

/// Reads the server's clock from the `Date` header (RFC 9110, IMF-fixdate).
fn server_time(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(DATE)?.to_str().ok()?;
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_header_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert(DATE, "Tue, 24 Nov 2026 10:00:00 GMT".parse().unwrap());
        assert_eq!(server_time(&headers), Some("2026-11-24T10:00:00Z".parse().unwrap()));
        headers.insert(DATE, "yesterday".parse().unwrap());
        assert_eq!(server_time(&headers), None);
    }
}
