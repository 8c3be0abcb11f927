//! A document of SecretSources, made ready: its sources may count, its templates are in order. Nothing is opened yet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::commands::manifests::SpecInFile;
use crate::error::{Error, ErrorKind, Result};
use crate::names::KeyName;
use crate::plaintext::parse::Spec;
use crate::plaintext::render::Registry;
use crate::plan::Target;
use crate::plan::policy::{KEPT, LABEL, LABELLED, Policy, Rule};
use crate::plan::spec::{Fill, KeyGroup, Login, Piece, SecretSources, pieces};
use crate::sources::{
    Allowed, AllowedInFile, AnySource, Ask, DockerLogins, InFile, KeySource, KeySources, PolicySource, Shared, of_file,
};

/// What the user allows, for all documents of a run.
#[derive(Debug)]
pub(crate) struct Rules<'a> {
    /// Sources that a file may name.
    pub(crate) in_files: Vec<AllowedInFile>,
    /// What the command line lifts for single keys.
    pub(crate) allowed: &'a Allowed,
    /// Whether a document may be for another namespace than the one in use.
    pub(crate) any_namespace: bool,
}

/// A key that is composed of others.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// The key.
    pub(crate) key: KeyName,
    /// Its text.
    pub(crate) pieces: Vec<Piece>,
}

impl Template {
    /// Returns the names in it.
    pub(crate) fn names(&self) -> impl Iterator<Item = &KeyName> {
        self.pieces.iter().filter_map(|piece| if let Piece::Value { name, .. } = piece { Some(name) } else { None })
    }
}

/// A document, made ready.
#[derive(Debug)]
pub(crate) struct Desired {
    /// What it says.
    pub(crate) spec: SecretSources,
    /// The file.
    pub(crate) file: String,
    /// The document in it, from 1.
    pub(crate) document: usize,
    /// The Secret.
    pub(crate) target: Target,
    /// Keys that are stored, and their sources.
    pub(crate) stored: Vec<KeySource>,
    /// Parts that are not stored, and their sources.
    pub(crate) hidden: Vec<KeySource>,
    /// Templates, each behind those that it is made of.
    pub(crate) templates: Vec<Template>,
}

impl Desired {
    /// Makes a document ready, or refuses it; nothing is opened or sent.
    pub(in crate::commands) fn of(
        spec: SpecInFile,
        place: &Target,
        rules: &Rules<'_>,
        shared: &Shared,
    ) -> Result<Self> {
        if !rules.any_namespace {
            check_namespace(&spec, place)?;
        }
        let named = spec.named();
        let SpecInFile { spec: Spec { sources, document }, file, folder } = spec;
        let metadata = &sources.metadata;
        let namespace = metadata.namespace.clone().unwrap_or_else(|| place.namespace.clone());
        let target = Target { name: metadata.name.clone(), namespace, ..place.clone() };
        let source = |text: &str, what: String| -> Result<AnySource> {
            let at =
                InFile { named: &named, what, folder: folder.as_deref(), target: &target, allowed: &rules.in_files };
            Ok(shared.of(text, of_file(text, &at)?))
        };
        let (mut stored, mut hidden, mut templates) = (Vec::new(), Vec::new(), Vec::new());
        for (group, entry) in &sources.keys {
            let keys = group.keys().to_vec();
            match &entry.fill {
                Fill::From(text) => stored.push(KeySource::of(keys, source(text, format!("key `{group}`"))?)),
                Fill::Registries(logins) => stored.push(KeySource::of(keys, registries(logins, group, &source)?)),
                Fill::Template(text) => {
                    // The parser of the file has looked at it.
                    let pieces = pieces(text).map_err(|_| Error::bug("a file has a template that is none"))?;
                    templates.extend(keys.into_iter().map(|key| Template { key, pieces: pieces.clone() }));
                }
            }
        }
        for (name, part) in &sources.parts {
            hidden.push(KeySource::of(vec![name.clone()], source(&part.from, format!("part `{name}`"))?));
        }
        let desired = Self { templates: in_order(templates), spec: sources, file, document, target, stored, hidden };
        desired.check(rules, &named)?;
        Ok(desired)
    }

