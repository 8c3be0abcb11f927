//! `env:NAME`: an environment variable, for CI systems that offer nothing better.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::names::is_variable;
use crate::plaintext::SecretValue;
use crate::process::environment;

use super::stdin::key_name;
use super::{AnySource, Ask, Filling, Origin, Scheme, Source};

pub(super) const SCHEME: Scheme = Scheme {
    name: "env",
    aliases: &[],
    form: "env:NAME",
    summary: "an environment variable, for CI; it is removed from our own environment",
    origins: &[Origin::Argv],
    parse,
};

#[derive(Debug)]
struct Env {
    name: String,
    /// Taken when the plan is made, before a child or a thread can see it.
    taken: Mutex<Option<SecretValue>>,
}

fn parse(rest: Option<&str>) -> Result<AnySource> {
    let name = rest.filter(|name| is_variable(name)).ok_or_else(|| {
        Error::usage("`env:NAME` takes the name of a variable: letters, digits and `_`")
            .hint("write KEY=env:DB_PASSWORD")
    })?;
    Ok(Arc::new(Env { name: name.to_owned(), taken: Mutex::new(None) }))
}

impl Env {
    fn missing(&self, ask: &Ask<'_>) -> Error {
        Error::source(format!("the environment variable `{}` for {} is not set or empty", self.name, key_name(ask)))
            .hint(format!("see whether it is exported: printenv {} | wc -c", self.name))
    }
}

impl Source for Env {
    fn scheme(&self) -> &'static str {
        SCHEME.name
    }

    fn summary(&self) -> String {
        format!("env:{}", self.name)
    }

    fn reads_once(&self) -> Option<String> {
        Some(self.summary())
    }

    fn prepare(&self, ask: &Ask<'_>) -> Result<()> {
        let bytes = environment::take(&self.name).filter(|bytes| !bytes.is_empty());
        let value = SecretValue::from_bytes(bytes.ok_or_else(|| self.missing(ask))?);
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        Ok(())
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, _ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move {
            let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner).take();
            taken.map(Filling::one).ok_or_else(|| self.missing(ask))
        })
    }
}
