//! `generate:password`: characters drawn one by one from a set.

use crate::error::{Error, Result};
use crate::plaintext::SecretValue;
use crate::sources::MAX_VALUE;

use super::options::Options;
use super::random::Random;
use super::{FLOOR, Kind, Made, Row, entropy};

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
    Ok(Box::new(password(options)?))
}

/// The password that `generate` alone makes.
pub(super) fn standard() -> impl Kind {
    let charset = [LOWER, UPPER, DIGIT].concat().into_bytes();
    Password { length: DEFAULT_LENGTH, charset, classes: Vec::new() }
}

fn password(options: &Options<'_>) -> Result<Password> {
    let length = options.number("length", DEFAULT_LENGTH, MAX_VALUE)?;
    let charset = charset(options.text("charset").unwrap_or("alnum"))?;
    let classes = classes(options.text("classes"), &charset)?;
    let sizes: Vec<usize> = classes.iter().map(Vec::len).collect();
    if length < classes.len() || entropy::accepted_share(length, charset.len(), &sizes) < LEAST_SHARE {
        return Err(Error::usage("`classes` of `generate:password` cannot be kept in so few characters")
            .hint("ask for a longer one, such as length=24"));
    }
    Ok(Password { length, charset, classes })
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
        return Err(Error::usage("`charset` of `generate:password` takes printable ASCII characters")
            .hint("name a set: charset=symbols, alnum, lower or digits"));
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
        let is_member: fn(&u8) -> bool = match name {
            "lower" => u8::is_ascii_lowercase,
            "upper" => u8::is_ascii_uppercase,
            "digit" => u8::is_ascii_digit,
            // Also those that an own charset brings and SYMBOL leaves out.
            "symbol" => u8::is_ascii_punctuation,
            _ => {
                return Err(Error::usage("`classes` of `generate:password` has a class that is not known")
                    .hint("write them as classes=lower+upper+digit+symbol"));
            }
        };
        let usable: Vec<u8> = charset.iter().copied().filter(is_member).collect();
        if usable.is_empty() {
            return Err(Error::usage(format!("`classes` wants a {name} character, and `charset` has none"))
                .hint("add charset=symbols, or leave the class out"));
        }
        if classes.contains(&usable) {
            return Err(Error::usage(format!("class {name} is named twice"))
                .hint("name each class once, such as classes=lower+upper+digit"));
        }
        classes.push(usable);
    }
    Ok(classes)
}

impl Kind for Password {
    fn describe(&self) -> String {
        format!("{} characters from {}", self.length, self.charset.len())
    }

    fn bits(&self) -> Option<f64> {
        Some(self.bits_at(self.length))
    }

    fn stronger(&self) -> String {
        let enough = (DEFAULT_LENGTH..).find(|length| self.bits_at(*length) >= FLOOR).unwrap_or(DEFAULT_LENGTH);
        // A set of characters of the user's own is not repeated.
        let is_plain = self.classes.is_empty() && self.charset.len() == LOWER.len() + UPPER.len() + DIGIT.len();
        if is_plain { format!("generate:length={enough}") } else { format!("length={enough}") }
    }

    fn make(&self, _keys: usize) -> Result<Made> {
        SecretValue::fill(self.length, |bytes| self.draw(bytes)).map(Made::from)
    }
}

impl Password {
    /// Bits of a password of this kind, were it so long.
    fn bits_at(&self, length: usize) -> f64 {
        let sizes: Vec<usize> = self.classes.iter().map(Vec::len).collect();
        entropy::with_classes(length, self.charset.len(), &sizes)
    }

    /// Fills `bytes` with one string that keeps the class rules.
    fn draw(&self, bytes: &mut [u8]) -> Result<()> {
        let mut random = Random::new();
        let count = u8::try_from(self.charset.len()).unwrap_or(u8::MAX);
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
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn password(text: &str) -> Result<Password> {
        super::password(&Options::parse(text, "password", ROW.options)?)
    }

    fn drawn(password: &Password) -> Vec<u8> {
        let mut bytes = vec![0; password.length];
        password.draw(&mut bytes).unwrap();
        bytes
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
        assert!((password("length=10,charset=abab").unwrap().bits().unwrap() - 10.0).abs() < 1e-9);
    }

    #[test]
    fn every_sign_of_an_own_charset_is_a_symbol() {
        let password = password("length=40,charset=abcdefgh$&,classes=lower+symbol").unwrap();
        assert!(drawn(&password).iter().any(u8::is_ascii_punctuation));
    }

    #[test]
    fn what_is_too_weak_is_answered_with_what_is_not() {
        for (text, enough) in
            [("length=8", "generate:length=24"), ("charset=digits", "length=25"), ("charset=ab", "length=80")]
        {
            assert_eq!(password(text).unwrap().stronger(), enough);
        }
    }

    #[test]
    fn classes_cost_bits() {
        let free = password("length=12,charset=symbols").unwrap().bits().unwrap();
        let bound = password("length=12,charset=symbols,classes=lower+upper+digit+symbol").unwrap().bits().unwrap();
        assert!(bound < free && bound > free - 2.0, "{free} {bound}");
    }

    proptest! {
        #[test]
        fn length_is_kept(length in 1_usize..200) {
            prop_assert_eq!(password(&format!("length={length}")).unwrap().make(1).unwrap().values[0].len(), length);
        }

        #[test]
        fn characters_come_from_the_charset(charset in "[!-+--~]{2,90}", length in 1_usize..200) {
            let mut distinct: Vec<u8> = charset.bytes().collect();
            distinct.sort_unstable();
            distinct.dedup();
            // A word such as `lower` names a set; a word that names none is the set.
            prop_assume!(distinct.len() >= 2 && !["alnum", "ascii", "symbols", "lower", "digits"].contains(&&*charset));
            let password = password(&format!("length={length},charset={charset}")).unwrap();
            prop_assert_eq!(&password.charset, &distinct);
            prop_assert!(drawn(&password).iter().all(|byte| distinct.contains(byte)));
        }

        #[test]
        fn every_class_is_there(length in 12_usize..40) {
            let text = format!("length={length},charset=symbols,classes=lower+upper+digit+symbol");
            let bytes = drawn(&password(&text).unwrap());
            prop_assert!(bytes.iter().any(u8::is_ascii_lowercase));
            prop_assert!(bytes.iter().any(u8::is_ascii_uppercase));
            prop_assert!(bytes.iter().any(u8::is_ascii_digit));
            prop_assert!(bytes.iter().any(u8::is_ascii_punctuation));
        }

        #[test]
        fn longer_is_never_weaker(length in 4_usize..200) {
            for more in ["", ",classes=lower+upper+digit"] {
                let bits = |length| password(&format!("length={length}{more}")).unwrap().bits().unwrap();
                prop_assert!(bits(length + 1) > bits(length));
            }
        }
    }
}
