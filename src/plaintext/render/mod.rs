//! Makes one value out of others, in the form that a program wants: pure, no I/O.

mod docker;
mod env_file;
mod htpasswd;
mod pem;
mod secret;
mod template;
mod texts;

pub(crate) use docker::{Registry, docker_config};
pub(crate) use env_file::{EnvFileError, env_file, is_quoted};
pub(crate) use htpasswd::{HtpasswdError, htpasswd};
pub(crate) use pem::{DecryptError, decrypt_key};
pub(crate) use secret::{joined, secret_manifest};
pub(crate) use template::{again, template};
pub(crate) use texts::{annotations_in, annotations_of, labels_in, labels_of};
