//! For whom values are sealed (requirement S24): the first key is confirmed, a changed one refused, a weak one never taken.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::{CERTIFICATE, Controller, FINGERPRINT, trusting};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::http::{Request, Response};
use crate::support::https::{Answer, Handler, HttpsServer};
use crate::support::proxy::Proxy;
use crate::support::terminal::Terminal;

fn planted() -> String {
    let namespace = ControlPlane::shared().namespace();
    let object = json!({"metadata": {"name": "db"}, "stringData": {"a": "not-a-real-one"}});
    ControlPlane::shared().create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    namespace
}

fn plain(namespace: &str, certificate: &Path) -> Secretsafe {
    Secretsafe::new()
        .args(["seal", "db", "-n", namespace, "--cert"])
        .args([certificate])
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
}

fn pins(run: &Secretsafe) -> PathBuf {
    run.home().join(".config/secretsafe/sealing-keys.json")
}

/// How often the Secret was read with its values.
fn reads(namespace: &str) -> usize {
    let whole = |event: &&serde_json::Value| event["responseObject"]["kind"] == "Secret" && event["verb"] == "get";
    ControlPlane::shared().secret_events(namespace).iter().filter(whole).count()
}

#[test]
fn the_first_key_is_confirmed_and_then_known() {
    let (namespace, controller) = (planted(), Controller::new());
    let run = plain(&namespace, &controller.certificate());
    let output = run.run().expect_code(3);
    assert!(output.err().contains(&format!("--cert-fingerprint {}", controller.fingerprint())), "{}", output.err());
    assert_eq!((reads(&namespace), pins(&run).exists()), (0, false));
    let mut session = Terminal::spawn(&run.command());
    let said = session.expect("from now on?");
    assert!(said.contains(&controller.fingerprint()), "{said}");
    session.send("n");
    assert_eq!(session.wait().code(), Some(3));
    assert_eq!((reads(&namespace), pins(&run).exists()), (0, false));
    let mut session = Terminal::spawn(&run.command());
    session.expect("from now on?");
    session.send("y");
    assert_eq!(session.wait().code(), Some(0), "{}", session.screen());
    let mode = fs::metadata(pins(&run)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    controller.opened(&run.run().success().stdout);
}

#[test]
fn a_changed_key_is_refused_until_it_is_confirmed() {
    let (namespace, old, new) = (planted(), Controller::new(), Controller::new());
    let (old_key, new_key) = (old.fingerprint(), new.fingerprint());
    let run = trusting(Secretsafe::new(), &namespace, &old.certificate(), &old_key).args(["db"]);
    run.run().success();
    let again = |certificate: &Path, more: &[&str]| {
        plain(&namespace, certificate).args(more).env("XDG_CONFIG_HOME", run.home().join(".config")).run()
    };
    let before = reads(&namespace);
    let output = again(&new.certificate(), &[]).expect_code(3);
    assert!(output.err().contains(&old_key) && output.err().contains(&format!("--cert-fingerprint {new_key}")));
    let output = again(&new.certificate(), &["--cert-fingerprint", &old_key]).expect_code(3);
    assert!(output.err().contains("another key than `--cert-fingerprint` says"), "{}", output.err());
    assert_eq!(reads(&namespace), before, "no value is read for a key that is not believed");
    // With colons and in upper case, as some programs write it.
    let pairs: Vec<&str> = (0..32).map(|at| &new_key[2 * at..2 * at + 2]).collect();
    again(&new.certificate(), &["--cert-fingerprint", &pairs.join(":").to_uppercase()]).success();
    new.opened(&again(&new.certificate(), &[]).success().stdout);
    again(&old.certificate(), &[]).expect_code(3);
    // Another controller of the same cluster has a key of its own.
    again(&old.certificate(), &["--controller-name", "other"]).expect_code(3);
}

#[test]
fn what_is_known_is_not_taken_from_a_file_that_others_can_write() {
    let (namespace, folder) = (planted(), crate::support::temp_folder("pins"));
    let run = trusting(Secretsafe::new(), &namespace, Path::new(CERTIFICATE), FINGERPRINT).args(["db"]);
    run.run().success();
    let path = pins(&run);
    let refused = |why: &str| {
        let output = run.run().expect_code(3);
        assert!(output.err().contains(why) && output.err().contains("sealing-keys.json"), "{why}: {}", output.err());
    };
    fs::set_permissions(&path, fs::Permissions::from_mode(0o622)).unwrap();
    refused("it can be written by others");
    fs::rename(&path, folder.path().join("elsewhere")).unwrap();
    symlink(folder.path().join("elsewhere"), &path).unwrap();
    refused("it is a link");
    fs::remove_file(&path).unwrap();
    fs::write(&path, "not-a-real-list").unwrap();
    refused("is not what this program wrote");
    fs::remove_file(&path).unwrap();
    run.run().success();
}

#[test]
fn weak_and_expired_certificates_and_plain_http_are_refused() {
    let namespace = planted();
    let file = |name: &str| format!("{}/tests/seal/{name}", env!("CARGO_MANIFEST_DIR"));
    let (short, expired, none) = (file("short.pem"), file("expired.pem"), file("go.mod"));
    for (certificate, code, said) in [
        (short.as_str(), 3, "its RSA key has 1024 bits, and at least 2048 are needed"),
        (&expired, 3, "it was valid until 2021-01-01"),
        (&none, 2, "there is no certificate in it"),
        ("http://not-a-real-host.example/cert.pem", 3, "from a file or over https"),
        ("ftp://not-a-real-host.example/cert.pem", 3, "from a file or over https"),
        ("https://me:not-a-real-password@example.com/", 2, "no login"),
        ("/not-a-real-folder/cert.pem", 2, "cannot be read"),
    ] {
        let output = plain(&namespace, Path::new(certificate)).run().expect_code(code);
        assert!(output.err().contains(said) && output.stdout.is_empty(), "{certificate}: {}", output.err());
        assert!(!output.err().contains("not-a-real"), "what was typed is not repeated: {}", output.err());
    }
    assert_eq!(reads(&namespace), 0);
}

/// The fault proxy stands for the controller behind the API server's own proxy: a control plane without nodes has no Pod
/// to run one.
#[test]
fn the_controller_is_asked_through_the_api_server() {
    let (plane, controller) = (ControlPlane::shared(), Controller::new());
    let namespace = planted();
    let name = format!("sealed-{}", crate::support::random_hex(4));
    let object = json!({"metadata": {"name": name}, "spec": {"ports": [{"name": "http", "port": 8080}]}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/services"), &object);
    let path = format!("/api/v1/namespaces/{namespace}/services/http:{name}:http/proxy/v1/cert.pem");
    let answer = fs::read(controller.certificate()).unwrap();
    let proxy = Proxy::start(plane, vec![Rule::always(Fault::Garbage(answer)).path(path)]);
    let run = |service: &str| {
        Secretsafe::new()
            .args(["seal", "db", "-n", &namespace, "--controller-namespace", &namespace, "--controller-name", service])
            .args(["--cert-fingerprint", &controller.fingerprint()])
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .run()
    };
    controller.opened(&run(&name).success().stdout);
    let output = run("none").expect_code(5);
    assert!(output.err().contains("there is no service `none`") && output.err().contains("--cert FILE"));
    let output = run("../secrets").expect_code(2);
    assert!(!output.err().contains("../"), "{}", output.err());
}

/// Answers with one text, whatever is asked for.
struct Web(u16, Vec<u8>);

impl Handler for Web {
    fn answer(&self, _connection: usize, request: Request) -> Answer {
        let login = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let code = if login { 500 } else { self.0 };
        Answer::Keep(Response::new(code, "application/x-pem-file", &self.1).to_bytes())
    }
}

#[test]
fn a_web_server_is_asked_over_verified_tls_without_a_login() {
    let (namespace, controller) = (planted(), Controller::new());
    let certificate = fs::read(controller.certificate()).unwrap();
    let folder = crate::support::temp_folder("web");
    let run = |code: u16, trusted: bool| {
        let server = HttpsServer::start("web", Arc::new(Web(code, certificate.clone())));
        let trust = folder.path().join("ca.pem");
        fs::write(&trust, if trusted { server.ca_pem() } else { ControlPlane::shared().ca_pem() }).unwrap();
        let url = format!("{}/cert.pem", server.url());
        trusting(Secretsafe::new(), &namespace, Path::new(&url), &controller.fingerprint())
            .args(["db"])
            .env("SSL_CERT_FILE", &trust)
            .run()
    };
    controller.opened(&run(200, true).success().stdout);
    for (code, trusted, said) in [(404, true, "it answered 404"), (302, true, "it answered 302"), (200, false, "TLS")] {
        let output = run(code, trusted).expect_code(5);
        assert!(output.err().contains(said), "{}", output.err());
    }
}
