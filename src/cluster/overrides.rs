//! Lays kubectl's flags over the cluster and the user of a kubeconfig, and refuses what kubectl refuses.
//!
//! The rules are client-go's (`clientcmd`): what a flag replaces takes along what belongs to it.

use std::collections::HashMap;

use http::Uri;
use kube::Config;
use kube::config::{AuthInfo, Cluster, ExecConfig};

use crate::cli::{ConnectionArgs, GlobalArgs, given};
use crate::error::{Error, Result};

/// Lays the flags over the cluster.
pub(super) fn cluster(cluster: &mut Cluster, flags: &ConnectionArgs) -> Result<()> {
    let authority = given(&flags.certificate_authority);
    if flags.insecure_skip_tls_verify && authority.is_some() {
        return Err(Error::usage("`--certificate-authority` and `--insecure-skip-tls-verify` exclude each other")
            .hint("leave out --insecure-skip-tls-verify: the server is then checked"));
    }
    if let Some(file) = authority {
        cluster.certificate_authority = Some(file.to_owned());
        cluster.certificate_authority_data = None;
        cluster.insecure_skip_tls_verify = None;
    }
    let server = given(&flags.server);
    // Another address takes the certificate's name of the one before along; its proxy stays, as in kubectl.
    if server.is_some() || given(&flags.tls_server_name).is_some() {
        cluster.tls_server_name = given(&flags.tls_server_name).map(str::to_owned);
    }
    if given(&flags.proxy_url).is_some() {
        cluster.proxy_url = given(&flags.proxy_url).map(str::to_owned);
    }
    if let Some(server) = server {
        cluster.server = Some(server.to_owned());
    }
    check_cluster(cluster, flags)
}

fn check_cluster(cluster: &Cluster, flags: &ConnectionArgs) -> Result<()> {
    let file = given(&cluster.certificate_authority);
    let data = given(&cluster.certificate_authority_data);
    if file.is_some() && data.is_some() {
        return Err(both("the cluster", "certificate-authority", "certificate-authority-data"));
    }
    let insecure = cluster.insecure_skip_tls_verify.unwrap_or_default() && !flags.insecure_skip_tls_verify;
    if insecure && (file.is_some() || data.is_some()) {
        return Err(both("the cluster", "a certificate authority", "insecure-skip-tls-verify"));
    }
    Ok(())
}

/// Gives an address without a scheme the one that kubectl uses, so that it can be parsed. It is http,
/// whatever else the kubeconfig holds: client-go decides before it looks at certificates.
pub(super) fn complete_address(cluster: &mut Cluster) {
    if let Some(server) = cluster.server.as_mut().filter(|server| !server.is_empty() && !server.contains("://")) {
        server.insert_str(0, "http://");
    }
}

/// Lays the flags over the user, and checks what is left.
pub(super) fn user(user: &mut AuthInfo, flags: &ConnectionArgs, who: &str) -> Result<()> {
    if let Some(certificate) = given(&flags.client_certificate) {
        user.client_certificate = Some(certificate.to_owned());
        user.client_certificate_data = None;
    }
    if let Some(key) = given(&flags.client_key) {
        user.client_key = Some(key.to_owned());
        user.client_key_data = None;
    }
    if let Some(token) = flags.token.as_ref().and_then(|token| token.for_header()) {
        user.token = Some(token.to_owned().into());
        user.token_file = None;
        // kubectl's plugin steps back for a token, too.
        user.exec = None;
    }
    check_user(user, who)
}

fn check_user(user: &AuthInfo, who: &str) -> Result<()> {
    if user.token.is_some() && (given(&user.username).is_some() || user.password.is_some()) {
        return Err(both(who, "a token", "a password"));
    }
    if given(&user.client_certificate).is_some() && given(&user.client_certificate_data).is_some() {
        return Err(both(who, "client-certificate", "client-certificate-data"));
    }
    if given(&user.client_key).is_some() && user.client_key_data.is_some() {
        return Err(both(who, "client-key", "client-key-data"));
    }
    let certificate = given(&user.client_certificate).or(given(&user.client_certificate_data)).is_some();
    let key = given(&user.client_key).is_some() || user.client_key_data.is_some();
    if certificate != key {
        let (has, lacks) = if certificate { ("certificate", "key") } else { ("key", "certificate") };
        return Err(Error::usage(format!("{who} has a client {has} and no client {lacks}"))
            .hint(format!("pass --client-{lacks} FILE")));
    }
    user.exec.as_ref().map_or(Ok(()), |exec| check_exec(exec, who))
}

