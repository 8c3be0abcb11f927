//! `create tls --self-signed`: key and certificate are made here, and belong together.

use std::process::Command;

use crate::create::live_value;
use crate::create_kinds::{create, write};
use crate::support::binaries;
use crate::support::command;
use crate::support::controlplane::ControlPlane;
use crate::support::temp_folder;

/// Asks openssl about a file, and returns what it prints.
fn openssl(args: &[&str]) -> String {
    let mut program = Command::new(binaries::system("openssl", "openssl"));
    program.args(args);
    command::run(program, b"").success().out()
}

#[test]
fn a_certificate_is_made_for_the_hosts_and_days_asked_for() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let args = ["tls", "web", "--self-signed", "--host", "web.example.com", "--host", "10.0.0.1", "--days", "30"];
    create(&namespace, &args).run().success();
    let secret = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/web")).json();
    assert_eq!(secret["type"], "kubernetes.io/tls");
    let folder = temp_folder("made");
    let file = |key: &str| {
        let value = live_value(plane, &namespace, "web", key).unwrap();
        write(folder.path(), key, &value).to_str().unwrap().to_owned()
    };
    let (cert, key) = (file("tls.crt"), file("tls.key"));
    let names = openssl(&["x509", "-in", &cert, "-noout", "-ext", "subjectAltName"]);
    assert!(names.contains("DNS:web.example.com") && names.contains("IP Address:10.0.0.1"), "{names}");
    openssl(&["x509", "-in", &cert, "-noout", "-checkend", &(29 * 86_400).to_string()]);
    let mut later = Command::new(binaries::system("openssl", "openssl"));
    later.args(["x509", "-in", &cert, "-noout", "-checkend", &(31 * 86_400).to_string()]);
    command::run(later, b"").expect_code(1);
    let public = openssl(&["x509", "-in", &cert, "-noout", "-pubkey"]);
    assert_eq!(public, openssl(&["pkey", "-in", &key, "-pubout"]));

    // kubectl takes the pair as well.
    let (cert, key) = (format!("--cert={cert}"), format!("--key={key}"));
    plane.kubectl(&["create", "secret", "tls", "again", &cert, &key, "-n", &namespace]).success();
}

#[test]
fn flags_that_do_not_fit_are_refused() {
    let namespace = ControlPlane::shared().namespace();
    let refused = |args: &[&str], words: &str| {
        let output = create(&namespace, &[&["tls", "web"][..], args].concat()).run().expect_code(2);
        assert!(output.err().contains(words), "{args:?}: {}", output.err());
    };
    refused(&["--self-signed"], "missing: --host");
    refused(&["--self-signed", "--host", "a b"], "`--host` takes a host name");
    refused(&["--self-signed", "--host", "https://a"], "`--host` takes a host name");
    refused(&["--self-signed", "--host", "a", "--cert", "x.crt"], "together with another flag");
    refused(&["--self-signed", "--host", "a", "--days", "0"], "`--days`");
    refused(&["--host", "a", "--cert", "x.crt"], "together");
}
