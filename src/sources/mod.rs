//! Where values come from: `KEY[=SOURCE]`. Sources make values; they cannot read one back.
//!
//! One file per scheme, one row per scheme in `SOURCES`. `tests/boundary.rs` fails when a row has no
//! line in docs/sources.md and no test.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::plaintext::SecretValue;
use crate::plan::Target;

mod compose;
mod env;
mod fd;
mod fill;
mod generate;
mod kept;
mod key_source;
mod keychain;
mod of_file;
mod once;
mod origin;
mod policy;
mod prompt;
mod public;
mod public_file;
mod secret;
mod stdin;
mod written;

pub(crate) use compose::{DockerLogins, TlsFiles, env_lines, password, ssh_key, whole_docker_config};
pub(crate) use fill::{fill, fill_telling};
pub(crate) use generate::{kinds as generator_kinds, use_defaults as use_generator_defaults};
pub(crate) use kept::kept;
pub(crate) use key_source::{KeySource, KeySources, is_public};
pub(crate) use of_file::{AllowedInFile, InFile, of_file};
pub(crate) use once::Shared;
pub(crate) use origin::Origin;
pub(crate) use policy::{AllowedSources, PolicySource, Standing, of_policy};
pub(crate) use prompt::Wanted;
pub(crate) use public::public_text;
pub(crate) use public_file::public_file;
pub(crate) use stdin::{piped, piped_whole, stdin_for};
pub(crate) use written::{Written, parse_flag, written};

/// Largest value that any source may give: what fits into one Secret.
pub(crate) const MAX_VALUE: usize = 1024 * 1024;

/// What a source is asked for: which keys of which Secret, and what the user has allowed.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    /// The keys to fill, in the order in which they were written; one for most sources.
    pub(crate) keys: &'a [KeyName],
    /// The Secret they belong to.
    pub(crate) target: &'a Target,
    /// The Secret's type, such as `Opaque`.
    pub(crate) secret_type: &'a str,
    /// What was allowed on the command line.
    pub(crate) allowed: &'a Allowed,
    /// The flag that the source stands behind, where it does not stand behind a key.
    pub(crate) flag: Option<&'a Flag>,
}

/// A flag that takes a source, such as `--key` of `create tls`.
#[derive(Debug, Clone)]
pub(crate) struct Flag {
    /// Its name, such as `--key`.
    pub(crate) name: &'static str,
    /// What it is for, such as "the private key".
    pub(crate) what: String,
}

/// Overrides of the safety rules, which only the command line can give.
#[derive(Debug, Default, Clone)]
pub(crate) struct Allowed {
    /// `--weak-ok`: a generated value below the floor.
    pub(crate) weak: bool,
    /// `--public-ok KEY`: `public:` for a key whose name says that it is secret.
    pub(crate) public: Vec<KeyName>,
}

/// What a source gave: one value per key asked for, and what the user should know about them.
#[derive(Debug)]
pub(crate) struct Filling {
    /// The values, in the order of `Ask::keys`.
    pub(crate) values: Vec<SecretValue>,
    /// Notes for the user, such as the entropy of a generated value; never a piece of a value.
    pub(crate) notes: Vec<String>,
}

impl Filling {
    /// One value, nothing to say about it.
    pub(crate) fn one(value: SecretValue) -> Self {
        Self { values: vec![value], notes: Vec::new() }
    }

    /// Adds a note.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// A place where values come from.
///
/// `check` and `prepare` run before anything is asked or sent; `fill` runs after the plan is confirmed.
pub(crate) trait Source: fmt::Debug + Send + Sync {
    /// Returns the scheme, as in `SOURCES`; it is what the record on the object says.
    fn scheme(&self) -> &'static str;

    /// Describes the source for a plan: names and numbers that the user wrote, never a value.
    fn summary(&self) -> String;

    /// Names the resource that can be read only once in a run, such as `stdin`.
    fn reads_once(&self) -> Option<String> {
        None
    }

    /// Tells a source that only makes sure that a key exists, where a command may run again.
    fn fills_missing_only(&self) -> bool {
        false
    }

    /// How many keys it can fill at once; most fill one.
    fn fills(&self) -> usize {
        1
    }

    /// Returns the source of one of the keys, where it is made of several.
    fn part(&self, _index: usize) -> Option<&AnySource> {
        None
    }

    /// Tells whether an empty value is no mistake.
    fn may_be_empty(&self) -> bool {
        false
    }

    /// Names the key of the same plan that the value is made from, such as the password of a hash.
    ///
    /// It is filled first, and `fill_from` is called instead of `fill`.
    fn needs(&self) -> Option<&KeyName> {
        None
    }

    /// Refuses what can be refused without a value, a prompt or a request.
    fn check(&self, _ask: &Ask<'_>) -> Result<()> {
        Ok(())
    }

    /// Makes sure that a value can be had (a terminal, a pipe, a variable) before anything is sent.
    ///
    /// It is not called in a dry run of the client, which asks no source.
    fn prepare(&self, _ask: &Ask<'_>) -> Result<()> {
        Ok(())
    }

    /// Makes the values.
    fn fill<'a>(&'a self, ask: &'a Ask<'a>, ctx: &'a Context) -> BoxFuture<'a, Result<Filling>>;

    /// Makes the values from that of the key in `needs`, which is handed on, cannot be read here, and comes back.
    fn fill_from<'a>(
        &'a self,
        _from: SecretValue,
        _ask: &'a Ask<'a>,
        _ctx: &'a Context,
    ) -> BoxFuture<'a, Result<(SecretValue, Filling)>> {
        let bug = Error::bug(format!("source `{}` is not made from another value", self.scheme()));
        Box::pin(async { Err(bug) })
    }
}

/// A source that several parts of a plan may hold.
pub(crate) type AnySource = Arc<dyn Source>;

/// One row of the table of schemes: all that help, docs, completion and the parser need to know.
pub(crate) struct Scheme {
    /// The word before the first `:`.
    pub(crate) name: &'static str,
    /// Other spellings of the same.
    pub(crate) aliases: &'static [&'static str],
    /// How it is written, for help and docs.
    pub(crate) form: &'static str,
    /// What it does, for help and docs.
    pub(crate) summary: &'static str,
    /// Where its text may come from.
    pub(crate) origins: &'static [Origin],
    /// Parses what stands after the first `:`, if there is one. Its errors never repeat that text.
    pub(crate) parse: fn(Option<&str>) -> Result<AnySource>,
}

/// Every scheme, in the order in which help shows them.
pub(crate) const SOURCES: &[Scheme] = &[
    prompt::SCHEME,
    keychain::SCHEME,
    generate::SCHEME,
    stdin::SCHEME,
    fd::SCHEME,
    env::SCHEME,
    secret::SCHEME,
    public::SCHEME,
    public_file::SCHEME,
];
