//! `create generic`: a Secret with keys of the user's choice.

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::SecretName;
use crate::sources::{KeySource, env_lines};

use super::flags::CreateFlags;
use super::secret::{NewSecret, make};

/// Create a Secret from the keychain, a hidden prompt, a pipe or a generator
///
/// Each key takes its value from a source: a hidden prompt unless you name one. Nothing is sent
/// before all values are there, and an existing Secret is never touched.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe create generic db username=public:app password
  kubectl secretsafe create generic db password=generate:length=32
  kubectl secretsafe create generic db password=keychain:team/db-password
  kubectl secretsafe create generic db tls.key=stdin < key.pem
  kubectl secretsafe create generic db --env-stdin < .env

Sources: see docs/sources.md, or type KEY=SOURCE with one of
  prompt  keychain  generate  stdin  fd:N  env:NAME  public:TEXT  public-file:PATH")]
pub(crate) struct GenericArgs {
    /// Name of the Secret
    name: SecretName,

    /// Keys to fill, and where each value comes from, as KEY[=SOURCE]
    #[arg(value_name = "KEY[=SOURCE]", required_unless_present = "env_stdin")]
    keys: Vec<KeySource>,

    /// Type of the Secret
    #[arg(long = "type", value_name = "TYPE", default_value = "Opaque")]
    secret_type: SecretType,

    /// Also take every line NAME=value of stdin as a key, as --from-env-file reads them
    #[arg(long)]
    env_stdin: bool,

    #[command(flatten)]
    flags: CreateFlags,
}

/// The type of a Secret; a word without spaces, as the API server wants it.
#[derive(Debug, Clone)]
pub(in crate::commands) struct SecretType(pub(in crate::commands) String);

impl std::str::FromStr for SecretType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let fits = !text.is_empty()
            && text.len() <= 253
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'/' | b'_'));
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::usage("`--type` takes a word such as Opaque or kubernetes.io/tls")
                .hint("leave it out for Opaque"))
        }
    }
}

/// Runs `create generic`.
pub(crate) async fn run(args: GenericArgs, ctx: &Context) -> Result<Outcome> {
    let mut keys = args.keys;
    if args.env_stdin {
        if keys.iter().any(|group| group.source().reads_once().as_deref() == Some("stdin")) {
            return Err(Error::usage("`stdin` can be read only once, and `--env-stdin` reads it")
                .hint("give the key another source, such as fd:N or a prompt"));
        }
        ctx.journal.count_keys_only();
        keys.extend(env_lines().await?);
    }
    make(NewSecret { name: args.name, secret_type: args.secret_type.0, keys, flags: args.flags }, ctx).await
}
