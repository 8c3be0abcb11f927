//! Rotations that keep old values: pending Secrets, versions and second slots hold them, and hooks print them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::planted::{FORMATS, Planted, check};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;
use crate::support::temp_folder;

/// Prints all that it is handed, in several encodings, and fails where its name says so.
const HOOK: &str = r#"#!/bin/sh
for n in $SECRETSAFE_OLD_FD $SECRETSAFE_NEW_FD; do
  cat /dev/fd/$n > "$0.value"; cat "$0.value"; base64 "$0.value" >&2; rev "$0.value"; od -c "$0.value" >&2
done
rm "$0.value"
case $(basename $0) in fails) exit 3 ;; esac
"#;

/// One after the other: each finds what the one before has left.
const COMMANDS: &[&[&str]] = &[
    &["rotate", "db", "plain-0=stdin", "--history", "2"],
    &["rotate", "db", "plain-0=stdin", "--history", "2", "--keep-previous"],
    &["rollback", "db"],
    &["rotate", "db", "plain-0", "--finish"],
    &["rotate", "db", "plain-1=stdin", "--restart=always", "--rollback-on-failure", "--timeout=1s"],
    &["rotate", "db", "plain-1=stdin", "--hook=WORKS"],
    &["rotate", "db", "plain-1=stdin", "--hook=FAILS"],
    &["rotate", "db", "--abort", "--hook=FAILS"],
    &["view", "db"],
    &["list"],
    &["rotate", "db", "--abort", "--hook=WORKS"],
];

#[test]
fn nothing_comes_out_of_what_a_rotation_keeps() {
    let plane = ControlPlane::shared();
    let planted = Planted::new();
    let folder = temp_folder("hooks");
    let hook = |name: &str| {
        let path = folder.path().join(name);
        fs::write(&path, HOOK).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    };
    let (works, fails) = (hook("works"), hook("fails"));
    let run = |command: &[&str], namespace: &str, format: Option<&str>, value: &[u8]| {
        let words = command.iter().map(|word| word.replace("WORKS", &works).replace("FAILS", &fails));
        let run = Secretsafe::new().args(words).args(["-n", namespace, "-v", "9"]).stdin(value).format(format);
        if matches!(command[0], "rotate" | "rollback") { run.args(["--yes"]) } else { run }
    };
    let fresh = || {
        let namespace = plane.namespace();
        plane.kubectl_with(&["apply", "-f", "-"], planted.secret("db", &namespace).to_string().as_bytes()).success();
        namespace
    };
    for format in FORMATS {
        let namespace = fresh();
        for (index, command) in COMMANDS.iter().enumerate() {
            let run = run(command, &namespace, *format, &planted.values[index].1).kubeconfig(plane.admin_kubeconfig());
            let output = run.run();
            let wanted = if command.contains(&"--hook=FAILS") { 6 } else { 0 };
            assert_eq!(output.code, Some(wanted), "{command:?}: {}", output.err());
            check(&planted.canaries, &run, &output, &format!("{command:?} {format:?}"));
        }
    }
    for (index, (what, fault)) in planted.faults().into_iter().enumerate() {
        let namespace = fresh();
        for (number, command) in COMMANDS.iter().enumerate() {
            let rule = Rule::nth((index + number) % 8, fault.clone());
            let proxy = Proxy::start(plane, vec![rule]);
            let format = FORMATS[number % FORMATS.len()];
            let run = run(command, &namespace, format, &planted.values[number].1);
            let run = run.kubeconfig(&proxy.kubeconfig(plane.admin_token()));
            let output = run.run();
            assert!(matches!(output.code, Some(0..=6)), "{command:?} with {what}: {:?} {}", output.code, output.err());
            check(&planted.canaries, &run, &output, &format!("{command:?} with {what}"));
        }
    }
}
