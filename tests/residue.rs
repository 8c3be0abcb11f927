//! Residue: after a normal return, a dump of our process holds no copy of a value.
//!
//! The release binary runs under gdb, stops at `exit_group`, and its whole memory is dumped and
//! searched. Root or ptrace rights are needed; without them the test fails and says so.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

#[allow(unreachable_pub, missing_docs, reason = "each test binary uses a part of the bed")]
#[path = "support/mod.rs"]
mod support;

#[path = "residue/clip.rs"]
mod clip;

#[path = "residue/due.rs"]
mod due;

#[path = "residue/git.rs"]
mod git;

#[path = "residue/files.rs"]
mod files;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use support::canary::Canary;
use support::command;
use support::controlplane::ControlPlane;
use support::keychain::Keyring;
use support::temp_folder;

fn release_binary() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let path = target.join("release/kubectl-secretsafe");
    assert!(path.is_file(), "{} is missing: type `cargo build --release` (make test does)", path.display());
    path
}

/// The memory at `exit_group` of a run that succeeds.
fn core_at_exit(args: &[&str], env: &[(String, String)], stdin: &[u8]) -> Vec<u8> {
    core(args, env, stdin, "exited normally")
}

/// Runs the release binary under gdb to its end, and returns its memory at `exit_group`.
fn core(args: &[&str], env: &[(String, String)], stdin: &[u8], ends: &str) -> Vec<u8> {
    let folder = temp_folder("residue");
    let input = folder.path().join("stdin");
    support::write_private(&input, stdin);
    let core = folder.path().join("core");
    let quoted: Vec<String> = args.iter().map(|arg| format!("'{arg}'")).collect();
    let mut gdb = Command::new("gdb");
    gdb.args(["--nx", "--batch", "-ex", "set pagination off", "-ex", "set debuginfod enabled off"])
        .args([
            "-ex",
            "set startup-with-shell on",
            "-ex",
            "set use-coredump-filter off",
            "-ex",
            "set dump-excluded-mappings on",
        ])
        .args(["-ex", "catch syscall exit_group"])
        .args(["-ex", &format!("run {} < {}", quoted.join(" "), input.display())])
        .args(["-ex", &format!("gcore {}", core.display()), "-ex", "continue"])
        .arg(release_binary())
        .env("HOME", folder.path())
        .env("XDG_STATE_HOME", folder.path().join("state"))
        .env("SHELL", "/bin/sh")
        .envs(env.iter().map(|(name, value)| (name, value)));
    let output = command::run(gdb, b"");
    assert!(
        core.is_file(),
        "gdb made no core (it needs root or ptrace rights, and `tests/setup` installs it)\n{}{}",
        output.out(),
        output.err()
    );
    assert!(output.out().contains(ends), "{}{}", output.out(), output.err());
    fs::read(&core).unwrap()
}

/// Counts whole copies: raw, and base64 at its three alignments.
fn copies(core: &[u8], canary: &Canary) -> [usize; 4] {
    copies_of(core, canary.bytes())
}

fn copies_of(core: &[u8], value: &[u8]) -> [usize; 4] {
    let count = |needle: &[u8]| core.windows(needle.len()).filter(|window| *window == needle).count();
    let aligned = |shift: usize| {
        let mut padded = vec![b'x'; shift];
        padded.extend(value);
        let text = STANDARD.encode(&padded);
        // Without the characters that also depend on what stands before and after.
        let from = (shift * 8).div_ceil(6);
        let until = padded.len() * 8 / 6;
        text.as_bytes()[from..until].to_vec()
    };
    [count(value), count(&aligned(0)), count(&aligned(1)), count(&aligned(2))]
}

fn env(plane: &ControlPlane) -> Vec<(String, String)> {
    vec![("KUBECONFIG".into(), plane.admin_kubeconfig().to_str().unwrap().into())]
}

