//! Sources that an object in the cluster names, such as a policy: anyone with `patch` can have written them.
//!
//! They run only if they generate a value above the floor, or if the user has listed exactly them (requirement S1).
//! No error here shows more of the text than a scheme that is known.

use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::names::KeyName;
use crate::plaintext::SecretValue;
use crate::plan::Target;

use super::written::find;
use super::{Allowed, AnySource, Ask, Filling, KeySource, Origin, Source};

/// What never comes from an object, whoever lists it, and why.
const NEVER: &[(&str, &str)] = &[
    ("exec", "it would start a program"),
    ("summon", "it would start a program"),
    ("env", "it would read the environment of whoever rotates"),
    ("fd", "it would read what is open where it is rotated"),
    ("stdin", "it would read what is piped in where it is rotated"),
    ("prompt", "it would ask whoever rotates, and a value that is typed goes where the object says"),
    ("public-file", "it would read a file of whoever rotates"),
];

/// The lines of `--allow-sources FILE`: `NAMESPACE/NAME/KEY=SOURCE`.
#[derive(Debug, Default, Clone)]
pub(crate) struct AllowedSources(BTreeSet<String>);

impl AllowedSources {
    /// Reads the file; empty lines and those that start with `#` say nothing.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        // The path was typed, and so is not repeated.
        let text = std::fs::read_to_string(path).map_err(|err| {
            Error::usage("the file that `--allow-sources` names cannot be read")
                .because(err.kind().to_string())
                .hint("name a text file with lines such as prod/db/password=keychain:team/db")
        })?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut lines = BTreeSet::new();
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let is_one = line.split_once('=').is_some_and(|(place, source)| {
                !source.is_empty() && place.split('/').filter(|part| !part.is_empty()).count() == 3
            });
            if !is_one {
                return Err(Error::usage(format!(
                    "line {} of the file of `--allow-sources` names no source",
                    number + 1
                ))
                .hint("write NAMESPACE/NAME/KEY=SOURCE, such as prod/db/password=keychain:team/db"));
            }
            lines.insert(line.to_owned());
        }
        Ok(Self(lines))
    }

    fn names(&self, target: &Target, key: &KeyName, text: &str) -> bool {
        self.0.contains(&format!("{}/{}/{key}={text}", target.namespace, target.name))
    }
}

/// How far a source of an object is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It runs.
    Trusted,
    /// It runs where the user has listed it.
    Listed,
}

/// A source as it is written into a policy.
#[derive(Debug, Clone)]
pub(crate) struct PolicySource {
    text: String,
    source: AnySource,
    standing: Standing,
}

impl PolicySource {
    /// Returns the text that goes onto the object.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Tells how far it is trusted there.
    pub(crate) fn standing(&self) -> Standing {
        self.standing
    }

    /// Returns what may be shown of it.
    pub(crate) fn summary(&self) -> String {
        self.source.summary()
    }

    /// Refuses what would be refused when the policy is carried out.
    pub(crate) fn check(&self, key: &KeyName, target: &Target, secret_type: &str) -> Result<()> {
        check(&self.source, key, target, secret_type)
    }
}

impl FromStr for PolicySource {
    type Err = Error;

    /// Parses what stands behind `--source`, or what an object names, to be shown.
    fn from_str(text: &str) -> Result<Self> {
        let unknown = || {
            Error::usage("no known source for `--source`")
                .because("a policy says where the next value comes from, and holds none")
                .hint("write one such as --source generate:length=40")
                .hint("if this was a value, it is now in the shell history: change it")
        };
        let (source, standing) = match find_origin(text) {
            Found::Unknown => return Err(unknown()),
            Found::Never(name, why) => {
                return Err(Error::refused(format!("source `{name}` never comes from an object in the cluster"))
                    .because(why)
                    .hint(
                        "name another one, such as generate, or rotate by hand: kubectl secretsafe rotate NAME KEY",
                    ));
            }
            Found::Scheme(scheme, rest) => {
                let trusted = scheme.origins.contains(&Origin::Object);
                ((scheme.parse)(rest)?, if trusted { Standing::Trusted } else { Standing::Listed })
            }
        };
        Ok(Self { text: text.to_owned(), source, standing })
    }
}

