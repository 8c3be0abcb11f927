//! `create`: new Secrets. One file per kind of Secret.

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Outcome, Result};

mod apply;
mod basic_auth;
mod docker_registry;
mod flags;
mod generic;
mod labels;
mod secret;
mod ssh_auth;
mod tls;

pub(super) use generic::SecretType;
pub(super) use labels::{Annotation, Label};

/// Create a Secret
#[derive(clap::Args, Debug)]
pub(crate) struct CreateArgs {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand, Debug)]
enum Kind {
    Generic(generic::GenericArgs),
    Tls(tls::TlsArgs),
    DockerRegistry(docker_registry::DockerRegistryArgs),
    BasicAuth(basic_auth::BasicAuthArgs),
    SshAuth(ssh_auth::SshAuthArgs),
}

/// Runs `create`.
pub(crate) async fn run(args: CreateArgs, ctx: &Context) -> Result<Outcome> {
    match args.kind {
        Kind::Generic(args) => generic::run(args, ctx).await,
        Kind::Tls(args) => tls::run(args, ctx).await,
        Kind::DockerRegistry(args) => docker_registry::run(args, ctx).await,
        Kind::BasicAuth(args) => basic_auth::run(args, ctx).await,
        Kind::SshAuth(args) => ssh_auth::run(args, ctx).await,
    }
}
