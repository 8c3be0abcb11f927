//! Install, run, upgrade and uninstall with the real krew, from a git index on disk and an archive server on loopback.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use crate::support::command::{self, Output};
use crate::support::http::{Request, Response};
use crate::support::https::{Answer, Handler, HttpsServer};
use crate::support::{binaries, temp_folder};
use crate::{RELEASES, VERSION, archive, filled_manifest, release_binary};

const NEWER: &str = "v99.0.0";

/// Answers with one archive, whatever is asked for.
struct Downloads {
    archive: Mutex<Vec<u8>>,
    count: AtomicUsize,
}

impl Handler for Downloads {
    fn answer(&self, _connection: usize, _request: Request) -> Answer {
        self.count.fetch_add(1, Ordering::SeqCst);
        Answer::Keep(Response::new(200, "application/gzip", &self.archive.lock().unwrap()).to_bytes())
    }
}

/// A private krew: its root, its index, its archive server, and a home with nothing in it.
pub(crate) struct Bed {
    folder: TempDir,
    archives: PathBuf,
    archive: PathBuf,
    downloads: Arc<Downloads>,
    server: HttpsServer,
}

impl Bed {
    pub(crate) fn start() -> Self {
        let folder = temp_folder("krew");
        let archives = folder.path().join("dist");
        let archive = archive(&release_binary(), &archives);
        let downloads =
            Arc::new(Downloads { archive: Mutex::new(fs::read(&archive).unwrap()), count: AtomicUsize::new(0) });
        let handler: Arc<dyn Handler> = downloads.clone();
        let server = HttpsServer::start("archives", handler);
        let bed = Self { folder, archives, archive, downloads, server };
        for name in ["home", "bin", "root"] {
            fs::create_dir(bed.folder().join(name)).unwrap();
        }
        // The validator starts `kubectl krew` with an environment of its own; this brings the trust in our server back.
        let trusted = bed.folder().join("ca.pem");
        fs::write(&trusted, bed.server.ca_pem()).unwrap();
        let wrapper = bed.folder().join("bin/kubectl-krew");
        let text = format!(
            "#!/bin/sh\nKREW_NO_UPGRADE_CHECK=1 SSL_CERT_FILE='{}' exec '{}' \"$@\"\n",
            trusted.display(),
            binaries::krew("kubectl-krew").display()
        );
        fs::write(&wrapper, text).unwrap();
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
        bed.git(&["init", "--quiet", "--initial-branch=main", "."]);
        bed
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder with the archive in it, as `dist/` is.
    pub(crate) fn archives(&self) -> &Path {
        &self.archives
    }

    pub(crate) fn downloads(&self) -> usize {
        self.downloads.count.load(Ordering::SeqCst)
    }

    /// The manifest of this platform, with archives on our server.
    pub(crate) fn manifest(&self, version: &str) -> String {
        let filled = filled_manifest(&self.archives).replace(VERSION, version);
        assert!(filled.contains(RELEASES), "{filled}");
        filled.replace(RELEASES, &self.server.url())
    }

    fn index(&self) -> PathBuf {
        self.folder().join("index")
    }

    fn git(&self, args: &[&str]) {
        fs::create_dir_all(self.index().join("plugins")).unwrap();
        let mut git = Command::new(binaries::system("git", "git"));
        git.args(["-c", "user.name=tester", "-c", "user.email=tester@localhost"]).args(args).current_dir(self.index());
        git.env("HOME", self.folder().join("home")).env("GIT_CONFIG_NOSYSTEM", "1");
        command::run(git, b"").success();
    }

    /// Puts a version into the index, with the archive that the server answers with now.
    fn publish(&self, version: &str) {
        fs::write(self.index().join("plugins/secretsafe.yaml"), self.manifest(version)).unwrap();
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", version]);
    }

    /// Makes the server answer with another archive, for which the manifest is filled from now on.
    fn renew_archive(&self) {
        // What stands behind the end of a program does not change what it does.
        let binary = self.folder().join("newer");
        let mut bytes = fs::read(release_binary()).unwrap();
        bytes.extend_from_slice(b"newer");
        fs::write(&binary, bytes).unwrap();
        let renewed = archive(&binary, &self.archives);
        *self.downloads.archive.lock().unwrap() = fs::read(renewed).unwrap();
    }

    /// Runs a program, and sees to it that it connects to nothing but the archive server.
    pub(crate) fn run(&self, program: &Path, args: &[&str]) -> Output {
        let trace = self.folder().join("trace");
        let mut strace = Command::new(binaries::system("strace", "strace"));
        strace
            .args(["-f", "-qq", "-e", "trace=connect", "-e", "signal=none", "-o"])
            .arg(&trace)
            .arg(program)
            .args(args);
        let mut path = vec![self.folder().join("root/bin"), self.folder().join("bin"), binaries::folder().to_owned()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
        strace.env_clear().env("PATH", std::env::join_paths(path).unwrap()).env("LC_ALL", "C.UTF-8");
        strace.env("HOME", self.folder().join("home")).env("GIT_CONFIG_NOSYSTEM", "1");
        strace.env("KREW_ROOT", self.folder().join("root")).env("KREW_DEFAULT_INDEX_URI", self.index());
        let output = command::run(strace, b"");
        let port = self.server.url().rsplit(':').next().unwrap().to_owned();
        let ours = format!("htons({port})");
        for call in fs::read_to_string(&trace).unwrap().lines().filter(|call| call.contains("sa_family=AF_INET")) {
            assert!(call.contains(&ours) && call.contains("127.0.0.1"), "{args:?} connects elsewhere: {call}");
        }
        output
    }

    fn kubectl(&self, args: &[&str]) -> Output {
        self.run(&binaries::path("kubectl"), args)
    }

    /// Where krew's link points to; `None` when there is no link.
    fn installed(&self) -> Option<PathBuf> {
        fs::read_link(self.folder().join("root/bin/kubectl-secretsafe")).ok()
    }

    fn assert_runs(&self, version: &str) {
        let target = self.installed().expect("krew made a link");
        assert!(target.to_str().unwrap().contains(&format!("/secretsafe/{version}/")), "{}", target.display());
        assert!(target.with_file_name("LICENSE").is_file(), "the license was installed");
        let output = self.kubectl(&["secretsafe", "--version"]).success();
        assert!(output.out().contains(env!("CARGO_PKG_VERSION")), "{}", output.out());
    }

    fn uninstall(&self) {
        self.kubectl(&["krew", "uninstall", "secretsafe"]).success();
        assert_eq!(self.installed(), None);
        assert!(!self.folder().join("root/store/secretsafe").exists());
        let output = self.kubectl(&["secretsafe", "--version"]);
        assert_ne!(output.code, Some(0), "nothing of it runs: {}", output.out());
    }
}

#[test]
fn krew_installs_a_manifest_with_its_archive() {
    let bed = Bed::start();
    // `krew uninstall` wants an index, even for what did not come from one.
    bed.publish(VERSION);
    bed.kubectl(&["krew", "update"]).success();
    let manifest = bed.folder().join("secretsafe.yaml");
    fs::write(&manifest, bed.manifest(VERSION)).unwrap();
    let (manifest, archive) = (manifest.to_str().unwrap(), bed.archive.to_str().unwrap());
    let install = ["krew", "install", "--manifest", manifest, "--archive", archive];
    let output = bed.kubectl(&install).success();
    assert!(output.err().contains("kubectl secretsafe completion --install"), "the caveats: {}", output.err());
    assert_eq!(bed.downloads(), 0);
    bed.assert_runs(VERSION);
    bed.uninstall();

    let mut bytes = fs::read(archive).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(archive, bytes).unwrap();
    let output = bed.kubectl(&install);
    assert_ne!(output.code, Some(0), "a tampered archive: {}", output.err());
    assert!(output.err().contains("checksum does not match"), "{}", output.err());
    assert_eq!(bed.installed(), None);
}

/// What is committed has the sums of empty files: nobody can install by it what was not released.
#[test]
fn krew_refuses_what_was_not_released() {
    let bed = Bed::start();
    let manifest = bed.folder().join("secretsafe.yaml");
    fs::copy(crate::root().join("krew-manifest.yaml"), &manifest).unwrap();
    let archive = bed.archive.to_str().unwrap();
    let output = bed.kubectl(&["krew", "install", "--manifest", manifest.to_str().unwrap(), "--archive", archive]);
    assert_ne!(output.code, Some(0));
    assert!(output.err().contains("checksum does not match"), "{}", output.err());
}

#[test]
fn krew_upgrades_from_an_index() {
    let bed = Bed::start();
    bed.publish(VERSION);
    bed.kubectl(&["krew", "install", "secretsafe"]).success();
    assert_eq!(bed.downloads(), 1);
    let trace = fs::read_to_string(bed.folder().join("trace")).unwrap();
    assert!(trace.contains("sa_family=AF_INET"), "the control: connections are seen");
    bed.assert_runs(VERSION);

    // An archive that is not the one of the index leaves the old version as it was.
    let current = bed.downloads.archive.lock().unwrap().clone();
    bed.renew_archive();
    let renewed = std::mem::replace(&mut *bed.downloads.archive.lock().unwrap(), current);
    bed.publish(NEWER);
    let output = bed.kubectl(&["krew", "upgrade", "secretsafe"]);
    assert!(output.err().contains("checksum does not match"), "{}", output.err());
    bed.assert_runs(VERSION);

    *bed.downloads.archive.lock().unwrap() = renewed;
    bed.kubectl(&["krew", "upgrade", "secretsafe"]).success();
    bed.assert_runs(NEWER);
    assert!(!bed.folder().join("root/store/secretsafe").join(VERSION).exists(), "the old version is gone");
    bed.uninstall();
}
