//! `exec`: each way to lend a value, what is refused, and what is left open.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::binaries;
use crate::support::command::{Output, Secretsafe, copy_program};
use crate::support::controlplane::ControlPlane;
use crate::support::temp_folder;

/// Bytes of every kind, among them those that end lines and strings.
const BINARY: &[u8] = b"\0one\r\n\xff\xfe two \n\n";

/// Makes a Secret of these values.
pub(crate) fn secret(namespace: &str, name: &str, values: &[(&str, &[u8])]) {
    let data: serde_json::Map<_, _> =
        values.iter().map(|(key, value)| ((*key).to_owned(), json!(STANDARD.encode(value)))).collect();
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    ControlPlane::shared().create(&path, &json!({"metadata": {"name": name}, "data": data}));
}

/// A namespace with Secrets `db` and `api`.
pub(crate) fn planted() -> String {
    let namespace = ControlPlane::shared().namespace();
    secret(&namespace, "db", &[("a", b"value-a"), ("b", b"value-b"), ("tls.key", b"value-k"), ("bin", BINARY)]);
    secret(&namespace, "api", &[("a", b"other-a"), ("token", b"other-t")]);
    namespace
}

/// A run of `exec` with these words, then `--` and the program.
pub(crate) fn exec(namespace: &str, words: &[&str], program: &[&str]) -> Secretsafe {
    Secretsafe::new()
        .args(["exec", "-n", namespace])
        .args(words)
        .args(["--"])
        .args(program)
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
}

fn run(namespace: &str, words: &[&str], program: &[&str]) -> Output {
    exec(namespace, words, program).run()
}

/// The same with a script of the shell.
fn shell(namespace: &str, words: &[&str], script: &str) -> Output {
    run(namespace, words, &["sh", "-c", script])
}

#[test]
fn each_way_hands_over_every_byte() {
    let namespace = planted();
    let out = |output: Output| output.success().stdout;
    assert_eq!(out(run(&namespace, &["db", "--stdin", "bin"], &["cat"])), BINARY);
    assert_eq!(out(shell(&namespace, &["db", "bin"], "cat <&$SECRETSAFE_FD_BIN")), BINARY);
    assert_eq!(out(shell(&namespace, &["db", "bin=7"], "test $SECRETSAFE_FD_BIN = 7 && cat <&7")), BINARY);
    assert_eq!(out(shell(&namespace, &["db", "--fd", "tls.key"], "cat <&$SECRETSAFE_FD_TLS_KEY")), b"value-k");
    assert_eq!(out(run(&namespace, &["db", "--file", "bin=F"], &["cat", "{F}"])), BINARY);
    assert_eq!(out(shell(&namespace, &["db", "--file", "bin=F"], "cat \"$F\"")), BINARY);
    assert_eq!(out(run(&namespace, &["db", "--env", "a=A", "--allow-env"], &["printenv", "A"])), b"value-a\n");
    secret(&namespace, "empty", &[("e", b"")]);
    let all = ["empty", "e", "--stdin", "e", "--file", "e=F", "--env", "e=E", "--allow-env"];
    assert_eq!(out(shell(&namespace, &all, "cat; cat <&3; cat $F; printf [$E]")), b"[]");
    let through = Secretsafe::through_kubectl()
        .args(["exec", "secret/db", "-n", &namespace, "--stdin", "a", "--", "cat"])
        .kubeconfig(ControlPlane::shared().admin_kubeconfig());
    assert_eq!(out(through.run()), b"value-a");
}

#[test]
fn what_is_not_lent_stays_as_it_is() {
    let namespace = planted();
    let run = exec(&namespace, &["db", "a"], &["sh", "-c", "cat; echo $HOME $OTHER; pwd; echo said >&2"]);
    let run = run.env("OTHER", "x").env("SECRETSAFE_FD_OLD", "9").stdin("typed");
    let output = run.run().success();
    let folder = std::env::current_dir().unwrap();
    assert_eq!(output.out(), format!("typed{} x\n{}\n", run.home().display(), folder.display()));
    assert_eq!(output.err(), "said\n");
    let stale = exec(&namespace, &["db", "a"], &["printenv", "SECRETSAFE_FD_OLD"]).env("SECRETSAFE_FD_OLD", "9");
    stale.run().expect_code(1);
    let verbose = exec(&namespace, &["db", "a", "-v"], &["true"]).run().success();
    assert!(verbose.err().contains("running /"), "{}", verbose.err());
}

