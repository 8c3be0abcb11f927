//! A file of SealedSecrets that is changed where it is.

use std::path::Path;

use crate::error::{Error, Result};
use crate::in_place::InPlace;
use crate::names::Namespace;
use crate::plaintext::parse::{MAX_FILE, ManifestError, Problem, Sealed, SealedManifests, parse_sealed};
use crate::plan::Target;

/// Reads a file.
pub(super) fn open(path: &Path) -> Result<(InPlace, SealedManifests)> {
    let file = InPlace::open(path, MAX_FILE)?;
    let sealed = parse_sealed(file.content()).map_err(|error| unusable(&file, &error))?;
    Ok((file, sealed))
}

/// Puts the new text in the place of the old one; returns what is to be said about it.
pub(super) fn write(file: InPlace, sealed: &SealedManifests) -> Result<Option<String>> {
    let path = file.path().display().to_string();
    file.replace(sealed.as_sealed_text())?;
    Ok((!sealed.is_layout_kept())
        .then(|| format!("{path} is written anew: comments and the order of its fields are not kept")))
}

/// Says why a file cannot be used.
pub(super) fn unusable(file: &InPlace, error: &ManifestError) -> Error {
    let hint = match error.problem {
        Problem::PlainSecret => "seal it first: kubectl secretsafe seal -f FILE",
        Problem::List => "write its items as documents, apart with ---",
        Problem::Encoding => "save it as UTF-8 without a byte order mark",
        Problem::Layout => "move the SealedSecret into a file of its own",
        Problem::Ciphertext => "look at the file: a value that stands there in plain text must be replaced everywhere",
        _ => "name a file that kubeseal or `kubectl secretsafe seal` wrote",
    };
    Error::usage(format!("{} cannot be used", file.path().display())).caused_by(error).hint(hint)
}

/// Where a SealedSecret belongs. The file must not choose it (requirement S2).
pub(super) fn target(file: &InPlace, sealed: &Sealed, place: &Target, any: bool) -> Result<Target> {
    let namespace: &Namespace = sealed.namespace.as_ref().unwrap_or(&place.namespace);
    if !any && *namespace != place.namespace {
        return Err(Error::refused(format!(
            "{}, document {}: SealedSecret `{}` is for namespace `{namespace}`, not for `{}`",
            file.path().display(),
            sealed.document,
            sealed.name,
            place.namespace
        ))
        .hint(format!("if it is meant, add -n {namespace}")));
    }
    Ok(Target { namespace: namespace.clone(), name: sealed.name.clone(), ..place.clone() })
}