/// What a text of an object names.
enum Found<'a> {
    Unknown,
    Never(&'static str, &'static str),
    Scheme(&'static super::Scheme, Option<&'a str>),
}

fn find_origin(text: &str) -> Found<'_> {
    let (word, rest) = match text.split_once(':') {
        Some((word, rest)) => (word, Some(rest)),
        None => (text, None),
    };
    let scheme = find(word);
    let name = scheme.map_or(word, |scheme| scheme.name);
    match (NEVER.iter().find(|(never, _)| *never == name), scheme) {
        (Some((name, why)), _) => Found::Never(name, why),
        (None, Some(scheme)) if scheme.origins.contains(&Origin::Listed) => Found::Scheme(scheme, rest),
        _ => Found::Unknown,
    }
}

/// Turns the text that a policy has for a key into a source, if it may run here (requirement S1).
pub(crate) fn of_policy(
    key: &KeyName,
    text: &str,
    target: &Target,
    secret_type: &str,
    listed: &AllowedSources,
) -> Result<KeySource> {
    let Target { name, namespace, .. } = target;
    let by_hand = format!("or give the value yourself: kubectl secretsafe rotate {name} {key} -n {namespace}");
    let (scheme, rest) = match find_origin(text) {
        Found::Scheme(scheme, rest) => (scheme, rest),
        Found::Never(scheme, why) => {
            return Err(refused(scheme, key, target).because(format!("{why}; nobody can allow that")).hint(by_hand));
        }
        Found::Unknown => {
            return Err(Error::refused(format!(
                "the policy of secret `{name}` in namespace `{namespace}` names no known source for key `{key}`"
            ))
            .hint(format!(
                "set it anew: kubectl secretsafe policy set {name} {key} -n {namespace} --every 90d --source generate"
            )));
        }
    };
    let origin = if listed.names(target, key, text) { Origin::Listed } else { Origin::Object };
    if !scheme.origins.contains(&origin) {
        return Err(refused(scheme.name, key, target)
            .because("anyone who may patch the Secret can have written it, and it is not listed")
            .hint(format!(
                "if it is meant, write the line {namespace}/{name}/{key}=SOURCE into a file, and add --allow-sources FILE"
            ))
            .hint(by_hand));
    }
    let source = (scheme.parse)(rest)?;
    check(&source, key, target, secret_type)?;
    Ok(KeySource::of(vec![key.clone()], Arc::new(OfPolicy(source))))
}

fn refused(scheme: &str, key: &KeyName, target: &Target) -> Error {
    Error::refused(format!(
        "source `{scheme}`, which the policy of secret `{}` in namespace `{}` names for key `{key}`, is refused",
        target.name, target.namespace
    ))
}

/// No policy can lift a rule: what the command line could allow is not allowed here (requirement S12).
fn check(source: &AnySource, key: &KeyName, target: &Target, secret_type: &str) -> Result<()> {
    if let Some(needed) = source.needs() {
        return Err(Error::refused(format!("a policy cannot make key `{key}` from key `{needed}`"))
            .because("each key of a policy is rotated by itself")
            .hint(format!("rotate both by hand: kubectl secretsafe rotate {} {needed} {key}", target.name)));
    }
    let keys = std::slice::from_ref(key);
    let ask = Ask { keys, target, secret_type, allowed: &Allowed::default(), flag: None };
    source.check(&ask).map_err(|error| match error.kind() {
        ErrorKind::Usage => error.because("each key of a policy is filled by itself"),
        _ => error,
    })
}

/// A source of a policy, which plans say.
#[derive(Debug)]
struct OfPolicy(AnySource);

impl Source for OfPolicy {
    fn scheme(&self) -> &'static str {
        self.0.scheme()
    }

    fn summary(&self) -> String {
        format!("{} (policy)", self.0.summary())
    }

    fn reads_once(&self) -> Option<String> {
        self.0.reads_once()
    }

    fn fills_missing_only(&self) -> bool {
        self.0.fills_missing_only()
    }

    fn fills(&self) -> usize {
        self.0.fills()
    }

    fn may_be_empty(&self) -> bool {
        self.0.may_be_empty()
    }

    fn check(&self, ask: &Ask<'_>) -> Result<()> {
        self.0.check(ask)
    }

    fn prepare(&self, ask: &Ask<'_>) -> Result<()> {
        self.0.prepare(ask)
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        self.0.fill(ask, ctx)
    }

    fn fill_from<'a>(
        &'a self,
        from: SecretValue,
        ask: &'a Ask<'a>,
        ctx: &'a Context,
    ) -> BoxFuture<'a, Result<(SecretValue, Filling)>> {
        self.0.fill_from(from, ask, ctx)
    }
}

