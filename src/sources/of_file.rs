//! Sources that a file names: one from a repository is untrusted until proved otherwise (requirement S2).
//!
//! What counts by itself cannot read what is not its own: a prompt and a generator make a value, `keychain` alone is the
//! entry of this cluster, Secret and key, `secret:` reads the same namespace, `public-file:` the folder of the file.
//! `public:` counts as well: whoever writes the file chooses text by a template too, it reads nothing, and S5 holds for
//! it. Anything else needs the user's word, on the command line or in the own config. Nothing is opened before that is
//! decided, for every document.

use std::path::{Component, Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::names::fits;
use crate::plan::Target;

use super::public_file::PublicFile;
use super::secret::stays_in;
use super::written::find;
use super::{AnySource, Origin};

/// What a file may name by itself.
enum Rule {
    /// Whatever stands behind the scheme.
    Anything,
    /// The scheme alone.
    Alone,
    /// Secrets of the namespace in use.
    OwnNamespace,
    /// Files below the folder of the file.
    OwnFolder,
}

/// The schemes that count by themselves.
const BY_ITSELF: &[(&str, Rule)] = &[
    ("prompt", Rule::Anything),
    ("generate", Rule::Anything),
    ("public", Rule::Anything),
    ("keychain", Rule::Alone),
    ("secret", Rule::OwnNamespace),
    ("public-file", Rule::OwnFolder),
];

/// One `--allow-source SCHEME[:PATTERN]`: a source that a file may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AllowedInFile {
    scheme: &'static str,
    pattern: Option<String>,
}

impl FromStr for AllowedInFile {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (word, pattern) = match text.split_once(':') {
            Some((word, pattern)) => (word, Some(pattern.to_owned())),
            None => (text, None),
        };
        let scheme = find(word).filter(|_| pattern.as_deref() != Some("")).ok_or_else(|| {
            Error::usage("a source that files may name needs a scheme that there is")
                .because("it is written SCHEME or SCHEME:PATTERN, where * is any text and ? one character")
                .hint("write one such as --allow-source 'keychain:team/*' or --allow-source stdin")
        })?;
        Ok(Self { scheme: scheme.name, pattern })
    }
}

impl AllowedInFile {
    fn covers(&self, scheme: &str, rest: Option<&str>) -> bool {
        self.scheme == scheme
            && match (&self.pattern, rest) {
                (None, None) => true,
                (Some(pattern), Some(rest)) => fits(pattern, rest),
                _ => false,
            }
    }
}

/// Where a source stands in a file.
#[derive(Debug)]
pub(crate) struct InFile<'a> {
    /// The file and the document, for messages.
    pub(crate) named: &'a str,
    /// What it fills, such as "key `password`".
    pub(crate) what: String,
    /// The folder of the file; `None` for what is piped in.
    pub(crate) folder: Option<&'a Path>,
    /// The Secret that it is for.
    pub(crate) target: &'a Target,
    /// What the user allows beside what counts by itself.
    pub(crate) allowed: &'a [AllowedInFile],
}

/// Turns the text of a file into a source, if it counts. Nothing is opened or sent.
pub(crate) fn of_file(text: &str, at: &InFile<'_>) -> Result<AnySource> {
    let (word, rest) = match text.split_once(':') {
        Some((word, rest)) => (word, Some(rest)),
        None => (text, None),
    };
    // The parser of the file has looked at it.
    let scheme = find(word).ok_or_else(|| Error::bug("a file has a source that is none"))?;
    let rule = BY_ITSELF.iter().find(|(name, _)| *name == scheme.name).map(|(_, rule)| rule);
    let counts = scheme.origins.contains(&Origin::File)
        && match rule {
            Some(Rule::Anything) => true,
            Some(Rule::Alone) => rest.is_none(),
            Some(Rule::OwnNamespace) => rest.is_some_and(|rest| stays_in(rest, at.target)),
            Some(Rule::OwnFolder) => true,
            None => false,
        };
    if !counts && !at.allowed.iter().any(|allowed| allowed.covers(scheme.name, rest)) {
        return Err(refused(scheme.name, rule, at));
    }
    match (rule, rest) {
        (Some(Rule::OwnFolder), Some(path)) => below(path, at),
        _ => (scheme.parse)(rest),
    }
}

