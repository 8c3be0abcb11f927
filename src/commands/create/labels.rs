//! `--label k=v` and `--annotation k=v`, checked by Kubernetes' rules before any request.
//!
//! Errors name the place on the command line, not the text: it could be a value, typed by habit.

use std::str::FromStr;

use crate::cli::argv;
use crate::error::{Error, Result};
use crate::names::{is_label_value, is_qualified};

/// Kubernetes' limit for a label's value and for the name part of labels and annotations.
const MAX_NAME: usize = 63;

/// A label.
#[derive(Debug, Clone)]
pub(in crate::commands) struct Label(pub(in crate::commands) String, pub(in crate::commands) String);

/// An annotation.
#[derive(Debug, Clone)]
pub(in crate::commands) struct Annotation(pub(in crate::commands) String, pub(in crate::commands) String);

impl FromStr for Label {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (key, value) = split(text, "--label")?;
        let fits = value.is_empty() || is_label_value(value);
        if !fits {
            return Err(Error::usage(format!("the value of label `{key}` is not valid")).because(format!(
                "a label's value has at most {MAX_NAME} characters: letters, digits, `-`, `_` and `.`, and starts and ends with a letter or digit"
            )).hint(format!("text of another form belongs into an annotation: --annotation {key}=…")));
        }
        Ok(Self(key.to_owned(), value.to_owned()))
    }
}

impl FromStr for Annotation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (key, value) = split(text, "--annotation")?;
        if key.split('/').next().is_some_and(|prefix| prefix == "secretsafe.dev" || prefix.ends_with(".secretsafe.dev"))
        {
            return Err(Error::usage(format!("annotation `{key}` is written by this program only"))
                .hint("choose a name of your own, such as example.com/note"));
        }
        Ok(Self(key.to_owned(), value.to_owned()))
    }
}

fn split<'a>(text: &'a str, flag: &str) -> Result<(&'a str, &'a str)> {
    match text.split_once('=') {
        Some((key, value)) if is_qualified(key) => Ok((key, value)),
        Some(_) => Err(Error::usage(format!("{} has no valid name before `=`", argv::name_of(text)))
            .hint(format!("write {flag} NAME=TEXT, such as {flag} app=web"))),
        None => Err(Error::usage(format!("{} needs `NAME=TEXT`", argv::name_of(text)))
            .hint(format!("write {flag} NAME=TEXT, such as {flag} app=web"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_annotations_follow_kubernetes_rules() {
        for good in ["app=web", "app.kubernetes.io/name=db", "a=", "a=B_c.d"] {
            assert!(good.parse::<Label>().is_ok(), "{good}");
        }
        for bad in ["app", "=web", "a b=c", "/a=b", "a=b c", "a=-b", "a/b/c=d"] {
            assert!(bad.parse::<Label>().is_err(), "{bad}");
        }
        assert!("note=any text, even = and spaces".parse::<Annotation>().is_ok());
        assert!("key.secretsafe.dev/a=x".parse::<Annotation>().is_err());
    }
}
