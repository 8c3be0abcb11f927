//! The kinds of `create`: passwords, keys, passphrases and lines, when all goes well and when it does not.

use std::process::Command;

use crate::planted::{FORMATS, Planted, check};
use crate::support::binaries;
use crate::support::canary::Canary;
use crate::support::command::{self, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;
use crate::support::random_hex;
use crate::support::temp_folder;
use crate::support::tls::Authority;

const DOCKER: &[&str] = &["docker-registry", "NAME", "--docker-username", "app", "--docker-password", "stdin"];
const BASIC: &[&str] = &["basic-auth", "NAME", "--username", "app", "--password", "stdin"];

/// Runs `create KIND` with these bytes in a pipe.
fn create(args: &[&str], namespace: &str, stdin: &[u8]) -> Secretsafe {
    let name = format!("s-{}", random_hex(4));
    let args = args.iter().map(|word| if *word == "NAME" { name.as_str() } else { word });
    Secretsafe::new().args(["create"]).args(args).args(["-n", namespace, "-v", "9"]).stdin(stdin)
}

#[test]
fn passwords_and_lines_do_not_come_out() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let planted = Planted::new();
    for format in FORMATS {
        let canary = Canary::random();
        let lines = format!("A=1\nB={0}\nC=x{0}", canary.text());
        let env = &["generic", "NAME", "--env-stdin"][..];
        for (args, stdin) in [(DOCKER, canary.bytes()), (BASIC, canary.bytes()), (env, lines.as_bytes())] {
            let mut run = create(args, &namespace, stdin).kubeconfig(plane.admin_kubeconfig());
            if let Some(format) = format {
                run = run.args(["-o", *format]);
            }
            let output = run.run().success();
            check(std::slice::from_ref(&canary), &run, &output, &format!("{args:?} {format:?}"));
        }
    }
    for (what, fault) in planted.faults() {
        let proxy = Proxy::start(plane, vec![Rule::always(fault).path("/secrets")]);
        let (_, value) = &planted.values[0];
        let run = create(DOCKER, &namespace, value).kubeconfig(&proxy.kubeconfig(plane.admin_token()));
        let output = run.run();
        assert!(output.code.is_some_and(|code| [0, 5, 6].contains(&code)), "{what}: {:?}", output.code);
        check(&planted.canaries, &run, &output, what);
    }
}

#[test]
fn what_is_typed_by_habit_is_not_repeated() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let canary = Canary::random();
    let typed = canary.text();
    let colon = format!("app:{typed}");
    let url = format!("https://app:{typed}@ghcr.io");
    for args in [
        &["docker-registry", "a", "--docker-username", "app", "--docker-password", typed][..],
        &["docker-registry", "a", "--docker-username", &colon],
        &["docker-registry", "a", "--docker-username", "app", "--docker-server", &url],
        &["docker-registry", "a", "--docker-config", typed],
        &["basic-auth", "a", "--username", &colon],
        &["basic-auth", "a", "--username", "app", "--password", typed],
        &["ssh-auth", "a", "--key", typed],
        &["tls", "a", "--cert", typed, "--key", "stdin"],
        &["tls", "a", "--cert", "a.crt", "--key", typed],
        &["tls", "a", "--cert", "a.crt", "--key", "stdin", &format!("--decrypt-key={typed}")],
        &["tls", "a", "--self-signed", "--host", &url],
        &["tls", "a", "--from-literal", typed],
    ] {
        let run = create(args, &namespace, b"").kubeconfig(plane.admin_kubeconfig());
        let output = run.run();
        assert!(matches!(output.code, Some(2..=4)), "{:?}: {}", args[0], output.err());
        check(std::slice::from_ref(&canary), &run, &output, args[0]);
    }
}

#[test]
fn what_does_not_fit_is_not_quoted() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let folder = temp_folder("keys");
    let server = Authority::new("test").server();
    let cert = folder.path().join("tls.crt");
    std::fs::write(&cert, &server.cert_pem).unwrap();
    let cert = cert.to_str().unwrap();
    let tls = ["tls", "NAME", "--cert", cert, "--key", "stdin", "--decrypt-key=fd:7"];
    let planted = Planted::new();
    for (what, value) in &planted.values {
        for args in [
            &tls[..],
            &["docker-registry", "NAME", "--docker-config", "stdin"],
            &["ssh-auth", "NAME", "--key", "stdin"],
            &["generic", "NAME", "--env-stdin"],
        ] {
            let run = create(args, &namespace, value).fd(7, &value[..]).kubeconfig(plane.admin_kubeconfig());
            let output = run.run();
            assert!(matches!(output.code, Some(0 | 4)), "{args:?} {what}: {:?} {}", output.code, output.err());
            check(&planted.canaries, &run, &output, &format!("{args:?} {what}"));
        }
    }
    // A real key, encrypted: neither the passphrase nor the key comes out, right or wrong.
    let passphrase = Canary::random();
    std::fs::write(folder.path().join("open.key"), &server.key_pem).unwrap();
    let mut openssl = Command::new(binaries::system("openssl", "openssl"));
    openssl.current_dir(folder.path()).args(["pkcs8", "-topk8", "-in", "open.key", "-passout"]);
    let closed = command::run(
        {
            openssl.arg(format!("pass:{}", passphrase.text()));
            openssl
        },
        b"",
    )
    .success()
    .stdout;
    let lines: String = server.key_pem.lines().filter(|line| !line.starts_with("-----")).collect();
    for (given, code) in [(passphrase.text().to_owned(), 0), (format!("x{}", passphrase.text()), 4)] {
        let run = create(&tls, &namespace, &closed).fd(7, given).kubeconfig(plane.admin_kubeconfig());
        let output = run.run().expect_code(code);
        check(std::slice::from_ref(&passphrase), &run, &output, "the passphrase");
        assert!(!output.err().contains(&lines[40..60]) && !output.out().contains(&lines[40..60]), "the key");
    }
}
