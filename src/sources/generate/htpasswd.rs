//! `generate:htpasswd`: a line for basic authentication, and the password it was made from.
//!
//! The password is either made as well, and fills the second key of the group, or is the value of
//! another key of the same plan (`from=KEY`). Its hash is made inside the wall.

use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::plaintext::SecretValue;
use crate::plaintext::render::{self, HtpasswdError};

use super::options::Options;
use super::{Kind, Made, Row, password};

pub(super) const ROW: Row = Row { name: "htpasswd", options: &["user", "cost", "from"], parse };

/// The server computes it for every request, so more is not simply better.
const DEFAULT_COST: usize = 10;
const LEAST_COST: usize = 8;
/// About three seconds.
const MOST_COST: usize = 16;
/// Longest name that is taken.
const MOST_NAME: usize = 255;

#[derive(Debug)]
struct Htpasswd {
    user: String,
    cost: u32,
    from: Option<KeyName>,
}

fn parse(options: &Options<'_>) -> Result<Box<dyn Kind>> {
    let user = options.text("user").unwrap_or_default();
    let fits =
        (1..=MOST_NAME).contains(&user.len()) && user.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
    if !fits {
        return Err(Error::usage("`generate:htpasswd` needs `user`: printable ASCII without `:` and spaces")
            .hint("write auth,password=generate:htpasswd,user=admin"));
    }
    let cost = options.number_within("cost", DEFAULT_COST, LEAST_COST, MOST_COST)?;
    let from = match options.text("from") {
        None => None,
        Some(key) => Some(KeyName::checked(key).ok_or_else(|| {
            Error::usage("option `from` of `generate:htpasswd` takes the name of another key")
                .hint("write password=prompt auth=generate:htpasswd,user=admin,from=password")
        })?),
    };
    Ok(Box::new(Htpasswd { user: user.to_owned(), cost: u32::try_from(cost).unwrap_or(u32::MAX), from }))
}

impl Htpasswd {
    fn line(&self, password: &SecretValue) -> Result<SecretValue> {
        render::htpasswd(&self.user, password, self.cost).map_err(|reason| {
            let error = Error::source("no htpasswd line can be made of the password").caused_by(&reason);
            match reason {
                HtpasswdError::TooLong | HtpasswdError::Nul => {
                    error.hint("give a password of at most 72 bytes of text")
                }
                HtpasswdError::Random => error,
            }
        })
    }
}

impl Kind for Htpasswd {
    fn describe(&self) -> String {
        let from = self.from.as_ref().map(|key| format!(" from key `{key}`")).unwrap_or_default();
        format!("line for user `{}`{from}, bcrypt with cost {}", self.user, self.cost)
    }

    fn bits(&self) -> Option<f64> {
        // A password of somebody else's is as strong as it is.
        if self.from.is_some() { None } else { password::standard().bits() }
    }

    fn least(&self) -> usize {
        self.most()
    }

    fn most(&self) -> usize {
        if self.from.is_some() { 1 } else { 2 }
    }

    fn grouped(&self) -> &'static str {
        "auth,password=generate:htpasswd,user=…, or auth=generate:htpasswd,user=…,from=KEY for the password of another key"
    }

    fn needs(&self) -> Option<&KeyName> {
        self.from.as_ref()
    }

    fn make(&self, _keys: usize) -> Result<Made> {
        let mut password = password::standard().make(1)?;
        let Some(value) = password.values.pop() else { return Err(Error::bug("no password was made")) };
        let mut made = Made::from(self.line(&value)?);
        made.values.push(value);
        Ok(made)
    }

    fn make_from(&self, password: &SecretValue) -> Result<Made> {
        Ok(self.line(password)?.into())
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn kind(text: &str) -> Result<Box<dyn Kind>> {
        parse(&Options::parse(text, "htpasswd", ROW.options)?)
    }

    #[test]
    fn a_line_has_the_size_of_its_form() {
        let made = kind("user=admin,cost=8").unwrap().make(2).unwrap();
        // `admin:` and `$2b$08$` with 53 characters of salt and hash; a password of 24.
        assert_eq!((made.values[0].len(), made.values[1].len()), (66, 24));
    }

    #[test]
    fn names_that_would_break_the_line_are_refused() {
        for text in
            ["", "user=", "user=a:b", "user=a b", "user=ü", "user=a,cost=3", "user=a,cost=31", "user=a,from=a b"]
        {
            assert_eq!(kind(text).unwrap_err().kind().exit_code(), 2, "{text}");
        }
    }

    #[test]
    fn what_bcrypt_would_cut_is_refused() {
        let kind = kind("user=a,cost=8,from=b").unwrap();
        let from = |bytes: &[u8]| kind.make_from(&SecretValue::from_bytes(Zeroizing::new(bytes.to_vec())));
        assert!(from(&[b'a'; 72]).is_ok());
        for bytes in [&[b'a'; 73][..], b"a\0b"] {
            assert_eq!(from(bytes).unwrap_err().kind().exit_code(), 4);
        }
    }
}
