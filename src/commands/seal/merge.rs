//! `seal --merge-into`: ciphertext of some keys into a file of SealedSecrets. What it is bound to stays as it is.

use std::path::Path;

use clap::ValueEnum;

use crate::commands::pick;
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::output;
use crate::plan::seal::Scope;

use super::named::{self, Named};
use super::receiver::{Receiver, Trusted, seal_all};
use super::sealed_file;

/// Runs `seal NAME KEY[=SOURCE]… --merge-into FILE`.
pub(super) async fn run(wanted: Named, path: &Path, to: &Receiver, ctx: &Context) -> Result<Outcome> {
    let name = match pick::secret(wanted.name.clone(), "seal NAME", ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    let (file, sealed_file) = sealed_file::open(path)?;
    let target = ctx.target(name).await?;
    let mut named_so = sealed_file.sealed().filter(|sealed| sealed.name == target.name);
    let Some(sealed) = named_so.next().cloned() else {
        return Err(Error::usage(format!("there is no SealedSecret `{}` in {}", target.name, path.display())).hint(
            "what is sealed is bound to its name: name the one that is there, or make a new file without --merge-into",
        ));
    };
    if named_so.next().is_some() {
        return Err(Error::usage(format!("several SealedSecrets in {} are called `{}`", path.display(), target.name))
            .hint("move them into files of their own"));
    }
    drop(named_so);
    sealed_file::target(&file, &sealed, &target, false)?;
    let Receiver::Controller(_, scope) = to else { return Err(Error::bug("an age file is not merged into")) };
    if *scope != sealed.scope {
        return Err(Error::refused(format!(
            "SealedSecret `{}` in {} is {}, and what you seal would be {}",
            sealed.name,
            path.display(),
            word(sealed.scope),
            word(*scope)
        ))
        .because("the scope says where the controller opens it, and is that of the whole SealedSecret")
        .hint(format!("if that is what you want, add --scope {}", word(sealed.scope))));
    }
    let scope = *scope;
    let filled = named::fill(wanted, target, to, sealed.secret_type.clone(), ctx).await?;
    let Some((item, trusted)) = filled else { return Ok(Outcome::Declined) };
    let Trusted::Controller(certificate, _) = trusted else { return Err(Error::bug("there is no certificate")) };
    let new = seal_all(item.values, &certificate, &scope.label(&item.target))?;
    let keys = new.keys().map(|key| {
        let done = if sealed.values.contains_key(key) { "replaced" } else { "added" };
        format!("sealedsecret.bitnami.com/{} in {}: key `{key}` {done}", sealed.name, path.display())
    });
    let lines: Vec<String> = keys.collect();
    let changed = sealed_file.with(&sealed, &new).map_err(|error| sealed_file::unusable(&file, &error))?;
    if let Some(note) = sealed_file::write(file, &changed)? {
        ctx.ui.note(&note);
    }
    output::say(&lines)?;
    Ok(Outcome::Done)
}

/// Returns the word that is typed for a scope.
fn word(scope: Scope) -> String {
    scope.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
