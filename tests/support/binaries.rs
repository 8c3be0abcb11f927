//! Finds the programs of the control plane and of krew, and has them built when they are not there yet.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    if let Some(assets) = std::env::var_os("KUBEBUILDER_ASSETS") {
        return PathBuf::from(assets);
    }
    build("the control plane", "tests/controlplane/build", "make controlplane")
});

/// The script takes the programs from SECRETSAFE_KREW itself.
static KREW: LazyLock<PathBuf> = LazyLock::new(|| build("krew", "tests/krew/build", "make krew"));

static SEAL: LazyLock<PathBuf> = LazyLock::new(|| build("what opens a SealedSecret", "tests/seal/build", "make seal"));

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

/// Returns the path of `kubectl-krew` or `validate-krew-manifest`, or panics with what to do about its absence.
pub(crate) fn krew(name: &str) -> PathBuf {
    let path = KREW.join(name);
    assert!(path.is_file(), "{name} is missing from {}: run `make krew`", KREW.display());
    path
}

/// Returns the path of `unseal`, or panics with what to do about its absence.
pub(crate) fn unseal() -> PathBuf {
    let path = SEAL.join("unseal");
    assert!(path.is_file(), "unseal is missing from {}: run `make seal`", SEAL.display());
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

/// Runs one of our scripts and returns the path in its last line, or panics with the target that shows why not.
pub(crate) fn build(what: &str, script: &str, target: &str) -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let output = Command::new(&script).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.unwrap_or_else(|err| panic!("cannot run {}: {err}; try `{target}`", script.display()));
    assert!(output.status.success(), "{what} cannot be built ({}): run `{target}` to see why", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    let folder = text.lines().last().map(str::trim).unwrap_or_default();
    assert!(!folder.is_empty(), "`{target}` names no folder in its last line");
    PathBuf::from(folder)
}