    /// Refuses what each source can refuse before anything is opened, asked or sent.
    fn check(&self, rules: &Rules<'_>, named: &str) -> Result<()> {
        let secret_type = self.spec.new_type();
        let ask = |keys| Ask { keys, target: &self.target, secret_type, allowed: rules.allowed, flag: None };
        let in_file = |error: Error| error.because(format!("it stands in {named}"));
        let whole = KeySources::new(self.stored.iter().chain(&self.hidden).cloned().collect()).map_err(in_file)?;
        whole.check(ask).map_err(in_file)?;
        for (group, entry) in &self.spec.keys {
            let (Some(policy), Some(key)) = (&entry.policy, group.keys().first()) else { continue };
            let text = policy.source.as_deref().or(if let Fill::From(text) = &entry.fill { Some(text) } else { None });
            let source: Result<PolicySource> = text.unwrap_or_default().parse();
            let checked = source.and_then(|source| source.check(key, &self.target, secret_type));
            checked.map_err(|error| {
                let kind = if error.kind() == ErrorKind::Usage { ErrorKind::Usage } else { ErrorKind::Refused };
                Error::new(kind, format!("{named}: the policy of key `{key}` names a source that none can have"))
                    .because(error.message())
                    .hint("name another one in it, such as: policy: {every: 90d, source: generate}")
            })?;
        }
        Ok(())
    }

    /// Returns the policy that the Secret is to have; `None` where the document says nothing of one.
    pub(crate) fn policy(&self, before: Option<&Policy>) -> Option<Policy> {
        let mut policy = before.cloned().unwrap_or_else(Policy::empty);
        let mut says = false;
        for (group, entry) in &self.spec.keys {
            let (Some(wanted), Some(key)) = (&entry.policy, group.keys().first()) else { continue };
            let from = if let Fill::From(text) = &entry.fill { Some(text) } else { None };
            let source = wanted.source.as_ref().or(from).cloned().unwrap_or_default();
            policy.set(key.clone(), &Rule::new(wanted.every.clone(), source));
            says = true;
        }
        let wanted = self.spec.policy.clone().unwrap_or_default();
        policy.restart = wanted.restart.or(policy.restart);
        policy.history = wanted.history.or(policy.history).or(Some(KEPT));
        says.then_some(policy)
    }

    /// Returns the labels of the document, with that of its policy.
    pub(crate) fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.spec.metadata.labels.clone();
        if self.spec.keys.values().any(|entry| entry.policy.is_some()) {
            labels.insert(LABEL.to_owned(), LABELLED.to_owned());
        }
        labels
    }

    /// Tells whether `--renew` could mean this key.
    pub(crate) fn has(&self, key: &KeyName) -> bool {
        self.spec.stored().any(|stored| stored == key)
    }
}

/// Refuses a document for another namespace than the one in use: the file must not choose it (requirement S2).
fn check_namespace(spec: &SpecInFile, place: &Target) -> Result<()> {
    let metadata = &spec.spec.sources.metadata;
    match &metadata.namespace {
        Some(namespace) if *namespace != place.namespace => Err(Error::refused(format!(
            "{}: secret `{}` is for namespace `{namespace}`, not for `{}`",
            spec.named(),
            metadata.name,
            place.namespace
        ))
        .hint(format!("if it is meant, add -n {namespace}"))),
        _ => Ok(()),
    }
}

fn registries(
    logins: &[Login],
    group: &KeyGroup,
    source: &dyn Fn(&str, String) -> Result<AnySource>,
) -> Result<AnySource> {
    let login = |login: &Login| {
        let Login { server, username, email, from } = login;
        let registry = Registry { server: server.clone(), username: username.clone(), email: email.clone() };
        Ok((registry, source(from, format!("key `{group}`, registry `{server}`"))?))
    };
    Ok(Arc::new(DockerLogins(logins.iter().map(login).collect::<Result<_>>()?)))
}

/// Puts each template behind those that it is made of; the parser has made sure that there is such an order.
fn in_order(mut waiting: Vec<Template>) -> Vec<Template> {
    let mut order: Vec<Template> = Vec::with_capacity(waiting.len());
    let mut open: BTreeSet<KeyName> = waiting.iter().map(|template| template.key.clone()).collect();
    while let Some(place) = waiting.iter().position(|template| !template.names().any(|name| open.contains(name))) {
        let next = waiting.remove(place);
        open.remove(&next.key);
        order.push(next);
    }
    order
}
