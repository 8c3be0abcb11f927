//! What works on files of a repository: SecretSources that are applied and compared, values that are composed, files that
//! are searched, and values that move from files into the keychain.

use std::fs;
use std::path::Path;

use crate::support::canary::Canary;
use crate::support::controlplane::ControlPlane;
use crate::support::keychain::Keyring;
use crate::support::temp_folder;
use crate::{copies, core, core_at_exit, env};

/// A document whose values come from the keychain, one of them composed.
const SOURCES: &str = "apiVersion: secretsafe.dev/v1alpha1\nkind: SecretSources\nmetadata: {name: db}\nkeys:\n  \
    a: {from: keychain:team/db}\n  url: {template: 'postgres://app:{{ a | url }}@db/app'}\n";

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn what_is_applied_and_compared_leaves_nothing() {
    let plane = ControlPlane::shared();
    let (namespace, keyring, canary) = (plane.namespace(), Keyring::secret_service(), Canary::random());
    keyring.store("team", "db", canary.bytes());
    let env = [env(plane), keyring.env()].concat();
    let folder = temp_folder("sources");
    let file = write(folder.path(), "db.yaml", SOURCES);
    let more = ["-f", &file, "-n", &namespace, "--allow-source", "keychain:team/*"];
    let run = |verb: &[&str]| core_at_exit(&[verb, &more].concat(), &env, b"");
    // Made, found to be the same, and compared.
    for verb in [&["apply", "--yes"][..], &["apply", "--yes"], &["diff"]] {
        assert_eq!(copies(&run(verb), &canary), [0; 4], "{verb:?}");
    }
    let other = Canary::random();
    keyring.store("team", "db", other.bytes());
    let dump = core(&[&["diff"][..], &more].concat(), &env, b"", "exited with code 01");
    assert_eq!((copies(&dump, &canary), copies(&dump, &other)), ([0; 4], [0; 4]), "what differs");
    let dump = run(&["apply", "--yes"]);
    assert_eq!((copies(&dump, &canary), copies(&dump, &other)), ([0; 4], [0; 4]), "what is changed");
    // A value in the place of a source.
    let broken = write(folder.path(), "broken.yaml", &SOURCES.replace("keychain:team/db", canary.text()));
    let dump = core(&["apply", "-f", &broken, "-n", &namespace, "--yes"], &env, b"", "exited with code 02");
    assert_eq!(copies(&dump, &canary), [0; 4], "what is refused");
}

/// A manifest whose value is in it three ways, and a file that names it in passing.
fn leaking(folder: &Path, canary: &Canary) {
    let value = canary.text();
    let secret = format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: db}}\nstringData:\n  password: {value}\n  url: postgres://app:{value}@db/app\n"
    );
    write(folder, "db.yaml", &secret);
    write(folder, ".env", &format!("DB_PASSWORD={value}\n"));
    write(folder, "broken.yaml", &format!("{secret}  more: [{value}\n"));
    write(folder, "values.yaml", &format!("database:\n  password: '{value}'\n"));
}

#[test]
fn files_that_are_searched_leave_nothing() {
    let (folder, canary) = (temp_folder("scan"), Canary::random());
    leaking(folder.path(), &canary);
    let folder = folder.path().to_str().unwrap();
    for format in ["table", "json", "sarif"] {
        let dump = core(&["scan", folder, "-o", format], &[], b"", "exited with code 01");
        assert_eq!(copies(&dump, &canary), [0; 4], "{format}");
    }
}

#[test]
fn values_that_move_into_the_keychain_leave_nothing() {
    let plane = ControlPlane::shared();
    let (keyring, folder, canary) = (Keyring::secret_service(), temp_folder("move"), Canary::random());
    leaking(folder.path(), &canary);
    let env = [env(plane), keyring.env()].concat();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (manifest, lines) = (path("db.yaml"), path(".env"));
    for args in [
        &["keychain", "import", &lines, "--for", "env", "--yes"][..],
        &["scan", "--adopt", &manifest, "--yes"],
        &["keychain", "import", &lines, "--for", "env", "--yes", "--delete"],
    ] {
        let dump = core_at_exit(args, &env, b"");
        assert_eq!(copies(&dump, &canary), [0; 4], "{args:?}");
    }
    let left = fs::read_to_string(&manifest).unwrap();
    assert!(left.contains("kind: SecretSources") && !Path::new(&lines).exists(), "{left}");
}
