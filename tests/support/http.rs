//! HTTP/1.1 over TLS, as little of it as kubectl, our client and the API server need between them.

use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

/// No single read or write of the bed takes longer than this.
pub(crate) const IO_LIMIT: Duration = Duration::from_secs(60);

pub(crate) type Headers = Vec<(String, String)>;

/// What a client asked.
#[derive(Clone, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query, as sent.
    pub(crate) target: String,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

/// What a server answered.
#[derive(Clone, Default)]
pub(crate) struct Response {
    pub(crate) code: u16,
    pub(crate) reason: String,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Returns a request without a body.
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self { method: method.to_owned(), target: target.to_owned(), ..Self::default() }
    }

    /// Adds a header.
    #[must_use]
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a body of the given type.
    #[must_use]
    pub(crate) fn body(mut self, content_type: &str, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self.header("Content-Type", content_type)
    }

    /// Reads one request; `None` when the client closed the connection instead.
    pub(crate) fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let Some((start, headers)) = read_head(from)? else {
            return Ok(None);
        };
        let mut words = start.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err(malformed("request line"));
        };
        let mut request = Self::new(method, target);
        request.body = match framing(&headers)? {
            Framing::Chunked => read_chunks(from)?,
            Framing::Length(length) => read_exactly(from, length)?,
            Framing::UntilClose => Vec::new(),
        };
        request.headers = headers;
        Ok(Some(request))
    }

    /// Sends this request over a connection of its own and reads the whole answer.
    pub(crate) fn send(&self, to: SocketAddr, trust: &Arc<ClientConfig>) -> io::Result<Response> {
        let name = ServerName::IpAddress(to.ip().into());
        let tls = ClientConnection::new(Arc::clone(trust), name).map_err(io::Error::other)?;
        let tcp = TcpStream::connect(to)?;
        tune(&tcp)?;
        let mut stream = BufReader::new(StreamOwned::new(tls, tcp));
        stream.get_mut().write_all(&self.to_bytes(to))?;
        stream.get_mut().flush()?;
        Response::read(&mut stream, &self.method)
    }

    fn to_bytes(&self, to: SocketAddr) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\nHost: {to}\r\n", self.method, self.target);
        for (name, value) in end_to_end(&self.headers) {
            bytes += &format!("{name}: {value}\r\n");
        }
        bytes += &format!("Content-Length: {}\r\nConnection: close\r\n\r\n", self.body.len());
        [bytes.as_bytes(), &self.body].concat()
    }
}

impl Response {
    /// Returns an answer of the given type.
    pub(crate) fn new(code: u16, content_type: &str, body: &[u8]) -> Self {
        Self {
            code,
            reason: "Scripted".to_owned(),
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            body: body.to_vec(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns the body as JSON, or JSON's null when it is something else.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Returns the status line and headers that announce `framing` for the body.
    pub(crate) fn head(&self, framing: &str) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.code, self.reason);
        for (name, value) in end_to_end(&self.headers) {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("{framing}\r\n\r\n");
        head.into_bytes()
    }

    /// Returns the whole answer, its body framed by length.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.head(&format!("Content-Length: {}", self.body.len()));
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Returns the whole answer, its body in chunks of `size` bytes.
    pub(crate) fn to_chunked_bytes(&self, size: usize) -> Vec<u8> {
        let mut bytes = self.head("Transfer-Encoding: chunked");
        for chunk in self.body.chunks(size.max(1)) {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        bytes
    }

    /// Reads one answer to a request of this method.
    pub(crate) fn read(from: &mut impl BufRead, method: &str) -> io::Result<Self> {
        let (start, headers) = read_head(from)?.ok_or_else(|| malformed("empty answer"))?;
        let mut words = start.splitn(3, ' ').skip(1);
        let code = words.next().and_then(|code| code.parse().ok());
        let code: u16 = code.ok_or_else(|| malformed("status line"))?;
        let body = if method == "HEAD" || code == 204 || code == 304 {
            Vec::new()
        } else {
            match framing(&headers)? {
                Framing::Chunked => read_chunks(from)?,
                Framing::Length(length) => read_exactly(from, length)?,
                Framing::UntilClose => read_rest(from)?,
            }
        };
        let reason = words.next().unwrap_or_default().to_owned();
        Ok(Self { code, reason, headers, body })
    }
}

/// Returns the first header of that name.
pub(crate) fn header<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(&found.1)
}

/// Sets what every connection of the bed wants: no delay, and a limit on each read and write.
pub(crate) fn tune(tcp: &TcpStream) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    tcp.set_read_timeout(Some(IO_LIMIT))?;
    tcp.set_write_timeout(Some(IO_LIMIT))
}

enum Framing {
    Chunked,
    Length(usize),
    UntilClose,
}

fn framing(headers: &Headers) -> io::Result<Framing> {
    if header(headers, "transfer-encoding").is_some() {
        return Ok(Framing::Chunked);
    }
    match header(headers, "content-length").map(str::parse) {
        Some(Ok(length)) => Ok(Framing::Length(length)),
        Some(Err(_)) => Err(malformed("Content-Length")),
        None => Ok(Framing::UntilClose),
    }
}

/// Drops the headers that belong to one connection, and `Host`, which each hop writes itself.
fn end_to_end(headers: &Headers) -> impl Iterator<Item = &(String, String)> {
    const HOP: [&str; 5] = ["connection", "keep-alive", "transfer-encoding", "content-length", "host"];
    headers.iter().filter(|(name, _)| !HOP.contains(&name.to_ascii_lowercase().as_str()))
}

fn read_head(from: &mut impl BufRead) -> io::Result<Option<(String, Headers)>> {
    let Some(start) = read_line(from)? else {
        return Ok(None);
    };
    let mut headers = Headers::new();
    loop {
        let line = read_line(from)?.ok_or_else(|| malformed("headers"))?;
        if line.is_empty() {
            return Ok(Some((start, headers)));
        }
        let (name, value) = line.split_once(':').ok_or_else(|| malformed("header"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

/// Reads a line without its end; `None` at the end of the stream, however rudely it ended.
fn read_line(from: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    match from.read_until(b'\n', &mut line) {
        Ok(0) => return Ok(None),
        Ok(_) => {}
        Err(err) if line.is_empty() && is_close(&err) => return Ok(None),
        Err(err) => return Err(err),
    }
    Ok(Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()))
}

fn read_chunks(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(from)?.ok_or_else(|| malformed("chunk"))?;
        let size = line.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size.trim(), 16).map_err(|_| malformed("chunk size"))?;
        body.extend_from_slice(&read_exactly(from, size)?);
        read_line(from)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn read_exactly(from: &mut impl BufRead, length: usize) -> io::Result<Vec<u8>> {
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok(body)
}

fn read_rest(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    match from.read_to_end(&mut body) {
        Err(err) if !is_close(&err) => Err(err),
        _ => Ok(body),
    }
}

fn is_close(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
    )
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("malformed {what}"))
}

/// Shows what was asked and how large it was, not the body: it may hold a canary.
impl fmt::Debug for Request {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} ({} bytes)", self.method, self.target, self.body.len())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({} bytes)", self.code, self.body.len())
    }
}
