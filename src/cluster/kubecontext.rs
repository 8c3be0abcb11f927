//! Where we would connect to, as whom, and in which namespace: read from files, without a request.

use kube::Config;
use kube::config::{AuthInfo, ExecConfig, KubeConfigOptions, Kubeconfig, KubeconfigError};
use sha2::{Digest, Sha256};

use crate::cli::{ConnectionArgs, GlobalArgs, given};
use crate::error::{Error, ErrorKind, Result};
use crate::names::Namespace;

use super::{chosen, kubeconfig, overrides, proxy};

/// A context of the kubeconfig, or the service account of the Pod that we run in.
pub(crate) struct Kubecontext {
    name: String,
    server: String,
    fingerprint: String,
    login: Option<String>,
    namespace: Namespace,
    config: Config,
    exec: Option<ExecConfig>,
}

impl std::fmt::Debug for Kubecontext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kubecontext").field("name", &self.name).field("server", &self.server).finish_non_exhaustive()
    }
}

impl Kubecontext {
    /// Reads the kubeconfig, or the service account of the Pod if no kubeconfig is named and there is none.
    pub(crate) async fn load(global: &GlobalArgs) -> Result<Self> {
        let described = given(&global.connection.server).is_some();
        let found = kubeconfig::read(global.kubeconfig.as_deref())?
            .filter(|found| !found.contexts.is_empty() || given(&global.context).is_some() || described);
        match found {
            Some(kubeconfig) => Self::from_kubeconfig(kubeconfig, global).await,
            None if described => Self::from_kubeconfig(Kubeconfig::default(), global).await,
            None if !kubeconfig::is_named() && in_pod() => Self::in_cluster(global),
            None => Err(Error::usage("there is no kubeconfig with a context").hint(
                "set KUBECONFIG, or pass --kubeconfig FILE; `kubectl config get-contexts` shows what kubectl sees",
            )),
        }
    }

    /// Returns the context's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the API server's URL.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Returns the fingerprint of server and CA, which tells clusters of the same context name apart.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Returns the name of the user's entry in the kubeconfig; none in a Pod.
    pub(crate) fn login(&self) -> Option<&str> {
        self.login.as_deref()
    }

    /// Returns the effective namespace.
    pub(crate) fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Returns what is needed to connect, without the credential plugin.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the credential plugin, if the user of this context has one.
    pub(super) fn exec(&self) -> Option<&ExecConfig> {
        self.exec.as_ref()
    }

    async fn from_kubeconfig(kubeconfig: Kubeconfig, global: &GlobalArgs) -> Result<Self> {
        let flags = &global.connection;
        let (name, context) = chosen::context(&kubeconfig, global)?;
        let mut cluster = chosen::cluster(&kubeconfig, &context, global)?;
        let login = given(&flags.user).or_else(|| given(&context.user)).map(str::to_owned);
        let (mut user, who) = chosen::user(&kubeconfig, &context, &name, global)?;
        overrides::cluster(&mut cluster, flags)?;
        overrides::user(&mut user, flags, &who)?;
        check_files(&user, flags)?;
        overrides::complete_address(&mut cluster);
        let own_proxy = cluster.proxy_url.clone();
        // kube would read the environment's proxy and match NO_PROXY against the wrong host.
        cluster.proxy_url = proxy::choose(cluster.server.as_deref(), cluster.proxy_url.as_deref());
        let alone = chosen::alone(&name, context, cluster, user);
        let options = KubeConfigOptions { context: Some(name.clone()), cluster: None, user: None };
        let mut config =
            Config::from_custom_kubeconfig(alone, &options).await.map_err(|err| cannot_use(&name, &err))?;
        config.proxy_url = proxy::without_environment(config.proxy_url.take());
        overrides::no_login_in_the_clear(&mut config);
        let mut exec = config.auth_info.exec.take();
        overrides::tell_plugin(&mut exec, own_proxy);
        read_token_file(&mut config.auth_info, &who)?;
        Ok(Self { login, ..Self::finish(name, config, exec, global)? })
    }

    fn in_cluster(global: &GlobalArgs) -> Result<Self> {
        let mut config = Config::incluster().map_err(|_| {
            Error::new(ErrorKind::Cluster, "the service account of this Pod cannot be used")
                .because("its token, CA or namespace file cannot be read")
                .hint("set automountServiceAccountToken: true on the Pod, or pass --kubeconfig")
        })?;
        if let Some(token) = global.connection.token.as_ref().and_then(|token| token.for_header()) {
            config.auth_info.token = Some(token.to_owned().into());
            config.auth_info.token_file = None;
        }
        read_token_file(&mut config.auth_info, "the service account")?;
        Self::finish("in-cluster".to_owned(), config, None, global)
    }

