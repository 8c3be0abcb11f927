//! kubectl's flags that say where to connect and how: they lie over the kubeconfig.
//!
//! Their ids are their names in kubectl. `--username` and `--password` are not here: docs/kubectl-flags.md.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Flags that lie over the cluster and the user of the kubeconfig.
#[derive(clap::Args, Debug, Clone, Default)]
#[command(next_help_heading = "Options of kubectl")]
pub(crate) struct ConnectionArgs {
    /// Cluster of the kubeconfig to use instead of the context's
    #[arg(long, global = true, value_name = "NAME", overrides_with = "cluster", hide_short_help = true)]
    pub(crate) cluster: Option<String>,

    /// User of the kubeconfig to log in as instead of the context's
    #[arg(long, global = true, value_name = "NAME", overrides_with = "user", hide_short_help = true)]
    pub(crate) user: Option<String>,

    /// Address of the API server
    #[arg(short, long, global = true, value_name = "URL", overrides_with = "server", hide_short_help = true)]
    pub(crate) server: Option<String>,

    /// Bearer token to log in with; others can see it in the process list, and the shell keeps it
    #[arg(long, global = true, value_name = "TOKEN", overrides_with = "token", hide_short_help = true)]
    pub(crate) token: Option<BearerToken>,

    /// File with the certificates of the authority that the server must have
    #[arg(long, global = true, value_name = "FILE", overrides_with = "certificate_authority", hide_short_help = true)]
    pub(crate) certificate_authority: Option<String>,

    /// File with a client certificate to log in with
    #[arg(long, global = true, value_name = "FILE", overrides_with = "client_certificate", hide_short_help = true)]
    pub(crate) client_certificate: Option<String>,

    /// File with the key of the client certificate
    #[arg(long, global = true, value_name = "FILE", overrides_with = "client_key", hide_short_help = true)]
    pub(crate) client_key: Option<String>,

    /// Name that the server's certificate must have, if not the one in its address
    #[arg(long, global = true, value_name = "NAME", overrides_with = "tls_server_name", hide_short_help = true)]
    pub(crate) tls_server_name: Option<String>,

    /// Proxy to reach the server through
    #[arg(long, global = true, value_name = "URL", overrides_with = "proxy_url", hide_short_help = true)]
    pub(crate) proxy_url: Option<String>,

    /// Send and fetch values even though the server's certificate is not verified
    #[arg(
        long, global = true, value_name = "true|false", num_args = 0..=1, action = clap::ArgAction::Set, require_equals = true, hide_possible_values = true,
        default_value_t = false, default_missing_value = "true", hide_default_value = true, overrides_with = "insecure_skip_tls_verify"
    )]
    pub(crate) insecure_skip_tls_verify: bool,
}

impl ConnectionArgs {
    /// Returns the same without what belongs to one server only: an address and a login are never taken
    /// to another context.
    pub(crate) fn for_another_context(&self) -> Self {
        Self { insecure_skip_tls_verify: self.insecure_skip_tls_verify, ..Self::default() }
    }
}

/// Returns the text of a flag; an empty one is no flag, as in kubectl.
pub(crate) fn given(flag: &Option<String>) -> Option<&str> {
    flag.as_deref().filter(|text| !text.is_empty())
}

/// The login given with `--token`: never shown, never passed on to a child.
#[derive(Clone)]
pub(crate) struct BearerToken(Zeroizing<String>);

impl BearerToken {
    /// Returns the text for the request's header; `None` if the flag was empty.
    pub(crate) fn for_header(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty())
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken")
    }
}

impl FromStr for BearerToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // What a header cannot carry would fail later, in the middle of a command.
        if text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(Zeroizing::new(text.to_owned())));
        }
        Err(Error::usage("`--token` takes one word of printable ASCII characters")
            .hint("if a token stood there, it is now in the shell history: have it replaced"))
    }
}
