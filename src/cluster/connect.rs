//! Builds the HTTP client (kube's parts, our stack) and holds what every request needs.
//!
//! kube's own stack waits about 43 ms per new connection (no TCP_NODELAY), keeps connections and with
//! them buffers alive, retries writes, and logs bodies. This one does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use http::header::USER_AGENT;
use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, ConfigExt};
use kube::{Client, Config};
use tower::{BoxError, Service, ServiceBuilder};

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::log::{Journal, Object};
use crate::plan::consumers::CustomRule;
use crate::ui::Ui;

use super::credential_plugin;
use super::kubecontext::Kubecontext;
use super::protection::Lock;
use super::proxy::is_loopback;

/// How long a connection may take; kubectl waits as long.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection to one API server, as one user.
pub(crate) struct Cluster {
    client: Client,
    server: String,
    context: String,
    fingerprint: String,
    journal: Arc<Journal>,
    timeout: Option<Duration>,
    ui: Ui,
    lock: Lock,
    rules: Vec<CustomRule>,
    warnings: AtomicUsize,
    stored: AtomicBool,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Prepares the connection; runs the credential plugin if there is one, and makes no request.
    pub(crate) async fn new(kubecontext: &Kubecontext, ctx: &Context) -> Result<Self> {
        let mut config = kubecontext.config().clone();
        check_transport(&config, kubecontext, ctx)?;
        if let Some(exec) = kubecontext.exec() {
            let kuberc = ctx.global.accepted.kuberc.as_deref();
            credential_plugin::log_in(exec, &mut config, kuberc, ctx).await?;
        }
        config.headers.push((USER_AGENT, user_agent()));
        let client = client(&config, ctx.kept_connections)?;
        Ok(Self {
            client,
            server: kubecontext.server().to_owned(),
            context: kubecontext.name().to_owned(),
            fingerprint: kubecontext.fingerprint().to_owned(),
            journal: Arc::clone(&ctx.journal),
            timeout: ctx.global.request_timeout.and_then(|timeout| timeout.0),
            ui: ctx.ui.clone(),
            lock: Lock::new(&ctx.config.protected, kubecontext),
            rules: ctx.config.consumers.clone(),
            warnings: AtomicUsize::new(0),
            stored: AtomicBool::new(false),
        })
    }

    /// Tells whether the context is protected and its name was not given yet.
    pub(crate) fn is_locked(&self) -> bool {
        self.lock.is_closed()
    }

    /// Lets writes pass: the context's name was given.
    pub(crate) fn unlock(&self) {
        self.lock.open();
    }

    /// Returns how many warnings the server sent, and whether anything was stored.
    pub(crate) fn warnings(&self) -> (usize, bool) {
        (self.warnings.load(Ordering::Relaxed), self.stored.load(Ordering::Relaxed))
    }

    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Names an object of this cluster for the local log; Secrets are named by their `Target`.
    pub(super) fn object(&self, kind: &str, namespace: Option<&str>, name: &str) -> Object {
        Object {
            kind: kind.to_owned(),
            cluster: Some((self.context.clone(), self.fingerprint.clone())),
            namespace: namespace.map(str::to_owned),
            name: Some(name.to_owned()),
        }
    }

    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub(super) fn lock(&self) -> &Lock {
        &self.lock
    }

