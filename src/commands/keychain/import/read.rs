//! What is in the files, and under which names it is kept.

use std::path::Path;

use crate::commands::manifests::{self, InFile, Use};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::in_place::InPlace;
use crate::keychain::Entry;
use crate::keychain::intake::Incoming;
use crate::names::{KeyName, SecretName};
use crate::plaintext::SecretValue;
use crate::plaintext::parse::{MAX_FILE, parse_manifests};
use crate::plaintext::render::{self, EnvFileError};
use crate::plan::Target;
use crate::sources::MAX_VALUE;

use super::Form;

/// What the files are for.
const USE: Use = Use { typed: "keychain import", done: "imported" };

/// How entries are named.
#[derive(Debug)]
pub(super) struct Names {
    /// The Secret whose default entries are meant.
    pub(super) for_name: Option<SecretName>,
    /// The service of entries that belong to no cluster.
    pub(super) service: Option<String>,
    /// Whatever namespace a manifest names.
    pub(super) any_namespace: bool,
}

/// A file, and what comes out of it.
#[derive(Debug)]
pub(super) struct Content {
    file: Option<InPlace>,
    /// The values.
    pub(super) incoming: Vec<Incoming>,
    /// Whether there is more in the file than these.
    pub(super) has_more: bool,
}

impl Content {
    /// Takes the file.
    pub(super) fn take_file(&mut self) -> Result<InPlace> {
        self.file.take().ok_or_else(|| Error::bug("a file was taken twice"))
    }
}

/// Reads a file; what would be lost with it is refused if it is to be deleted.
pub(super) async fn content(
    path: &Path,
    form: Option<Form>,
    names: &Names,
    deletes: bool,
    ctx: &Context,
) -> Result<Content> {
    let file = InPlace::open(path, MAX_FILE)?;
    let shown = path.display().to_string();
    let (values, has_more) = match form.unwrap_or_else(|| form_of(path)) {
        Form::Manifest => manifest(&file, &shown, names, ctx).await?,
        Form::Env => (named(env(&file, &shown, ctx)?, &shown, names, ctx).await?, false),
        Form::Value => (named(vec![one(&file, path, &shown, ctx)?], &shown, names, ctx).await?, false),
    };
    let (incoming, empty): (Vec<_>, Vec<_>) = values.into_iter().partition(|one| !one.value.is_empty());
    if !empty.is_empty() {
        ctx.ui.note(&format!("{shown}: {} without a value are left out", empty.len()));
    }
    let has_more = has_more || !empty.is_empty();
    if deletes && has_more {
        return Err(Error::refused(format!("{shown} has more than the values that are moved, and is not deleted"))
            .because("objects of other kinds, encrypted ones, or empty values would be lost")
            .hint("leave --delete out, and look at the file afterwards"));
    }
    if let Some(large) = incoming.iter().find(|one| one.value.len() > MAX_VALUE) {
        return Err(Error::usage(format!("{shown}: the value for `{}` has more than 1 MiB", large.entry))
            .because("that is the limit of Kubernetes for a Secret")
            .hint("keep it in a file system or bucket, and its password here"));
    }
    Ok(Content { file: Some(file), incoming, has_more })
}

/// Tells by its name what a file is.
fn form_of(path: &Path) -> Form {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match extension {
        "yaml" | "yml" | "json" => Form::Manifest,
        "env" => Form::Env,
        _ if name == ".env" || name.starts_with(".env.") => Form::Env,
        _ => Form::Value,
    }
}

