//! `seal --age`: what comes out is opened by the age project's own code (tests/seal), by the right key only.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::canary::{Canary, assert_absent};
use crate::support::command::{self, Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::{binaries, temp_folder};

/// A key of age, and what it opens.
struct Identity {
    folder: TempDir,
    recipient: String,
}

impl Identity {
    fn new() -> Self {
        let folder = temp_folder("age");
        let mut keygen = Command::new(binaries::unseal());
        keygen.arg("age-keygen");
        let key = command::run(keygen, b"").success();
        fs::write(folder.path().join("key"), &key.stdout).unwrap();
        let recipient = key.out().lines().next().unwrap().rsplit(' ').next().unwrap().to_owned();
        Self { folder, recipient }
    }

    fn open(&self, file: &[u8]) -> Output {
        let mut open = Command::new(binaries::unseal());
        open.arg("age").arg(self.folder.path().join("key"));
        command::run(open, file)
    }
}

fn seal(namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new().args(["seal", "-n", namespace]).args(args).kubeconfig(ControlPlane::shared().admin_kubeconfig())
}

#[test]
fn each_recipient_opens_it_and_the_api_server_takes_what_is_in_it() {
    let (plane, canary) = (ControlPlane::shared(), Canary::random());
    let (one, two, other) = (Identity::new(), Identity::new(), Identity::new());
    let namespace = plane.namespace();
    // Longer than a chunk, of a whole number of chunks in base64, binary and empty.
    let object = json!({"metadata": {"name": "db", "labels": {"team": "a"}}, "type": "example.com/x", "immutable": true,
        "data": {"password": base64(canary.bytes()), "large": base64(&[7; 150_000]), "empty": "", "binary": "/wAB"}});
    let live = plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    let output = seal(&namespace, &["db", "--age", &one.recipient, "--age", &two.recipient, "--label", "team"]);
    let output = output.run().success();
    assert!(output.out().starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"), "{}", output.out());
    assert_absent(std::slice::from_ref(&canary), &[&output.stdout[..], &output.stderr[..]].concat(), "age");
    assert_eq!(other.open(&output.stdout).code, Some(1));
    let opened = one.open(&output.stdout).success();
    assert_eq!(two.open(&output.stdout).success().stdout, opened.stdout);
    plane.kubectl(&["delete", "secret", "db", "-n", &namespace]).success();
    plane.kubectl_with(&["apply", "-f", "-"], &opened.stdout).success();
    let back = plane.kubectl(&["get", "secret", "db", "-n", &namespace, "-o", "json"]).success();
    let back: Value = serde_json::from_slice(&back.stdout).unwrap();
    for field in ["data", "type", "immutable"] {
        assert_eq!(back[field], live[field], "{field}");
    }
    assert_eq!(back["metadata"]["labels"], json!({"team": "a"}));
    // A changed byte is no age file any more.
    let line = output.out().lines().nth(20).unwrap().to_owned();
    let changed = output.out().replace(&line, &line.chars().rev().collect::<String>());
    assert_eq!(one.open(changed.as_bytes()).code, Some(1));
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn sources_and_manifests_are_sealed_without_a_request() {
    let (plane, identity) = (ControlPlane::shared(), Identity::new());
    let namespace = plane.namespace();
    let age = ["--age", identity.recipient.as_str()];
    let output = seal(&namespace, &["db", "a=stdin"]).args(age).stdin("not-a-real-password").run().success();
    let opened = identity.open(&output.stdout).success().out();
    assert!(opened.contains(&base64(b"not-a-real-password")) && opened.contains("name: db"), "{opened}");
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: one}\nstringData: {a: x}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: two}\nstringData: {a: y}\n";
    let output = seal(&namespace, &["-f", "-"]).args(age).stdin(text).run().success();
    let opened = identity.open(&output.stdout).success().out();
    assert_eq!(opened.matches("kind: Secret\n").count(), 2, "{opened}");
    assert!(plane.secret_events(&namespace).is_empty());
    // An empty value too.
    fs::write(
        identity.folder.path().join("none.yaml"),
        "apiVersion: v1\nkind: Secret\nmetadata: {name: n}\nstringData: {a: ''}\n",
    )
    .unwrap();
    let path: PathBuf = identity.folder.path().join("none.yaml");
    let output = seal(&namespace, &["-f", path.to_str().unwrap()]).args(age).run().success();
    assert!(identity.open(&output.stdout).success().out().contains("a: ''"));
}

/// What is sealed in chunks of 64 KiB, also if it is some of them to the byte.
#[test]
fn whole_chunks_and_their_neighbours_are_opened() {
    let identity = Identity::new();
    let namespace = ControlPlane::shared().namespace();
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {a: x}\n";
    let opened = |padding: usize| {
        let annotation = format!("pad=x{}", "y".repeat(padding));
        let args = ["-f", "-", "--age", &identity.recipient, "--annotation", &annotation];
        let output = seal(&namespace, &args).stdin(text).run().success();
        identity.open(&output.stdout).success().stdout
    };
    let shortest = opened(0).len();
    for wanted in [65_535, 65_536, 65_537, 131_072] {
        let manifest = opened(wanted - shortest);
        assert_eq!(manifest.len(), wanted);
        assert!(String::from_utf8(manifest).unwrap().contains("a: eA=="), "{wanted}");
    }
}

#[test]
fn only_native_recipients_are_taken_and_none_is_repeated() {
    let namespace = ControlPlane::shared().namespace();
    let good = Identity::new().recipient;
    let cut = good[..good.len() - 1].to_owned();
    let ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE5vdEFSZWFsS2V5";
    for bad in ["", "not-a-real-recipient", &cut, ssh, "age1yubikey1qwerty", "AGE-SECRET-KEY-1NOTAREALONE"] {
        let output = seal(&namespace, &["db", "a=generate", "--age", bad]).run().expect_code(2);
        assert!(output.err().contains("no recipient of age"), "{bad}: {}", output.err());
        assert!(bad.is_empty() || !output.err().contains(bad), "{bad}: {}", output.err());
    }
    for more in [&["--cert", "x"][..], &["--scope", "strict"], &["-o", "json"], &["--merge-into", "x"]] {
        let output = seal(&namespace, &["db", "a=generate", "--age", &good]).args(more).run().expect_code(2);
        assert!(output.err().contains("--age"), "{more:?}: {}", output.err());
    }
}