    pub(super) fn add_warnings(&self, count: usize) {
        self.warnings.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn note_stored(&self) {
        self.stored.store(true, Ordering::Relaxed);
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn server(&self) -> &str {
        &self.server
    }

    pub(super) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Returns the user's own rules for custom resources.
    pub(super) fn own_rules(&self) -> &[CustomRule] {
        &self.rules
    }

    pub(super) fn ui(&self) -> &Ui {
        &self.ui
    }
}

/// Refuses to send or fetch values where anybody on the way could read them (requirement S14).
fn check_transport(config: &Config, kubecontext: &Kubecontext, ctx: &Context) -> Result<()> {
    let encrypted = config.cluster_url.scheme_str() == Some("https");
    let verified = encrypted && !config.accept_invalid_certs;
    let named = ctx
        .config
        .insecure_clusters
        .iter()
        .any(|server| server.trim_end_matches('/') == kubecontext.server().trim_end_matches('/'));
    if verified || is_loopback(&config.cluster_url) || ctx.global.connection.insecure_skip_tls_verify || named {
        return Ok(());
    }
    let why = if encrypted {
        "the kubeconfig switches off the check of the server's certificate"
    } else {
        "the server's URL is not https"
    };
    Err(Error::refused(format!("values would travel to {} unprotected", kubecontext.server())).because(why).hint(
        "put the cluster's CA into the kubeconfig (certificate-authority-data), or accept it once with --insecure-skip-tls-verify",
    ))
}

fn user_agent() -> HeaderValue {
    let text = concat!("kubectl-secretsafe/", env!("CARGO_PKG_VERSION"));
    HeaderValue::from_str(&format!("{text} ({}/{})", std::env::consts::OS, std::env::consts::ARCH))
        .unwrap_or_else(|_| HeaderValue::from_static(text))
}

/// Makes a client that keeps so many idle connections.
pub(super) fn client(config: &Config, kept: usize) -> Result<Client> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(CONNECT_TIMEOUT));
    match config.proxy_url.as_ref().map(|url| (url, url.scheme_str().unwrap_or_default())) {
        None => stack(config, http, kept),
        Some((url, "socks5" | "socks5h")) => stack(config, SocksV5::new(url.clone(), http), kept),
        Some((url, "http")) => stack(config, with_login(url, Tunnel::new(url.clone(), http)), kept),
        Some((url, "https")) => {
            let encrypted = config.rustls_https_connector_with_connector(http).map_err(|_| unusable())?;
            stack(config, with_login(url, Tunnel::new(url.clone(), encrypted)), kept)
        }
        Some(_) => {
            Err(Error::usage("the proxy URL has a scheme that is not known").hint("use http://, https:// or socks5://"))
        }
    }
}

fn stack<H>(config: &Config, connector: H, kept: usize) -> Result<Client>
where
    H: 'static + Clone + Send + Sync + Service<Uri>,
    H::Response: 'static + Connection + hyper::rt::Read + hyper::rt::Write + Send + Unpin,
    H::Future: 'static + Send,
    H::Error: 'static + Into<BoxError>,
{
    let https = config.rustls_https_connector_with_connector(connector).map_err(|_| unusable())?;
    // Without idle connections hyper and rustls free (and so wipe) their buffers after each answer. One that is kept
    // holds what it sent last until its next request, or the end of the run.
    let http: hyper_util::client::legacy::Client<_, Body> =
        hyper_util::client::legacy::Client::builder(TokioExecutor::new()).pool_max_idle_per_host(kept).build(https);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer().map_err(|_| unusable())?)
        .layer(config.extra_headers_layer().map_err(|_| unusable())?)
        .map_err(BoxError::from)
        .service(http);
    Ok(Client::new(service, config.default_namespace.clone()))
}

/// Adds the login of a proxy URL such as `http://user:password@proxy:3128`.
fn with_login<C>(url: &Uri, tunnel: Tunnel<C>) -> Tunnel<C> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    let Some((login, _)) = url.authority().and_then(|authority| authority.as_str().rsplit_once('@')) else {
        return tunnel;
    };
    // http::Uri leaves percent-escapes as they are.
    let plain = percent_encoding::percent_decode_str(login).collect::<Vec<u8>>();
    match HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(plain))) {
        Ok(header) => tunnel.with_auth(header),
        Err(_) => tunnel,
    }
}

/// The library's own error may quote the credentials that it could not use.
fn unusable() -> Error {
    Error::new(ErrorKind::Usage, "the CA, client certificate or token of this context cannot be used")
        .hint("check them with `kubectl get --raw /version`, which uses the same kubeconfig")
}