#[test]
fn the_dump_is_looked_into_as_it_should() {
    let plane = ControlPlane::shared();
    let canary = Canary::random();
    let mut env = env(plane);
    env.push(("SECRETSAFE_CONTROL".into(), canary.text().into()));
    let core = core_at_exit(&["--version"], &env, b"");
    assert!(copies(&core, &canary)[0] >= 1, "the control: what is in our environment is in the dump");
    let encoded = STANDARD.encode(format!("xx{}yy", canary.text()));
    assert_eq!(copies(encoded.as_bytes(), &canary)[1..].iter().sum::<usize>(), 1, "base64 is found");
}

#[test]
fn create_leaves_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    for (index, size) in [28, 16 * 1024, 600 * 1024].into_iter().enumerate() {
        let canary = Canary::random();
        let value = canary.bytes().repeat(size / canary.bytes().len());
        for format in ["name", "json"] {
            let name = format!("s{index}-{format}");
            let core = core_at_exit(
                &["create", "generic", &name, "a=stdin", "b=generate", "-n", &namespace, "-o", format],
                &env(plane),
                &value,
            );
            assert_eq!(copies(&core, &canary), [0; 4], "create -o {format} of {size} bytes");
        }
    }
}

#[test]
fn the_other_kinds_of_create_leave_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let canary = Canary::random();
    let docker = ["create", "docker-registry", "pull", "--docker-username", "app", "--docker-password", "stdin"];
    let basic = ["create", "basic-auth", "hub", "--username", "app", "--password", "stdin"];
    for args in [&docker[..], &basic] {
        let core = core_at_exit(&[args, &["-n", &namespace, "-o", "json"]].concat(), &env(plane), canary.bytes());
        assert_eq!(copies(&core, &canary), [0; 4], "{args:?}");
    }
    let lines = format!("A=1\nB={}\n", canary.text());
    let core =
        core_at_exit(&["create", "generic", "e", "--env-stdin", "-n", &namespace], &env(plane), lines.as_bytes());
    assert_eq!(copies(&core, &canary), [0; 4], "--env-stdin");
}

#[test]
fn decrypting_a_key_leaves_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let folder = temp_folder("keys");
    let server = support::tls::Authority::new("test").server();
    let (open, cert) = (folder.path().join("open.key"), folder.path().join("tls.crt"));
    support::write_private(&open, server.key_pem.as_bytes());
    fs::write(&cert, &server.cert_pem).unwrap();
    let passphrase = Canary::random();
    let mut openssl = Command::new(support::binaries::system("openssl", "openssl"));
    openssl.args(["pkcs8", "-topk8", "-in", open.to_str().unwrap(), "-passout"]);
    openssl.arg(format!("pass:{}", passphrase.text()));
    let closed = command::run(openssl, b"").success().stdout;
    let mut env = env(plane);
    env.push(("KEY_PASSPHRASE".into(), passphrase.text().into()));
    let args = ["create", "tls", "web", "--cert", cert.to_str().unwrap(), "--key", "stdin", "-n", &namespace];
    let core = core_at_exit(&[&args[..], &["--decrypt-key=env:KEY_PASSPHRASE"]].concat(), &env, &closed);
    assert_eq!(copies(&core, &passphrase), [0; 4], "the passphrase");
    // The key's lines in PEM, and the secret number itself, as DER holds it.
    let lines: Vec<&str> = server.key_pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(lines.concat()).unwrap();
    // PKCS #8 of P-256: the 32 bytes of the number stand behind 36 bytes of header.
    let count = |needle: &[u8]| core.windows(needle.len()).filter(|window| *window == needle).count();
    assert_eq!(count(&der[36..68]), 0, "the decrypted key");
    assert_eq!(count(lines[0].as_bytes()), 0, "the decrypted key as text");
    let stored = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/web")).json();
    let stored = STANDARD.decode(stored["data"]["tls.key"].as_str().unwrap()).unwrap();
    assert!(stored.windows(lines[0].len()).any(|window| window == lines[0].as_bytes()), "the search can find it");
}

