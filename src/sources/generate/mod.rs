//! `generate`: values that nobody has ever seen, from the operating system's random numbers.
//!
//! One file per kind, one row per kind in `KINDS`.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::plaintext::SecretValue;
use crate::process::stack;

use super::{AnySource, Ask, Filling, Origin, Scheme, Source};

mod defaults;
mod encoded;
mod entropy;
mod hosts;
mod htpasswd;
mod key;
mod options;
mod passphrase;
mod password;
mod random;
mod rsa;
mod ssh_ed25519;
mod system;
mod tls_self_signed;
mod uuid;

use defaults::Defaults;
pub(crate) use defaults::use_defaults;
use options::Options;

pub(super) const SCHEME: Scheme = Scheme {
    name: "generate",
    aliases: &[],
    form: "generate[:KIND][,option=value…]",
    summary: "a new random value; kinds: password (default), passphrase, hex, base64, uuid, ssh-ed25519, rsa, \
              tls-self-signed, htpasswd",
    origins: Origin::ANY,
    parse,
};

/// Weakest value that is made without `--weak-ok` (requirement S12).
const FLOOR: f64 = 80.0;

/// Something that can be generated.
trait Kind: std::fmt::Debug + Send + Sync {
    /// Describes it for a plan, such as `24 characters from 62`.
    fn describe(&self) -> String;

    /// Returns how many bits somebody who knows all options would have to guess; never too high. `None`
    /// where that is a matter of the value it is made from.
    fn bits(&self) -> Option<f64>;

    /// Returns options that lift it above the floor, for a hint; only kinds that can be weak are asked.
    fn stronger(&self) -> String {
        String::new()
    }

    /// How many keys it fills at least.
    fn least(&self) -> usize {
        1
    }

    /// How many keys it can fill.
    fn most(&self) -> usize {
        1
    }

    /// Returns how it is written for several keys, for a hint; only kinds that need them are asked.
    fn grouped(&self) -> &'static str {
        ""
    }

    /// Names the key whose value it is made from.
    fn needs(&self) -> Option<&KeyName> {
        None
    }

    /// Makes values for so many keys.
    fn make(&self, keys: usize) -> Result<Made>;

    /// Makes it from the value of the key in `needs`.
    fn make_from(&self, _from: &SecretValue) -> Result<Made> {
        Err(Error::bug("a value was handed to a kind that needs none"))
    }
}

/// What was made: a value a key, and what is public about them.
#[derive(Debug)]
struct Made {
    values: Vec<SecretValue>,
    notes: Vec<String>,
}

impl Made {
    fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

impl From<SecretValue> for Made {
    fn from(value: SecretValue) -> Self {
        Self { values: vec![value], notes: Vec::new() }
    }
}

/// A row of the table of kinds: its name, its options, and how they are read.
struct Row {
    name: &'static str,
    options: &'static [&'static str],
    parse: fn(&Options<'_>) -> Result<Box<dyn Kind>>,
}

const KINDS: &[Row] = &[
    password::ROW,
    passphrase::ROW,
    encoded::HEX,
    encoded::BASE64,
    uuid::ROW,
    ssh_ed25519::ROW,
    rsa::ROW,
    tls_self_signed::ROW,
    htpasswd::ROW,
];

/// Returns the names of the kinds, for completion.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|row| row.name)
}

fn names() -> String {
    kinds().collect::<Vec<_>>().join(", ")
}

#[derive(Debug)]
struct Generate {
    name: &'static str,
    kind: Arc<dyn Kind>,
}

/// Parses `[KIND][,option=value…]`. The text is never repeated: it may be a value typed by habit.
fn parse(rest: Option<&str>) -> Result<AnySource> {
    let text = rest.unwrap_or_default();
    let first = text.split(',').next().unwrap_or_default();
    let defaults = Defaults::of_this_run();
    let (name, options) = if text.is_empty() {
        (defaults.kind(), text)
    } else if first.is_empty() || first.contains('=') {
        ("password", text)
    } else {
        (first, text.get(first.len() + 1..).unwrap_or_default())
    };
    let Some(row) = KINDS.iter().find(|row| row.name == name) else {
        return Err(Error::usage("`generate` does not know this kind").hint(format!("it knows: {}", names())));
    };
    let options = defaults.options(options, row)?;
    let kind = (row.parse)(&options).map_err(|error| defaults.explain(error, row))?;
    Ok(Arc::new(Generate { name: row.name, kind: kind.into() }))
}

