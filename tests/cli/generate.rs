//! Generated keys, certificates and passphrases, read back from the API server by the programs that will
//! use them: OpenSSH and OpenSSL.

use std::path::Path;
use std::process::Command;

use crate::create::live_value;
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::{temp_folder, write_private};

fn create(namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new()
        .args(["create", "generic", "db", "-n", namespace])
        .args(args)
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
}

/// Creates a Secret and returns what was said, and the values of the keys.
fn made(keys: &[&str], args: &[&str]) -> (Output, Vec<Vec<u8>>) {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let output = create(&namespace, args).run().success();
    let value = |key: &&str| live_value(plane, &namespace, "db", key).unwrap();
    (output, keys.iter().map(value).collect())
}

/// Runs a program of the system on a file that holds `value`, and returns what it prints.
fn asked(program: &str, args: &[&str], value: &[u8]) -> String {
    let folder = temp_folder("key");
    let path = folder.path().join("value");
    write_private(&path, value);
    let args = args.iter().map(|arg| if *arg == "FILE" { path.as_path() } else { Path::new(arg) });
    let output = Command::new(program).args(args).env("HOME", folder.path()).output();
    let output = output.unwrap_or_else(|_| panic!("{program} is missing: run tests/setup"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[test]
fn ssh_keys_are_read_by_openssh_and_the_public_half_is_theirs() {
    for (source, bits, name) in [
        ("generate:ssh-ed25519", "256 ", "ED25519"),
        ("generate:rsa,bits=2048,format=openssh", "2048 ", "RSA"),
        ("generate:rsa", "3072 ", "RSA"),
    ] {
        let (output, values) = made(&["id", "id.pub"], &[&format!("id,id.pub={source}")]);
        let line = asked("ssh-keygen", &["-y", "-f", "FILE"], &values[0]);
        assert_eq!(format!("{line}\n").as_bytes(), values[1], "{source}");
        assert!(output.err().contains(&format!("public half: {line}\n")), "{source}: {}", output.err());
        let shown = asked("ssh-keygen", &["-l", "-f", "FILE"], &values[1]);
        assert!(shown.starts_with(bits) && shown.ends_with(&format!("({name})")), "{source}: {shown}");
    }
}

#[test]
fn keys_in_pkcs8_are_read_by_openssl() {
    for (source, shown) in [("rsa", "3072 bit"), ("ssh-ed25519,format=pkcs8", "ED25519")] {
        let (_, values) = made(&["k"], &[&format!("k=generate:{source}")]);
        assert!(values[0].starts_with(b"-----BEGIN PRIVATE KEY-----\n") && values[0].ends_with(b"-----\n"));
        let text = asked("openssl", &["pkey", "-in", "FILE", "-check", "-noout", "-text"], &values[0]);
        assert!(text.contains(shown) && text.contains("Key is valid"), "{source}");
    }
}

#[test]
fn a_certificate_belongs_to_its_key_and_is_that_of_its_hosts() {
    for algorithm in ["ecdsa", "ed25519", "rsa"] {
        let source = format!(
            "tls.crt,tls.key=generate:tls-self-signed,hosts=app.example.com+*.a.test+10.0.0.1,days=30,algorithm={algorithm}"
        );
        let (output, values) = made(&["tls.crt", "tls.key"], &[&source, "--type", "kubernetes.io/tls"]);
        let openssl = |args: &[&str], value| asked("openssl", args, value);
        let of_key = openssl(&["pkey", "-in", "FILE", "-pubout"], &values[1]);
        assert_eq!(openssl(&["x509", "-in", "FILE", "-pubkey", "-noout"], &values[0]), of_key);
        let text = openssl(&["x509", "-in", "FILE", "-noout", "-text"], &values[0]);
        for part in
            ["DNS:app.example.com, DNS:*.a.test, IP Address:10.0.0.1", "CA:FALSE", "TLS Web Server Authentication"]
        {
            assert!(text.contains(part), "{algorithm}: {part}\n{text}");
        }
        // Within 30 days, and not before: it ends between 29 and 31 days from now.
        openssl(&["x509", "-in", "FILE", "-noout", "-checkend", "2505600"], &values[0]);
        let digest = openssl(&["x509", "-in", "FILE", "-noout", "-fingerprint", "-sha256"], &values[0]);
        let digest = digest.split_once('=').unwrap().1.replace(':', "").to_lowercase();
        assert!(output.err().contains(&format!("SHA-256 of the certificate: {digest}")), "{}", output.err());
        // OpenSSL takes it for the server that it names when it is trusted, and for no other.
        let folder = temp_folder("ca");
        let path = folder.path().join("crt");
        write_private(&path, &values[0]);
        let ca = path.to_str().unwrap();
        asked("openssl", &["verify", "-CAfile", ca, "-verify_hostname", "x.a.test", "FILE"], &values[0]);
    }
}

#[test]
fn a_line_of_htpasswd_is_that_of_its_password() {
    let verify = |values: &[Vec<u8>], user: &str| {
        let line = String::from_utf8(values[0].clone()).unwrap();
        let (name, hash) = line.split_once(':').unwrap();
        assert!(name == user && hash.starts_with("$2b$"), "{line}");
        assert!(bcrypt::verify(&values[1], hash).unwrap());
    };
    let (_, values) = made(&["auth", "pw"], &["auth,pw=generate:htpasswd,user=admin"]);
    verify(&values, "admin");
    assert_eq!(values[1].len(), 24);
    // From another key, which is named behind it.
    let args = &["auth=generate:htpasswd,user=op,from=pw,cost=8", "pw=generate:passphrase,separator=_"];
    let (output, values) = made(&["auth", "pw"], args);
    verify(&values, "op");
    assert_eq!(values[1].split(|byte| *byte == b'_').count(), 8, "eight words");
    assert!(output.err().contains("88 bits"), "{}", output.err());
}

#[test]
fn a_password_that_bcrypt_would_cut_makes_no_line() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let args = &["auth=generate:htpasswd,user=a,from=pw", "pw=stdin"];
    for password in [vec![b'a'; 73], b"not-a-real\0password".to_vec()] {
        let output = create(&namespace, args).stdin(password).run().expect_code(4);
        assert!(output.err().contains("bcrypt"), "{}", output.err());
    }
    assert_eq!(plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).code, 404);
}

#[test]
fn applied_again_a_line_stays_with_its_password() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let args = &["--apply", "pw=generate", "auth=generate:htpasswd,user=a,from=pw,cost=8"];
    let both = || ["pw", "auth"].map(|key| live_value(plane, &namespace, "db", key).unwrap());
    create(&namespace, args).run().success();
    let first = both();
    create(&namespace, args).run().success();
    assert_eq!(both(), first, "both are kept");
    create(&namespace, args).args(["--renew", "pw"]).run().success();
    let [password, line] = both();
    assert_ne!(password, first[0]);
    let line = String::from_utf8(line).unwrap();
    assert!(bcrypt::verify(&password, line.split_once(':').unwrap().1).unwrap());
    let output = create(&namespace, args).args(["--renew", "auth"]).run().expect_code(2);
    assert!(output.err().contains("--renew pw"), "{}", output.err());
}

/// The fault point stands for a system call that fails (requirement S12).
#[test]
fn without_random_numbers_nothing_is_made() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    for source in [
        "a=generate",
        "a=generate:passphrase",
        "a=generate:hex",
        "a=generate:uuid",
        "a=generate:ssh-ed25519",
        "a=generate:rsa,bits=2048",
        "a,b=generate:tls-self-signed,hosts=a",
        "a,b=generate:htpasswd,user=a",
    ] {
        let output = create(&namespace, &[source]).env("SECRETSAFE_FAULT", "random").run().expect_code(4);
        assert!(output.err().contains("no random numbers"), "{source}: {}", output.err());
    }
    assert_eq!(plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).code, 404);
}
