//! Bad input for the kinds of `create`: the right exit code and words, and nothing created.

use std::path::Path;

use crate::create::live_value;
use crate::create_kinds::{create, system, write};
use crate::support::command::Output;
use crate::support::controlplane::ControlPlane;
use crate::support::temp_folder;
use crate::support::terminal::Terminal;
use crate::support::tls::Authority;

/// Runs `create …`, which must fail with this code and leave nothing.
fn refused(args: &[&str], stdin: &[u8], code: i32, words: &[&str]) -> Output {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let output = create(&namespace, args).stdin(stdin).run().expect_code(code);
    let left = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets")).json();
    assert_eq!(left["items"].as_array().unwrap().len(), 0, "{args:?} left something behind");
    assert_eq!(output.out(), "");
    for word in words {
        assert!(output.err().contains(word), "{args:?}: `{word}` is missing in: {}", output.err());
    }
    output
}

/// A key that is encrypted with the passphrase `not-a-real-one`, and its certificate.
pub(crate) fn encrypted(folder: &Path, authority: &Authority) -> (String, String) {
    let server = authority.server();
    write(folder, "open.key", server.key_pem.as_bytes());
    let encrypt = ["pkcs8", "-topk8", "-in", "open.key", "-out", "closed.key", "-passout", "pass:not-a-real-one"];
    system("openssl", "openssl", folder, &encrypt);
    let cert = write(folder, "tls.crt", server.cert_pem.as_bytes());
    (cert.to_str().unwrap().to_owned(), std::fs::read_to_string(folder.join("closed.key")).unwrap())
}

#[test]
fn certificate_and_key() {
    let folder = temp_folder("tls");
    let authority = Authority::new("test");
    let (server, other) = (authority.server(), authority.server());
    let file = |name: &str, text: &str| write(folder.path(), name, text.as_bytes()).to_str().unwrap().to_owned();
    let cert = file("tls.crt", &server.cert_pem);
    let tls = |cert: &str, key: &str, code, words: &[&str]| {
        refused(&["tls", "web", "--cert", cert, "--key", "stdin"], key.as_bytes(), code, words)
    };
    tls(&cert, &other.key_pem, 4, &["the key does not belong to the first certificate", "hint:", "openssl"]);
    tls(&cert, "not-a-real-key", 4, &["there is no private key", "--key stdin < KEYFILE"]);
    tls(&cert, &server.cert_pem, 4, &["there is no private key"]);
    tls(&file("empty.crt", ""), &server.key_pem, 4, &["`--cert` cannot be used", "no certificate"]);
    tls(&file("text.crt", "hello"), &server.key_pem, 4, &["no certificate"]);
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    tls(&file("broken.crt", broken), &server.key_pem, 4, &["certificate 1 of it cannot be read"]);
    let both = format!("{}{}", server.cert_pem, server.key_pem);
    tls(&file("both.pem", &both), &server.key_pem, 3, &["private key", "--key stdin < KEYFILE"]);
    tls(folder.path().to_str().unwrap(), &server.key_pem, 4, &["cannot be read", "not a regular file"]);
    refused(&["tls", "web", "--key", "stdin"], b"", 2, &["missing: --cert"]);
    refused(&["tls", "web", "--cert", &cert, "--key", &cert], b"", 2, &["`--key`", "--key stdin < FILE"]);
    // Nobody to ask.
    refused(&["tls", "web", "--cert", &cert], b"", 4, &["no value for the private key", "--key stdin"]);
}

