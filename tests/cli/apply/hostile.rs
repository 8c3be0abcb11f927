//! A hostile folder (requirement S2): no program, no connection, no request, whatever its files name.

use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use super::*;

/// Sources that a file may not name, each of which would leave a trace.
const HOSTILE: &[&str] = &[
    "env:HOME",
    "stdin",
    "fd:0",
    "keychain:other/entry",
    "secret:kube-system/bootstrap/token",
    "secret:other-context:default/db/a",
    "public-file:/etc/hostname",
    "public-file:../outside.txt",
];

/// What makes `seal` ask nobody, neither a person nor the controller.
const SEAL: &[&str] = &["--cert", crate::seal::CERTIFICATE, "--cert-fingerprint", crate::seal::FINGERPRINT];

/// Runs it under strace, and returns the calls that matter.
fn traced(args: &[&str], folder: &Path) -> (i32, String) {
    let trace = folder.join("trace");
    let run =
        Secretsafe::new().config("log: \"off\"\n").kubeconfig(ControlPlane::shared().admin_kubeconfig()).args(args);
    let program = run.command();
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=connect,execve,openat", "-o"]).arg(&trace);
    command.arg(program.get_program()).args(program.get_args()).env_clear();
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status = status.expect("strace is missing: type tests/setup");
    (status.code().unwrap(), std::fs::read_to_string(&trace).unwrap())
}

#[test]
fn nothing_is_started_or_sent_for_a_hostile_file() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let (folder, traces) = (temp_folder("hostile"), temp_folder("traces"));
    write_private(&folder.path().join("outside.txt"), b"not a part of it");
    for (number, source) in HOSTILE.iter().enumerate() {
        let below = folder.path().join(format!("repo-{number}"));
        // One document that is fine comes first: it must not be begun either.
        let text = format!(
            "{}---\n{}",
            document("fine", "  a: {from: generate}\n"),
            document("db", &format!("  a: {{from: '{source}'}}\n"))
        );
        write(&below, "a.yaml", &text);
        for (verb, more) in [("apply", &["--yes"][..]), ("diff", &[]), ("seal", SEAL)] {
            let args = [&[verb, "-f", below.to_str().unwrap(), "-R", "-n", &namespace], more].concat();
            let (code, calls) = traced(&args, traces.path());
            assert_eq!(code, 3, "{verb} {source}");
            assert_eq!(calls.matches("execve(").count(), 1, "{verb} {source}: {calls}");
            assert!(!calls.contains("connect("), "{verb} {source}: {calls}");
            assert!(!calls.contains("/etc/hostname") && !calls.contains("outside.txt"), "{verb} {source}: {calls}");
        }
    }
    assert!(plane.secret_events(&namespace).is_empty(), "no request was made");
    // The same look sees what is sent otherwise.
    let fine = write(folder.path(), "fine.yaml", &document("fine", "  a: {from: generate}\n"));
    let (code, calls) = traced(&["apply", "-f", &fine, "-n", &namespace, "--yes"], traces.path());
    assert!(code == 0 && calls.contains("connect("), "{calls}");
}

#[test]
fn a_public_file_stays_below_the_folder_of_its_document() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let (folder, elsewhere) = (temp_folder("repo"), temp_folder("elsewhere"));
    let wanted = document("db", "  ca.crt: {from: 'public-file:certs/ca.crt'}\n");
    let path = write(folder.path(), "db.yaml", &wanted);
    write(folder.path(), "certs/ca.crt", "certificate of the test");
    run(&namespace, &["apply", "-f", &path, "--yes"], "").success();
    assert_eq!(text(plane, &namespace, "ca.crt").as_deref(), Some("certificate of the test"));
    // A link out of it, of the file or of a folder on the way.
    let outside = write(elsewhere.path(), "ca.crt", "somebody else's file");
    std::fs::remove_dir_all(folder.path().join("certs")).unwrap();
    symlink(elsewhere.path(), folder.path().join("certs")).unwrap();
    let refused = run(&namespace, &["apply", "-f", &path, "--yes"], "").expect_code(3);
    assert!(refused.err().contains("outside of the folder"), "{}", refused.err());
    std::fs::remove_file(folder.path().join("certs")).unwrap();
    std::fs::create_dir(folder.path().join("certs")).unwrap();
    symlink(&outside, folder.path().join("certs/ca.crt")).unwrap();
    run(&namespace, &["apply", "-f", &path, "--yes"], "").expect_code(3);
    run(&namespace, &["diff", "-f", &path], "").expect_code(3);
    assert_eq!(text(plane, &namespace, "ca.crt").as_deref(), Some("certificate of the test"));
    // What is piped in has no folder.
    apply(&namespace, &wanted, &[]).expect_code(3);
}
