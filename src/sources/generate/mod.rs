//! `generate`: values that nobody has ever seen, from the operating system's random numbers.
//!
//! One file per kind, one row per kind in `KINDS`.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::SecretValue;

use super::{AnySource, Ask, Filling, Origin, Scheme, Source};

mod encoded;
mod entropy;
mod options;
mod password;
mod random;
mod uuid;

use options::Options;

pub(super) const SCHEME: Scheme = Scheme {
    name: "generate",
    aliases: &[],
    form: "generate[:KIND][,option=value…]",
    summary: "a new random value; kinds: password (default), hex, base64, uuid",
    origins: Origin::ANY,
    parse,
};

/// Weakest value that is made without `--weak-ok` (requirement S12).
const FLOOR: f64 = 80.0;

/// Something that can be generated.
trait Kind: std::fmt::Debug + Send + Sync {
    /// Describes it for a plan, such as `24 characters from 62`.
    fn describe(&self) -> String;

    /// Returns how many bits somebody who knows all options would have to guess; never too high.
    fn bits(&self) -> f64;

    /// Makes one.
    fn make(&self) -> Result<SecretValue>;
}

/// A row of the table of kinds: its name, its options, and how they are read.
struct Row {
    name: &'static str,
    options: &'static [&'static str],
    parse: fn(&Options<'_>) -> Result<Box<dyn Kind>>,
}

const KINDS: &[Row] = &[password::ROW, encoded::HEX, encoded::BASE64, uuid::ROW];

/// Returns the names of the kinds, for completion.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|row| row.name)
}

#[derive(Debug)]
struct Generate {
    name: &'static str,
    kind: Box<dyn Kind>,
}

/// Parses `[KIND][,option=value…]`. The text is never repeated: it may be a value typed by habit.
fn parse(rest: Option<&str>) -> Result<AnySource> {
    let text = rest.unwrap_or_default();
    let first = text.split(',').next().unwrap_or_default();
    let (name, options) = if first.is_empty() || first.contains('=') {
        ("password", text)
    } else {
        (first, text.get(first.len() + 1..).unwrap_or_default())
    };
    let Some(row) = KINDS.iter().find(|row| row.name == name) else {
        let names: Vec<&str> = KINDS.iter().map(|row| row.name).collect();
        return Err(Error::usage("`generate` does not know this kind").hint(format!("it knows: {}", names.join(", "))));
    };
    let options = Options::parse(options, row.name, row.options)?;
    Ok(Arc::new(Generate { name: row.name, kind: (row.parse)(&options)? }))
}

impl Source for Generate {
    fn scheme(&self) -> &'static str {
        SCHEME.name
    }

    fn fills_missing_only(&self) -> bool {
        true
    }

    fn summary(&self) -> String {
        format!("generate:{} ({}, {:.0} bits)", self.name, self.kind.describe(), self.kind.bits().floor())
    }

    fn check(&self, ask: &Ask<'_>) -> Result<()> {
        let bits = self.kind.bits();
        if bits >= FLOOR || ask.allowed.weak {
            return Ok(());
        }
        Err(Error::refused(format!("a generated value of {:.0} bits is too weak", bits.floor()))
            .because(format!("{} can be guessed; at least {FLOOR} bits are wanted", self.kind.describe()))
            .hint("ask for a longer one, such as generate:length=24, or accept it with --weak-ok"))
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, _ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move {
            let value = self.kind.make()?;
            let key = ask.keys.first().map(|key| format!("key `{key}`: ")).unwrap_or_default();
            Ok(Filling::one(value).note(format!(
                "{key}generated {}, {:.0} bits",
                self.kind.describe(),
                self.kind.bits().floor()
            )))
        })
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
