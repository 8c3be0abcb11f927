//! Sources that are made of others, or look at what others gave: for the flags of `create`.
//!
//! They have no scheme of their own; the record and the plan name the sources they are made of. What
//! is in a value is asked of `plaintext::facts`, and new values are made by `plaintext::render`.

mod docker;
mod env_lines;
mod looked_at;
mod password;
mod ssh_key;
mod tls_files;

pub(crate) use docker::{DockerLogins, whole_docker_config};
pub(crate) use env_lines::env_lines;
pub(crate) use password::password;
pub(crate) use ssh_key::ssh_key;
pub(crate) use tls_files::TlsFiles;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::SecretValue;

use super::{Ask, Source};

/// Asks a source for the one value that it gives, and says its notes.
async fn one(source: &dyn Source, ask: &Ask<'_>, ctx: &Context) -> Result<SecretValue> {
    let mut filling = source.fill(ask, ctx).await?;
    filling.notes.iter().for_each(|note| ctx.ui.note(note));
    match (filling.values.pop(), filling.values.is_empty()) {
        (Some(value), true) => Ok(value),
        _ => Err(Error::bug(format!("source `{}` gave the wrong number of values", source.scheme()))),
    }
}
