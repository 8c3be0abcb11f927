//! `generate:password`: characters drawn one by one from a set.

use crate::error::{Error, Result};
use crate::plaintext::SecretValue;
use crate::sources::MAX_VALUE;

use super::options::Options;
use super::random::Random;
use super::{Kind, Row, entropy};

pub(super) const ROW: Row = Row { name: "password", options: &["length", "charset", "classes"], parse };

/// 24 characters from 62 are 142 bits.
const DEFAULT_LENGTH: usize = 24;
/// Classes are kept by drawing again; a rule that nearly no string fulfils would never end.
const LEAST_SHARE: f64 = 0.01;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGIT: &str = "0123456789";
/// Printable ASCII that is neither letter nor digit, without those that shells, YAML and URLs fight over.
const SYMBOL: &str = "!#%+-./:=?@^_~";

#[derive(Debug)]
struct Password {
    length: usize,
    charset: Vec<u8>,
    /// At least one character of each, by their place in `charset`.
    classes: Vec<Vec<u8>>,
}

fn parse(options: &Options<'_>) -> Result<Box<dyn Kind>> {
    let length = options.number("length", DEFAULT_LENGTH, MAX_VALUE)?;
    let charset = charset(options.text("charset").unwrap_or("alnum"))?;
    let classes = classes(options.text("classes"), &charset)?;
    let sizes: Vec<usize> = classes.iter().map(Vec::len).collect();
    if length < classes.len() || entropy::accepted_share(length, charset.len(), &sizes) < LEAST_SHARE {
        return Err(Error::usage("`classes` of `generate:password` cannot be kept in so few characters")
            .hint("ask for a longer one, such as length=24"));
    }
    Ok(Box::new(Password { length, charset, classes }))
}

/// Reads the set of characters: a name, or the characters themselves; doubles count once.
fn charset(text: &str) -> Result<Vec<u8>> {
    let characters = match text {
        "alnum" => [LOWER, UPPER, DIGIT].concat(),
        "symbols" | "ascii" => [LOWER, UPPER, DIGIT, SYMBOL].concat(),
        "lower" => LOWER.to_owned(),
        "digits" => DIGIT.to_owned(),
        own => own.to_owned(),
    };
    if !characters.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::usage("`charset` of `generate:password` takes printable ASCII characters"));
    }
    let mut set: Vec<u8> = characters.into_bytes();
    set.sort_unstable();
    set.dedup();
    if set.len() < 2 {
        return Err(Error::usage("`charset` of `generate:password` needs at least two different characters")
            .hint("known sets: alnum (default), symbols, lower, digits"));
    }
    Ok(set)
}

fn classes(text: Option<&str>, charset: &[u8]) -> Result<Vec<Vec<u8>>> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let mut classes = Vec::new();
    for name in text.split('+') {
        let members = match name {
            "lower" => LOWER,
            "upper" => UPPER,
            "digit" => DIGIT,
            "symbol" => SYMBOL,
            _ => {
                return Err(Error::usage("`classes` of `generate:password` has a class that is not known")
                    .hint("write them as classes=lower+upper+digit+symbol"));
            }
        };
        let usable: Vec<u8> = charset.iter().copied().filter(|byte| members.as_bytes().contains(byte)).collect();
        if usable.is_empty() {
            return Err(Error::usage(format!("`classes` wants a {name} character, and `charset` has none"))
                .hint("add charset=symbols, or leave the class out"));
        }
        if classes.contains(&usable) {
            return Err(Error::usage(format!("class {name} is named twice")));
        }
        classes.push(usable);
    }
    Ok(classes)
}

impl Kind for Password {
    fn describe(&self) -> String {
        format!("{} characters from {}", self.length, self.charset.len())
    }

    fn bits(&self) -> f64 {
        let sizes: Vec<usize> = self.classes.iter().map(Vec::len).collect();
        entropy::with_classes(self.length, self.charset.len(), &sizes)
    }

    fn make(&self) -> Result<SecretValue> {
        let mut random = Random::new();
        let count = u8::try_from(self.charset.len()).unwrap_or(u8::MAX);
        SecretValue::fill(self.length, |bytes| {
            loop {
                for byte in bytes.iter_mut() {
                    let index = usize::from(random.below(count)?);
                    *byte = self.charset.get(index).copied().unwrap_or_default();
                }
                // The whole string again: mending one place would make some strings more likely.
                if self.classes.iter().all(|class| bytes.iter().any(|byte| class.contains(byte))) {
                    return Ok(());
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn password(text: &str) -> Result<Box<dyn Kind>> {
        parse(&Options::parse(text, "password", ROW.options)?)
    }

    #[test]
    fn impossible_rules_are_refused() {
        for text in [
            "charset=a",
            "charset=aaaa",
            "length=0",
            "length=3,classes=lower+upper+digit+symbol,charset=symbols",
            "classes=symbol",
            "classes=lower+lower",
            "classes=nothing",
            "length=99999999",
        ] {
            assert!(password(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_charset_counts_each_character_once() {
        assert!((password("length=10,charset=abab").unwrap().bits() - 10.0).abs() < 1e-9);
    }

    #[test]
    fn classes_cost_bits() {
        let free = password("length=12,charset=symbols").unwrap().bits();
        let bound = password("length=12,charset=symbols,classes=lower+upper+digit+symbol").unwrap().bits();
        assert!(bound < free && bound > free - 2.0, "{free} {bound}");
    }

    proptest! {
        #[test]
        fn length_is_kept(length in 1_usize..200) {
            prop_assert_eq!(password(&format!("length={length}")).unwrap().make().unwrap().len(), length);
        }
    }
}
