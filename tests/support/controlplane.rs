//! A real kube-apiserver with its etcd on loopback ports, thrown away at the end.
//!
//! What tests do with it (namespaces, users, rights, audit log) is in `fixtures.rs`.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConfig;
use tempfile::TempDir;

use super::daemon::{Daemon, Feed, wait_for};
use super::http::Request;
use super::kubeconfig::{Kubeconfig, Login};
use super::tls::{self, Authority};
use super::{binaries, random_hex, write_private};

/// How many users without rights each control plane knows.
pub(crate) const USERS: usize = 128;

const START_LIMIT: Duration = Duration::from_secs(90);
/// Another program can take a port between our look and the daemon's bind.
const START_TRIES: usize = 3;

const AUDIT_POLICY: &str = r#"
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: ["system:apiserver"]
- level: RequestResponse
  resources: [{group: "", resources: [secrets]}]
- level: Metadata
"#;

/// A running control plane; it stops and its folder goes when this is dropped.
pub(crate) struct ControlPlane {
    pub(super) folder: TempDir,
    pub(super) authority: Authority,
    pub(super) trust: Arc<ClientConfig>,
    pub(super) admin_token: String,
    pub(super) user_tokens: Vec<String>,
    pub(super) next_user: AtomicUsize,
    address: SocketAddr,
    admin_kubeconfig: PathBuf,
    /// In the order in which they stop.
    daemons: Vec<Daemon>,
}

static SHARED: OnceLock<ControlPlane> = OnceLock::new();

extern "C" fn stop_shared() {
    if let Some(plane) = SHARED.get() {
        plane.stop();
        let _ = std::fs::remove_dir_all(plane.folder.path());
    }
}

impl ControlPlane {
    /// Returns the control plane of this test binary, started by the first test that asks.
    pub(crate) fn shared() -> &'static Self {
        SHARED.get_or_init(|| {
            // SAFETY: the handler is a plain function that never unwinds on its own account; a
            // static is not dropped at exit, so this is what stops the daemons.
            let registered = unsafe { libc::atexit(stop_shared) };
            assert_eq!(registered, 0, "no exit handler can be registered");
            Self::start()
        })
    }

    /// Starts a control plane of its own, for tests that need two or change cluster-wide things.
    pub(crate) fn start() -> Self {
        Self::start_without(&[])
    }

    /// The same, without the flags of kube-apiserver that begin so.
    pub(crate) fn start_without(left_out: &[&str]) -> Self {
        let mut last_words = String::new();
        for _ in 0..START_TRIES {
            match Self::try_start(left_out) {
                Ok(plane) => return plane,
                Err(words) => last_words = words,
            }
        }
        panic!("the control plane does not start, tried {START_TRIES} times; {last_words}");
    }

    /// Returns `https://127.0.0.1:PORT`.
    pub(crate) fn server_url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Returns where the API server listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the certificate that a client must trust.
    pub(crate) fn ca_pem(&self) -> &str {
        self.authority.pem()
    }

    /// Returns TLS settings that trust this API server.
    pub(crate) fn trust(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.trust)
    }

    /// Returns the kubeconfig of a member of `system:masters`.
    pub(crate) fn admin_kubeconfig(&self) -> &Path {
        &self.admin_kubeconfig
    }

    /// Returns the token of a member of `system:masters`.
    pub(crate) fn admin_token(&self) -> &str {
        &self.admin_token
    }

    fn stop(&self) {
        self.daemons.iter().for_each(Daemon::stop);
    }

    fn try_start(left_out: &[&str]) -> Result<Self, String> {
        let folder = super::temp_folder("controlplane");
        let authority = Authority::new("bed");
        let admin_token = random_hex(16);
        let user_tokens: Vec<String> = (0..USERS).map(|_| random_hex(16)).collect();
        write_settings(folder.path(), &authority, &admin_token, &user_tokens);

        let etcd_port = free_port();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let etcd = etcd(folder.path(), etcd_port);
        let api_server = api_server(folder.path(), etcd_port, address.port(), left_out);
        let login = Login::Token(admin_token.clone());
        let kubeconfig = Kubeconfig::new(&format!("https://{address}"), authority.pem(), login);
        let plane = Self {
            admin_kubeconfig: kubeconfig.write_into(folder.path()),
            trust: authority.client_config(),
            folder,
            authority,
            admin_token,
            user_tokens,
            next_user: AtomicUsize::new(0),
            address,
            daemons: vec![api_server, etcd],
        };
        plane.wait_until_ready()?;
        Ok(plane)
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let bearer = format!("Bearer {}", self.admin_token);
        let probe = Request::new("GET", "/readyz").header("Authorization", &bearer);
        let outcome = wait_for(START_LIMIT, || {
            if let Some(dead) = self.daemons.iter().find(|daemon| !daemon.is_running()) {
                return Some(Err(dead.last_words()));
            }
            let answer = probe.send(self.address, &self.trust).ok()?;
            (answer.code == 200).then_some(Ok(()))
        });
        outcome.unwrap_or_else(|| {
            let words: Vec<String> = self.daemons.iter().map(Daemon::last_words).collect();
            Err(words.join("\n"))
        })
    }
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        self.stop(); // before the folder goes
    }
}

