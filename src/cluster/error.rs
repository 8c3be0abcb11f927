//! What can go wrong between us and the API server, in our own words.
//!
//! No variant carries text that the server, a webhook or a parser wrote.

use crate::error::{Cause, Error, ErrorKind};
use crate::plaintext::wire::{FieldPath, WireError};

/// A request as it is named in errors: `create secrets "db" in namespace "prod"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The RBAC verb.
    pub(crate) verb: &'static str,
    /// The resource, plural.
    pub(crate) resource: &'static str,
    /// The object's name, if there is one.
    pub(crate) name: Option<String>,
    /// The namespace, if it is in one.
    pub(crate) namespace: Option<String>,
}

impl std::fmt::Display for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)?;
        if let Some(name) = &self.name {
            write!(f, " `{name}`")?;
        }
        if let Some(namespace) = &self.namespace {
            write!(f, " in namespace `{namespace}`")?;
        }
        Ok(())
    }
}

/// Why a request gave no usable answer.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum ClusterError {
    /// The connection was never made; the server has seen nothing.
    #[error("cannot connect to {server}: {reason}")]
    Connect {
        /// The server's URL.
        server: String,
        /// The system's reason, such as "connection refused".
        reason: &'static str,
    },
    /// The connection ended after the request was (perhaps) sent.
    #[error("the connection to {server} ended before the answer was complete")]
    Cut {
        /// The server's URL.
        server: String,
    },
    /// The time limit was reached after the request was (perhaps) sent.
    #[error("no answer from {server} within {seconds} s")]
    Timeout {
        /// The server's URL.
        server: String,
        /// The limit.
        seconds: u64,
    },
    /// The server answered with a failure.
    #[error("the API server answered {code}{}{}", reason.map(|r| format!(" {r}")).unwrap_or_default(), about(fields))]
    Status {
        /// The HTTP status code.
        code: u16,
        /// The reason, if it is a known one.
        reason: Option<&'static str>,
        /// The fields that it complains about, as far as they are known.
        fields: Vec<FieldPath>,
        /// What is wrong with the first of them, if that is a known word.
        cause: Option<&'static str>,
    },
    /// The answer is not what was asked for.
    #[error(transparent)]
    Unreadable(#[from] WireError),
    /// Nothing was sent: the context is protected, and its name was not given.
    #[error("this context is protected, and its name was not given")]
    Protected,
    /// Nothing was sent: nobody has noted in the local log that something is about to be changed.
    #[error("the change was not noted in the local log before")]
    Unlogged,
    /// The answer is larger than any answer to this request.
    #[error("the answer is too large to be one Secret")]
    TooLarge,
}

impl Cause for ClusterError {}

impl ClusterError {
    /// Tells whether a write that ended like this may have been stored all the same.
    pub(crate) fn outcome_is_open(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::Protected | Self::Unlogged => false,
            Self::Cut { .. } | Self::Timeout { .. } | Self::Unreadable(_) | Self::TooLarge => true,
            // A proxy or the server itself may give up after the write was stored. 429 and 503 with
            // Retry-After come from before it, but cannot be told from those that do not.
            Self::Status { code, .. } => *code >= 500,
        }
    }

    /// Returns the HTTP status, if the server answered.
    pub(crate) fn code(&self) -> Option<u16> {
        match self {
            Self::Status { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Turns it into what the user sees.
    pub(crate) fn explain(&self, asked: &Asked) -> Error {
        let kind = match self {
            Self::Protected => ErrorKind::Refused,
            Self::Unlogged => ErrorKind::Bug,
            _ => ErrorKind::Cluster,
        };
        let error = Error::new(kind, format!("cannot {asked}"));
        match (self, self.code()) {
            (_, Some(401)) => error
                .because("the API server does not accept the credentials (401)")
                .hint("the token or certificate may have expired: log in again, then check with `kubectl auth whoami`"),
            (_, Some(403)) => error.because("this user may not do that (403)").hint(format!(
                "ask for the right, or check it with: kubectl auth can-i {} {}{}",
                asked.verb,
                asked.resource,
                asked.namespace.as_ref().map(|n| format!(" -n {n}")).unwrap_or_default()
            )),
            (Self::Connect { reason, .. }, _) if reason.contains("certificate") => error
                .caused_by(self)
                .hint("the CA in the kubeconfig does not fit the server; fetch the kubeconfig anew"),
            (Self::Connect { .. }, _) => error
                .caused_by(self)
                .hint("check the server's address with `kubectl config view --minify`, and whether it runs"),
            _ => {
                let error = error.caused_by(self);
                match self.next_step(asked) {
                    Some(step) => error.hint(step),
                    None => error,
                }
            }
        }
    }

    /// Says what helps where neither the login nor the connection is to blame.
    fn next_step(&self, asked: &Asked) -> Option<String> {
        let namespace = asked.namespace.as_ref().map(|name| format!(" -n {name}")).unwrap_or_default();
        match self {
            Self::Timeout { .. } => return Some("allow more time, such as --request-timeout=60s".to_owned()),
            Self::Cut { .. } | Self::Unreadable(_) | Self::TooLarge => {
                return Some("see what answers there: kubectl get --raw /version -v 6".to_owned());
            }
            _ => {}
        }
        match self.code()? {
            404 => Some(format!("see what there is: kubectl secretsafe list{namespace}")),
            429 | 503 => Some("the API server is busy: run the same command again in a while".to_owned()),
            500.. => Some("see whether the API server is well: kubectl get --raw /readyz".to_owned()),
            _ => None,
        }
    }
}

fn about(fields: &[FieldPath]) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let names: Vec<String> = fields.iter().map(ToString::to_string).collect();
    format!(" for {}", names.join(", "))
}
