//! `seal`: what comes out is opened by the sealed-secrets project's own code (tests/seal), and for whom it is sealed.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::command::{self, Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::{binaries, temp_folder};

mod age;
mod files;
mod merge;
mod opened;
mod re_encrypt;
mod trust;

/// The certificate of a key that nobody has, and SHA-256 of that key.
pub(crate) const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/seal/controller.pem");
pub(crate) const FINGERPRINT: &str = "4e85d1268a5e609bf80c3652c97c4bfe2fb8551296f0e4c39bc65ef412318c8f";

/// A key pair as a controller has it.
pub(crate) struct Controller(TempDir);

impl Controller {
    /// Makes a key pair.
    pub(crate) fn new() -> Self {
        let folder = temp_folder("controller");
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let mut openssl = Command::new(binaries::system("openssl", "openssl"));
        openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-batch", "-subj", "/CN=controller"]);
        openssl.args(["-days", "30", "-keyout", &file("key.pem"), "-out", &file("cert.pem")]);
        command::run(openssl, b"").success();
        Self(folder)
    }

    pub(crate) fn certificate(&self) -> PathBuf {
        self.0.path().join("cert.pem")
    }

    /// Returns SHA-256 of the key as openssl tells it.
    fn fingerprint(&self) -> String {
        let openssl = binaries::system("openssl", "openssl");
        let mut key = Command::new(&openssl);
        key.args(["rsa", "-in"]).arg(self.0.path().join("key.pem")).args(["-pubout", "-outform", "der"]);
        let mut hash = Command::new(&openssl);
        hash.args(["dgst", "-sha256", "-r"]);
        let hash = command::run(hash, &command::run(key, b"").success().stdout).success();
        hash.out().split(' ').next().unwrap().to_owned()
    }

    /// Opens a SealedSecret as the controller does.
    pub(crate) fn open(&self, manifest: &[u8]) -> Output {
        let mut unseal = Command::new(binaries::unseal());
        unseal.arg(self.0.path().join("key.pem"));
        command::run(unseal, manifest)
    }

    /// Seals anew as the controller does: for this key, with what this and another one have sealed.
    fn rotate(&self, old: &Self, manifest: &[u8]) -> Output {
        let mut rotate = Command::new(binaries::unseal());
        rotate.arg("rotate").args([self, old].map(|controller| controller.0.path().join("key.pem")));
        command::run(rotate, manifest)
    }

    fn opened(&self, manifest: &[u8]) -> Value {
        serde_json::from_slice(&self.open(manifest).success().stdout).unwrap()
    }
}

/// Seals with a certificate that is believed.
fn seal(namespace: &str, controller: &Controller, args: &[&str]) -> Secretsafe {
    trusting(Secretsafe::new(), namespace, &controller.certificate(), &controller.fingerprint()).args(args)
}

fn trusting(run: Secretsafe, namespace: &str, certificate: &Path, fingerprint: &str) -> Secretsafe {
    run.args(["seal", "-n", namespace, "--cert-fingerprint", fingerprint, "--cert"])
        .args([certificate])
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
}
