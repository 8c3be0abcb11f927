//! Kubeconfig files for the bed's control planes and for the proxies in front of them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::tls::Identity;

/// The name of the one context. It is the same for every control plane, as it may be in real life.
pub(crate) const CONTEXT: &str = "bed";

/// How a user proves who they are.
pub(crate) enum Login {
    Token(String),
    Certificate(Box<Identity>),
    Nothing,
}

/// One cluster, one user, one context.
pub(crate) struct Kubeconfig {
    server: String,
    ca_pem: String,
    login: Login,
    namespace: Option<String>,
}

impl Kubeconfig {
    /// Describes a login at a server.
    pub(crate) fn new(server: &str, ca_pem: &str, login: Login) -> Self {
        Self { server: server.to_owned(), ca_pem: ca_pem.to_owned(), login, namespace: None }
    }

    /// Sets the namespace of the context.
    #[must_use]
    pub(crate) fn namespace(self, namespace: &str) -> Self {
        Self { namespace: Some(namespace.to_owned()), ..self }
    }

    /// Returns the file's text: JSON, which is YAML too.
    pub(crate) fn text(&self) -> String {
        let user = match &self.login {
            Login::Token(token) => json!({ "token": token }),
            Login::Certificate(identity) => json!({
                "client-certificate-data": STANDARD.encode(&identity.cert_pem),
                "client-key-data": STANDARD.encode(&identity.key_pem),
            }),
            Login::Nothing => json!({}),
        };
        let cluster = json!({
            "server": self.server,
            "certificate-authority-data": STANDARD.encode(&self.ca_pem),
        });
        let mut context = json!({ "cluster": CONTEXT, "user": "tester" });
        if let Some(namespace) = &self.namespace {
            context["namespace"] = json!(namespace);
        }
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{ "name": CONTEXT, "cluster": cluster }],
            "users": [{ "name": "tester", "user": user }],
            "contexts": [{ "name": CONTEXT, "context": context }],
            "current-context": CONTEXT,
        })
        .to_string()
    }

    /// Writes a new file into `folder`.
    pub(crate) fn write_into(&self, folder: &Path) -> PathBuf {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("kubeconfig-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let path = folder.join(name);
        super::write_private(&path, self.text().as_bytes());
        path
    }
}
