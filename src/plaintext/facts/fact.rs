//! The closed list of facts. A field here is public by its nature: a certificate's subject, a key's
//! algorithm, a number of fields. Free text among them is escaped by `output` and cut here.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// Longest free text in a fact, in characters.
const MOST: usize = 128;

/// One thing that may be said about a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Fact {
    /// An X.509 certificate, the first of a chain.
    X509Certificate {
        /// Common name of the subject.
        subject: Option<String>,
        /// Common name of the issuer.
        issuer: Option<String>,
        /// Names and addresses it is for.
        sans: Vec<String>,
        /// Valid from.
        not_before: Timestamp,
        /// Valid until.
        not_after: Timestamp,
        /// How many certificates there are.
        chain: usize,
    },
    /// A private key.
    PrivateKey {
        /// Its algorithm, or `unknown`.
        algorithm: &'static str,
        /// Whether it needs a passphrase.
        encrypted: bool,
    },
    /// Another block of PEM.
    Pem {
        /// What it is, or `unknown`.
        block: &'static str,
    },
    /// An SSH public key.
    SshPublicKey {
        /// Its algorithm.
        algorithm: &'static str,
        /// The fingerprint as `ssh-keygen -l` shows it.
        fingerprint: String,
    },
    /// A JSON Web Token.
    Jwt {
        /// Its algorithm, or `unknown`.
        algorithm: &'static str,
        /// When it expires, if it says so.
        expires: Option<Timestamp>,
    },
    /// Logins for container registries.
    DockerConfig {
        /// Registries whose names are plain host names.
        registries: Vec<String>,
        /// User names that do not look like tokens.
        users: Vec<String>,
        /// How many registries there are.
        count: usize,
    },
    /// A URL.
    Url {
        /// Its scheme, if it is a well-known one.
        scheme: &'static str,
        /// Its host, if the URL can be read in one way only.
        host: Option<String>,
    },
    /// JSON or YAML.
    Structured {
        /// `JSON object`, `JSON array` or `YAML`.
        format: &'static str,
        /// How many fields or items it has at the top.
        fields: usize,
    },
    /// It ends in a newline, which programs often take for a part of the value.
    TrailingNewline,
    /// Its lines end as on Windows.
    Crlf,
    /// It starts with a byte order mark.
    Bom,
    /// It looks as if it had been encoded twice.
    DoubleBase64,
    /// It is a password that everybody tries first.
    Weak,
    /// It is a word that stands for a value that nobody has set.
    Placeholder,
}

impl Fact {
    /// Says it in a few words, for a table.
    pub(crate) fn label(&self) -> String {
        let plural = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        match self {
            Self::X509Certificate { subject, not_after, chain, .. } => {
                let subject = subject.as_ref().map(|name| format!(" CN={name}")).unwrap_or_default();
                let more = if *chain > 1 { format!(" (chain of {chain})") } else { String::new() };
                format!("certificate{subject}, until {}{more}", not_after.strftime("%Y-%m-%d"))
            }
            Self::PrivateKey { algorithm, encrypted } => {
                format!("{algorithm} private key{}", if *encrypted { ", encrypted" } else { "" })
            }
            Self::Pem { block } => format!("PEM {block}"),
            Self::SshPublicKey { algorithm, fingerprint } => format!("{algorithm} public key {fingerprint}"),
            Self::Jwt { algorithm, expires } => {
                let until = expires.map(|at| format!(", until {}", at.strftime("%Y-%m-%d %H:%M"))).unwrap_or_default();
                format!("JWT {algorithm}{until}")
            }
            Self::DockerConfig { registries, count, .. } if registries.is_empty() => {
                format!("registry logins: {count}")
            }
            Self::DockerConfig { registries, .. } => format!("registry login for {}", registries.join(", ")),
            Self::Url { scheme, host } => match host {
                Some(host) => format!("{scheme} URL, host {host}"),
                None => format!("{scheme} URL"),
            },
            Self::Structured { format, fields } => format!("{format}, {}", plural(*fields, "field")),
            Self::TrailingNewline => "ends in a newline".to_owned(),
            Self::Crlf => "Windows line ends".to_owned(),
            Self::Bom => "byte order mark".to_owned(),
            Self::DoubleBase64 => "looks encoded twice".to_owned(),
            Self::Weak => "weak".to_owned(),
            Self::Placeholder => "placeholder".to_owned(),
        }
    }

    /// Tells whether it is worth a second look.
    pub(crate) fn is_warning(&self) -> bool {
        matches!(
            self,
            Self::TrailingNewline | Self::Crlf | Self::Bom | Self::DoubleBase64 | Self::Weak | Self::Placeholder
        )
    }
}

/// Cuts free text.
pub(super) fn short(text: &str) -> String {
    text.chars().take(MOST).collect()
}
