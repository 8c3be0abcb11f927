//! A private key for SSH, as `create ssh-auth` takes it.

use crate::error::{Error, Result};
use crate::plaintext::{SecretValue, facts};
use crate::sources::{AnySource, Flag};
use crate::ui::Ui;

use super::looked_at::LookedAt;

/// Makes sure that what the source of `--key` gives is a private key.
pub(crate) fn ssh_key(from: AnySource) -> LookedAt {
    LookedAt { from, flag: Flag { name: "--key", what: "the private key".to_owned() }, look }
}

fn look(value: &SecretValue, ui: &Ui) -> Result<()> {
    match facts::private_key(value) {
        Some(true) => ui.warn("the key is encrypted, so whoever uses it needs the passphrase as well"),
        Some(false) => {}
        None => {
            return Err(Error::source("there is no private key in what was given for `--key`")
                .because("a private key starts with a line such as `-----BEGIN OPENSSH PRIVATE KEY-----`")
                .hint("send the file without `.pub`: --key stdin < ~/.ssh/id_ed25519"));
        }
    }
    Ok(())
}
