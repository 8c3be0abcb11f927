//! `option=value,option=value` behind a kind. A comma ends an option, so no option can hold one.

use crate::error::{Error, Result};

/// The options that were written.
pub(super) struct Options<'a> {
    kind: &'static str,
    given: Vec<(&'static str, &'a str)>,
}

impl<'a> Options<'a> {
    /// Parses the text; only the options in `known` are accepted.
    pub(super) fn parse(text: &'a str, kind: &'static str, known: &'static [&'static str]) -> Result<Self> {
        let mut given: Vec<(&'static str, &'a str)> = Vec::new();
        for option in text.split(',').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let Some(name) = known.iter().find(|known| **known == name) else {
                let error = Error::usage(format!("`generate:{kind}` has an option that is not known"));
                return Err(if known.is_empty() {
                    error.hint(format!("`generate:{kind}` has no options"))
                } else {
                    error.hint(format!("known options: {}", known.join(", ")))
                });
            };
            if given.iter().any(|(before, _)| before == name) {
                return Err(
                    Error::usage(format!("option `{name}` of `generate:{kind}` is named twice")).hint("write it once")
                );
            }
            given.push((name, value));
        }
        Ok(Self { kind, given })
    }

    /// Adds options of others where they are not given here.
    pub(super) fn over(mut self, others: Self) -> Self {
        for (name, text) in others.given {
            if self.text(name).is_none() {
                self.given.push((name, text));
            }
        }
        self
    }

    /// Returns the text of an option.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.given.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
    }

    /// Returns the kind whose options these are.
    pub(super) fn kind(&self) -> &'static str {
        self.kind
    }

    /// Returns the number of an option, from 1 to `limit`.
    pub(super) fn number(&self, name: &str, default: usize, limit: usize) -> Result<usize> {
        self.number_within(name, default, 1, limit)
    }

    /// Returns the number of an option within limits.
    pub(super) fn number_within(&self, name: &str, default: usize, least: usize, most: usize) -> Result<usize> {
        let Some(text) = self.text(name) else { return Ok(default) };
        text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
            Error::usage(format!("option `{name}` of `generate:{}` takes a number from {least} to {most}", self.kind))
                .hint(format!("write it like generate:{},{name}={least}", self.kind))
        })
    }
}
