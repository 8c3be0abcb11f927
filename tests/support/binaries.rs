//! Finds the programs of the control plane, and has them built when they are not there yet.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    if let Some(assets) = std::env::var_os("KUBEBUILDER_ASSETS") {
        return PathBuf::from(assets);
    }
    build()
});

/// Returns the folder that holds kube-apiserver, etcd and kubectl.
pub(crate) fn folder() -> &'static Path {
    &FOLDER
}

/// Returns the path of one program, or panics with what to do about its absence.
pub(crate) fn path(name: &str) -> PathBuf {
    let path = folder().join(name);
    assert!(
        path.is_file(),
        "{name} is missing from {}: run `make controlplane`, or point KUBEBUILDER_ASSETS at a \
         folder that holds it",
        folder().display()
    );
    path
}

/// Returns the path of a program that the system provides, or panics with what to install.
pub(crate) fn system(name: &str, package: &str) -> PathBuf {
    on_path(name).unwrap_or_else(|| panic!("{name} is missing: install the package `{package}`, or run `tests/setup`"))
}

/// Finds a program in `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn build() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/controlplane/build");
    let output = Command::new(&script).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.unwrap_or_else(|err| panic!("cannot run {}: {err}; try `make controlplane`", script.display()));
    assert!(
        output.status.success(),
        "the control plane cannot be built ({}): run `make controlplane` to see why",
        output.status
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let folder = text.lines().last().map(str::trim).unwrap_or_default();
    assert!(!folder.is_empty(), "`make controlplane` names no folder in its last line");
    PathBuf::from(folder)
}
