//! `generate:passphrase`: words of a list that is public, drawn one by one.

use bip39::Language;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::plaintext::SecretValue;

use super::options::Options;
use super::random::Random;
use super::{Kind, Made, Row};

pub(super) const ROW: Row = Row { name: "passphrase", options: &["words", "separator"], parse };

/// 8 words from 2,048 are 88 bits.
const DEFAULT_WORDS: usize = 8;
const MOST_WORDS: usize = 1024;
const MOST_SEPARATOR: usize = 8;
/// The list has 2 to the power of this many words.
const BITS_A_WORD: usize = 11;

#[derive(Debug)]
struct Passphrase {
    words: usize,
    separator: String,
}

fn parse(options: &Options<'_>) -> Result<Box<dyn Kind>> {
    Ok(Box::new(passphrase(options)?))
}

fn passphrase(options: &Options<'_>) -> Result<Passphrase> {
    let words = options.number("words", DEFAULT_WORDS, MOST_WORDS)?;
    let separator = options.text("separator").unwrap_or("-");
    // Words that run into each other can be read in several ways, which would cost bits.
    let fits = (1..=MOST_SEPARATOR).contains(&separator.len())
        && separator.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic() && !byte.is_ascii_alphabetic());
    if !fits {
        return Err(Error::usage(
            "`separator` of `generate:passphrase` takes up to 8 signs, digits or spaces, and at least one",
        )
        .hint("leave it out for `-`, or write separator=_"));
    }
    Ok(Passphrase { words, separator: separator.to_owned() })
}

impl Kind for Passphrase {
    fn describe(&self) -> String {
        format!("{} words from the 2,048 of BIP-39's English list", self.words)
    }

    fn bits(&self) -> Option<f64> {
        Some((self.words * BITS_A_WORD) as f64)
    }

    fn stronger(&self) -> String {
        format!("generate:passphrase,words={DEFAULT_WORDS}")
    }

    fn make(&self, _keys: usize) -> Result<Made> {
        let mut random = Random::new();
        let list = Language::English.word_list();
        // The longest words have 8 letters; a text that grows would leave pieces behind.
        let mut text = Zeroizing::new(String::with_capacity(self.words * (8 + MOST_SEPARATOR)));
        for number in 0..self.words {
            if number > 0 {
                text.push_str(&self.separator);
            }
            text.push_str(list.get(random.eleven_bits()?).copied().unwrap_or_default());
        }
        let bytes = std::mem::take(&mut *text).into_bytes();
        Ok(SecretValue::from_bytes(Zeroizing::new(bytes)).into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn passphrase(text: &str) -> Result<Passphrase> {
        super::passphrase(&Options::parse(text, "passphrase", ROW.options)?)
    }

    #[test]
    fn the_list_is_as_large_as_we_say_and_has_no_word_twice() {
        let list = Language::English.word_list();
        let distinct: std::collections::BTreeSet<&&str> = list.iter().collect();
        assert_eq!(distinct.len(), 1 << BITS_A_WORD);
        assert!(list.iter().all(|word| word.len() <= 8 && word.bytes().all(|byte| byte.is_ascii_lowercase())));
    }

    #[test]
    fn the_default_is_above_the_floor_and_one_word_less_is_not() {
        assert_eq!(passphrase("").unwrap().bits(), Some(88.0));
        assert_eq!(passphrase("words=7").unwrap().bits(), Some(77.0));
    }

    #[test]
    fn separators_that_hide_where_a_word_ends_are_refused() {
        for text in ["separator=", "separator=a", "separator=-x-", "separator=123456789", "separator=é", "words=0"] {
            assert!(passphrase(text).is_err(), "{text}");
        }
        for text in ["separator=_", "separator= ", "separator=--", "separator=7"] {
            assert!(passphrase(text).is_ok(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn size_is_that_of_so_many_words(words in 1_usize..200) {
            let made = passphrase(&format!("words={words},separator=::")).unwrap().make(1).unwrap();
            let letters = made.values[0].len() - 2 * (words - 1);
            // The shortest words have three letters.
            prop_assert!((3 * words..=8 * words).contains(&letters));
        }
    }
}
