//! `create`: new Secrets. One file per kind of Secret.

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Outcome, Result};

mod apply;
mod generic;
mod labels;

/// Create a Secret
#[derive(clap::Args, Debug)]
pub(crate) struct CreateArgs {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand, Debug)]
enum Kind {
    Generic(generic::GenericArgs),
}

/// Runs `create`.
pub(crate) async fn run(args: CreateArgs, ctx: &Context) -> Result<Outcome> {
    match args.kind {
        Kind::Generic(args) => generic::run(args, ctx).await,
    }
}
