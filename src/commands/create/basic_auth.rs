//! `create basic-auth`: a user name and a password.

use std::sync::Arc;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::sources::{self, AnySource, KeySource, parse_flag, public_text};

use super::flags::CreateFlags;
use super::secret::{NewSecret, make};

/// Create a Secret for basic authentication: username and password
///
/// The password is asked for, unless a source is named. A user name is not secret, so it is typed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe create basic-auth registry --username app
  kubectl secretsafe create basic-auth registry --username app --password generate
  kubectl secretsafe create basic-auth registry --username app --password keychain:team/registry")]
pub(crate) struct BasicAuthArgs {
    /// Name of the Secret
    name: SecretName,

    /// User name
    #[arg(long, value_name = "TEXT")]
    username: String,

    /// Where the password comes from; asked for if absent
    #[arg(long, value_name = "SOURCE", num_args = 0..=1, default_missing_value = "prompt", value_parser = password)]
    password: Option<AnySource>,

    #[command(flatten)]
    flags: CreateFlags,
}

fn password(text: &str) -> Result<AnySource> {
    parse_flag("--password", text)
}

/// Runs `create basic-auth`.
pub(crate) async fn run(args: BasicAuthArgs, ctx: &Context) -> Result<Outcome> {
    if args.username.is_empty() || args.username.contains(|c: char| c.is_whitespace() || c.is_control() || c == ':') {
        return Err(Error::usage("`--username` needs a name without spaces and `:`")
            .because("basic authentication sends NAME:PASSWORD")
            .hint("write it like --username admin"));
    }
    let user = KeySource::of(vec!["username".parse::<KeyName>()?], public_text(args.username));
    let from = args.password.map_or_else(|| password("prompt"), Ok)?;
    let source = Arc::new(sources::password(from));
    let keys = vec![user, KeySource::of(vec!["password".parse::<KeyName>()?], source)];
    let secret_type = "kubernetes.io/basic-auth".to_owned();
    make(NewSecret { name: args.name, secret_type, keys, flags: args.flags }, ctx).await
}
