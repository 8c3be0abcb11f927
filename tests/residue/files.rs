//! Values that come from files and go into them: manifests that are compared, and what is sealed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::canary::Canary;
use crate::support::controlplane::ControlPlane;
use crate::support::keychain::Keyring;
use crate::{copies, core, core_at_exit, env};

const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/seal/controller.pem");
const FINGERPRINT: &str = "4e85d1268a5e609bf80c3652c97c4bfe2fb8551296f0e4c39bc65ef412318c8f";

fn plant(plane: &ControlPlane, canary: &Canary) -> String {
    let namespace = plane.namespace();
    let object = json!({"metadata": {"name": "db"}, "stringData": {"a": canary.text(), "b": "not-a-real-one"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    namespace
}

#[test]
fn a_manifest_that_is_compared_leaves_nothing() {
    let plane = ControlPlane::shared();
    let (stored, given) = (Canary::random(), Canary::random());
    let namespace = plant(plane, &stored);
    let manifest = |value: &str| {
        let text = format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  a: {value}\n");
        text.into_bytes()
    };
    let args = ["diff", "-f", "-", "-n", &namespace];
    let dump = core(&args, &env(plane), &manifest(given.text()), "exited with code 01");
    assert_eq!((copies(&dump, &stored), copies(&dump, &given)), ([0; 4], [0; 4]));
    // One that cannot be read.
    let broken = [manifest(given.text()), b"  - [\n".to_vec()].concat();
    let dump = core(&args, &env(plane), &broken, "exited with code 02");
    assert_eq!(copies(&dump, &given), [0; 4]);
}

#[test]
fn what_is_sealed_leaves_nothing() {
    let plane = ControlPlane::shared();
    let (stored, given) = (Canary::random(), Canary::random());
    let namespace = plant(plane, &stored);
    let known = ["--cert", CERTIFICATE, "--cert-fingerprint", FINGERPRINT, "-n", &namespace];
    let live = core_at_exit(&[&["seal", "db"][..], &known].concat(), &env(plane), b"");
    assert_eq!(copies(&live, &stored), [0; 4]);
    let args = [&["seal", "db", "a", "c=stdin"][..], &known].concat();
    let mixed = core_at_exit(&args, &env(plane), given.bytes());
    assert_eq!((copies(&mixed, &stored), copies(&mixed, &given)), ([0; 4], [0; 4]));
}

#[test]
fn manifests_that_are_sealed_and_age_files_leave_nothing() {
    const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    let plane = ControlPlane::shared();
    let (stored, given) = (Canary::random(), Canary::random());
    let namespace = plant(plane, &stored);
    let manifest = format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  a: {}\n", given.text());
    let known = ["--cert", CERTIFICATE, "--cert-fingerprint", FINGERPRINT];
    for to in [&known[..], &["--age", RECIPIENT]] {
        let dump =
            core_at_exit(&[&["seal", "-f", "-", "-n", &namespace][..], to].concat(), &env(plane), manifest.as_bytes());
        assert_eq!(copies(&dump, &given), [0; 4], "{to:?}");
    }
    let dump =
        core_at_exit(&["seal", "db", "c=stdin", "a", "-n", &namespace, "--age", RECIPIENT], &env(plane), given.bytes());
    assert_eq!((copies(&dump, &stored), copies(&dump, &given)), ([0; 4], [0; 4]));
}

#[test]
fn what_is_merged_into_a_file_leaves_nothing() {
    let (plane, given, folder) = (ControlPlane::shared(), Canary::random(), crate::temp_folder("merged"));
    let path = folder.path().join("sealed.yaml");
    let ciphertext = STANDARD.encode([7; 300]);
    let text = format!(
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\nspec:\n  encryptedData:\n    a: {ciphertext}\n"
    );
    std::fs::write(&path, text).unwrap();
    let args = ["seal", "db", "a=stdin", "--cert", CERTIFICATE, "--cert-fingerprint", FINGERPRINT, "--merge-into"];
    let dump = core_at_exit(&[&args[..], &[path.to_str().unwrap()]].concat(), &env(plane), given.bytes());
    assert_eq!(copies(&dump, &given), [0; 4]);
}

#[test]
fn what_is_imported_into_the_keychain_leaves_nothing() {
    let (keyring, folder) = (Keyring::secret_service(), crate::temp_folder("import"));
    let given = [Canary::random(), Canary::random(), Canary::random()];
    let [env_file, value, manifest] = [".env", "value", "a.json"].map(|name| folder.path().join(name));
    std::fs::write(&env_file, format!("A={}\n", given[0].text())).unwrap();
    std::fs::write(&value, given[1].bytes()).unwrap();
    let object =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"a": given[2].text()}});
    std::fs::write(&manifest, object.to_string()).unwrap();
    let files = [&env_file, &value, &manifest].map(|path| path.to_str().unwrap());
    let args = [&["keychain", "import", "--service", "team", "--yes", "--delete"][..], &files].concat();
    let dump = core_at_exit(&args, &keyring.env(), b"");
    for (canary, file) in given.iter().zip(files) {
        assert_eq!(copies(&dump, canary), [0; 4], "{file}");
    }
    // The process that compares.
    let dump = core_at_exit(&["__same-in-keychain", "team/A"], &keyring.env(), given[0].bytes());
    assert_eq!(copies(&dump, &given[0]), [0; 4]);
}