fn check_exec(exec: &ExecConfig, who: &str) -> Result<()> {
    let lacks = if given(&exec.command).is_none() {
        "command"
    } else if given(&exec.api_version).is_none() {
        "apiVersion"
    } else if exec.api_version.as_deref() == Some("client.authentication.k8s.io/v1") && exec.interactive_mode.is_none()
    {
        "interactiveMode"
    } else {
        return Ok(());
    };
    Err(Error::usage(format!("the credential plugin of {who} has no `{lacks}`"))
        .hint("compare it with the kubeconfig that your cluster's tool writes"))
}

fn both(who: &str, one: &str, other: &str) -> Error {
    Error::usage(format!("{who} has {one} and {other}, and only one is allowed"))
        .hint("see which files say so: kubectl config view")
}

/// Lays the flags of impersonation over the user's own.
pub(super) fn impersonation(user: &mut AuthInfo, global: &GlobalArgs) -> Result<()> {
    user.impersonate = given(&global.impersonate).map(str::to_owned).or(user.impersonate.take());
    user.impersonate_uid = given(&global.impersonate_uid).map(str::to_owned).or(user.impersonate_uid.take());
    if !global.impersonate_groups.is_empty() {
        user.impersonate_groups = Some(global.impersonate_groups.clone());
    }
    if !global.impersonate_extra.is_empty() {
        let mut extra: HashMap<String, Vec<String>> = HashMap::new();
        for field in &global.impersonate_extra {
            extra.entry(field.0.clone()).or_default().push(field.1.clone());
        }
        user.impersonate_user_extra = Some(extra);
    }
    let more =
        user.impersonate_uid.is_some() || user.impersonate_groups.is_some() || user.impersonate_user_extra.is_some();
    if more && user.impersonate.is_none() {
        return Err(
            Error::usage("`--as-uid`, `--as-group` and `--as-user-extra` need `--as`").hint("add the user: --as NAME")
        );
    }
    Ok(())
}

/// Takes the login away where it would travel unencrypted, as kubectl does. Whom to act as stays: without it
/// the other end might act with more rights than were asked for.
pub(super) fn no_login_in_the_clear(config: &mut Config) {
    if config.cluster_url.scheme() == Some(&http::uri::Scheme::HTTPS) {
        return;
    }
    let user = std::mem::take(&mut config.auth_info);
    config.auth_info = AuthInfo {
        impersonate: user.impersonate,
        impersonate_uid: user.impersonate_uid,
        impersonate_groups: user.impersonate_groups,
        impersonate_user_extra: user.impersonate_user_extra,
        ..AuthInfo::default()
    };
}

/// Tells the plugin the proxy of the kubeconfig, not the mark that we set for kube.
pub(super) fn tell_plugin(exec: &mut Option<ExecConfig>, proxy: Option<String>) {
    if let Some(cluster) = exec.as_mut().and_then(|exec| exec.cluster.as_mut()) {
        cluster.proxy_url = proxy.filter(|url| url.parse::<Uri>().is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(server: &str) -> ConnectionArgs {
        ConnectionArgs { server: Some(server.to_owned()), ..ConnectionArgs::default() }
    }

    #[test]
    fn another_address_takes_the_old_ones_name_along_and_keeps_the_proxy() {
        let mut old = Cluster {
            server: Some("https://a".to_owned()),
            tls_server_name: Some("a".to_owned()),
            proxy_url: Some("http://p".to_owned()),
            ..Cluster::default()
        };
        cluster(&mut old, &flags("https://b")).unwrap();
        assert_eq!((old.server.as_deref(), old.tls_server_name), (Some("https://b"), None));
        assert_eq!(old.proxy_url.as_deref(), Some("http://p"));
    }

    #[test]
    fn an_address_without_a_scheme_is_http() {
        let mut plain = Cluster { server: Some("a:6443".to_owned()), ..Cluster::default() };
        complete_address(&mut plain);
        assert_eq!(plain.server.as_deref(), Some("http://a:6443"));
    }

    #[test]
    fn what_excludes_each_other_is_refused() {
        let both = ConnectionArgs {
            certificate_authority: Some("ca".to_owned()),
            insecure_skip_tls_verify: true,
            ..ConnectionArgs::default()
        };
        assert!(cluster(&mut Cluster::default(), &both).is_err());
        let lonely = ConnectionArgs { client_certificate: Some("c".to_owned()), ..ConnectionArgs::default() };
        assert!(user(&mut AuthInfo::default(), &lonely, "the user").is_err());
    }
}
