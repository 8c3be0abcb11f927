//! A private key for SSH from any source, looked at before it is sent.

use futures::future::BoxFuture;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::facts;
use crate::sources::{AnySource, Ask, Filling, Flag, Source};

/// A value that must be a private key.
#[derive(Debug)]
pub(crate) struct SshKey {
    /// Where it comes from.
    pub(crate) from: AnySource,
    /// The flag that named it.
    pub(crate) flag: Flag,
}

impl SshKey {
    fn ask<'a>(&'a self, ask: &Ask<'a>) -> Ask<'a> {
        Ask { flag: Some(&self.flag), ..*ask }
    }
}

impl Source for SshKey {
    fn scheme(&self) -> &'static str {
        self.from.scheme()
    }

    fn summary(&self) -> String {
        self.from.summary()
    }

    fn reads_once(&self) -> Option<String> {
        self.from.reads_once()
    }

    fn fills_missing_only(&self) -> bool {
        self.from.fills_missing_only()
    }

    fn check(&self, ask: &Ask<'_>) -> Result<()> {
        self.from.check(&self.ask(ask))
    }

    fn prepare(&self, ask: &Ask<'_>) -> Result<()> {
        self.from.prepare(&self.ask(ask))
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move {
            let filling = self.from.fill(&self.ask(ask), ctx).await?;
            match filling.values.first().map(facts::private_key) {
                Some(Some(true)) => {
                    ctx.ui.warn("the key is encrypted, so whoever uses it needs the passphrase as well")
                }
                Some(None) => {
                    return Err(Error::source("there is no private key in what was given for `--key`")
                        .because("a private key starts with a line such as `-----BEGIN OPENSSH PRIVATE KEY-----`")
                        .hint("send the file without `.pub`: --key stdin < ~/.ssh/id_ed25519"));
                }
                _ => {}
            }
            Ok(filling)
        })
    }
}