/// What nobody knew before: it is read back from the API server, and looked for in the dump.
#[test]
fn generated_private_keys_leave_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let ssh = |source| vec!["create", "ssh-auth", "made", "--key", source];
    // The secret number stands in the DER behind what comes first: the header of PKCS #8 for P-256, the length
    // of the pair of numbers in the format of OpenSSH.
    let (p256, openssh): (&[u8], &[u8]) = (&[0x02, 0x01, 0x01, 0x04, 0x20], &[0, 0, 0, 0x40]);
    for (args, key, before_number) in [
        (ssh("generate:ssh-ed25519"), "ssh-privatekey", Some(openssh)),
        (ssh("generate:rsa,bits=2048"), "ssh-privatekey", None),
        (vec!["create", "tls", "made", "--self-signed", "--host", "a.example.com"], "tls.key", Some(p256)),
    ] {
        let core = core_at_exit(&[&args[..], &["-n", &namespace]].concat(), &env(plane), b"");
        let path = format!("/api/v1/namespaces/{namespace}/secrets/made");
        let stored = STANDARD.decode(plane.get(&path).json()["data"][key].as_str().unwrap()).unwrap();
        let stored = String::from_utf8(stored).unwrap();
        let lines: Vec<&str> = stored.lines().filter(|line| !line.starts_with("-----")).collect();
        // In the last half are the secret numbers; a copy of the text has any of its lines.
        let line = lines[lines.len() * 3 / 4].as_bytes();
        assert_eq!(copies_of(&core, line), [0; 4], "{args:?}: a line of the key");
        if let Some(before) = before_number {
            let der = STANDARD.decode(lines.concat()).unwrap();
            let at = der.windows(before.len()).position(|window| window == before).unwrap() + before.len();
            assert_eq!(copies_of(&core, &der[at..at + 32]), [0; 4], "{args:?}: the secret number");
        }
        plane.kubectl(&["delete", "secret", "made", "-n", &namespace]).success();
    }
}

#[test]
fn create_from_the_keychain_leaves_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let keyring = Keyring::secret_service();
    let canary = Canary::random();
    keyring.store("team", "db", canary.bytes());
    let mut env = env(plane);
    env.extend(keyring.env());
    let core = core_at_exit(&["create", "generic", "kept", "a=keychain:team/db", "-n", &namespace], &env, b"");
    assert_eq!(copies(&core, &canary), [0; 4]);
}

#[test]
fn a_failed_create_leaves_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let canary = Canary::random();
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    plane.create(&path, &json!({"metadata": {"name": "taken"}}));
    let core = core(
        &["create", "generic", "taken", "a=stdin", "-n", &namespace],
        &env(plane),
        canary.bytes(),
        "exited with code 05",
    );
    assert_eq!(copies(&core, &canary), [0; 4]);
}

#[test]
fn view_leaves_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    for (index, size) in [28, 600 * 1024].into_iter().enumerate() {
        let canary = Canary::random();
        let value = canary.bytes().repeat(size / canary.bytes().len());
        let name = format!("s{index}");
        let manifest = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace},
            "data": {"a": STANDARD.encode(&value), "b": STANDARD.encode(format!("x{}", canary.text()))}});
        if size < 1000 {
            // Leaves a copy of the values in the annotation as well.
            plane.kubectl_with(&["apply", "-f", "-"], manifest.to_string().as_bytes()).success();
        } else {
            plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &manifest);
        }
        for more in [&["-o", "table"][..], &["-o", "json"], &["--metadata-only"]] {
            let mut args = vec!["view", &name, "-n", &namespace];
            args.extend(more);
            let core = core_at_exit(&args, &env(plane), b"");
            assert_eq!(copies(&core, &canary), [0; 4], "view {more:?} of {size} bytes");
        }
    }
}

/// The API gives no single key: what stands beside the certificate travels along.
#[test]
fn a_look_at_certificates_leaves_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let (canary, authority) = (Canary::random(), support::tls::Authority::new("residue"));
    let data = json!({"tls.crt": authority.server().cert_pem, "tls.key": canary.text()});
    let object = json!({"metadata": {"name": "web"}, "type": "kubernetes.io/tls", "stringData": data});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    let core = core_at_exit(&["list", "--expiring", "36600d", "--deep", "-n", &namespace], &env(plane), b"");
    assert_eq!(copies(&core, &canary), [0; 4]);
}

