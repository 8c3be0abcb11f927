//! Where we would connect to, as whom, and in which namespace: read from files, without a request.

use kube::Config;
use kube::config::{AuthInfo, ExecConfig, KubeConfigOptions, Kubeconfig, KubeconfigError, NamedAuthInfo};
use sha2::{Digest, Sha256};

use crate::cli::GlobalArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::names::{Namespace, nearest};

use super::{kubeconfig, proxy};

/// A context of the kubeconfig, or the service account of the Pod that we run in.
pub(crate) struct Kubecontext {
    name: String,
    server: String,
    fingerprint: String,
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
        let found = kubeconfig::read(global.kubeconfig.as_deref())?
            .filter(|found| !found.contexts.is_empty() || global.context.is_some());
        match found {
            Some(kubeconfig) => Self::from_kubeconfig(kubeconfig, global).await,
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

    async fn from_kubeconfig(mut kubeconfig: Kubeconfig, global: &GlobalArgs) -> Result<Self> {
        let name = context_name(&kubeconfig, global)?;
        let context = kubeconfig.contexts.iter().find(|c| c.name == name).and_then(|c| c.context.clone());
        let context = context.ok_or_else(|| unknown_context(&kubeconfig, global))?;
        let user = check_user(&mut kubeconfig, context.user.as_deref(), &name)?;
        if let Some(cluster) = kubeconfig.clusters.iter_mut().find(|c| c.name == context.cluster)
            && let Some(cluster) = &mut cluster.cluster
        {
            // kube would read the environment's proxy and match NO_PROXY against the wrong host.
            cluster.proxy_url = proxy::choose(cluster.server.as_deref(), cluster.proxy_url.as_deref());
        }
        let options = KubeConfigOptions { context: Some(name.clone()), cluster: None, user: None };
        let mut config =
            Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|err| cannot_use(&name, &err))?;
        config.proxy_url = proxy::without_environment(config.proxy_url.take());
        let exec = config.auth_info.exec.take();
        read_token_file(&mut config.auth_info, &user)?;
        Self::finish(name, config, exec, global)
    }

    fn in_cluster(global: &GlobalArgs) -> Result<Self> {
        let mut config = Config::incluster().map_err(|_| {
            Error::new(ErrorKind::Cluster, "the service account of this Pod cannot be used")
                .because("its token, CA or namespace file cannot be read")
        })?;
        read_token_file(&mut config.auth_info, "the service account")?;
        Self::finish("in-cluster".to_owned(), config, None, global)
    }

    fn finish(name: String, mut config: Config, exec: Option<ExecConfig>, global: &GlobalArgs) -> Result<Self> {
        config.auth_info.impersonate = global.impersonate.clone().or(config.auth_info.impersonate);
        if !global.impersonate_groups.is_empty() {
            config.auth_info.impersonate_groups = Some(global.impersonate_groups.clone());
        }
        if config.auth_info.impersonate.is_none() && config.auth_info.impersonate_groups.is_some() {
            return Err(Error::usage("`--as-group` needs `--as`"));
        }
        config.accept_invalid_certs |= global.insecure_skip_tls_verify;
        let namespace = match &global.namespace {
            Some(namespace) => namespace.clone(),
            None => config.default_namespace.parse().map_err(|_| {
                Error::usage(format!("context `{name}` has a namespace that is not valid")).hint("pass -n NAMESPACE")
            })?,
        };
        let server = without_login(&config.cluster_url.to_string());
        let fingerprint = fingerprint(&server, config.root_cert.as_deref().unwrap_or_default());
        Ok(Self { name, server, fingerprint, namespace, config, exec })
    }
}

fn context_name(kubeconfig: &Kubeconfig, global: &GlobalArgs) -> Result<String> {
    match (&global.context, &kubeconfig.current_context) {
        (Some(name), _) => Ok(name.clone()),
        (None, Some(name)) if !name.is_empty() => Ok(name.clone()),
        _ => Err(known_contexts(Error::usage("the kubeconfig has no current context"), kubeconfig)
            .hint("pass --context NAME, or type: kubectl config use-context NAME")),
    }
}

/// Does not repeat what was typed behind `--context`.
fn unknown_context(kubeconfig: &Kubeconfig, global: &GlobalArgs) -> Error {
    let message = match &global.context {
        Some(_) => "the context given with --context is not in the kubeconfig",
        None => "the current context is not in the kubeconfig",
    };
    let names = kubeconfig.contexts.iter().map(|context| context.name.as_str());
    let meant = global.context.as_deref().and_then(|typed| nearest(typed, names));
    let error = Error::usage(message);
    let error = meant.into_iter().fold(error, |error, name| error.hint(format!("did you mean --context {name}?")));
    known_contexts(error, kubeconfig)
}

fn known_contexts(error: Error, kubeconfig: &Kubeconfig) -> Error {
    let names: Vec<&str> = kubeconfig.contexts.iter().take(10).map(|c| c.name.as_str()).collect();
    if names.is_empty() { error } else { error.hint(format!("known contexts: {}", names.join(", "))) }
}

/// Refuses a user that is not there (kube would go on without a login) or that logs in by a way that
/// kubectl itself has dropped, and resolves the files it names.
fn check_user(kubeconfig: &mut Kubeconfig, user: Option<&str>, context: &str) -> Result<String> {
    let Some(user) = user.filter(|user| !user.is_empty()) else { return Ok("no user".to_owned()) };
    let found: Option<&NamedAuthInfo> = kubeconfig.auth_infos.iter().find(|a| a.name == user);
    let Some(info) = found.and_then(|named| named.auth_info.as_ref()) else {
        return Err(Error::usage(format!("the user of context `{context}` is not in the kubeconfig")));
    };
    if info.auth_provider.is_some() {
        return Err(Error::usage(format!(
            "the user of context `{context}` logs in with `auth-provider`, which kubectl has dropped"
        ))
        .hint("use a credential plugin (`exec`) instead; your cluster's tool can write one"));
    }
    for (what, path) in [("client certificate", &info.client_certificate), ("client key", &info.client_key)] {
        if let Some(path) = path
            && let Err(err) = std::fs::File::open(path)
        {
            return Err(Error::usage(format!("cannot read the {what} {path}")).because(err.kind().to_string()));
        }
    }
    Ok(format!("user `{user}`"))
}

/// Reads a token file ourselves: kube sends its final newline along, which is no valid header.
fn read_token_file(info: &mut AuthInfo, user: &str) -> Result<()> {
    let Some(path) = info.token_file.take() else { return Ok(()) };
    let text = std::fs::read_to_string(&path).map_err(|err| {
        Error::usage(format!("cannot read the token file {path} of {user}")).because(err.kind().to_string())
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
    Error::usage(format!("context `{context}` cannot be used")).because(reason)
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
