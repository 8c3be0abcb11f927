//! `create ssh-auth`: a private key for SSH.

use std::sync::Arc;

use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::sources::{AnySource, KeySource, parse_flag, ssh_key};

use super::flags::CreateFlags;
use super::secret::{NewSecret, make};

/// Create a Secret with a private key for SSH
///
/// The key is asked for, unless a source is named: paste it, many lines, nothing is shown. The public
/// half of a generated key is printed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe create ssh-auth deploy --key stdin < ~/.ssh/id_ed25519
  kubectl secretsafe create ssh-auth deploy --key generate:ssh-ed25519")]
pub(crate) struct SshAuthArgs {
    /// Name of the Secret
    name: SecretName,

    /// Where the private key comes from; asked for if absent
    #[arg(long, value_name = "SOURCE", num_args = 0..=1, default_missing_value = "prompt:multiline", value_parser = key)]
    key: Option<AnySource>,

    #[command(flatten)]
    flags: CreateFlags,
}

fn key(text: &str) -> Result<AnySource> {
    parse_flag("--key", text)
}

/// Runs `create ssh-auth`.
pub(crate) async fn run(args: SshAuthArgs, ctx: &Context) -> Result<Outcome> {
    let from = args.key.map_or_else(|| key("prompt:multiline"), Ok)?;
    let source = Arc::new(ssh_key(from));
    let keys = vec![KeySource::of(vec!["ssh-privatekey".parse::<KeyName>()?], source)];
    let secret_type = "kubernetes.io/ssh-auth".to_owned();
    make(NewSecret { name: args.name, secret_type, keys, flags: args.flags }, ctx).await
}
