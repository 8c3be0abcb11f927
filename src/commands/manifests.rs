//! The Secrets of manifest files, as `-f` names them. A file starts no program, asks no source and picks no server; where
//! its Secrets may be, is the user's choice (requirement S2).

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::SecretValue;
use crate::plaintext::parse::{MAX_FILE, Manifest, ManifestError, Problem, parse_manifests};
use crate::plan::Target;
use crate::sources;
use crate::tree::Tree;

/// What a command does with manifests, in the words of its messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    /// What is typed, such as `diff -f`.
    pub(super) typed: &'static str,
    /// What happens to them, such as `compared`.
    pub(super) done: &'static str,
}

/// A Secret of a file.
#[derive(Debug)]
pub(super) struct InFile {
    /// What the file says of it.
    pub(super) manifest: Manifest,
    /// The file.
    pub(super) file: String,
}

/// Reads all files; one that is broken is an error. Returns the Secrets, and how many other objects there are.
pub(super) fn read(paths: &[PathBuf], recursive: bool, purpose: Use, ctx: &Context) -> Result<(Vec<InFile>, usize)> {
    let (mut wanted, mut others) = (Vec::new(), 0);
    let mut visit = |path: &Path, content: SecretValue| {
        let file = path.display().to_string();
        let found = parse_manifests(&content).map_err(|error| unusable(&file, &error, purpose))?;
        others += found.others;
        wanted.extend(found.secrets.into_iter().map(|manifest| InFile { manifest, file: file.clone() }));
        Ok(())
    };
    let mut tree = Tree::new(recursive, MAX_FILE, &mut visit);
    for path in paths {
        match path.to_str() {
            Some("-") => tree.read_stdin(sources::stdin_for("manifests")?)?,
            Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
                return Err(Error::usage(format!(
                    "`-f` takes no URL: who serves it would choose what is {}",
                    purpose.done
                ))
                .hint(format!("fetch it and look at it, then type: kubectl secretsafe {} FILE", purpose.typed)));
            }
            _ => tree.read(path)?,
        }
    }
    match tree.left_out() {
        0 => {}
        1 => ctx.ui.warn("1 manifest is left out, because it is a link or no regular file"),
        many => ctx.ui.warn(&format!("{many} manifests are left out, because they are links or no regular files")),
    }
    if wanted.is_empty() && others == 0 {
        return Err(Error::usage("there is no object in what -f names")
            .hint("of a folder, files that end with .yaml, .yml or .json are read; -R goes into its folders"));
    }
    Ok((wanted, others))
}

/// Says why a file cannot be used.
pub(super) fn unusable(file: &str, error: &ManifestError, purpose: Use) -> Error {
    let hint = match error.problem {
        Problem::Sops => {
            format!("decrypt it into the pipe: sops decrypt {file} | kubectl secretsafe {} -", purpose.typed)
        }
        Problem::Syntax | Problem::OddKey => {
            format!(
                "a template is rendered first, such as with: helm template … | kubectl secretsafe {} -",
                purpose.typed
            )
        }
        Problem::NotQuoted => "write \"\" for an empty value, and quotes around others".to_owned(),
        Problem::Base64 => "text that is not encoded belongs into stringData".to_owned(),
        Problem::LargeFile | Problem::LargeDocument => "write smaller files, or documents apart with ---".to_owned(),
        _ => "look at that line in an editor; its text is not shown, because it can hold a value".to_owned(),
    };
    Error::usage(format!("{file} cannot be {}", purpose.done)).caused_by(error).hint(hint)
}

/// Where a Secret is looked for. A file that came from somebody else must not choose it: in a log of CI, `same` would
/// tell who wrote the file that they have guessed the value of any Secret that the job may read.
pub(super) fn target(wanted: &InFile, place: &Target, any: bool) -> Result<Target> {
    let manifest = &wanted.manifest;
    let namespace = manifest.namespace.as_ref().unwrap_or(&place.namespace);
    if !any && *namespace != place.namespace {
        return Err(Error::refused(format!(
            "{}, document {}: secret `{}` is for namespace `{namespace}`, not for `{}`",
            wanted.file, manifest.document, manifest.name, place.namespace
        ))
        .hint(format!("if it is meant, add -n {namespace}, or -A for what any manifest names")));
    }
    Ok(Target { namespace: namespace.clone(), name: manifest.name.clone(), ..place.clone() })
}