    fn finish(name: String, mut config: Config, exec: Option<ExecConfig>, global: &GlobalArgs) -> Result<Self> {
        overrides::impersonation(&mut config.auth_info, global)?;
        config.accept_invalid_certs |= global.connection.insecure_skip_tls_verify;
        let namespace = match &global.namespace {
            Some(namespace) => namespace.clone(),
            None => config.default_namespace.parse().map_err(|_| {
                Error::usage(format!("context `{name}` has a namespace that is not valid")).hint("pass -n NAMESPACE")
            })?,
        };
        let server = without_login(&config.cluster_url.to_string());
        let fingerprint = fingerprint(&server, config.root_cert.as_deref().unwrap_or_default());
        Ok(Self { name, server, fingerprint, login: None, namespace, config, exec })
    }
}

/// Says which file cannot be read, which kube would not; what was typed behind a flag is not repeated.
fn check_files(user: &AuthInfo, flags: &ConnectionArgs) -> Result<()> {
    for (what, path, flag) in [
        ("client certificate", &user.client_certificate, given(&flags.client_certificate)),
        ("client key", &user.client_key, given(&flags.client_key)),
    ] {
        if let Some(path) = given(path)
            && let Err(err) = std::fs::File::open(path)
        {
            let shown = if flag.is_some() { "given as a flag" } else { path };
            return Err(Error::usage(format!("cannot read the {what} {shown}"))
                .because(err.kind().to_string())
                .hint("see which file is named: kubectl config view --minify"));
        }
    }
    Ok(())
}

/// Reads a token file ourselves: kube sends its final newline along, which is no valid header.
fn read_token_file(info: &mut AuthInfo, user: &str) -> Result<()> {
    let Some(path) = info.token_file.take() else { return Ok(()) };
    let text = std::fs::read_to_string(&path).map_err(|err| {
        Error::usage(format!("cannot read the token file {path} of {user}"))
            .because(err.kind().to_string())
            .hint(format!("see who may read it: ls -l {path}"))
    })?;
    info.token = Some(text.trim().to_owned().into());
    Ok(())
}

fn cannot_use(context: &str, err: &KubeconfigError) -> Error {
    let reason = match err {
        KubeconfigError::LoadClusterOfContext(_) => "its cluster is not in the kubeconfig",
        KubeconfigError::MissingClusterUrl => "its cluster has no server URL",
        KubeconfigError::ParseClusterUrl(_) => "its server URL is not valid",
        KubeconfigError::ParseProxyUrl(_) => "its proxy URL is not valid",
        KubeconfigError::LoadCertificateAuthority(_) | KubeconfigError::ParseCertificates(_) => "its CA cannot be read",
        KubeconfigError::LoadClientCertificate(_) => "its client certificate cannot be read",
        KubeconfigError::LoadClientKey(_) => "its client key cannot be read",
        _ => "the kubeconfig is incomplete",
    };
    Error::usage(format!("context `{context}` cannot be used"))
        .because(reason)
        .hint(format!("look at it: kubectl config view --minify --context {context}"))
}

/// Takes the login out of a URL: it is shown in errors and plans, and a password may stand there.
fn without_login(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

fn in_pod() -> bool {
    std::env::var_os("KUBERNETES_SERVICE_HOST").is_some()
}

/// First 16 hex digits of SHA-256 over the server's URL and its CA certificates (DER).
fn fingerprint(server: &str, ca: &[Vec<u8>]) -> String {
    let mut hash = Sha256::new();
    hash.update(server.as_bytes());
    for certificate in ca {
        hash.update([0]);
        hash.update(certificate);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_in_the_servers_url_is_not_shown() {
        assert_eq!(without_login("https://user:not-a-real-pw@a:6443/x"), "https://a:6443/x");
        assert_eq!(without_login("https://a:6443/"), "https://a:6443/");
    }

    #[test]
    fn a_fingerprint_tells_servers_and_cas_apart() {
        let one = fingerprint("https://a/", &[vec![1]]);
        assert_eq!(one.len(), 16);
        assert_ne!(one, fingerprint("https://b/", &[vec![1]]));
        assert_ne!(one, fingerprint("https://a/", &[vec![2]]));
        assert_eq!(one, fingerprint("https://a/", &[vec![1]]));
    }
}
