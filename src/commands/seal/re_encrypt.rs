//! `seal --re-encrypt`: the controller opens what is sealed, and seals it anew for the newest of its keys. No value comes
//! here, and nothing in the cluster is changed.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::in_place::InPlace;
use crate::names::KeyName;
use crate::output;
use crate::plaintext::parse::{Sealed, SealedManifests, parse_re_encrypted};
use crate::plaintext::seal::{Certificate, has_shape_of};
use crate::plaintext::wire;
use crate::plan::Target;
use crate::plan::seal::{Template, manifest};
use crate::ui::Failures;

use super::certificate::{self, Controller};
use super::sealed_file;

/// Runs `seal --re-encrypt FILE…`.
pub(super) async fn run(paths: &[PathBuf], any: bool, controller: &Controller, ctx: &Context) -> Result<Outcome> {
    // All files are read before anything is sent.
    let files = paths.iter().map(|path| sealed_file::open(path)).collect::<Result<Vec<_>>>()?;
    let place = ctx.target("any".parse()?).await?;
    for (file, sealed_file) in &files {
        if sealed_file.sealed().next().is_none() {
            return Err(Error::usage(format!("there is no SealedSecret in {}", file.path().display()))
                .hint("name a file that kubeseal or `kubectl secretsafe seal` wrote"));
        }
        sealed_file.sealed().try_for_each(|sealed| sealed_file::target(file, sealed, &place, any).map(drop))?;
    }
    // The newest of its keys is the one that it shows, and this one must be known.
    let Some(certificate) = certificate::trusted(controller, &place, ctx).await? else { return Ok(Outcome::Declined) };
    let mut failures = Failures::default();
    for (file, sealed_file) in files {
        if let Err(error) = one(file, sealed_file, &place, controller, &certificate, ctx).await {
            failures.push(error);
        }
    }
    failures.end()
}

/// Does one file: all that is sealed in it, or nothing.
async fn one(
    file: InPlace,
    mut sealed_file: SealedManifests,
    place: &Target,
    controller: &Controller,
    certificate: &Certificate,
    ctx: &Context,
) -> Result<()> {
    let all: Vec<Sealed> = sealed_file.sealed().cloned().collect();
    let mut lines = Vec::new();
    for sealed in all {
        let target = sealed_file::target(&file, &sealed, place, true)?;
        // What the controller needs to open it, and nothing else of the file.
        let template = Template { secret_type: "Opaque".to_owned(), ..Template::default() };
        let object = manifest(&target, sealed.scope, &template, &sealed.values);
        let cluster = ctx.cluster().await?;
        let answer = cluster.re_encrypt(&controller.namespace, controller.service.as_str(), wire::json(&object)).await;
        let answer = answer.map_err(|error| {
            error.because(format!("SealedSecret `{}` in {} is left as it is", sealed.name, file.path().display()))
        })?;
        let new = parse_re_encrypted(&answer).filter(|new| {
            let same_keys = new.len() == sealed.values.len();
            let fits =
                |(key, text): (&KeyName, &String)| new.get(key).is_some_and(|new| has_shape_of(new, text, certificate));
            same_keys && sealed.values.iter().all(fits)
        });
        let new = new.ok_or_else(|| {
            Error::new(ErrorKind::Cluster, "the controller has not answered with what was sealed")
                .because("the keys are others, or the ciphertext is for another key or of another length")
                .because(format!("SealedSecret `{}` in {} is left as it is", sealed.name, file.path().display()))
                .hint("look at what answers there: kubectl get services -A")
        })?;
        let keys = new.len();
        let changed = sealed_file.with(&sealed, &new);
        sealed_file = changed.map_err(|error| sealed_file::unusable(&file, &error))?;
        lines.push(format!(
            "sealedsecret.bitnami.com/{} in {} sealed anew: {keys} {}",
            sealed.name,
            file.path().display(),
            if keys == 1 { "key" } else { "keys" }
        ));
    }
    if let Some(note) = sealed_file::write(file, &sealed_file)? {
        ctx.ui.note(&note);
    }
    output::say(&lines)
}
