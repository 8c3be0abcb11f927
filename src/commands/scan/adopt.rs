//! `scan --adopt`: the values of manifests move into the keychain, and documents without values stand in their places
//! (requirement S21). File by file: whatever stops it, each file is what it was, or its values are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::commands::keychain::confirmed;
use crate::commands::manifests::{self, InFile, Use};
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::in_place::InPlace;
use crate::keychain::intake::{self, Found, Incoming};
use crate::keychain::{Entry, Keychain};
use crate::names::KeyName;
use crate::output;
use crate::plaintext::facts::looks_secret_text;
use crate::plaintext::parse::leaks::LeakKind;
use crate::plaintext::parse::{Adoptable, MAX_FILE, Manifest, adoptable};
use crate::plaintext::render::labels_in;
use crate::plan::Target;
use crate::plan::spec::{Entry as Source, KeyGroup, SecretSources};
use crate::process::fault;
use crate::ui::Failures;

use super::FileLeak;

/// What the files are for.
const USE: Use = Use { typed: "scan --adopt", done: "adopted" };

/// What moves, and what may be lost with it.
#[derive(clap::Args, Debug)]
pub(super) struct AdoptFlags {
    /// Move the values of manifests into the keychain, and leave SecretSources in their places
    #[arg(long, conflicts_with_all = ["staged", "history", "install_hook", "write_baseline", "output", "fail_on"])]
    adopt: bool,

    /// With --adopt, replace entries of the keychain that have another value, which will be lost
    #[arg(long, requires = "adopt")]
    replace: bool,

    /// With --adopt, use each Secret in the namespace that its manifest names, whatever -n says
    #[arg(short = 'A', long, requires = "adopt")]
    all_namespaces: bool,

    /// With --adopt, do not ask
    #[arg(short = 'y', long, requires = "adopt")]
    yes: bool,
}

impl AdoptFlags {
    /// Tells whether files are to be changed.
    pub(super) fn is_wanted(&self) -> bool {
        self.adopt
    }
}

/// A file whose values are to move.
struct Adopted {
    file: InPlace,
    shown: String,
    text: String,
    incoming: Vec<Incoming>,
    found: Vec<Found>,
    secrets: Vec<Target>,
}

/// Adopts the files in which values of Secrets were found; says of the others why not.
pub(super) async fn run(leaks: &[FileLeak], wish: &AdoptFlags, ctx: &Context) -> Result<Outcome> {
    let of_secrets = |found: &&FileLeak| matches!(found.leak.kind, LeakKind::SecretValue | LeakKind::LastApplied);
    let paths: BTreeSet<&PathBuf> = leaks.iter().filter(of_secrets).map(|found| &found.path).collect();
    let others = leaks.iter().filter(|found| !paths.contains(&found.path)).count();
    let place = ctx.target("any".parse()?).await?;
    let (mut files, mut failures) = (Vec::new(), Failures::default());
    for path in paths {
        match adopted(path, &place, wish, ctx) {
            Ok(Some(file)) => files.push(file),
            Ok(None) => {}
            Err(error) => failures.push(error),
        }
    }
    check_once(&files)?;
    if others > 0 {
        let found = if others == 1 { "1 finding is" } else { &format!("{others} findings are") };
        ctx.ui.note(&format!(
            "{found} in files that are no manifests of Secrets: move those values with keychain import, or by hand"
        ));
    }
    if files.is_empty() {
        if others == 0 {
            ctx.ui.note("no Secret with a value was found");
        }
        return failures.end();
    }
    let keychain = Keychain::open(ctx).await?;
    intake::check_lasting(&keychain, false, ctx).await?;
    for file in &mut files {
        file.found = intake::look(&keychain, &file.incoming).await?;
    }
    refuse_loss(&files, wish)?;
    let values: usize = files.iter().map(|file| file.incoming.len()).sum();
    for file in &files {
        ctx.ui.say(&format!("  {}: SecretSources in the place of {}", file.shown, named(&file.secrets)));
        file.rows().iter().for_each(|row| ctx.ui.say(&format!("    {row}")));
    }
    let question = format!(
        "Move {values} {} into the keychain and change {} {}?",
        if values == 1 { "value" } else { "values" },
        files.len(),
        if files.len() == 1 { "file" } else { "files" }
    );
    if !confirmed(&question, wish.yes, ctx)? {
        return Ok(Outcome::Declined);
    }
    let mut rotate = BTreeSet::new();
    for file in files {
        rotate.extend(file.secrets.iter().map(|secret| (secret.namespace.to_string(), secret.name.to_string())));
        let shown = file.shown.clone();
        match file.carry_out(&keychain, ctx).await {
            Ok(()) => output::say(&[format!("{shown} adopted")])?,
            Err(error) => failures.push(error),
        }
    }
    ctx.ui.warn("copies of the values may remain on disk, in backups and in Git: its history keeps every version");
    for (namespace, name) in rotate {
        ctx.ui.hint(&format!("give it new values: kubectl secretsafe rotate {name} -n {namespace}"));
    }
    failures.end()
}