fn refused(scheme: &str, rule: Option<&Rule>, at: &InFile<'_>) -> Error {
    let why = match rule {
        Some(Rule::Alone) => "a file may name the entry of its own key only, which is `keychain` alone",
        Some(Rule::OwnNamespace) => "a file may name Secrets of its own namespace only",
        _ => "who wrote the file would choose what is read here",
    };
    Error::refused(format!("{}: source `{scheme}` for {} may not come from a file", at.named, at.what))
        .because(why)
        .hint(format!(
            "if it is meant, add --allow-source '{scheme}:PATTERN', or {scheme} to allowSources in your config"
        ))
}

/// A file below the folder of the file that names it, also after links are resolved.
fn below(path: &str, at: &InFile<'_>) -> Result<AnySource> {
    let refused = |why: &str| {
        Error::refused(format!("{}: the path of `public-file` for {} may not be used", at.named, at.what))
            .because(why)
            .hint("put the file beside the SecretSources, and name it without a folder above")
    };
    let folder = at.folder.ok_or_else(|| refused("what is piped in has no folder"))?;
    let path = PathBuf::from(path);
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(refused("it leads out of the folder of the file"));
    }
    Ok(Arc::new(PublicFile::below(folder.to_owned(), &path)))
}

#[cfg(test)]
mod tests {
    use super::super::SOURCES;
    use super::*;

    fn run(text: &str, allowed: &[&str]) -> Result<AnySource> {
        let target = Target {
            context: "here".into(),
            server: "https://s".into(),
            fingerprint: "0".repeat(16),
            namespace: "prod".parse().unwrap(),
            name: "db".parse().unwrap(),
        };
        let allowed: Vec<AllowedInFile> = allowed.iter().map(|text| text.parse().unwrap()).collect();
        let folder = Some(Path::new("/srv/repo"));
        of_file(text, &InFile { named: "a.yaml", what: "key `k`".into(), folder, target: &target, allowed: &allowed })
    }

    #[test]
    fn what_counts_by_itself() {
        for text in [
            "prompt",
            "prompt:once",
            "generate",
            "generate:length=40",
            "public:app",
            "keychain",
            "secret:prod/x/y",
            "secret:here:prod/x/y",
            "public-file:ca.crt",
            "public-file:./certs/ca.crt",
        ] {
            assert!(run(text, &[]).is_ok(), "{text}");
        }
        for text in [
            "keychain:team/hunter2",
            "secret:hunter2/x/y",
            "secret:hunter2:prod/x/y",
            "env:HUNTER2_hunter2",
            "stdin",
            "-",
            "fd:3",
            "public-file:/etc/hunter2",
            "public-file:../hunter2",
            "public-file:a/../../hunter2",
        ] {
            let error = run(text, &[]).expect_err(text);
            assert_eq!(error.kind().exit_code(), 3, "{text}");
            let whole = format!("{} {:?} {:?}", error.message(), error.causes(), error.hints());
            assert!(!whole.contains("hunter2"), "{whole}");
        }
        // Every scheme that there is has been thought of.
        for scheme in SOURCES {
            let by_itself = BY_ITSELF.iter().any(|(name, _)| *name == scheme.name);
            assert_eq!(by_itself, scheme.origins.contains(&Origin::File), "{}", scheme.name);
        }
    }

    #[test]
    fn what_the_user_allows_counts_if_it_is_exactly_that() {
        assert!(run("keychain:team/db", &["keychain:team/*"]).is_ok());
        assert!(run("keychain:other/db", &["keychain:team/*"]).is_err());
        assert!(run("secret:staging/db/a", &["secret:staging/*"]).is_ok());
        assert!(run("stdin", &["stdin"]).is_ok());
        assert!(run("-", &["stdin"]).is_ok());
        assert!(run("env:DB_A", &["env:DB_*"]).is_ok());
        assert!(run("env:DB_A", &["env"]).is_err());
        assert!(run("public-file:/etc/passwd", &["public-file:*"]).is_err(), "the folder stays");
        for text in ["", "hunter2", "hunter2:*", "env:"] {
            assert!(text.parse::<AllowedInFile>().is_err(), "{text}");
        }
    }
}
