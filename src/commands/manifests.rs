//! The Secrets of manifest files, and SecretSources, as `-f` names them. A file starts no program, asks no source and picks no server; where
//! its Secrets may be, is the user's choice (requirement S2).

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::SecretValue;
use crate::plaintext::parse::{MAX_FILE, Manifest, ManifestError, Problem, Spec, Wrong, parse_manifests};
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

/// A document of SecretSources in a file.
#[derive(Debug)]
pub(super) struct SpecInFile {
    /// What it says.
    pub(super) spec: Spec,
    /// The file.
    pub(super) file: String,
    /// Its folder; `None` for what is piped in.
    pub(super) folder: Option<PathBuf>,
}

impl SpecInFile {
    /// Names the place, for messages.
    pub(super) fn named(&self) -> String {
        format!("{}, document {}", self.file, self.spec.document)
    }
}

/// What is in files.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The Secrets and documents, in the order of the files; those of one file in that of its documents.
    pub(super) wanted: Vec<Wanted>,
    /// How many other objects there are.
    pub(super) others: usize,
}

/// What a file wants.
#[derive(Debug)]
pub(super) enum Wanted {
    /// A Secret with its values.
    Values(InFile),
    /// A Secret, and where its values come from.
    Sources(SpecInFile),
}

impl Wanted {
    fn document(&self) -> usize {
        match self {
            Self::Values(wanted) => wanted.manifest.document,
            Self::Sources(wanted) => wanted.spec.document,
        }
    }
}

/// Reads all files, SecretSources among them; one that is broken is an error.
pub(super) fn read_all(paths: &[PathBuf], recursive: bool, purpose: Use, ctx: &Context) -> Result<Found> {
    let mut all = Found::default();
    let mut visit = |path: &Path, content: SecretValue| {
        let file = path.display().to_string();
        let is_stdin = path == Path::new("stdin");
        let found = parse_manifests(&content).map_err(|error| unusable(&file, &error, purpose))?;
        all.others += found.others;
        let mut here: Vec<Wanted> = Vec::new();
        here.extend(found.secrets.into_iter().map(|manifest| Wanted::Values(InFile { manifest, file: file.clone() })));
        here.extend(found.specs.into_iter().map(|spec| {
            let folder = (!is_stdin).then(|| path.parent().map(Path::to_owned).unwrap_or_default());
            Wanted::Sources(SpecInFile { spec, file: file.clone(), folder })
        }));
        here.sort_by_key(Wanted::document);
        all.wanted.extend(here);
        Ok(())
    };
    let mut tree = Tree::new(recursive, MAX_FILE, &mut visit);
    for path in paths {
        match path.to_str() {
            Some("-") => tree.read_stdin(sources::stdin_for("manifests")?)?,
            Some(url) if url.contains("://") => {
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
    if all.wanted.is_empty() && all.others == 0 {
        return Err(Error::usage("there is no object in what -f names")
            .hint("of a folder, files that end with .yaml, .yml or .json are read; -R goes into its folders"));
    }
    Ok(all)
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
        Problem::Spec(Wrong::Bare | Wrong::Inline(_) | Wrong::Source(None) | Wrong::LooksSecret(_)) => {
            "write where the value comes from, such as `from: prompt`; if a value stands there, change it: the file has it"
                .to_owned()
        }
        Problem::Spec(_) => "see docs/sources-file.md; the text is not shown, because it can be a value".to_owned(),
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
