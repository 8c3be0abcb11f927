//! The expression of a CronJob, checked by the rules of the library that Kubernetes uses (robfig/cron, standard form).

use std::str::FromStr;

use crate::error::{Error, Result};

/// One of the five fields.
struct Field {
    name: &'static str,
    lowest: u32,
    highest: u32,
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", lowest: 0, highest: 59, names: &[] },
    Field { name: "hour", lowest: 0, highest: 23, names: &[] },
    Field { name: "day of the month", lowest: 1, highest: 31, names: &[] },
    Field {
        name: "month",
        lowest: 1,
        highest: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    // 7 for Sunday is other programs' habit; Kubernetes refuses it.
    Field { name: "day of the week", lowest: 0, highest: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const NAMED: &[&str] = &["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// When the job runs, as Kubernetes takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cron(String);

impl Cron {
    /// Returns the expression.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Cron {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if let Some(span) = text.strip_prefix("@every ") {
            return if is_span(span) { Ok(Self(text.to_owned())) } else { Err(wrong("its span cannot be read")) };
        }
        if text.starts_with('@') {
            return if NAMED.contains(&text) {
                Ok(Self(text.to_owned()))
            } else {
                Err(wrong("it is none of the names"))
            };
        }
        let parts: Vec<&str> = text.split_whitespace().collect();
        if parts.len() != FIELDS.len() {
            return Err(wrong(&format!("it has {} fields, and five are needed", parts.len())));
        }
        for (field, part) in FIELDS.iter().zip(&parts) {
            if !part.split(',').all(|range| field.takes(range)) {
                return Err(wrong(&format!("its field for the {} cannot be read", field.name)));
            }
        }
        Ok(Self(parts.join(" ")))
    }
}

impl Field {
    /// `*`, `?`, `5`, `1-5`, each with `/STEP` or without.
    fn takes(&self, range: &str) -> bool {
        let (range, step) = match range.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (range, None),
        };
        let step_is_good = step.is_none_or(|step| number(step).is_some_and(|step| step > 0));
        let range_is_good = match range.split_once('-') {
            _ if range == "*" || range == "?" => true,
            Some((first, last)) => self.value(first).zip(self.value(last)).is_some_and(|(first, last)| first <= last),
            None => self.value(range).is_some(),
        };
        step_is_good && range_is_good
    }

    fn value(&self, text: &str) -> Option<u32> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let value = match named {
            Some(place) => self.lowest + u32::try_from(place).ok()?,
            None => number(text)?,
        };
        (self.lowest..=self.highest).contains(&value).then_some(value)
    }
}

/// Go's form of a duration, such as `1h30m`, in whole units; only one that is longer than nothing makes sense.
fn is_span(text: &str) -> bool {
    let mut rest = text;
    let mut longer = false;
    while let Some(end) = rest.find(|c: char| !c.is_ascii_digit()) {
        let (digits, unit) = rest.split_at(end);
        let Some(after) = ["h", "m", "s"].iter().find_map(|known| unit.strip_prefix(known)) else { return false };
        let Some(count) = number(digits) else { return false };
        longer |= count > 0;
        rest = after;
    }
    longer && rest.is_empty()
}

/// Digits only: Rust would take a sign.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn wrong(why: &str) -> Error {
    Error::usage("`--cron` is no schedule that Kubernetes takes")
        .because(why)
        .hint("write minute, hour, day, month and day of the week, such as --cron '0 3 * * *', or one of @hourly, @daily, @weekly, @monthly, @yearly")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubernetes_takes_is_taken() {
        for good in [
            "0 3 * * *",
            "*/15 0-6,22 1 jan-MAR mon-fri",
            "5/20 ? * * SUN",
            " 0  3 * * 6 ",
            "@daily",
            "@hourly",
            "1-9/2 * * 12 *",
            "@every 1h30m",
        ] {
            assert!(good.parse::<Cron>().is_ok(), "{good}");
        }
        assert_eq!(" 0  3 * * 6 ".parse::<Cron>().unwrap().as_str(), "0 3 * * 6");
    }

    #[test]
    fn anything_else_is_not_and_is_not_repeated() {
        for bad in [
            "",
            "0 3 * *",
            "0 3 * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "5-1 * * * *",
            "*/0 * * * *",
            "+1 * * * *",
            "1- * * * *",
            "1,,2 * * * *",
            "@reboot",
            "@every",
            "@every 0s",
            "@every h",
            "@every 1",
            "@every 1d",
            "@every -1h",
            "TZ=UTC 0 3 * * *",
            "S3cretValue",
        ] {
            let error = bad.parse::<Cron>().unwrap_err();
            assert_eq!(error.kind().exit_code(), 2, "{bad}");
            assert!(!format!("{} {:?}", error.message(), error.causes()).contains("S3cret"));
        }
    }
}
