//! `create tls`: a certificate and its private key.

use std::path::PathBuf;
use std::sync::Arc;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::sources::{AnySource, Flag, KeySource, TlsFiles, parse_flag, public_file};

use super::flags::CreateFlags;
use super::secret::{NewSecret, make};

/// Create a Secret for TLS: a certificate and its private key
///
/// The certificate is public and comes from a file: that of the server first, the chain behind it. The
/// key comes from a source, and is asked for if none is named: paste it, many lines, nothing is shown.
/// Before anything is sent the two are checked against each other.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe create tls web --cert web.crt --key stdin < web.key
  kubectl secretsafe create tls web --cert web.crt --key keychain:team/web-key
  kubectl secretsafe create tls web --cert web.crt --key stdin --decrypt-key < encrypted.key
  kubectl secretsafe create tls web --self-signed --host web.example.com --days 90")]
pub(crate) struct TlsArgs {
    /// Name of the Secret
    name: SecretName,

    /// File with the certificate in PEM, and its chain; it must be public
    #[arg(long, value_name = "FILE", required_unless_present = "self_signed", conflicts_with = "self_signed")]
    cert: Option<PathBuf>,

    /// Where the private key comes from; asked for if absent
    #[arg(long, value_name = "SOURCE", num_args = 0..=1, default_missing_value = "prompt:multiline", value_parser = key, conflicts_with = "self_signed")]
    key: Option<AnySource>,

    /// Store an encrypted key decrypted; its passphrase is asked for, unless a source is named
    #[arg(long, value_name = "SOURCE", num_args = 0..=1, require_equals = true, default_missing_value = "prompt:once", value_parser = passphrase, conflicts_with = "self_signed")]
    decrypt_key: Option<AnySource>,

    /// Make a key and a certificate that it signs itself
    #[arg(long, requires = "hosts")]
    self_signed: bool,

    /// Host name or IP address for --self-signed; may be repeated
    #[arg(long = "host", value_name = "HOST", requires = "self_signed", conflicts_with = "cert")]
    hosts: Vec<String>,

    /// Days for which the certificate of --self-signed is valid
    #[arg(long, value_name = "N", requires = "self_signed", conflicts_with = "cert", value_parser = clap::value_parser!(u32).range(1..))]
    days: Option<u32>,

    #[command(flatten)]
    flags: CreateFlags,
}

fn key(text: &str) -> Result<AnySource> {
    parse_flag("--key", text)
}

fn passphrase(text: &str) -> Result<AnySource> {
    parse_flag("--decrypt-key", text)
}

/// Runs `create tls`.
pub(crate) async fn run(args: TlsArgs, ctx: &Context) -> Result<Outcome> {
    let source = match args.cert {
        Some(cert) => files(cert, args.key, args.decrypt_key)?,
        None => self_signed(&args.hosts, args.days)?,
    };
    let secret_type = "kubernetes.io/tls".to_owned();
    make(NewSecret { name: args.name, secret_type, keys: vec![source], flags: args.flags }, ctx).await
}

/// The two keys, filled from a file and a source.
fn files(cert: PathBuf, from: Option<AnySource>, passphrase: Option<AnySource>) -> Result<KeySource> {
    let key = from.map_or_else(|| key("prompt:multiline"), Ok)?;
    if let Some(resource) = key.reads_once()
        && passphrase.as_ref().and_then(|source| source.reads_once()).as_ref() == Some(&resource)
    {
        return Err(Error::usage(format!(
            "`{resource}` can be read only once, and `--key` and `--decrypt-key` ask for it"
        ))
        .hint("add --decrypt-key alone to be asked for the passphrase"));
    }
    let flag = |name, what: &str| Flag { name, what: what.to_owned() };
    let flags = [
        flag("--cert", "the certificate"),
        flag("--key", "the private key"),
        flag("--decrypt-key", "the passphrase of the private key"),
    ];
    let source = TlsFiles { cert: public_file(cert), key, passphrase, flags };
    Ok(KeySource::of(vec!["tls.crt".parse::<KeyName>()?, "tls.key".parse::<KeyName>()?], Arc::new(source)))
}

/// The two keys, made.
fn self_signed(hosts: &[String], days: Option<u32>) -> Result<KeySource> {
    let fits = |host: &String| {
        !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'*' | b':'))
    };
    if !hosts.iter().all(fits) {
        return Err(Error::usage("`--host` takes a host name or an IP address")
            .hint("write it without scheme and port: --host web.example.com; repeat the flag for more"));
    }
    let days = days.map(|days| format!(",days={days}")).unwrap_or_default();
    format!("tls.crt,tls.key=generate:tls-self-signed,hosts={}{days}", hosts.join("+")).parse()
}
