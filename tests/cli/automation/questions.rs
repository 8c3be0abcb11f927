//! Without a terminal nothing is asked: each command that would ask ends with its documented code and names what answers.

use serde_json::json;

use crate::seal::{CERTIFICATE, FINGERPRINT};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::keychain::Keyring;
use crate::support::kubeconfig::CONTEXT;

/// A command that would ask on a terminal, its exit code without one, and what it names as the way out.
type Row = (&'static [&'static str], i32, &'static str);

/// A file with one line of `NAME=value`.
const ENV_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cmd/keychain/import.env");

/// An image by digest.
const IMAGE: &str = "example.com/secretsafe@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Something is missing on the command line.
const MISSING: &[Row] = &[
    (&["view"], 2, "view NAME"),
    (&["diff"], 2, "diff NAME KEY"),
    (&["diff", "db"], 2, "diff db KEY"),
    (&["usage"], 2, "usage NAME"),
    (&["history"], 2, "history NAME"),
    (&["rollback"], 2, "rollback NAME"),
    (&["rotate", "db", "--finish"], 2, "rotate db password --finish"),
    (&["rotate"], 2, "rotate NAME KEY"),
    (&["rotate", "db"], 2, "rotate db KEY"),
    (&["set"], 2, "set NAME KEY"),
    (&["set", "db"], 2, "set db KEY"),
    (&["unset"], 2, "unset NAME KEY"),
    (&["unset", "db"], 2, "unset db KEY"),
    (&["rename-key"], 2, "rename-key NAME OLD NEW"),
    (&["rename-key", "db"], 2, "rename-key NAME OLD NEW"),
    (&["rename-key", "db", "a"], 2, "rename-key NAME OLD NEW"),
    (&["copy", "--to", "default"], 2, "copy NAME --to NAMESPACE"),
    (&["export"], 2, "export NAME"),
    (&["seal"], 2, "seal NAME"),
    (&["policy", "set"], 2, "NAME"),
    (&["policy", "set", "db"], 2, "KEY"),
    (&["policy", "clear"], 2, "NAME"),
    (&["exec", "--", "true"], 2, "exec NAME"),
    (&["create", "generic"], 2, "NAME"),
    (&["schedule"], 2, "--cron"),
    (&["keychain", "set"], 2, "SERVICE/ACCOUNT"),
    (&["keychain", "delete"], 2, "SERVICE/ACCOUNT"),
    (&["keychain", "import"], 2, "FILE"),
];

/// A person would have to agree.
const AGREE: &[Row] = &[
    (&["rotate", "db", "a=generate"], 3, "--yes"),
    (&["rotate", "db", "a=stdin"], 3, "--yes"),
    (&["set", "db", "new=generate"], 3, "--yes"),
    (&["unset", "db", "a"], 3, "--yes"),
    (&["rename-key", "db", "a", "z"], 3, "--yes"),
    (&["copy", "db", "--to", "default"], 3, "--yes"),
    (&["policy", "set", "db", "a", "--every", "90d", "--source", "generate"], 3, "--yes"),
    (&["policy", "clear", "ruled"], 3, "--yes"),
    (&["rotate", "ruled"], 3, "--yes"),
    (&["rotate", "--due"], 3, "--yes"),
    (&["audit", "--fix", "last-applied"], 3, "--yes"),
    (&["schedule", "--cron", "@daily", "--image", IMAGE], 3, "--yes"),
    (&["schedule", "--cron", "@daily", "--image", IMAGE, "-A"], 3, "--yes"),
    (&["schedule", "remove"], 3, "--yes"),
    (&["keychain", "set", "secretsafe/team", "--stdin"], 3, "--yes"),
    (&["keychain", "delete", "secretsafe/team"], 3, "--yes"),
    (&["keychain", "import", ENV_FILE, "--service", "team"], 3, "--yes"),
    (&["seal", "db", "--cert", CERTIFICATE], 3, "--cert-fingerprint"),
];