impl Source for Generate {
    fn scheme(&self) -> &'static str {
        SCHEME.name
    }

    fn fills_missing_only(&self) -> bool {
        true
    }

    fn summary(&self) -> String {
        format!("generate:{} ({})", self.name, self.described())
    }

    fn fills(&self) -> usize {
        self.kind.most()
    }

    fn needs(&self) -> Option<&KeyName> {
        self.kind.needs()
    }

    fn check(&self, ask: &Ask<'_>) -> Result<()> {
        if ask.keys.len() < self.kind.least() {
            return Err(Error::usage(format!("`generate:{}` fills {} keys, not one", self.name, self.kind.least()))
                .hint(format!("write {}", self.kind.grouped())));
        }
        if ask.flag.is_some() && self.kind.needs().is_some() {
            return Err(Error::usage(format!(
                "`generate:{}` with `from` is made from the value of another key",
                self.name
            ))
            .because("a flag names no keys")
            .hint("write it behind a key: create generic NAME KEY=generate:…"));
        }
        match self.kind.bits() {
            Some(bits) if bits < FLOOR && !ask.allowed.weak => {
                Err(Error::refused(format!("a generated value of {:.0} bits is too weak", bits.floor()))
                    .because(format!("{} can be guessed; at least {FLOOR} bits are wanted", self.kind.describe()))
                    .hint(format!(
                        "ask for a longer one, such as {}, or accept it with --weak-ok",
                        self.kind.stronger()
                    )))
            }
            _ => Ok(()),
        }
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move {
            let (kind, keys) = (Arc::clone(&self.kind), ask.keys.len());
            let made = self.off_the_loop(ctx, move || kind.make(keys)).await?;
            Ok(self.filling(made, ask))
        })
    }

    fn fill_from<'a>(
        &'a self,
        from: SecretValue,
        ask: &'a Ask<'a>,
        ctx: &'a Context,
    ) -> BoxFuture<'a, Result<(SecretValue, Filling)>> {
        Box::pin(async move {
            let kind = Arc::clone(&self.kind);
            let (from, made) = self.off_the_loop(ctx, move || kind.make_from(&from).map(|made| (from, made))).await?;
            Ok((from, self.filling(made, ask)))
        })
    }
}

impl Generate {
    /// Makes it on a thread of its own: an RSA key takes seconds, in which Ctrl-C must be heard and somebody
    /// waits before a terminal; its numbers pass over the stack.
    async fn off_the_loop<T: Send + 'static>(
        &self,
        ctx: &Context,
        make: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _task = ctx.ui.task("generating a value");
        let made = ctx.ui.waiting(tokio::task::spawn_blocking(move || stack::wiped(make))).await;
        made.map_err(|_| Error::bug("a generator did not end"))?
    }

    fn described(&self) -> String {
        let bits = self.kind.bits().map(|bits| format!(", {:.0} bits", bits.floor())).unwrap_or_default();
        format!("{}{bits}", self.kind.describe())
    }

    /// Says what was made, and what is public about it.
    fn filling(&self, made: Made, ask: &Ask<'_>) -> Filling {
        let keys: Vec<String> = ask.keys.iter().map(|key| format!("`{key}`")).collect();
        let named = format!("{} {}", if keys.len() == 1 { "key" } else { "keys" }, keys.join(", "));
        let filling = Filling { values: made.values, notes: Vec::new() };
        let filling = filling.note(format!("{named}: generated {}", self.described()));
        made.notes.into_iter().fold(filling, |filling, note| filling.note(format!("{named}: {note}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(text: Option<&str>) -> String {
        parse(text).unwrap().summary()
    }

    #[test]
    fn kinds_and_short_forms() {
        assert_eq!(summary(None), "generate:password (24 characters from 62, 142 bits)");
        assert_eq!(summary(Some("length=40")), "generate:password (40 characters from 62, 238 bits)");
        assert_eq!(summary(Some("password,length=40")), summary(Some("length=40")));
        assert_eq!(summary(Some("hex")), "generate:hex (32 bytes, 256 bits)");
        assert_eq!(summary(Some("base64,bytes=16")), "generate:base64 (16 bytes, 128 bits)");
        assert_eq!(summary(Some("uuid")), "generate:uuid (version 4, 122 bits)");
    }

    #[test]
    fn what_is_not_known_is_not_repeated() {
        for text in ["hunter2", "password,hunter2=1", "password,length=hunter2", "hex,bytes=hunter2", "hunter2,hunter2"]
        {
            let error = parse(Some(text)).unwrap_err();
            let whole = format!("{} {} {}", error.message(), error.causes().join(" "), error.hints().join(" "));
            assert!(!whole.contains("hunter2"), "{whole}");
            assert_eq!(error.kind().exit_code(), 2);
        }
    }
}