/// All values are looked at, and a manifest with one is in the metadata.
#[test]
fn an_audit_leaves_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let canary = Canary::random();
    for name in ["one", "twin"] {
        let manifest = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace},
            "stringData": {"password": canary.text(), "user": "app"}});
        plane.kubectl_with(&["apply", "-f", "-"], manifest.to_string().as_bytes()).success();
    }
    for more in [&[][..], &["--deep"]] {
        let args = [&["audit", "--fail-on", "never", "-n", &namespace, "-o", "json"], more].concat();
        let core = core_at_exit(&args, &env(plane), b"");
        assert_eq!(copies(&core, &canary), [0; 4], "{more:?}");
    }
}

#[test]
fn changes_and_comparisons_leave_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let (stored, given) = (Canary::random(), Canary::random());
    let large = given.bytes().repeat(600 * 1024 / given.bytes().len());
    for (name, args, ends) in [
        ("rotate", &["rotate", "NAME", "a=stdin", "--yes"][..], "exited normally"),
        ("write-only", &["rotate", "NAME", "a=stdin", "--yes", "--write-only", "-o", "json"], "exited normally"),
        ("set", &["set", "NAME", "c=stdin", "--yes"], "exited normally"),
        ("rename", &["rename-key", "NAME", "a", "z", "--yes"], "exited normally"),
        ("diff", &["diff", "NAME", "a=stdin", "-o", "json"], "exited with code 01"),
        ("with", &["diff", "NAME", "--with", "rotate"], "exited with code 01"),
        ("apply", &["create", "generic", "NAME", "c=stdin", "--apply"], "exited normally"),
        ("from-secret", &["rotate", "NAME", "b=secret:NAMESPACE/rotate/a", "--yes"], "exited normally"),
        ("copy", &["copy", "NAME", "--to", "default", "--apply", "--yes"], "exited normally"),
        ("copy-failed", &["copy", "NAME", "--to", "no-such-namespace", "--yes"], "exited with code 05"),
    ] {
        let manifest = json!({"metadata": {"name": name}, "data": {"a": STANDARD.encode(stored.bytes()), "b": STANDARD.encode(format!("x{}", stored.text()))}});
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &manifest);
        let words: Vec<String> = args
            .iter()
            .map(|word| word.replace("NAMESPACE", &namespace))
            .map(|word| if word == "NAME" { name.to_owned() } else { word })
            .collect();
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.extend(["-n", &namespace]);
        let core = core(&words, &env(plane), &large, ends);
        for canary in [&stored, &given] {
            assert_eq!(copies(&core, canary), [0; 4], "{args:?}");
        }
    }
}

#[test]
fn rotations_that_keep_old_values_leave_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let (stored, given) = (Canary::random(), Canary::random());
    let large = given.bytes().repeat(300 * 1024 / given.bytes().len());
    let manifest = json!({"metadata": {"name": "db"}, "data": {"a": STANDARD.encode(stored.bytes())}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &manifest);
    for (args, ends) in [
        (&["rotate", "db", "a=stdin", "--history", "2"][..], "exited normally"),
        (&["rollback", "db", "--history", "2"], "exited normally"),
        (&["rotate", "db", "a=stdin", "--hook=/bin/true"], "exited normally"),
        (&["rollback", "db", "--history", "2"], "exited normally"),
        // Neither way: both values stay in the pending Secret.
        (&["rotate", "db", "a=stdin", "--hook=/bin/false"], "exited with code 06"),
        (&["rotate", "db", "--abort", "--hook=/bin/false"], "exited with code 06"),
        (&["rotate", "db", "--abort", "--hook=/bin/true"], "exited normally"),
        (&["rotate", "db", "a=stdin", "--keep-previous"], "exited normally"),
        (&["rotate", "db", "a", "--finish"], "exited normally"),
    ] {
        let core = core(&[args, &["--yes", "-n", &namespace]].concat(), &env(plane), &large, ends);
        for canary in [&stored, &given] {
            assert_eq!(copies(&core, canary), [0; 4], "{args:?}");
        }
    }
}

