//! `--env-stdin`: every line of stdin is a key and its value, as in an env file.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::SecretValue;
use crate::plaintext::render::{self, EnvFileError};
use crate::sources::{Ask, Filling, KeySource, MAX_VALUE, Source, piped};

/// The value of one line, until it is asked for.
#[derive(Debug)]
struct Line(Mutex<Option<SecretValue>>);

impl Source for Line {
    fn scheme(&self) -> &'static str {
        "stdin"
    }

    fn summary(&self) -> String {
        "stdin".to_owned()
    }

    fn fills_missing_only(&self) -> bool {
        true
    }

    /// `NAME=` is written on purpose.
    fn may_be_empty(&self) -> bool {
        true
    }

    fn fill<'a>(&'a self, _ask: &'a Ask<'a>, _ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let filling = taken.map(Filling::one).ok_or_else(|| Error::bug("a line of stdin was asked for twice"));
        Box::pin(std::future::ready(filling))
    }
}

/// Reads stdin to its end: the names of the keys stand in it, so this comes before the plan.
pub(crate) async fn env_lines() -> Result<Vec<KeySource>> {
    let filling = piped("`--env-stdin`").await?;
    let file = filling.values.into_iter().next().ok_or_else(|| Error::bug("stdin gave no value"))?;
    let wrong = || Error::source("the lines for `--env-stdin` cannot be used");
    if file.len() > MAX_VALUE {
        return Err(wrong().because("more than 1 MiB, the limit of Kubernetes for a Secret"));
    }
    let lines = render::env_file(&file).map_err(|error| {
        let wrong = wrong().caused_by(&error);
        match error {
            EnvFileError::NoValue(_) => wrong.hint(
                "write NAME= for an empty value; to take it from the environment, drop the line and add NAME=env:NAME",
            ),
            EnvFileError::Key(_) => wrong.hint("a line is NAME=value, without `export` and without spaces before `=`"),
            EnvFileError::NotText(_) => wrong.hint("send binary values one by one, with KEY=stdin"),
            EnvFileError::Twice(_) => wrong.hint("remove one of them"),
        }
    })?;
    if lines.is_empty() {
        return Err(wrong()
            .because("there is no line of the form NAME=value")
            .hint("redirect a file: --env-stdin < .env"));
    }
    Ok(lines
        .into_iter()
        .map(|(key, value)| KeySource::of(vec![key], Arc::new(Line(Mutex::new(Some(value))))))
        .collect())
}
