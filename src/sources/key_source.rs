//! The grammar `KEY[,KEY…][=SOURCE]`, and the checks that need the whole list.
//!
//! No error here repeats what stands after `=`: it may be a value that was typed by habit.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use crate::cli::argv;
use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::plan::record::Provenance;

use super::written::{Place, parse_source};
use super::{Allowed, AnySource, Ask, Origin};

/// One `KEY[,KEY…][=SOURCE]`: a group of keys that one source fills in one go.
#[derive(Debug, Clone)]
pub(crate) struct KeySource {
    keys: Vec<KeyName>,
    source: AnySource,
}

impl KeySource {
    /// Parses the text, which came from `origin`.
    pub(crate) fn parse(text: &str, origin: Origin) -> Result<Self> {
        let (keys, source) = match text.split_once('=') {
            Some((keys, source)) => (keys, Some(source)),
            None => (text, None),
        };
        let keys = keys.split(',').map(|key| parse_key(key, text)).collect::<Result<Vec<_>>>()?;
        let named = keys.first().map_or_else(|| argv::name_of(text), |key| format!("key `{key}`"));
        let key = keys.first().map_or("KEY", KeyName::as_str);
        let place = Place { named: &named, alone: key, before: &format!("{key}=") };
        let source = parse_source(source.unwrap_or("prompt"), origin, &place)?;
        if source.fills() < keys.len() {
            let most = if source.fills() == 1 { "one key".to_owned() } else { format!("{} keys", source.fills()) };
            return Err(Error::usage(format!("source `{}` fills {most}, not {}", source.scheme(), keys.len()))
                .hint("write one KEY=SOURCE for each key"));
        }
        Ok(Self { keys, source })
    }

    /// Makes a group whose source was not written behind its keys.
    pub(crate) fn of(keys: Vec<KeyName>, source: AnySource) -> Self {
        Self { keys, source }
    }

    /// Returns the source of one of the keys.
    pub(crate) fn source_of(&self, index: usize) -> &AnySource {
        self.source.part(index).unwrap_or(&self.source)
    }

    /// Returns the keys, in the order in which they were written.
    pub(crate) fn keys(&self) -> &[KeyName] {
        &self.keys
    }

    /// Returns the source.
    pub(crate) fn source(&self) -> &AnySource {
        &self.source
    }
}

impl FromStr for KeySource {
    type Err = Error;

    /// Parses what stood on the command line.
    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text, Origin::Argv)
    }
}

/// All groups of one command, checked against each other.
#[derive(Debug, Clone)]
pub(crate) struct KeySources(Vec<KeySource>);

impl KeySources {
    /// Refuses a key that is named twice, and a resource that two sources would read.
    pub(crate) fn new(groups: Vec<KeySource>) -> Result<Self> {
        let mut keys = BTreeSet::new();
        let mut once = BTreeSet::new();
        for group in &groups {
            for key in group.keys() {
                if !keys.insert(key.clone()) {
                    return Err(Error::usage(format!("key `{key}` is named twice")).hint("name each key once"));
                }
            }
            if let Some(resource) = group.source().reads_once()
                && !once.insert(resource.clone())
            {
                return Err(Error::usage(format!("`{resource}` can be read only once, and two keys ask for it"))
                    .hint("give one of them another source, such as fd:N or a prompt"));
            }
        }
        check_needs(&groups, &keys)?;
        Ok(Self(groups))
    }

    /// Returns the groups in the order in which they can be filled: as they were written, but for those
    /// that are made from another value, which come right after it.
    pub(crate) fn in_order(&self) -> Vec<&KeySource> {
        let mut order: Vec<&KeySource> = Vec::new();
        let mut waiting: Vec<&KeySource> = self.0.iter().collect();
        // `new` has made sure that each round finds one.
        while let Some(place) = waiting.iter().position(|group| {
            group.source().needs().is_none_or(|needed| order.iter().any(|done| done.keys().contains(needed)))
        }) {
            order.push(waiting.remove(place));
        }
        order
    }

    /// Returns the groups, in the order in which they were written.
    pub(crate) fn groups(&self) -> &[KeySource] {
        &self.0
    }

    /// Says for each key what its record will say about the source.
    pub(crate) fn provenance(&self, allowed: &Allowed) -> BTreeMap<KeyName, Provenance> {
        let of = |group: &KeySource| {
            let from = |(index, key): (usize, &KeyName)| {
                let scheme = group.source_of(index).scheme();
                let public_ok = is_public(scheme) && allowed.public.contains(key);
                (key.clone(), Provenance { scheme: scheme.to_owned(), public_ok })
            };
            group.keys().iter().enumerate().map(from).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of).collect()
    }

    /// Refuses what each source can refuse before anything is opened, asked or sent.
    pub(crate) fn check<'a>(&'a self, ask: impl Fn(&'a [KeyName]) -> Ask<'a>) -> Result<()> {
        self.0.iter().try_for_each(|group| group.source().check(&ask(group.keys())))
    }

    /// Makes sure that each value can be had, as far as that can be seen without asking for it.
    pub(crate) fn prepare<'a>(&'a self, ask: impl Fn(&'a [KeyName]) -> Ask<'a>) -> Result<()> {
        self.0.iter().try_for_each(|group| group.source().prepare(&ask(group.keys())))
    }
}

