//! How one source is written: a scheme, and what stands behind its first `:`.
//!
//! No error here repeats the text: it may be a value that was typed by habit.

use std::path::Path;

use crate::cli::hints;
use crate::error::{Error, Result};

use super::{AnySource, Origin, SOURCES, Scheme};

/// Parses the source behind a flag of the command line, such as `--key`.
pub(crate) fn parse_flag(flag: &'static str, text: &str) -> Result<AnySource> {
    let place = Place { named: &format!("`{flag}`"), alone: flag, before: &format!("{flag} ") };
    parse_source(text, Origin::Argv, &place)
}

/// Where a source is written: for messages.
pub(super) struct Place<'a> {
    /// Such as "key `password`".
    pub(super) named: &'a str,
    /// What is typed to be asked for the value.
    pub(super) alone: &'a str,
    /// What is typed before a source.
    pub(super) before: &'a str,
}

/// Finds the scheme and lets it parse the rest.
pub(super) fn parse_source(text: &str, origin: Origin, place: &Place<'_>) -> Result<AnySource> {
    let (word, rest) = match text.split_once(':') {
        Some((word, rest)) => (word, Some(rest)),
        None => (text, None),
    };
    let Some(scheme) = find(word) else {
        return Err(unknown(text, word, place));
    };
    if !scheme.origins.contains(&origin) {
        return Err(Error::refused(format!(
            "source `{}` for {} may not come from {}",
            scheme.name,
            place.named,
            origin.describe()
        ))
        .hint("name the source on the command line: KEY=SOURCE"));
    }
    (scheme.parse)(rest)
}

/// What a text is, as a source: told without an error text, for files that may hold a value in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// A scheme, and how many keys it can fill.
    Known(&'static str, usize),
    /// A scheme, with something behind it that it does not take.
    Misformed(&'static str),
    /// No scheme; the one that is a slip away.
    Unknown(Option<&'static str>),
}

/// Tells what a text is, as a source.
pub(crate) fn written(text: &str) -> Written {
    let (word, rest) = match text.split_once(':') {
        Some((word, rest)) => (word, Some(rest)),
        None => (text, None),
    };
    let Some(scheme) = find(word) else { return Written::Unknown(nearest(word)) };
    match (scheme.parse)(rest) {
        Ok(source) => Written::Known(scheme.name, source.fills()),
        Err(_) => Written::Misformed(scheme.name),
    }
}

/// Finds the scheme by its name or another spelling of it.
pub(super) fn find(word: &str) -> Option<&'static Scheme> {
    SOURCES.iter().find(|scheme| scheme.name == word || scheme.aliases.contains(&word))
}

/// Answers what was probably meant, without repeating it.
fn unknown(text: &str, word: &str, place: &Place<'_>) -> Error {
    let Place { named, alone, before } = place;
    let error = Error::usage(format!("no known source for {named}"));
    if text.starts_with('@') || (!text.is_empty() && Path::new(text).is_file()) {
        let error = error
            .because("values are not read from files by name, which would leave them on disk")
            .hint(format!("to send a file once, type: {before}stdin < FILE"));
        return hints::without_redirection(error);
    }
    if let Some(near) = nearest(word) {
        return error.hint(format!(
            "did you mean `{near}`? type: {before}{near}{}",
            if text.contains(':') { ":…" } else { "" }
        ));
    }
    error
        .because("values are not taken from the command line")
        .hint(format!("type {alone} alone to be asked for the value, or {before}stdin to pipe it in"))
        .hint("if this was a value, it is now in the shell history: change it")
}

/// Finds the scheme that is one slip away from `word`.
fn nearest(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    SOURCES
        .iter()
        .flat_map(|scheme| std::iter::once(&scheme.name).chain(scheme.aliases))
        .filter(|name| name.len() > 2)
        .find(|name| strsim::osa_distance(name, &word) <= 1)
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_answered_in_its_own_words() {
        let refused = |text| {
            let error = parse_flag("--key", text).expect_err("must be refused");
            format!("{} {} {}", error.message(), error.causes().join(" "), error.hints().join(" "))
        };
        assert!(!refused("hunter2-S3cret").contains("hunter2"));
        assert!(refused("hunter2-S3cret").contains("--key stdin to pipe it in"));
        assert!(refused("Cargo.toml").contains("--key stdin < FILE"));
        assert!(refused("promt").contains("--key prompt"));
    }
}
