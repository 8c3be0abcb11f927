//! The certificate of the sealed-secrets controller: through the API server's proxy, or from a web server.
//!
//! It is public, so it may come from anywhere; whether it is believed is decided elsewhere.

use std::time::Duration;

use http::{Method, Uri};
use kube::Config;

use crate::error::{Error, ErrorKind, Result};
use crate::names::Namespace;
use crate::plaintext::parse::parse_port;
use crate::plaintext::wire::WireBody;

use super::connect::{CONNECT_TIMEOUT, Cluster, client};
use super::error::{Asked, ClusterError};
use super::proxy;
use super::transport::{Call, WHOLE};

/// Where the controller's own server has its certificate.
const CERTIFICATE_PATH: &str = "v1/cert.pem";
const PEM: &str = "application/x-pem-file";

/// Where it makes new ciphertext of old, with its newest key.
const ROTATE_PATH: &str = "v1/rotate";

impl Cluster {
    /// Asks the controller behind a Service for its certificate.
    pub(crate) async fn sealing_certificate(&self, namespace: &Namespace, service: &str) -> Result<WireBody> {
        let path = self.controller(namespace, service, CERTIFICATE_PATH).await?;
        let call = Call { method: Method::GET, path, accept: PEM, keys: &[] };
        let answer = self.read(&call).await;
        let asked = asked("get", "services/proxy", namespace, service);
        answer.map(|reply| reply.body).map_err(|failure| or_a_file(failure.error.explain(&asked)))
    }

    /// Has the controller behind a Service make new ciphertext of old: it opens the old one and seals anew, for the newest
    /// of its keys. Nothing is stored by it.
    pub(crate) async fn re_encrypt(&self, namespace: &Namespace, service: &str, sealed: WireBody) -> Result<WireBody> {
        let path = self.controller(namespace, service, ROTATE_PATH).await?;
        let call = Call { method: Method::POST, path, accept: WHOLE, keys: &[] };
        let answer = self.write(&call, sealed).await;
        answer.map(|reply| reply.body).map_err(|failure| match failure.error {
            // It has no other word for it, and its text is not shown.
            ClusterError::Status { code: 400 | 409 | 500, .. } => {
                Error::new(ErrorKind::Cluster, "the controller does not open what is sealed there")
                    .because("it has no key for it any more, or it was sealed for another name, namespace or cluster")
                    .hint("seal the values anew: kubectl secretsafe seal NAME KEY=SOURCE… --merge-into FILE")
            }
            error => error.explain(&asked("create", "services/proxy", namespace, service)),
        })
    }

    /// Returns the path of the controller's own server, through the API server's proxy.
    async fn controller(&self, namespace: &Namespace, service: &str, path: &str) -> Result<String> {
        let asked = asked("get", "services", namespace, service);
        let services = format!("/api/v1/namespaces/{namespace}/services");
        let call = Call { method: Method::GET, path: format!("{services}/{service}"), accept: WHOLE, keys: &[] };
        let found = self.read(&call).await.map_err(|failure| match failure.error {
            ClusterError::Status { code: 404, .. } => {
                Error::new(ErrorKind::Cluster, format!("there is no service `{service}` in namespace `{namespace}`"))
                    .because("the sealed-secrets controller is not installed there, or has another name")
                    .hint("name it with --controller-namespace and --controller-name")
                    .hint("or give its certificate with --cert FILE")
            }
            error => or_a_file(error.explain(&asked)),
        })?;
        let port = parse_port(&found.body).map_err(|err| ClusterError::from(err).explain(&asked))?;
        // The scheme and the port belong to the name, as the API server's proxy has it.
        Ok(format!("{services}/http:{service}:{port}/proxy/{path}"))
    }
}

fn asked(verb: &'static str, resource: &'static str, namespace: &Namespace, service: &str) -> Asked {
    Asked { verb, resource, name: Some(service.to_owned()), namespace: Some(namespace.to_string()) }
}

fn or_a_file(error: Error) -> Error {
    error.hint("or give the controller's certificate with --cert FILE")
}

/// Fetches a certificate from a web server: https only, no login, no redirect is followed.
pub(crate) async fn fetch_certificate(url: &Uri, limit: Option<Duration>) -> Result<WireBody> {
    let host = url.host().unwrap_or_default().to_owned();
    let failed = |reason: &str| {
        Error::new(ErrorKind::Cluster, format!("cannot fetch the certificate from {host}"))
            .because(reason.to_owned())
            .hint("fetch it in another way, look at it, and give it with --cert FILE")
    };
    // A configuration of its own: no login of a cluster goes there.
    let server = Uri::builder().scheme("https").authority(url.authority().map_or("", http::uri::Authority::as_str));
    let server = server.path_and_query("/").build().map_err(|_| failed("its address is not valid"))?;
    let mut config = Config::new(server);
    let proxy = proxy::choose(Some(&url.to_string()), None).and_then(|url| url.parse().ok());
    config.proxy_url = proxy::without_environment(proxy);
    let path = url.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let request = http::Request::builder().uri(path).header(http::header::ACCEPT, PEM);
    let request = request.body(kube::client::Body::empty()).map_err(|_| failed("its address is not valid"))?;
    let client = client(&config, 0)?;
    let exchange = async {
        let response = client.send(request).await.map_err(|_| failed("no answer that TLS vouches for"))?;
        let (head, body) = response.into_parts();
        if !head.status.is_success() {
            return Err(failed(&format!("it answered {}", head.status.as_u16())));
        }
        WireBody::collect(body).await.map_err(|_| failed("the answer was cut, or is no certificate"))
    };
    let limit = limit.unwrap_or(CONNECT_TIMEOUT);
    tokio::time::timeout(limit, exchange).await.unwrap_or_else(|_| Err(failed("no answer in time")))
}