/// Refuses a value that is to be made from one that nobody gives, or in the end from itself.
fn check_needs(groups: &[KeySource], keys: &BTreeSet<KeyName>) -> Result<()> {
    let of = |key: &KeyName| groups.iter().find(|group| group.keys().contains(key));
    for group in groups {
        let Some(needed) = group.source().needs() else { continue };
        let key = group.keys().first().map_or("KEY", KeyName::as_str);
        if !keys.contains(needed) {
            return Err(Error::usage(format!("key `{key}` is made from key `{needed}`, which has no source here"))
                .hint(format!("name it as well, such as {needed}=prompt")));
        }
        let mut next = Some(needed);
        for _ in groups {
            next = next.and_then(of).and_then(|group| group.source().needs());
        }
        // A chain that is longer than the number of groups comes back to one of them.
        if next.is_some() {
            return Err(Error::usage(format!("key `{key}` would be made from itself"))
                .hint(format!("give key `{needed}` another source, such as {needed}=prompt")));
        }
    }
    Ok(())
}

/// Tells the schemes for text that is not secret.
pub(crate) fn is_public(scheme: &str) -> bool {
    scheme.starts_with("public")
}

fn parse_key(key: &str, whole: &str) -> Result<KeyName> {
    KeyName::checked(key).ok_or_else(|| {
        Error::usage(format!("{} has no valid key before `=`", argv::name_of(whole)))
            .because("a key has letters, digits, `-`, `_` and `.`")
            .hint("write KEY=SOURCE, such as password=prompt or password=stdin")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Error {
        KeySource::parse(text, Origin::Argv).expect_err("must be refused")
    }

    fn whole(error: &Error) -> String {
        format!("{} {} {}", error.message(), error.causes().join(" "), error.hints().join(" "))
    }

    #[test]
    fn a_key_alone_is_a_prompt() {
        let source = KeySource::parse("password", Origin::Argv).unwrap();
        assert_eq!(source.source().scheme(), "prompt");
        assert_eq!(source.keys().len(), 1);
    }

    #[test]
    fn a_literal_is_refused_and_not_repeated() {
        for text in ["password=hunter2-S3cret", "password=hunter2-S3cret:x", "password=", "password==hunter2-S3cret"] {
            let error = refused(text);
            assert_eq!(error.kind().exit_code(), 2);
            assert!(!whole(&error).contains("hunter2"), "{}", whole(&error));
            assert!(whole(&error).contains("password=stdin"), "{}", whole(&error));
        }
    }

    #[test]
    fn a_slip_of_one_letter_is_named() {
        assert!(whole(&refused("k=promt")).contains("`prompt`"));
        assert!(whole(&refused("k=Generate:hex")).contains("`generate`"));
        assert!(whole(&refused("k=keychian:a/b")).contains("`keychain`"));
    }

    #[test]
    fn a_file_is_answered_with_a_redirection() {
        assert!(whole(&refused("k=@token.txt")).contains("k=stdin < FILE"));
        assert!(whole(&refused("k=Cargo.toml")).contains("k=stdin < FILE"));
    }

    #[test]
    fn a_bad_key_is_shown_by_place_only() {
        let error = refused("S3cret+with+plus=prompt");
        assert!(!whole(&error).contains("S3cret"), "{}", whole(&error));
    }

    #[test]
    fn keys_and_streams_are_used_once() {
        let parse = |texts: &[&str]| {
            KeySources::new(texts.iter().map(|t| KeySource::parse(t, Origin::Argv).unwrap()).collect())
        };
        assert!(parse(&["a", "b=stdin"]).is_ok());
        assert!(parse(&["a", "a=stdin"]).is_err());
        assert!(parse(&["a=stdin", "b=-"]).is_err());
    }

    #[test]
    fn what_is_made_from_another_value_comes_after_it() {
        let parse = |texts: &[&str]| {
            KeySources::new(texts.iter().map(|t| KeySource::parse(t, Origin::Argv).unwrap()).collect())
        };
        let order = |texts: &[&str]| {
            let sources = parse(texts).unwrap();
            sources.in_order().iter().map(|group| group.keys()[0].to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(order(&["x=env:A", "a=generate:htpasswd,user=u,from=p", "p=prompt", "z=prompt"]), "x p a z");
        assert_eq!(
            order(&[
                "a=generate:htpasswd,user=u,from=b",
                "b=generate:htpasswd,user=u,from=c",
                "c,d=generate:htpasswd,user=u"
            ]),
            "c b a"
        );
        for texts in [
            &["a=generate:htpasswd,user=u,from=p"][..],
            &["a=generate:htpasswd,user=u,from=a"],
            &["a=generate:htpasswd,user=u,from=b", "b=generate:htpasswd,user=u,from=a"],
            &[
                "x=generate:htpasswd,user=u,from=a",
                "a=generate:htpasswd,user=u,from=b",
                "b=generate:htpasswd,user=u,from=a",
            ],
        ] {
            assert_eq!(parse(texts).unwrap_err().kind().exit_code(), 2, "{texts:?}");
        }
    }

    #[test]
    fn one_source_does_not_fill_two_keys() {
        assert_eq!(refused("a,b,c=generate:ssh-ed25519").kind().exit_code(), 2);
        assert_eq!(refused("a,b=stdin").kind().exit_code(), 2);
    }
}