fn etcd(folder: &Path, port: u16) -> Daemon {
    let url = format!("http://127.0.0.1:{port}");
    let mut command = Command::new(binaries::path("etcd"));
    command
        .env_clear()
        .arg(format!("--data-dir={}", folder.join("etcd").display()))
        .arg(format!("--listen-client-urls={url}"))
        .arg(format!("--advertise-client-urls={url}"))
        // A cluster of one has no peers; port 0 lets the kernel choose.
        .arg("--listen-peer-urls=http://127.0.0.1:0")
        .arg("--log-level=warn")
        .arg("--unsafe-no-fsync");
    Daemon::start("etcd", command, Feed::Nothing, folder)
}

fn api_server(folder: &Path, etcd_port: u16, port: u16, left_out: &[&str]) -> Daemon {
    let file = |name: &str| folder.join(name).display().to_string();
    let settings = [
        format!("--encryption-provider-config={}", file("encryption.yaml")),
        format!("--audit-policy-file={}", file("audit-policy.yaml")),
        format!("--audit-log-path={}", file("audit.log")),
        "--audit-log-mode=blocking".to_owned(),
    ];
    let mut command = Command::new(binaries::path("kube-apiserver"));
    command
        .env_clear()
        .arg(format!("--etcd-servers=http://127.0.0.1:{etcd_port}"))
        .args(["--bind-address=127.0.0.1", "--advertise-address=127.0.0.1"])
        // Loopback is no address for the endpoints of a Service, which nobody here looks at.
        .args(["--endpoint-reconciler-type=none"])
        .arg(format!("--secure-port={port}"))
        .arg(format!("--tls-cert-file={}", file("server.crt")))
        .arg(format!("--tls-private-key-file={}", file("server.key")))
        .arg(format!("--client-ca-file={}", file("ca.crt")))
        .arg(format!("--token-auth-file={}", file("tokens.csv")))
        .arg("--authorization-mode=Node,RBAC")
        .arg("--service-account-issuer=https://kubernetes.default.svc")
        .arg(format!("--service-account-key-file={}", file("accounts.pub")))
        .arg(format!("--service-account-signing-key-file={}", file("accounts.key")))
        .arg("--service-cluster-ip-range=10.96.0.0/16")
        .args(settings.iter().filter(|flag| !left_out.iter().any(|start| flag.starts_with(start))))
        .arg(format!("--cert-dir={}", file("certificates")));
    Daemon::start("kube-apiserver", command, Feed::Nothing, folder)
}

fn write_settings(folder: &Path, authority: &Authority, admin: &str, users: &[String]) {
    let write = |name: &str, text: &str| write_private(&folder.join(name), text.as_bytes());
    let server = authority.server();
    write("ca.crt", authority.pem());
    write("server.crt", &server.cert_pem);
    write("server.key", &server.key_pem);
    let (private, public) = tls::signing_key();
    write("accounts.key", &private);
    write("accounts.pub", &public);
    write("audit-policy.yaml", AUDIT_POLICY);
    let mut tokens = format!("{admin},admin,admin,\"system:masters\"\n");
    for (number, token) in users.iter().enumerate() {
        tokens += &format!("{token},user-{number},user-{number}\n");
    }
    write("tokens.csv", &tokens);
    let mut key = [0; 32];
    getrandom::fill(&mut key).expect("the system's random numbers");
    let key = STANDARD.encode(key);
    write(
        "encryption.yaml",
        &format!(
            "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n\
             - resources: [secrets]\n  providers:\n  - secretbox:\n      keys:\n      \
             - {{name: bed, secret: {key}}}\n  - identity: {{}}\n"
        ),
    );
}

/// Returns a port that is free now, from below the range that the kernel gives to clients, so that
/// no outgoing connection takes it before the daemon does.
fn free_port() -> u16 {
    loop {
        let mut bytes = [0; 2];
        getrandom::fill(&mut bytes).expect("the system's random numbers");
        let port = 20_000 + u16::from_ne_bytes(bytes) % 12_000;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