async fn manifest(file: &InPlace, shown: &str, names: &Names, ctx: &Context) -> Result<(Vec<Incoming>, bool)> {
    if names.for_name.is_some() {
        return Err(Error::usage(format!("{shown} is a manifest, which names its Secrets itself"))
            .hint("leave --for out, or say what the file is: --form env, --form value"));
    }
    let found = parse_manifests(file.content()).map_err(|error| manifests::unusable(shown, &error, USE))?;
    let place = match &names.service {
        None => Some(ctx.target("any".parse()?).await?),
        Some(_) => None,
    };
    let mut incoming = Vec::new();
    for manifest in found.secrets {
        let mut in_file = InFile { manifest, file: shown.to_owned() };
        let values = std::mem::take(&mut in_file.manifest.values);
        let target = match &place {
            Some(place) => Some(manifests::target(&in_file, place, names.any_namespace)?),
            None => None,
        };
        let name = &in_file.manifest.name;
        for (key, value) in values {
            let account = format!("{name}/{key}");
            incoming.push(Incoming {
                entry: entry(names, target.as_ref(), &key, &account)?,
                target: target.clone(),
                value,
            });
        }
    }
    Ok((incoming, found.others > 0))
}

/// Names values that have nothing but a key.
async fn named(
    values: Vec<(KeyName, SecretValue)>,
    shown: &str,
    names: &Names,
    ctx: &Context,
) -> Result<Vec<Incoming>> {
    let target = match (&names.for_name, &names.service) {
        (Some(name), _) => Some(ctx.target(name.clone()).await?),
        (None, Some(_)) => None,
        (None, None) => {
            return Err(Error::usage(format!("{shown} does not say what its values are for"))
                .hint("name the Secret: --for NAME, so that KEY=keychain finds them")
                .hint("or a service of your own: --service SERVICE"));
        }
    };
    let named = values.into_iter().map(|(key, value)| {
        Ok(Incoming { entry: entry(names, target.as_ref(), &key, key.as_str())?, target: target.clone(), value })
    });
    named.collect()
}

fn entry(names: &Names, target: Option<&Target>, key: &KeyName, account: &str) -> Result<Entry> {
    let entry = match (target, &names.service) {
        (Some(target), _) => Entry::default_for(target, &target.fingerprint, key),
        (None, service) => Entry::parse(&format!("{}/{account}", service.as_deref().unwrap_or_default()))
            .filter(|_| !service.as_deref().unwrap_or_default().contains('/'))
            .ok_or_else(|| {
                Error::usage("`--service` cannot be the name of a service")
                    .because("a service has no `/` in its name, and is not empty")
                    .hint("write one such as --service team")
            })?,
    };
    super::super::check_free(&entry)?;
    Ok(entry)
}

fn env(file: &InPlace, shown: &str, ctx: &Context) -> Result<Vec<(KeyName, SecretValue)>> {
    let values = render::env_file(file.content()).map_err(|error| {
        let hint = match error {
            EnvFileError::NotText(_) => "a file that is one value is taken with --form value",
            EnvFileError::Twice(_) => "remove one of them",
            EnvFileError::NoValue(_) | EnvFileError::Key(_) => {
                "a line is NAME=value, without `export` and without spaces before `=`"
            }
        };
        Error::usage(format!("{shown} cannot be imported")).caused_by(&error).hint(hint)
    })?;
    // Programs that read such a file by themselves often drop them.
    for (key, _) in values.iter().filter(|(_, value)| render::is_quoted(value)) {
        ctx.ui.warn(&format!("{shown}: the quotes around the value of {key} are a part of it, as for kubectl"));
    }
    Ok(values.into_iter().collect())
}

/// One value; its key is the name of the file, as kubectl has it.
fn one(file: &InPlace, path: &Path, shown: &str, ctx: &Context) -> Result<(KeyName, SecretValue)> {
    let name = path.file_name().and_then(|name| name.to_str()).and_then(KeyName::checked);
    let key = name.ok_or_else(|| {
        Error::usage(format!("the name of {shown} is no key"))
            .because("a key has letters, digits, `-`, `_` and `.` only")
            .hint("give the value itself: kubectl secretsafe keychain set --for NAME/KEY --stdin < FILE")
    })?;
    let (value, newline) = file.content().copied_without_newline();
    if newline {
        ctx.ui.note(&format!("{shown}: one trailing newline was dropped"));
    }
    Ok((key, value))
}