#[cfg(test)]
mod tests {
    use super::super::SOURCES;
    use super::*;

    fn target() -> Target {
        Target {
            context: "c".into(),
            server: "https://s".into(),
            fingerprint: "0".repeat(16),
            namespace: "prod".parse().unwrap(),
            name: "db".parse().unwrap(),
        }
    }

    fn run(text: &str, listed: &str) -> Result<KeySource> {
        let key = KeyName::checked("k").unwrap();
        of_policy(&key, text, &target(), "Opaque", &AllowedSources::parse(listed).unwrap())
    }

    fn whole(error: &Error) -> String {
        format!("{} {} {}", error.message(), error.causes().join(" "), error.hints().join(" "))
    }

    #[test]
    fn only_generators_above_the_floor_run_unlisted() {
        assert_eq!(run("generate:length=40", "").unwrap().source().scheme(), "generate");
        assert!(run("generate", "").unwrap().source().summary().ends_with(" (policy)"));
        for text in [
            "generate:length=4",
            "generate:hunter2",
            "generate:htpasswd,user=u,from=k2",
            "generate:tls-self-signed,hosts=x",
            "keychain",
            "keychain:hunter2/x",
            "secret:hunter2/x/y",
            "public:hunter2",
            "hunter2",
            "hunter2:x",
            "",
            ":",
            "exec:hunter2",
            "summon:hunter2/x",
            "env:HUNTER2hunter2",
            "fd:0",
            "stdin",
            "-",
            "prompt",
            "public-file:hunter2",
        ] {
            let error = run(text, "").expect_err(text);
            assert!(!whole(&error).contains("hunter2"), "{text}: {}", whole(&error));
            assert!(!error.hints().is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_listed_runs_if_it_is_exactly_that() {
        let listed = "# allowed\n\nprod/db/k=keychain:team/db\nprod/db/k=secret:prod/x/y\nprod/db/k=public:app\n";
        for text in ["keychain:team/db", "secret:prod/x/y", "public:app"] {
            assert!(run(text, listed).is_ok(), "{text}");
            assert!(run(&format!("{text}2"), listed).is_err(), "{text}");
        }
        for other in ["prod/db/k2=keychain:a/b", "prod/db2/k=keychain:a/b", "prod2/db/k=keychain:a/b"] {
            assert!(run("keychain:a/b", other).is_err(), "{other}");
        }
    }

    #[test]
    fn what_never_comes_from_an_object_does_not_come_listed_either() {
        for text in ["exec:true", "summon:p/x", "env:A", "fd:3", "stdin", "-", "prompt", "public-file:/etc/passwd"] {
            assert!(run(text, &format!("prod/db/k={text}\n")).is_err(), "{text}");
            assert!(text.parse::<PolicySource>().is_err(), "{text}");
        }
        assert!(run("generate:length=4", "prod/db/k=generate:length=4").is_err(), "the floor stays");
        // Every scheme that there is has been thought of.
        for scheme in SOURCES {
            let never = NEVER.iter().any(|(name, _)| *name == scheme.name);
            assert_ne!(never, scheme.origins.contains(&Origin::Listed), "{}", scheme.name);
            assert_eq!(scheme.origins.contains(&Origin::Object), scheme.name == "generate", "{}", scheme.name);
        }
    }

    #[test]
    fn a_line_that_names_no_source_is_told_by_its_number() {
        for text in ["hunter2", "a/b=c", "a/b/c", "a/b/c=", "a//c=x"] {
            let error = AllowedSources::parse(&format!("\n{text}\n")).unwrap_err();
            assert!(error.message().contains("line 2") && !whole(&error).contains("hunter2"), "{}", whole(&error));
        }
    }
}
