//! A value from any source behind a flag, looked at before it is sent.

use futures::future::BoxFuture;

use crate::context::Context;
use crate::error::Result;
use crate::plaintext::SecretValue;
use crate::sources::{AnySource, Ask, Filling, Flag, Source};
use crate::ui::Ui;

/// Refuses a value, or warns of it, by what `plaintext` says about it.
pub(super) type Look = fn(&SecretValue, &Ui) -> Result<()>;

/// A source whose value must be of a kind.
#[derive(Debug)]
pub(crate) struct LookedAt {
    pub(super) from: AnySource,
    pub(super) flag: Flag,
    pub(super) look: Look,
}

impl LookedAt {
    fn ask<'a>(&'a self, ask: &Ask<'a>) -> Ask<'a> {
        Ask { flag: Some(&self.flag), ..*ask }
    }
}

impl Source for LookedAt {
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
            filling.values.iter().try_for_each(|value| (self.look)(value, &ctx.ui))?;
            Ok(filling)
        })
    }
}
