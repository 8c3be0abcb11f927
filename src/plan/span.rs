//! How long a value may be used: `90d`, `12w`, `36h`. Days are 24 hours, so that a due date needs no calendar.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Shortest span: what changes more often is not a value that is kept in a Secret.
const SHORTEST: i64 = 60;
/// Longest span, a hundred years: every due date is then one that can be written.
const LONGEST: i64 = 100 * 366 * 86_400;
/// Units, from the longest to the shortest, in seconds.
const UNITS: [(char, i64); 5] = [('w', 7 * 86_400), ('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

/// A span of time as it was written, and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub(crate) struct Span {
    text: String,
    seconds: i64,
}

impl Span {
    /// Returns the moment that is this span behind `time`.
    pub(crate) fn after(&self, time: Timestamp) -> Timestamp {
        time.saturating_add(SignedDuration::from_secs(self.seconds)).unwrap_or(Timestamp::MAX)
    }

    /// Returns the moment that is this span before `time`.
    pub(crate) fn before(&self, time: Timestamp) -> Timestamp {
        time.saturating_sub(SignedDuration::from_secs(self.seconds)).unwrap_or(Timestamp::MIN)
    }

    /// Reads numbers with units, the longer unit first; `None` for anything else.
    fn read(text: &str) -> Option<i64> {
        let (mut rest, mut total, mut units) = (text, 0_i64, UNITS.iter());
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            let (number, unit) = rest.split_at(end);
            let unit_name = unit.chars().next()?;
            // Each unit once, and none behind a shorter one.
            let (_, seconds) = units.find(|(name, _)| *name == unit_name)?;
            total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(*seconds)?)?;
            rest = unit.get(unit_name.len_utf8()..)?;
        }
        (SHORTEST..=LONGEST).contains(&total).then_some(total)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Span {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::usage("a span of time cannot be read")
                .because("it has numbers and units (w, d, h, m, s), and is at least a minute")
                .hint("write one such as 90d, 12w or 36h")
        };
        let seconds = Self::read(text).ok_or_else(wrong)?;
        Ok(Self { text: text.to_owned(), seconds })
    }
}

impl TryFrom<String> for Span {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let seconds = Self::read(&text).ok_or("not a span of time")?;
        Ok(Self { text, seconds })
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_numbers_with_units() {
        for (text, seconds) in
            [("90d", 90 * 86_400), ("12w", 12 * 604_800), ("1d12h", 129_600), ("60s", 60), ("1w1d1h1m1s", 694_861)]
        {
            assert_eq!(Span::read(text), Some(seconds), "{text}");
        }
        let many_digits = format!("{}d", "9".repeat(30));
        for text in
            ["", "90", "d", "59s", "0d", "-1d", "1.5d", "1h1d", "1d1d", "1y", "1 d", "36601d", "ä", &many_digits]
        {
            assert_eq!(Span::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_span_that_cannot_be_read_is_not_repeated() {
        let error = "hunter2-S3cret".parse::<Span>().unwrap_err();
        assert!(!error.message().contains("hunter2") && error.kind().exit_code() == 2);
    }

    #[test]
    fn no_date_is_too_far() {
        let span: Span = "36600d".parse().unwrap();
        assert_eq!(span.after(Timestamp::MAX), Timestamp::MAX);
        assert_eq!(span.to_string(), "36600d");
    }
}
