//! A value that several documents of one run use is asked for once: the first that needs it asks, the others get it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio::sync::OnceCell;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::{SecretValue, render};

use super::{AnySource, Ask, Filling, Source};

/// Schemes whose text names one value, whatever Secret and key it is for. A prompt does not: it asks for one key.
const SHARED: &[&str] = &["keychain:", "secret:", "env:", "stdin", "-", "fd:"];

/// The sources of one run, by their text.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<BTreeMap<String, AnySource>>);

impl Shared {
    /// Returns a source that is asked once for all that name it by this text, where the text names one value.
    pub(crate) fn of(&self, text: &str, source: AnySource) -> AnySource {
        let one = SHARED.iter().any(|scheme| text.starts_with(scheme)) && source.fills() == 1;
        if !one {
            return source;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let once = || -> AnySource { Arc::new(Once { source, value: OnceCell::new() }) };
        Arc::clone(known.entry(text.to_owned()).or_insert_with(once))
    }
}

#[derive(Debug)]
struct Once {
    source: AnySource,
    value: OnceCell<SecretValue>,
}

impl Source for Once {
    fn scheme(&self) -> &'static str {
        self.source.scheme()
    }

    fn summary(&self) -> String {
        self.source.summary()
    }

    fn fills_missing_only(&self) -> bool {
        self.source.fills_missing_only()
    }

    fn may_be_empty(&self) -> bool {
        self.source.may_be_empty()
    }

    fn check(&self, ask: &Ask<'_>) -> Result<()> {
        self.source.check(ask)
    }

    fn prepare(&self, ask: &Ask<'_>) -> Result<()> {
        if self.value.initialized() { Ok(()) } else { self.source.prepare(ask) }
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move {
            let ask_it = || async {
                let mut filling = self.source.fill(ask, ctx).await?;
                filling.notes.iter().for_each(|note| ctx.ui.note_in_full(note));
                filling.values.pop().ok_or_else(|| Error::bug("a source gave no value"))
            };
            let value = self.value.get_or_try_init(ask_it).await?;
            Ok(Filling::one(render::again(value)))
        })
    }
}
