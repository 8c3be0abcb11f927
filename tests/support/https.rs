//! A small HTTPS server on loopback: what the fault proxy and the admission webhook have in common.

use std::io::{self, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::http::{self, Request};
use super::tls::Authority;

/// What a handler does with a request.
pub(crate) enum Answer {
    /// Send these bytes and wait for the next request.
    Keep(Vec<u8>),
    /// Send these bytes and cut the connection.
    Cut(Vec<u8>),
}

/// Decides over connections and answers requests; called from one thread per connection.
pub(crate) trait Handler: Send + Sync + 'static {
    /// Returns whether a new connection gets a handshake at all. Connections count from 0.
    fn accepts(&self, _connection: usize) -> bool {
        true
    }

    fn answer(&self, connection: usize, request: Request) -> Answer;
}

/// A running server; it stops when this is dropped.
pub(crate) struct HttpsServer {
    address: SocketAddr,
    authority: Authority,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

struct Shared {
    tls: Arc<ServerConfig>,
    stop: AtomicBool,
    connections: AtomicUsize,
}

impl HttpsServer {
    /// Listens on a free port with a certificate of its own authority.
    pub(crate) fn start(name: &str, handler: Arc<dyn Handler>) -> Self {
        let authority = Authority::new(name);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free loopback port");
        let address = listener.local_addr().expect("the address just bound");
        let shared = Arc::new(Shared {
            tls: authority.server().server_config(),
            stop: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
        });
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared, &handler)
        });
        Self { address, authority, shared, acceptor: Some(acceptor) }
    }

    /// Returns `https://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Returns the certificate that a client must trust.
    pub(crate) fn ca_pem(&self) -> &str {
        self.authority.pem()
    }

    /// Returns how many connections were opened so far.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for HttpsServer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // One last connection wakes the thread that waits in `accept`.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(acceptor) = self.acceptor.take()
            && woken
        {
            let _ = acceptor.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, handler: &Arc<dyn Handler>) {
    for tcp in listener.incoming() {
        if shared.stop.load(Ordering::SeqCst) {
            return;
        }
        let Ok(tcp) = tcp else { continue };
        let connection = shared.connections.fetch_add(1, Ordering::SeqCst);
        let (shared, handler) = (Arc::clone(shared), Arc::clone(handler));
        // Ends with its connection; what a client does to it is the client's result to judge.
        thread::spawn(move || {
            if handler.accepts(connection) {
                let _ = serve(tcp, connection, &shared, handler.as_ref());
            }
        });
    }
}

fn serve(tcp: TcpStream, connection: usize, shared: &Shared, handler: &dyn Handler) -> io::Result<()> {
    http::tune(&tcp)?;
    let tls = ServerConnection::new(Arc::clone(&shared.tls)).map_err(io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(tls, tcp));
    while let Some(request) = Request::read(&mut stream)? {
        let last =
            http::header(&request.headers, "connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let (bytes, cut) = match handler.answer(connection, request) {
            Answer::Keep(bytes) => (bytes, false),
            Answer::Cut(bytes) => (bytes, true),
        };
        let out = stream.get_mut();
        out.write_all(&bytes)?;
        out.flush()?;
        if cut {
            return Ok(()); // no farewell: the socket just closes
        }
        if last {
            out.conn.send_close_notify();
            return out.flush();
        }
    }
    Ok(())
}