#[test]
fn a_program_has_the_descriptors_that_were_lent_and_no_others() {
    let namespace = planted();
    let list = "ls /proc/$$/fd; true";
    let open = |words: &[&str]| {
        exec(&namespace, words, &["sh", "-c", list]).fd(5, "inherited").run().success().out().replace('\n', " ")
    };
    assert_eq!(open(&["db", "--env", "a=A", "--allow-env"]), "0 1 2 ");
    assert_eq!(open(&["db", "a"]), "0 1 2 3 ");
    assert_eq!(open(&["db", "a", "b=3", "tls.key=9"]), "0 1 2 3 4 9 ");
    assert_eq!(open(&["db", "--file", "a=F", "--stdin", "b"]), "0 1 2 ");
    let ends = exec(&namespace, &["db", "a"], &["sh", "-c", "cat <&3; cat <&3; cat <&5"]).fd(5, "inherited").run();
    assert!(ends.out() == "value-a" && ends.err().contains("5"), "{} {}", ends.out(), ends.err());
}

#[test]
fn a_file_can_be_read_again_and_sought_in_but_not_changed() {
    let namespace = planted();
    let script = "stat -L -c '%a %u %s' $F; cat $F $F; tail -c 2 $F; (echo x > $F) 2>/dev/null || echo ' sealed'";
    let output = shell(&namespace, &["db", "--file", "a=F"], script).success();
    // SAFETY: geteuid has no preconditions.
    let us = unsafe { libc::geteuid() };
    assert_eq!(output.out(), format!("600 {us} 7\nvalue-avalue-a-a sealed\n"));
    // ssh and others close all that they did not open.
    let closing = "for n in 3 4 5 6 7 8 9; do eval \"exec $n<&-\"; done; cat $F";
    assert_eq!(shell(&namespace, &["db", "--file", "a=F"], closing).success().out(), "value-a");
    let several = run(&namespace, &["db", "--file", "a=A", "--file", "b=B"], &["cat", "{B}", "{A}", "{B}"]);
    assert_eq!(several.success().out(), "value-bvalue-avalue-b");
    let path = shell(&namespace, &["db", "--file", "a=F"], "echo $F").success().out();
    assert!(path.starts_with("/proc/") && !Path::new(path.trim()).exists(), "it is gone: {path}");
    let keeper = path.split('/').nth(2).unwrap();
    assert!(!Path::new("/proc").join(keeper).exists(), "and so is who kept it");
}

#[test]
fn other_users_cannot_open_a_file() {
    let namespace = planted();
    let script = "cat $F > /dev/null && ! setpriv --reuid 65534 --regid 65534 --clear-groups cat $F";
    let output = shell(&namespace, &["db", "--file", "a=F"], script).success();
    assert!(output.err().contains("ermission denied"), "{}", output.err());
}

