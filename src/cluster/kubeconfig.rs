//! Finds and merges kubeconfig files as kubectl does.
//!
//! Errors give the file and the position, never text from it: it holds tokens, also of other users.

use std::path::{Path, PathBuf};

use kube::config::{Kubeconfig, KubeconfigError};

use crate::error::{Error, Result};

/// Reads the kubeconfig that the flags and the environment name; `None` if there is none at all.
///
/// `--kubeconfig FILE` must exist. Files in `KUBECONFIG` that do not exist are skipped, as kubectl does.
pub(crate) fn read(flag: Option<&Path>) -> Result<Option<Kubeconfig>> {
    if let Some(path) = flag {
        return read_file(path).map(Some);
    }
    let mut merged: Option<Kubeconfig> = None;
    for path in default_files() {
        if !path.exists() {
            continue;
        }
        let mut next = read_file(&path)?;
        // To kubectl an empty name is none, so that the next file's counts.
        next.current_context = next.current_context.filter(|name| !name.is_empty());
        merged = Some(match merged {
            None => next,
            Some(first) => first.merge(next).map_err(|_| {
                Error::usage(format!(
                    "{} has another kind or version than the files before it in KUBECONFIG",
                    path.display()
                ))
                .hint("each file begins with: apiVersion: v1, kind: Config; or leave it out of KUBECONFIG")
            })?,
        });
    }
    Ok(merged)
}

/// Tells whether the environment names a kubeconfig, so that a typo there is not taken for "none".
pub(crate) fn is_named() -> bool {
    std::env::var_os("KUBECONFIG").is_some_and(|paths| !paths.is_empty())
}

fn default_files() -> Vec<PathBuf> {
    match std::env::var_os("KUBECONFIG") {
        Some(paths) if !paths.is_empty() => {
            std::env::split_paths(&paths).filter(|path| !path.as_os_str().is_empty()).collect()
        }
        _ => std::env::home_dir().map(|home| home.join(".kube").join("config")).into_iter().collect(),
    }
}

fn read_file(path: &Path) -> Result<Kubeconfig> {
    Kubeconfig::read_from(path).map_err(|err| {
        let shown = path.display();
        match err {
            KubeconfigError::ReadConfig(reason, _) => Error::usage(format!("cannot read the kubeconfig {shown}"))
                .because(reason.kind().to_string())
                .hint(format!("see who may read it: ls -l {shown}")),
            KubeconfigError::Parse(parse) => {
                let place = parse
                    .location()
                    .map_or_else(String::new, |at| format!(" (line {}, column {})", at.line(), at.column()));
                Error::usage(format!("the kubeconfig {shown} cannot be parsed{place}"))
                    .hint("compare that line with the kubeconfig that your cluster's tool writes")
            }
            _ => Error::usage(format!("the kubeconfig {shown} cannot be used"))
                .hint("see what kubectl says about it: kubectl config view"),
        }
    })
}