/// A value would be typed.
const VALUE: &[Row] = &[
    (&["create", "generic", "new", "a"], 4, "a=stdin"),
    (&["create", "generic", "new", "a=prompt:multiline"], 4, "a=stdin"),
    (&["create", "basic-auth", "new", "--username", "app"], 4, "--password stdin"),
    (&["create", "ssh-auth", "new"], 4, "--key stdin"),
    (
        &["create", "docker-registry", "new", "--docker-server", "ghcr.io", "--docker-username", "ci"],
        4,
        "--docker-password stdin",
    ),
    (&["rotate", "db", "a", "--yes"], 4, "a=stdin"),
    (&["set", "db", "new", "--yes"], 4, "new=stdin"),
    (&["diff", "db", "a"], 4, "a=stdin"),
    (&["seal", "new", "a=prompt", "--cert", CERTIFICATE, "--cert-fingerprint", FINGERPRINT], 4, "a=stdin"),
    (&["keychain", "set", "secretsafe/new"], 4, "--stdin"),
    (&["keychain", "set", "--for", "db/a"], 4, "--stdin"),
];

/// The context is protected.
const PROTECTED: &[Row] = &[
    (&["create", "generic", "new", "a=generate"], 3, "--confirm-context"),
    (&["rotate", "db", "a=generate", "--yes"], 3, "--confirm-context"),
    (&["set", "db", "new=generate", "--yes"], 3, "--confirm-context"),
    (&["unset", "db", "a", "--yes"], 3, "--confirm-context"),
    (&["rename-key", "db", "a", "z", "--yes"], 3, "--confirm-context"),
    (&["copy", "db", "--to", "default", "--yes"], 3, "--confirm-context"),
    (&["policy", "set", "db", "a", "--every", "90d", "--source", "generate", "--yes"], 3, "--confirm-context"),
    (&["policy", "clear", "ruled", "--yes"], 3, "--confirm-context"),
    (&["audit", "--fix", "last-applied", "--yes"], 3, "--confirm-context"),
    (&["rotate", "--due", "--yes"], 3, "--confirm-context"),
    (&["schedule", "--cron", "@daily", "--image", IMAGE, "--yes"], 3, "--confirm-context"),
    (&["schedule", "remove", "--yes"], 3, "--confirm-context"),
    (&["exec", "db", "a", "--", "true"], 3, "--confirm-context"),
    (&["seal", "db", "--cert", CERTIFICATE, "--cert-fingerprint", FINGERPRINT], 3, "--confirm-context"),
];

fn run(namespace: &str, keyring: &Keyring, args: &[&str]) -> Secretsafe {
    super::run(namespace, args).envs(keyring.env()).stdin("not-a-real-password")
}

fn check(output: &Output, (args, code, names): Row) {
    let said = output.err();
    assert_eq!(output.code, Some(code), "{args:?}: {said}");
    assert!(output.stdout.is_empty(), "{args:?}: {}", output.out());
    assert!(said.contains("error: ") && said.contains(names), "{args:?} does not name {names}: {said}");
}

#[test]
fn without_a_terminal_nothing_is_asked_and_nothing_is_changed() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    let planted = json!({"metadata": {"name": "db"}, "stringData": {"a": "not-a-real-one", "b": "not-a-real-two"}});
    plane.create(&path, &planted);
    let applied = json!({"stringData": {"k": "not-a-real-password"}}).to_string();
    let annotations = json!({"kubectl.kubernetes.io/last-applied-configuration": applied});
    plane.create(
        &format!("/api/v1/namespaces/{namespace}/secrets"),
        &json!({"metadata": {"name": "applied", "annotations": annotations}}),
    );
    crate::due::plant(plane, &namespace, "ruled", 48, &crate::due::policy("1d", "generate"));
    // What is left of a schedule.
    let labels = json!({"app.kubernetes.io/managed-by": "kubectl-secretsafe", "secretsafe.dev/schedule": "namespace"});
    let account = json!({"metadata": {"name": "secretsafe-rotate", "labels": labels}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/serviceaccounts"), &account);
    let keyring = Keyring::secret_service();
    keyring.store("secretsafe", "team", b"not-a-real-token");
    let before = plane.get(&path).json()["items"].clone();
    for row in [MISSING, AGREE, VALUE].concat() {
        check(&run(&namespace, &keyring, row.0).run(), row);
    }
    for row in PROTECTED {
        let run = run(&namespace, &keyring, row.0).config(&format!("protected: [{CONTEXT}]\n"));
        check(&run.run(), *row);
    }
    assert_eq!(plane.get(&path).json()["items"], before);
    assert_eq!(keyring.lookup("secretsafe", "team").unwrap(), b"not-a-real-token");
    assert!(keyring.lookup("secretsafe", "new").is_none());
}
