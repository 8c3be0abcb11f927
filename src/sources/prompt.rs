//! `prompt`: the user types the value, and nobody sees it (requirement S13).

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::output::escape::Terminal;
use crate::plaintext::{SecretValue, compare};
use crate::terminal::{self, AskError, Lines, Refused};

use super::stdin::{key_name, with};
use super::{AnySource, Ask, Filling, Origin, Scheme, Source};

pub(super) const SCHEME: Scheme = Scheme {
    name: "prompt",
    aliases: &[],
    form: "prompt, prompt:once or prompt:multiline",
    summary: "a hidden question on the terminal, asked twice; what a KEY alone means",
    origins: Origin::NOT_OBJECT,
    parse,
};

/// How often two different answers are asked for again.
const TRIES: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prompt {
    Twice,
    Once,
    Multiline,
}

fn parse(rest: Option<&str>) -> Result<AnySource> {
    let prompt = match rest {
        None => Prompt::Twice,
        Some("once") => Prompt::Once,
        Some("multiline") => Prompt::Multiline,
        Some(_) => {
            return Err(Error::usage("`prompt` does not know what stands behind it")
                .hint("write KEY=prompt, KEY=prompt:once or KEY=prompt:multiline"));
        }
    };
    Ok(Arc::new(prompt))
}

impl Source for Prompt {
    fn scheme(&self) -> &'static str {
        SCHEME.name
    }

    fn fills_missing_only(&self) -> bool {
        true
    }

    fn summary(&self) -> String {
        match self {
            Self::Twice => "prompt",
            Self::Once => "prompt:once",
            Self::Multiline => "prompt:multiline",
        }
        .to_owned()
    }

    fn prepare(&self, ask: &Ask<'_>) -> Result<()> {
        if terminal::open().is_none() { Err(Wanted::of(ask).explain(&AskError::NoTerminal)) } else { Ok(()) }
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move {
            let wanted = Wanted::of(ask);
            let target = ask.target;
            let what = format!("{} of secret/{} in namespace {}", wanted.what, target.name, target.namespace);
            let value = match self {
                Self::Once => wanted.hidden(&format!("Value for {what} (hidden): "), Lines::One).await?,
                Self::Twice => wanted.twice(&format!("Value for {what} (hidden): "), ctx).await?,
                Self::Multiline => {
                    let question =
                        format!("Value for {what} (hidden, many lines; end with Ctrl-D on a line of its own):\n");
                    wanted.hidden(&question, Lines::Many).await?
                }
            };
            Ok(Filling::one(value))
        })
    }
}

/// What an answer is wanted for, and how it can be given otherwise: for messages.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Such as "key `password`".
    pub(crate) what: String,
    /// How to pipe it in instead.
    pub(crate) pipe: String,
    /// How to type many lines.
    pub(crate) multiline: String,
}

impl Wanted {
    fn of(ask: &Ask<'_>) -> Self {
        Self {
            what: key_name(ask),
            pipe: with(ask, "stdin"),
            multiline: format!("for a value of many lines write {}", with(ask, "prompt:multiline")),
        }
    }

    /// Asks until two answers in a row are the same.
    pub(crate) async fn twice(&self, question: &str, ctx: &Context) -> Result<SecretValue> {
        for _ in 0..TRIES {
            let first = self.hidden(question, Lines::One).await?;
            if first.is_empty() {
                return Ok(first);
            }
            if compare::same(&first, &self.hidden("Again: ", Lines::One).await?) {
                return Ok(first);
            }
            ctx.ui.warn("the two answers differ; once more");
        }
        Err(Error::source(format!("{TRIES} times two different answers for {}", self.what))
            .hint(format!("pipe it in with {}", self.pipe)))
    }

    async fn hidden(&self, question: &str, lines: Lines) -> Result<SecretValue> {
        let newline = if question.ends_with('\n') { "\n" } else { "" };
        let question = format!("{}{newline}", Terminal(question.trim_end_matches('\n')));
        let answer = tokio::task::spawn_blocking(move || terminal::ask_hidden(&question, lines))
            .await
            .map_err(|_| Error::bug("the thread that asks on the terminal ended"))?;
        answer.map(SecretValue::from_bytes).map_err(|err| self.explain(&err))
    }

    fn explain(&self, err: &AskError) -> Error {
        let error = Error::source(format!("no value for {}", self.what));
        match err {
            AskError::NoTerminal => error
                .because("there is no terminal to ask on")
                .hint(format!("pipe the value in with {}, or name another source", self.pipe)),
            AskError::Io(kind) => error.because(format!("the terminal failed: {kind}")),
            AskError::Interrupted => error.because("interrupted by a signal"),
            AskError::Refused(Refused::SeveralLines) => {
                error.because("several lines were pasted where one was asked for").hint(&self.multiline)
            }
            AskError::Refused(Refused::Control) => error
                .because("a control character was typed or pasted")
                .hint(format!("pipe such a value in with {}", self.pipe)),
            AskError::Refused(Refused::TooLong) => {
                error.because("more than 1 MiB, the limit of Kubernetes for a Secret")
            }
            AskError::Refused(Refused::Nothing) => error.because("the question was answered with nothing"),
        }
    }
}
