//! Chooses the proxy as kubectl does: the kubeconfig's, else the environment's within NO_PROXY.

use hyper_util::client::proxy::matcher::Matcher;

/// Marks "no proxy" for kube, which would otherwise look into the environment again.
const NONE: &str = "none://none";

/// Returns the proxy URL to put into the kubeconfig for this server.
pub(super) fn choose(server: Option<&str>, kubeconfig: Option<&str>) -> Option<String> {
    if let Some(own) = kubeconfig.filter(|url| !url.is_empty()) {
        return Some(own.to_owned());
    }
    let from_environment = server.and_then(|server| server.parse::<http::Uri>().ok()).and_then(|server| {
        // Go's rule, which kubectl follows: the environment's proxy never serves the own machine.
        if is_loopback(&server) { None } else { environment_proxy(&server) }
    });
    Some(from_environment.unwrap_or_else(|| NONE.to_owned()))
}

/// Removes the mark.
pub(super) fn without_environment(chosen: Option<http::Uri>) -> Option<http::Uri> {
    chosen.filter(|url| url.scheme_str() != Some("none"))
}

/// Tells whether a URL stays on this machine.
pub(super) fn is_loopback(url: &http::Uri) -> bool {
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn environment_proxy(server: &http::Uri) -> Option<String> {
    let found = Matcher::from_env().intercept(server)?;
    // The matcher takes the login out of the URL; the tunnel wants it there.
    let mut url = found.uri().to_string();
    if let Some((user, password)) = found.raw_auth()
        && let Some((scheme, rest)) = url.split_once("://")
    {
        url = format!("{scheme}://{user}:{password}@{rest}");
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kubeconfigs_proxy_wins() {
        assert_eq!(choose(Some("https://a:6443"), Some("http://p:3128")).as_deref(), Some("http://p:3128"));
    }

    #[test]
    fn the_own_machine_needs_no_proxy() {
        for server in ["https://127.0.0.1:6443", "https://localhost", "https://[::1]:6443"] {
            assert!(is_loopback(&server.parse().unwrap()), "{server}");
        }
        assert!(!is_loopback(&"https://10.0.0.1".parse().unwrap()));
        assert_eq!(without_environment(Some(NONE.parse().unwrap())), None);
    }
}
