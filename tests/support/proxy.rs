//! The fault proxy: a TLS server in front of the real API server that breaks requests on demand.
//!
//! Answers are read whole before they go on, so it is not made for a watch. Client certificates end
//! here; `Authorization` passes through, so use kubeconfigs with tokens.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustls::ClientConfig;
use tempfile::TempDir;

use super::controlplane::ControlPlane;
use super::fault::{self, Fault, Rule};
use super::http::{Request, Response};
use super::https::{Answer, Handler, HttpsServer};
use super::kubeconfig::{Kubeconfig, Login};

/// A running proxy; it stops when this is dropped.
pub(crate) struct Proxy {
    server: HttpsServer,
    state: Arc<State>,
    folder: TempDir,
}

/// A request that reached the proxy.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) request: Request,
    /// Which connection it came over, counted from 0.
    pub(crate) connection: usize,
    /// Whether the API server heard of it.
    pub(crate) forwarded: bool,
}

struct State {
    upstream: SocketAddr,
    trust: Arc<ClientConfig>,
    rules: Mutex<Vec<Rule>>,
    seen: Mutex<Vec<Seen>>,
}

impl Proxy {
    /// Starts a proxy in front of `plane` that follows `rules`.
    pub(crate) fn start(plane: &ControlPlane, rules: Vec<Rule>) -> Self {
        let state = Arc::new(State {
            upstream: plane.address(),
            trust: plane.trust(),
            rules: Mutex::new(rules),
            seen: Mutex::default(),
        });
        let handler: Arc<dyn Handler> = Arc::<State>::clone(&state);
        Self { server: HttpsServer::start("fault proxy", handler), state, folder: super::temp_folder("proxy") }
    }

    /// Writes a kubeconfig that leads here and logs in with `token`.
    pub(crate) fn kubeconfig(&self, token: &str) -> PathBuf {
        Kubeconfig::new(&self.url(), self.server.ca_pem(), Login::Token(token.to_owned()))
            .write_into(self.folder.path())
    }

    /// Returns `https://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Returns the certificate that a client must trust.
    pub(crate) fn ca_pem(&self) -> &str {
        self.server.ca_pem()
    }

    /// Returns every request so far, in the order in which they arrived.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        lock(&self.state.seen).clone()
    }

    /// Returns how many connections were opened so far, those without a request included.
    pub(crate) fn connections(&self) -> usize {
        self.server.connections()
    }

    /// Replaces the rules; their counts start at 0.
    pub(crate) fn set_rules(&self, rules: Vec<Rule>) {
        *lock(&self.state.rules) = rules;
    }
}

impl Handler for State {
    fn accepts(&self, _connection: usize) -> bool {
        !fault::for_connection(&lock(&self.rules))
    }

    fn answer(&self, connection: usize, request: Request) -> Answer {
        let fault = fault::for_request(&lock(&self.rules), &request);
        let index = self.record(connection, &request);
        self.follow(fault, &request, index).unwrap_or_else(|err| {
            let text = format!("the fault proxy cannot reach the API server: {err}");
            Answer::Keep(Response::new(502, "text/plain", text.as_bytes()).to_bytes())
        })
    }
}

impl State {
    fn follow(&self, fault: Option<Fault>, request: &Request, index: usize) -> io::Result<Answer> {
        let forward = || self.forward(request, index);
        let answer = match fault {
            None => Answer::Keep(forward()?.to_bytes()),
            Some(Fault::Delay(time)) => {
                thread::sleep(time);
                Answer::Keep(forward()?.to_bytes())
            }
            Some(Fault::CutBefore | Fault::TlsClosed) => Answer::Cut(Vec::new()),
            Some(Fault::CutAfter) => {
                forward()?;
                Answer::Cut(Vec::new())
            }
            Some(Fault::HalfBody) => {
                let answer = forward()?;
                let mut bytes = answer.to_bytes();
                bytes.truncate(bytes.len() - answer.body.len().div_ceil(2));
                Answer::Cut(bytes)
            }
            Some(Fault::Status { code, reason, quote, retry_after }) => {
                let mut answer = fault::status(code, reason, &quote);
                if let Some(seconds) = retry_after {
                    answer = answer.header("Retry-After", &seconds.to_string());
                }
                Answer::Keep(answer.to_bytes())
            }
            Some(Fault::Gone) => Answer::Keep(fault::gone(request).to_bytes()),
            Some(Fault::Garbage(body)) => {
                let code = if request.method == "POST" { 201 } else { 200 };
                let answer = Response::new(code, "application/json", &body).header("Date", &fault::date(0));
                Answer::Keep(answer.to_bytes())
            }
            Some(Fault::NoClock) => Answer::Keep(without_date(forward()?).to_bytes()),
            Some(Fault::Clock(seconds)) => {
                Answer::Keep(without_date(forward()?).header("Date", &fault::date(seconds)).to_bytes())
            }
            Some(Fault::WrongContentType) => {
                let mut answer = forward()?;
                answer.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
                Answer::Keep(answer.header("Content-Type", "text/html").to_bytes())
            }
            Some(Fault::QuoteRequest(code)) => Answer::Keep(fault::quote(code, request).to_bytes()),
            Some(Fault::StandIn(answer)) => Answer::Keep((answer.0)(request).to_bytes()),
            Some(Fault::Chunked(size)) => Answer::Keep(forward()?.to_chunked_bytes(size)),
        };
        Ok(answer)
    }

    fn forward(&self, request: &Request, index: usize) -> io::Result<Response> {
        if let Some(seen) = lock(&self.seen).get_mut(index) {
            seen.forwarded = true;
        }
        request.send(self.upstream, &self.trust)
    }

    fn record(&self, connection: usize, request: &Request) -> usize {
        let mut seen = lock(&self.seen);
        seen.push(Seen { request: request.clone(), connection, forwarded: false });
        seen.len() - 1
    }
}

fn without_date(mut answer: Response) -> Response {
    answer.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("date"));
    answer
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
