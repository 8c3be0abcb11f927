//! How a key and the way it is lent are written on the command line.

use std::fmt;
use std::str::FromStr;

use crate::cli::argv;
use crate::error::{Error, Result};
use crate::names::{KeyName, SecretName, is_variable};

/// Largest number of a descriptor that can be asked for; ours are moved out of the way above it.
pub(super) const MOST: i32 = 99;

/// `KEY` of the Secret that the command names, or `NAME/KEY` of another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyOf {
    /// The other Secret.
    pub(super) secret: Option<SecretName>,
    /// The key.
    pub(super) key: KeyName,
}

impl KeyOf {
    fn parse(text: &str) -> Option<Self> {
        // A key has no `/`, so `secret/NAME/KEY` is divided at the last one.
        match text.rsplit_once('/') {
            Some((secret, key)) => Some(Self { secret: Some(secret.parse().ok()?), key: KeyName::checked(key)? }),
            None => Some(Self { secret: None, key: KeyName::checked(text)? }),
        }
    }
}

impl fmt::Display for KeyOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.secret {
            Some(secret) => write!(f, "{secret}/{}", self.key),
            None => write!(f, "{}", self.key),
        }
    }
}

impl FromStr for KeyOf {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text).ok_or_else(|| wrong(text, "KEY"))
    }
}

/// `KEY[=N]`: on a pipe, whose number may be chosen.
#[derive(Debug, Clone)]
pub(super) struct OnPipe {
    /// What is lent.
    pub(super) of: KeyOf,
    /// The number of the descriptor in the program.
    pub(super) number: Option<i32>,
}

impl OnPipe {
    /// Lends a key on whatever descriptor is free.
    pub(super) fn anywhere(of: KeyOf) -> Self {
        Self { of, number: None }
    }
}

impl FromStr for OnPipe {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let Some((key, number)) = text.split_once('=') else { return Ok(Self::anywhere(text.parse()?)) };
        let number = number.parse().ok().filter(|number| (3..=MOST).contains(number));
        let parts = KeyOf::parse(key).zip(number);
        parts
            .map(|(of, number)| Self { of, number: Some(number) })
            .ok_or_else(|| wrong(text, "KEY=N").because(format!("N is the number of a descriptor, from 3 to {MOST}")))
    }
}

/// `KEY=VARIABLE`.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// What is lent.
    pub(super) of: KeyOf,
    /// The variable that the program looks into.
    pub(super) variable: String,
}

impl FromStr for Named {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts = text.split_once('=').filter(|(_, variable)| is_variable(variable));
        let parts = parts.and_then(|(key, variable)| Some((KeyOf::parse(key)?, variable)));
        parts.map(|(of, variable)| Self { of, variable: variable.to_owned() }).ok_or_else(|| {
            wrong(text, "KEY=VARIABLE")
                .because("VARIABLE is the name of an environment variable: letters, digits and `_`")
        })
    }
}

/// The first word: the Secret, unless it is `NAME/KEY` already.
#[derive(Debug, Clone)]
pub(super) enum First {
    /// `NAME`, or `secret/NAME`.
    Secret(SecretName),
    /// `NAME/KEY`, perhaps with a number.
    Key(OnPipe),
}

impl FromStr for First {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // What kubectl writes as `secret/NAME` is a name here too.
        let name = text.parse().map(Self::Secret);
        name.or_else(|error| {
            let key = text.parse::<OnPipe>().ok().filter(|pipe| pipe.of.secret.is_some());
            key.map(Self::Key).ok_or(error)
        })
    }
}

fn wrong(text: &str, form: &str) -> Error {
    Error::usage(format!("{} is not of the form {form}", argv::name_of(text)))
        .hint(format!("write {form}, or NAME/{form} for a key of another Secret"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_name_its_secret() {
        for (text, shown) in
            [("a", "a"), ("db/a", "db/a"), ("secret/db/tls.key", "db/tls.key"), ("secret/a", "secret/a")]
        {
            assert_eq!(text.parse::<KeyOf>().unwrap().to_string(), shown);
        }
        for bad in ["", "a b", "/a", "db/", "x/y/z", "DB/a"] {
            assert!(bad.parse::<KeyOf>().is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_and_variables_are_checked() {
        assert_eq!("db/a=7".parse::<OnPipe>().unwrap().number, Some(7));
        assert_eq!("a".parse::<OnPipe>().unwrap().number, None);
        for bad in ["a=", "a=2", "a=0", "a=-3", "a=100", "a=x", "=3"] {
            assert!(bad.parse::<OnPipe>().is_err(), "{bad}");
        }
        assert_eq!("a=PGPASSWORD".parse::<Named>().unwrap().variable, "PGPASSWORD");
        for bad in ["a", "a=", "a=1A", "a=A-B", "a=A=B", "=A"] {
            assert!(bad.parse::<Named>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_first_word_is_the_secret_unless_it_has_a_key() {
        assert!(matches!("db".parse::<First>().unwrap(), First::Secret(name) if name.as_str() == "db"));
        assert!(matches!("secret/db".parse::<First>().unwrap(), First::Secret(name) if name.as_str() == "db"));
        assert!(matches!("db/a=5".parse::<First>().unwrap(), First::Key(OnPipe { number: Some(5), .. })));
        assert!("DB".parse::<First>().is_err());
    }

    #[test]
    fn errors_do_not_repeat_what_was_typed() {
        let errors = [
            "S3cret!".parse::<KeyOf>().unwrap_err(),
            "a=S3cret!".parse::<OnPipe>().unwrap_err(),
            "a=S3cret!".parse::<Named>().unwrap_err(),
            "S3cret!".parse::<First>().unwrap_err(),
        ];
        for error in errors {
            let all = [error.message().to_owned(), error.causes().join(" "), error.hints().join(" ")].join(" ");
            assert!(!all.contains("S3cret"), "{all}");
        }
    }
}