/// Our own process hides its memory, and with it its descriptors; root does not notice.
#[test]
fn an_ordinary_user_can_open_a_file() {
    use std::os::unix::process::CommandExt;

    let namespace = planted();
    let folder = temp_folder("ordinary");
    let (binary, config) = (folder.path().join("kubectl-secretsafe"), folder.path().join("config"));
    copy_program(env!("CARGO_BIN_EXE_kubectl-secretsafe").as_ref(), &binary);
    fs::copy(ControlPlane::shared().admin_kubeconfig(), &config).unwrap();
    for (path, mode) in [(folder.path(), 0o755), (&binary, 0o755), (&config, 0o644)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let script = "stat -L -c '%a %u' $F; exec 3<&-; cat $F";
    let mut command = std::process::Command::new(&binary);
    command.args(["exec", "db", "-n", &namespace, "--file", "a=F", "--kubeconfig"]).arg(&config);
    command.args(["--", "sh", "-c", script]).env_clear().env("PATH", "/usr/bin:/bin").uid(65534).gid(65534);
    command.current_dir("/");
    assert_eq!(crate::support::command::run(command, b"").success().out(), "600 65534\nvalue-a");
}

#[test]
fn several_secrets_are_each_read_once() {
    let plane = ControlPlane::shared();
    let namespace = planted();
    let words = ["db", "a", "api/a", "db/b", "--stdin", "api/token", "--file", "secret/api/a=F"];
    let script = "cat; cat <&$SECRETSAFE_FD_A; cat <&$SECRETSAFE_FD_API_A; cat <&$SECRETSAFE_FD_DB_B; cat $F";
    let before = plane.secret_events(&namespace).len();
    let output = shell(&namespace, &words, script).success();
    assert_eq!(output.out(), "other-tvalue-aother-avalue-bother-a");
    let events = plane.secret_events(&namespace).split_off(before);
    let seen: Vec<_> = events.iter().map(|event| event["verb"].as_str().unwrap()).collect();
    assert_eq!(seen, ["get", "get"]);
    let without_name = shell(&namespace, &["api/token", "db/a"], "cat <&3 <&4; cat <&3").success();
    assert_eq!(without_name.out(), "value-aother-t");
}

#[test]
fn large_values_never_wait_for_each_other() {
    let namespace = ControlPlane::shared().namespace();
    let large: Vec<u8> = (0..900 * 1024_u32).map(|n| (n % 251) as u8).collect();
    secret(&namespace, "big", &[("a", &large)]);
    secret(&namespace, "big2", &[("a", &large)]);
    for wide in [true, false] {
        let run = |words: &[&str], program: &[&str]| {
            let run = exec(&namespace, words, program);
            // A debug build can be told that the system gives no wider pipe.
            if wide { run.run() } else { run.env("SECRETSAFE_FAULT", "wide-pipe").run() }
        };
        for words in [&["big", "--stdin", "a"][..], &["big", "a"], &["big", "--file", "a=F"]] {
            let read = "if [ -n \"$F\" ]; then cat $F; elif [ -n \"$SECRETSAFE_FD_A\" ]; then cat <&3; else cat; fi";
            assert_eq!(run(words, &["sh", "-c", read]).success().stdout, large, "{words:?}");
        }
        // The second is read before the first, which waits.
        let crossed = run(&["big", "a", "big2/a"], &["sh", "-c", "cat <&4; cat <&3"]).success().stdout;
        assert_eq!(crossed, [large.clone(), large.clone()].concat());
        let early = run(&["big", "--stdin", "a"], &["head", "-c", "10"]).success();
        assert_eq!((early.stdout.as_slice(), early.err().as_str()), (&large[..10], ""));
        let never = run(&["big", "a"], &["sh", "-c", "sleep 0.3"]).success();
        assert_eq!(never.err(), "");
        let closed = run(&["big", "a"], &["sh", "-c", "exec 3<&-; sleep 0.3; exit 4"]).expect_code(4);
        assert_eq!(closed.err(), "");
    }
    let variable = run(&namespace, &["big", "--env", "a=A", "--allow-env"], &["true"]).expect_code(2);
    assert!(variable.err().contains("NUL byte") && variable.err().contains("--stdin a"), "{}", variable.err());
    secret(&namespace, "long", &[("a", "x".repeat(300_000).as_bytes())]);
    let variable = run(&namespace, &["long", "--env", "a=A", "--allow-env"], &["true"]).expect_code(2);
    assert!(variable.err().contains("larger than the system allows"), "{}", variable.err());
}

#[test]
fn what_is_missing_is_named() {
    let namespace = planted();
    let said = |words: &[&str], code| run(&namespace, words, &["true"]).expect_code(code).err();
    let key = said(&["db", "tls.kye"], 2);
    assert!(key.contains("has no key `tls.kye`") && key.contains("did you mean `tls.key`?"), "{key}");
    assert!(key.contains("its keys: a, b, bin, tls.key"), "{key}");
    let secret = said(&["dbb", "a"], 5);
    assert!(secret.contains("there is no secret `dbb`") && secret.contains("did you mean `db`?"), "{secret}");
    // One that is there is not lent when another is not.
    let marker = temp_folder("exec");
    let touched = marker.path().join("ran");
    run(&namespace, &["db", "a", "api/nothing"], &["touch", touched.to_str().unwrap()]).expect_code(2);
    assert!(!touched.exists(), "the program did not run");
}

#[test]
fn programs_are_looked_for_where_only_their_owner_can_put_them() {
    let plane = ControlPlane::shared();
    let namespace = planted();
    let folder = temp_folder("programs");
    let tool = folder.path().join("tool");
    fs::write(&tool, "#!/bin/sh\necho ran\n").unwrap();
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let path = format!("relative:.:{}:/usr/bin:/bin", folder.path().display());
    let run = |program: &str| exec(&namespace, &["db", "a"], &[program]).env("PATH", &path).run();
    mode(&tool, 0o644);
    assert!(run("tool").expect_code(2).err().contains("may not be executed"));
    mode(&tool, 0o757);
    let file = run("tool").expect_code(3);
    assert!(file.err().contains(&format!("anyone may write to `{}`", tool.display())), "{}", file.err());
    mode(&tool, 0o755);
    mode(folder.path(), 0o1777);
    let writable = run("tool").expect_code(3);
    assert!(writable.err().contains(&format!("anyone may write to `{}`", folder.path().display())));
    // Also behind a link in a folder of our own.
    let own = temp_folder("link");
    let link = own.path().join("tool");
    std::os::unix::fs::symlink(&tool, &link).unwrap();
    run(link.to_str().unwrap()).expect_code(3);
    mode(folder.path(), 0o755);
    assert_eq!(run(link.to_str().unwrap()).success().out(), "ran\n");
    assert_eq!(run("tool").success().out(), "ran\n");
    run("./tool").expect_code(2);
    run(folder.path().to_str().unwrap()).expect_code(2);
    // PATH's own relative folders are passed over.
    let mut here = exec(&namespace, &["db", "a"], &["tool"]).env("PATH", "relative:.").command();
    here.current_dir(folder.path());
    let here = crate::support::command::run(here, b"");
    assert!(here.expect_code(2).err().contains("the program behind `--` is not there"));
    fs::write(&tool, "#!/no/such/interpreter\n").unwrap();
    let broken = run("tool").expect_code(2);
    assert!(broken.err().contains("does not start") && broken.err().contains("`#!`"), "{}", broken.err());
    // Nothing was asked of the server for what cannot be run.
    let before = plane.secret_events(&namespace).len();
    run("no-such-program").expect_code(2);
    assert_eq!(plane.secret_events(&namespace).len(), before);
}

#[test]
fn numbers_that_we_use_ourselves_can_be_asked_for() {
    let namespace = planted();
    // Some are those of the runtime, and one that of the pipe on which a failed start is told.
    let words: Vec<String> =
        (3..24).map(|number| format!("{}={number}", if number % 2 == 0 { "a" } else { "b" })).collect();
    for word in &words {
        let number = word.split('=').nth(1).unwrap();
        let output = run(&namespace, &["db", word], &["bash", "-c", &format!("cat <&{number}")]);
        assert_eq!(output.success().out(), if word.starts_with('a') { "value-a" } else { "value-b" });
        // A program that does not start is still noticed.
        let folder = temp_folder("broken");
        let tool = folder.path().join("tool");
        fs::write(&tool, "#!/no/such/interpreter\n").unwrap();
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o700)).unwrap();
        run(&namespace, &["db", word], &[tool.to_str().unwrap()]).expect_code(2);
    }
    let high = run(&namespace, &["db", "a=99"], &["bash", "-c", "cat <&99"]);
    assert_eq!(high.success().out(), "value-a");
}

#[test]
fn openssl_takes_a_passphrase_from_a_descriptor() {
    let namespace = planted();
    let openssl = binaries::system("openssl", "openssl");
    let openssl = openssl.to_str().unwrap();
    let enc = |more: &str| format!("'{openssl}' enc -aes-256-cbc -pbkdf2 -a -pass fd:3 {more}");
    let closed = exec(&namespace, &["db", "a=3"], &["sh", "-c", &enc("")]).stdin("text").run().success();
    let open = exec(&namespace, &["db", "a=3"], &["sh", "-c", &enc("-d")]).stdin(closed.stdout.clone()).run();
    assert_eq!(open.success().out(), "text");
    exec(&namespace, &["db", "b=3"], &["sh", "-c", &enc("-d")]).stdin(closed.stdout).run().expect_code(1);
}