#[test]
fn exec_leaves_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    for size in [28, 600 * 1024] {
        let canary = Canary::random();
        let value = canary.bytes().repeat(size / canary.bytes().len());
        let name = format!("s{size}");
        let manifest = json!({"metadata": {"name": name}, "data": {"a": STANDARD.encode(&value)}});
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &manifest);
        for (way, program) in [
            (&["--stdin", "a"][..], "cat"),
            (&["a"], "cat <&3"),
            (&["--file", "a=F"], "cat $F"),
            (&["a"], ":"),
            (&["--env", "a=A", "--allow-env"], ":"),
        ] {
            if size > 1000 && way.contains(&"--env") {
                continue;
            }
            let mut args = vec!["exec", &name, "-n", &namespace];
            args.extend(way);
            let program = format!("{program} | wc -c");
            args.extend(["--", "sh", "-c", &program]);
            let core = core_at_exit(&args, &env(plane), b"");
            assert_eq!(copies(&core, &canary), [0; 4], "exec {way:?} of {size} bytes, {program}");
        }
    }
}

/// The program itself dumps us, and the process that keeps the file.
#[test]
fn once_a_value_is_lent_we_hold_none() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    for size in [28, 600 * 1024] {
        let canary = Canary::random();
        let value = canary.bytes().repeat(size / canary.bytes().len());
        let name = format!("s{size}");
        let manifest = json!({"metadata": {"name": name}, "data": {"a": STANDARD.encode(&value)}});
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &manifest);
        for way in [&["--stdin", "a"][..], &["a"], &["--file", "a=F"], &["--env", "a=A", "--allow-env"]] {
            if size > 1000 && way.contains(&"--env") {
                continue;
            }
            let folder = temp_folder("lent");
            let prefix = folder.path().join("core");
            let dump = format!(
                "keeper=${{F#/proc/}}; for pid in $PPID ${{keeper%%/*}}; do gdb --nx --batch -p $pid \
                 -ex 'set use-coredump-filter off' -ex 'set dump-excluded-mappings on' -ex \"gcore {}.$pid\" </dev/null || exit; done",
                prefix.display()
            );
            let mut run = Command::new(release_binary());
            run.args(["exec", &name, "-n", &namespace]).args(way).args(["--", "sh", "-c", &dump]);
            run.env("HOME", folder.path()).env("XDG_STATE_HOME", folder.path().join("state")).envs(env(plane));
            let output = command::run(run, b"").success();
            let cores: Vec<PathBuf> = fs::read_dir(folder.path())
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.to_str().unwrap().contains("/core."))
                .collect();
            let wanted = if way.contains(&"--file") { 2 } else { 1 };
            assert_eq!(cores.len(), wanted, "{}{}", output.out(), output.err());
            for core in cores {
                let core = fs::read(core).unwrap();
                assert!(core.windows(9).any(|window| window == b"secretsaf"), "the dump has our memory");
                assert_eq!(copies(&core, &canary), [0; 4], "exec {way:?} of {size} bytes");
            }
        }
    }
}

#[test]
fn the_keychain_commands_leave_nothing() {
    let keyring = Keyring::secret_service();
    let canary = Canary::random();
    let large = canary.bytes().repeat(16 * 1024 / canary.bytes().len());
    for (args, stdin) in [
        (&["keychain", "set", "team/small", "--stdin"][..], canary.bytes()),
        (&["keychain", "set", "team/large", "--stdin"], &large),
        (&["keychain", "set", "team/small", "--stdin", "--yes"], canary.bytes()),
        (&["keychain", "list", "--service", "team", "-o", "json"], b""),
        (&["keychain", "rename", "team/small", "team/moved", "--foreign"], b""),
        (&["keychain", "delete", "team/moved", "--foreign", "--yes"], b""),
    ] {
        let core = core_at_exit(args, &keyring.env(), stdin);
        assert_eq!(copies(&core, &canary), [0; 4], "{args:?}");
    }
}
