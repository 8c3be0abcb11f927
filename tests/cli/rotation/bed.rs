//! A Secret, and outside of the cluster a system that takes one credential, which a hook changes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::temp_folder;

pub(super) const OLD: &str = "not-a-real-password";
pub(super) const NEW: &str = "not-a-real-successor";

/// What the hook does around the change: `SCRIPT` in the middle knows `$step`, `$old`, `$new` (hashes) and `$dir`.
const HEAD: &str = r#"#!/bin/sh
set -eu
dir=$(dirname "$0")
new=$(cat "/dev/fd/$SECRETSAFE_NEW_FD" | sha256sum | cut -c1-64)
old=none
if [ -n "${SECRETSAFE_OLD_FD:-}" ]; then old=$(cat "/dev/fd/$SECRETSAFE_OLD_FD" | sha256sum | cut -c1-64); fi
step=$SECRETSAFE_STEP
echo "$step $SECRETSAFE_NAMESPACE/$SECRETSAFE_NAME/$SECRETSAFE_KEY" >> "$dir/steps"
if [ -e "$dir/kill-before" ]; then rm "$dir/kill-before"; kill -9 "$PPID"; exit 1; fi
"#;
/// The outside system takes the credential; to do it twice is to do it once.
pub(super) const TAKES: &str = r#"
if [ "$step" = set ]; then echo "$new" > "$dir/credential"; else echo "$old" > "$dir/credential"; fi
if [ -e "$dir/kill-after" ]; then rm "$dir/kill-after"; kill -9 "$PPID"; exit 1; fi
"#;

/// Both systems.
pub(super) struct Bed<'a> {
    pub(super) plane: &'a ControlPlane,
    pub(super) namespace: String,
    folder: TempDir,
}

impl<'a> Bed<'a> {
    /// Makes them agree on the old value.
    pub(super) fn new(plane: &'a ControlPlane) -> Self {
        Self::in_namespace(plane, &plane.namespace())
    }

    /// The same in a namespace that is there.
    pub(super) fn in_namespace(plane: &'a ControlPlane, namespace: &str) -> Self {
        let bed = Self { plane, namespace: namespace.to_owned(), folder: temp_folder("hook") };
        bed.plant("db");
        bed.hook(TAKES);
        bed.write("credential", &hash(OLD.as_bytes()));
        bed
    }

    /// Makes a Secret with the old value.
    pub(super) fn plant(&self, name: &str) {
        let object = json!({"metadata": {"name": name}, "stringData": {"password": OLD, "other": "stays"}});
        self.plane.create(&self.secrets(), &object);
    }

    pub(super) fn secrets(&self) -> String {
        format!("/api/v1/namespaces/{}/secrets", self.namespace)
    }

    /// Writes the hook.
    pub(super) fn hook(&self, script: &str) {
        self.write("hook", &format!("{HEAD}{script}"));
        fs::set_permissions(self.file("hook"), fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).unwrap();
    }

    /// The lines that the hook wrote, each time it ran.
    pub(super) fn steps(&self) -> Vec<String> {
        let text = fs::read_to_string(self.file("steps")).unwrap_or_default();
        text.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    }

    /// A run of `rotate db`.
    pub(super) fn run(&self, args: &[&str]) -> Secretsafe {
        let run = Secretsafe::new().args(["rotate", "db", "-n", &self.namespace, "--yes"]).args(args);
        run.stdin(NEW).kubeconfig(self.plane.admin_kubeconfig())
    }

    /// The arguments, with the hook behind them.
    pub(super) fn hooked(&self, args: &[&str]) -> Secretsafe {
        self.run(args).args(["--hook"]).args([self.file("hook")])
    }

    pub(super) fn secret(&self, name: &str) -> Value {
        self.plane.get(&format!("{}/{name}", self.secrets())).json()
    }

    pub(super) fn value(&self, key: &str) -> Option<Vec<u8>> {
        let secret = self.secret("db");
        Some(STANDARD.decode(secret["data"].get(key)?.as_str()?).unwrap())
    }

    /// The names of all Secrets.
    pub(super) fn names(&self) -> Vec<String> {
        let list = self.plane.get(&self.secrets()).json();
        let names = list["items"].as_array().unwrap().iter();
        names.map(|item| item["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Both systems have the same credential, this one, and nothing is left of the rotation.
    pub(super) fn agree_on(&self, value: &str, context: &str) {
        let stored = self.value("password").unwrap();
        assert_eq!(String::from_utf8_lossy(&stored), value, "{context}");
        let outside = fs::read_to_string(self.file("credential")).unwrap();
        assert_eq!(outside.trim(), hash(value.as_bytes()), "{context}: the outside system has another one");
        self.nothing_is_left(context);
        assert_eq!(self.value("other").unwrap(), b"stays", "{context}");
    }

    pub(super) fn nothing_is_left(&self, context: &str) {
        assert_eq!(self.names(), ["db"], "{context}");
        let annotations = self.secret("db")["metadata"]["annotations"].clone();
        assert!(annotations.get("secretsafe.dev/pending").is_none(), "{context}: {annotations}");
    }
}

pub(super) fn hash(value: &[u8]) -> String {
    Sha256::digest(value).iter().map(|byte| format!("{byte:02x}")).collect()
}