#[test]
fn time_and_order_are_warnings() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let folder = temp_folder("tls");
    let key = rcgen::KeyPair::generate().unwrap();
    let cert = |from: i32, until: i32| {
        let mut params = rcgen::CertificateParams::new(vec!["web.example.com".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        params.self_signed(&key).unwrap().pem()
    };
    let stranger = Authority::new("stranger");
    for (name, chain, words) in [
        ("old", cert(2001, 2002), "expired on 2002-01-01"),
        ("early", cert(2400, 2401), "not valid before 2400-01-01"),
        ("order", format!("{}{}", cert(2001, 2400), stranger.pem()), "certificate 1 of the chain is not signed"),
    ] {
        let path = write(folder.path(), name, chain.as_bytes());
        let output = create(&namespace, &["tls", name, "--cert", path.to_str().unwrap(), "--key", "stdin"])
            .stdin(key.serialize_pem())
            .run()
            .success();
        assert!(output.err().contains("warning:") && output.err().contains(words), "{name}: {}", output.err());
    }
}

#[test]
fn an_encrypted_key_is_stored_decrypted_only_when_asked() {
    let plane = ControlPlane::shared();
    let folder = temp_folder("tls");
    let authority = Authority::new("test");
    let (cert, key) = encrypted(folder.path(), &authority);
    let tls = ["tls", "web", "--cert", &cert, "--key", "stdin"];
    refused(&tls, key.as_bytes(), 3, &["the private key is encrypted", "add --decrypt-key"]);
    // Nobody to ask; a wrong passphrase; one pipe for two.
    let with = |flag| [&tls[..], &[flag]].concat();
    refused(&with("--decrypt-key"), key.as_bytes(), 4, &["no value for the passphrase of the private key"]);
    refused(&with("--decrypt-key=stdin"), key.as_bytes(), 2, &["`stdin` can be read only once"]);
    refused(&with("--decrypt-key=not-a-real-one"), key.as_bytes(), 2, &["no known source for `--decrypt-key`"]);
    let namespace = plane.namespace();
    let by_pipe =
        |passphrase: &str| create(&namespace, &with("--decrypt-key=fd:5")).stdin(key.clone()).fd(5, passphrase).run();
    let wrong = by_pipe("wrong-not-real").expect_code(4);
    assert!(wrong.err().contains("the passphrase is wrong") && wrong.err().contains("hint:"), "{}", wrong.err());
    assert_eq!(plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/web")).code, 404);
    by_pipe("not-a-real-one").success();
    let open = std::fs::read(folder.path().join("open.key")).unwrap();
    let pem = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().split_whitespace().collect::<String>();
    let stored = live_value(plane, &namespace, "web", "tls.key").unwrap();
    assert!(pem(&stored) == pem(&open), "it is the key that was encrypted");
}

#[test]
fn the_passphrase_is_asked_for_while_the_key_is_piped() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let folder = temp_folder("tls");
    let (cert, key) = encrypted(folder.path(), &Authority::new("test"));
    let run = create(&namespace, &["tls", "web", "--cert", &cert, "--key", "stdin", "--decrypt-key"]);
    let streams = crate::support::terminal::Streams { stdin: Some(key.into_bytes()), ..Default::default() };
    let mut session = Terminal::new().run_with(&run.command(), streams).start();
    session.expect("the passphrase of the private key");
    session.expect_echo(false);
    session.send("not-a-real-one\n");
    assert!(session.wait().success(), "{}", session.screen());
    let stored = live_value(plane, &namespace, "web", "tls.key").unwrap();
    assert!(stored.starts_with(b"-----BEGIN PRIVATE KEY-----\n"));
}

#[test]
fn registries() {
    let pull = |args: &[&str], stdin: &[u8], code, words: &[&str]| {
        refused(&[&["docker-registry", "pull"][..], args].concat(), stdin, code, words)
    };
    let app = ["--docker-username", "app"];
    pull(&[], b"", 2, &["missing: --docker-username"]);
    pull(&["--docker-username", ""], b"", 2, &["`--docker-username` cannot be used"]);
    pull(&[&app[..], &["--docker-server", "ghcr.io quay.io"]].concat(), b"", 2, &["`--docker-server` cannot be used"]);
    pull(&[&app[..], &["--docker-server", "a", "--docker-server", "b"]].concat(), b"", 2, &["1 times", "2 times"]);
    pull(&[&app[..], &["--docker-password", "stdin"]].concat(), b"", 4, &["password of app", "is empty"]);
    pull(&[&app[..], &["--docker-password", "stdin"]].concat(), b"\xff\xfe\xfd", 4, &["not UTF-8"]);
    pull(&app, b"", 4, &["no terminal", "--docker-password stdin"]);
    let said = pull(&[&app[..], &["--docker-password=hunter2-S3cret"]].concat(), b"", 2, &["shell history"]);
    assert!(!said.err().contains("hunter2"), "{}", said.err());
    pull(&[&app[..], &["--docker-password=public:x"]].concat(), b"", 3, &["looks like a secret"]);
    let config = ["--docker-config", "stdin"];
    pull(&config, b"not json", 4, &["no Docker config", "~/.docker/config.json"]);
    pull(&config, br#"{"auths":{"ghcr.io":{}},"credsStore":"desktop"}"#, 4, &["holds no login"]);
    pull(&[&config[..], &app].concat(), b"", 2, &["together with another flag"]);
}

#[test]
fn lines_and_keys() {
    let env = |lines: &[u8], code, words: &[&str]| refused(&["generic", "db", "--env-stdin"], lines, code, words);
    env(b"A=1\nhunter2-S3cret", 4, &["line 2 has no `=`", "NAME=env:NAME"]);
    env(b"export A=1", 4, &["line 1 has no valid key", "without `export`"]);
    env(b"1A=1", 4, &["line 1 has no valid key"]);
    env(b"A=1\nA=2", 4, &["line 2 names a key"]);
    env(b"A=\xff", 4, &["line 1 is not UTF-8"]);
    env(b"# nothing\n", 4, &["no line of the form"]);
    env(&b"A=1\n".repeat(400_000), 4, &["more than 1 MiB"]);
    refused(&["generic", "db", "a=stdin", "--env-stdin"], b"A=1", 2, &["`stdin` can be read only once"]);
    refused(&["generic", "db", "A=prompt", "--env-stdin"], b"A=1", 2, &["key `A` is named twice"]);
    refused(&["ssh-auth", "k", "--key", "stdin"], b"ssh-ed25519 AAAA", 4, &["no private key", "without `.pub`"]);
    refused(&["ssh-auth", "k"], b"", 4, &["no terminal", "--key stdin"]);
    refused(&["basic-auth", "b"], b"", 2, &["missing: --username"]);
    refused(&["basic-auth", "b", "--username", "app", "--password", "hunter2-S3cret"], b"", 2, &["shell history"]);
}
