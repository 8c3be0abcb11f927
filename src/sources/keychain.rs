//! `keychain`: a value from the OS keychain.
//!
//! The default entry is bound to the cluster (requirement S4): a context of the same name that leads to
//! another server does not get this cluster's values.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::keychain::{Entry, Keychain, binding};

use super::stdin::key_name;
use super::{AnySource, Ask, Filling, Origin, Scheme, Source};

pub(super) const SCHEME: Scheme = Scheme {
    name: "keychain",
    aliases: &[],
    form: "keychain or keychain:SERVICE/ACCOUNT",
    summary: "the OS keychain; without an entry, the one of this cluster, Secret and key",
    origins: Origin::NOT_UNLISTED,
    parse,
};

#[derive(Debug)]
struct FromKeychain(Option<Entry>);

fn parse(rest: Option<&str>) -> Result<AnySource> {
    let entry = match rest {
        None => None,
        Some(text) => Some(Entry::parse(text).ok_or_else(|| {
            Error::usage("`keychain:` takes the name of an entry")
                .hint("write KEY=keychain:SERVICE/ACCOUNT, such as password=keychain:team/db-password")
        })?),
    };
    Ok(Arc::new(FromKeychain(entry)))
}

impl Source for FromKeychain {
    fn scheme(&self) -> &'static str {
        SCHEME.name
    }

    fn summary(&self) -> String {
        self.0.as_ref().map_or_else(|| "keychain".to_owned(), |entry| format!("keychain:{entry}"))
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move {
            let keychain = Keychain::open(ctx).await?;
            match &self.0 {
                Some(entry) => match keychain.get(entry).await? {
                    Some(value) => Ok(Filling::one(value)),
                    None => Err(missing(entry, ask, &entry.to_string())),
                },
                None => default(&keychain, ask).await,
            }
        })
    }
}

async fn default(keychain: &Keychain, ask: &Ask<'_>) -> Result<Filling> {
    let Some(key) = ask.keys.first() else { return Err(Error::bug("a source was asked for no key")) };
    let entry = Entry::default_for(ask.target, &ask.target.fingerprint, key);
    if let Some(value) = keychain.get(&entry).await? {
        return Ok(Filling::one(value));
    }
    let entry = binding::check(keychain, ask.target, key).await?;
    Err(missing(&entry, ask, &format!("--for {}/{key}", ask.target.name)))
}

fn missing(entry: &Entry, ask: &Ask<'_>, set: &str) -> Error {
    Error::source(format!("no value for {}", key_name(ask)))
        .because(format!("the keychain has no entry `{}` in service `{}`", entry.account(), entry.service()))
        .hint(format!("store it first: kubectl secretsafe keychain set {set}"))
}
