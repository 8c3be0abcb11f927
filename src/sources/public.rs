//! `public:TEXT`: for what is not secret, such as user names and hosts (requirement S5).
//!
//! It is not a way to pass values on the command line: keys whose names say that they are secret are
//! refused, and so is text that looks like a secret.

use std::sync::Arc;

use futures::future::BoxFuture;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::{SecretValue, facts};
use crate::plan::secret_keys::says_secret;

use super::{AnySource, Ask, Filling, Origin, Scheme, Source};

pub(super) const SCHEME: Scheme = Scheme {
    name: "public",
    aliases: &[],
    form: "public:TEXT",
    summary: "text that is not secret, such as a user name or a host",
    origins: Origin::NOT_UNLISTED,
    parse,
};

struct Public(String);

/// The text is not secret by the user's word only, so it is not shown either.
impl std::fmt::Debug for Public {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Public(…)")
    }
}

/// Makes the source for a flag that takes the text itself.
pub(crate) fn public_text(text: String) -> AnySource {
    Arc::new(Public(text))
}

fn parse(rest: Option<&str>) -> Result<AnySource> {
    match rest {
        Some(text) if !text.is_empty() => Ok(Arc::new(Public(text.to_owned()))),
        _ => Err(Error::usage("`public:` needs text behind it").hint("write KEY=public:TEXT, such as user=public:app")),
    }
}

impl Source for Public {
    fn scheme(&self) -> &'static str {
        SCHEME.name
    }

    fn summary(&self) -> String {
        "public".to_owned()
    }

    fn check(&self, ask: &Ask<'_>) -> Result<()> {
        check_key(self.scheme(), ask)?;
        check_text(self.scheme(), facts::looks_secret_text(&self.0), ask)
            .map_err(|error| error.hint("if it was a secret, it is now in the shell history: change it"))
    }

    fn fill<'a>(&'a self, _ask: &'a Ask<'a>, _ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        let value = SecretValue::from_bytes(Zeroizing::new(self.0.clone().into_bytes()));
        Box::pin(std::future::ready(Ok(Filling::one(value))))
    }
}

/// Refuses a key whose name or type says that its value is secret.
pub(super) fn check_key(scheme: &str, ask: &Ask<'_>) -> Result<()> {
    for key in ask.keys.iter().filter(|key| !ask.allowed.public.contains(key)) {
        if says_secret(key, ask.secret_type) {
            return Err(Error::refused(format!("key `{key}` looks like a secret, so its value may not be {scheme}:"))
                .hint(format!("type {key} alone to be asked for it, or {key}=stdin to pipe it in"))
                .hint(format!("if it is really not secret, add --public-ok {key}")));
        }
    }
    Ok(())
}

/// Refuses text that looks like a secret, without repeating it.
pub(super) fn check_text(scheme: &str, looks_secret: bool, ask: &Ask<'_>) -> Result<()> {
    let Some(key) = ask.keys.first().filter(|key| looks_secret && !ask.allowed.public.contains(key)) else {
        return Ok(());
    };
    Err(Error::refused(format!("the text for key `{key}` looks like a secret, so it may not be {scheme}:"))
        .hint(format!("if it is really not secret, add --public-ok {key}")))
}