/// Reads a file, and works out what becomes of it; `None` if no Secret in it has a value.
fn adopted(path: &Path, place: &Target, wish: &AdoptFlags, ctx: &Context) -> Result<Option<Adopted>> {
    let file = InPlace::open(path, MAX_FILE)?;
    let shown = path.display().to_string();
    let unusable = |error| manifests::unusable(&shown, &error, USE);
    let mut found = adoptable(file.content()).map_err(unusable)?;
    if found.secrets.is_empty() {
        return Ok(None);
    }
    let mut documents = Vec::new();
    for secret in &found.secrets {
        check_filled(secret, &shown)?;
        documents.push(document(secret, &shown, ctx));
    }
    let text = found.text_without_secrets(&documents).map_err(unusable)?;
    let (mut incoming, mut secrets) = (Vec::new(), Vec::new());
    for manifest in take_secrets(&mut found) {
        let mut in_file = InFile { manifest, file: shown.clone() };
        let values = std::mem::take(&mut in_file.manifest.values);
        let target = manifests::target(&in_file, place, wish.all_namespaces)?;
        incoming.extend(values.into_iter().map(|(key, value)| Incoming {
            entry: Entry::default_for(&target, &target.fingerprint, &key),
            target: Some(target.clone()),
            value,
        }));
        secrets.push(target);
    }
    Ok(Some(Adopted { file, shown, text, incoming, found: Vec::new(), secrets }))
}

fn take_secrets(found: &mut Adoptable) -> Vec<Manifest> {
    std::mem::take(&mut found.secrets)
}

/// A placeholder in the keychain would be taken for a value.
fn check_filled(secret: &Manifest, shown: &str) -> Result<()> {
    let Some(key) = secret.unfilled() else { return Ok(()) };
    Err(Error::refused(format!(
        "{shown}, document {}: key `{key}` of secret `{}` has no value",
        secret.document, secret.name
    ))
    .because("it is empty, or only stands for a value that something else puts there")
    .hint(format!("remove that key from the file, and add it behind: {key}: {{from: prompt}}")))
}

/// What stands in the place of the Secret. Annotations stay behind, and labels that could hold a value.
fn document(secret: &Manifest, shown: &str, ctx: &Context) -> SecretSources {
    let mut document = SecretSources::new(secret.name.clone(), secret.namespace.clone());
    document.secret_type.clone_from(&secret.secret_type);
    document.immutable = secret.immutable;
    let mut labels = labels_in(secret);
    let (unfit, kept): (BTreeMap<_, _>, _) = labels.kept.into_iter().partition(|(_, text)| looks_secret_text(text));
    document.metadata.labels = kept;
    labels.dropped.extend(unfit.into_keys());
    let whose = format!("{shown}, document {}, secret `{}`", secret.document, secret.name);
    for label in labels.dropped {
        ctx.ui.warn(&format!("{whose}: label `{label}` is left behind: it holds a value, or looks like one"));
    }
    if !secret.annotations.is_empty() {
        ctx.ui.warn(&format!("{whose}: its annotations are left behind, because they can hold values"));
    }
    let entry = |key: &KeyName| (KeyGroup::one(key.clone()), Source::from_source("keychain"));
    document.keys.extend(secret.values.keys().map(entry));
    document
}

/// Two values for one entry: one of them would be lost.
fn check_once(files: &[Adopted]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for secret in files.iter().flat_map(|file| &file.secrets) {
        if !seen.insert((secret.namespace.as_str(), secret.name.as_str())) {
            return Err(Error::usage(format!(
                "secret `{}` in namespace `{}` stands twice in the files, and one of the values would be lost",
                secret.name, secret.namespace
            ))
            .hint("name fewer files: kubectl secretsafe scan --adopt FILE"));
        }
    }
    Ok(())
}

fn refuse_loss(files: &[Adopted], wish: &AdoptFlags) -> Result<()> {
    let all = files.iter().flat_map(|file| file.incoming.iter().zip(&file.found));
    match all.into_iter().find(|(_, found)| **found == Found::Other && !wish.replace) {
        None => Ok(()),
        Some((one, _)) => Err(Error::refused(format!("`{}` has another value, which would be lost", one.entry))
            .hint("if that is what you want, add --replace")
            .hint("see what is there with: kubectl secretsafe keychain list")),
    }
}

fn named(secrets: &[Target]) -> String {
    let names: Vec<String> = secrets.iter().map(|secret| format!("{}/{}", secret.namespace, secret.name)).collect();
    names.join(", ")
}

impl Adopted {
    fn rows(&self) -> Vec<String> {
        let row = |(one, found): (&Incoming, &Found)| match found {
            Found::Nothing => format!("keychain/{} set", one.entry),
            Found::Same => format!("keychain/{} unchanged", one.entry),
            Found::Other => format!("keychain/{} replaced", one.entry),
        };
        self.incoming.iter().zip(&self.found).map(row).collect()
    }

    /// The values first, read back by a new process; only then the file.
    async fn carry_out(self, keychain: &Keychain, ctx: &Context) -> Result<()> {
        intake::take_in(keychain, self.incoming, ctx).await?;
        fault::point("before-adopt");
        self.file.replace(&self.text)
    }
}
