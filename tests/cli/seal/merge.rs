//! `seal --merge-into`: some keys of a file are sealed anew, and all else in it stays as it is.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use super::{Controller, seal};
use crate::support::canary::{Canary, assert_absent};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::temp_folder;
use crate::support::terminal::Terminal;

/// A file with a SealedSecret of two keys, a comment in it, and something else behind it.
fn file(controller: &Controller, namespace: &str) -> (TempDir, PathBuf) {
    let folder = temp_folder("merging");
    let path = folder.path().join("db.yaml");
    let output = seal(namespace, controller, &["db", "a=stdin", "b=public:two", "--label", "team=x"]).stdin("one");
    let text =
        output.run().success().out().replace("  encryptedData:\n", "  encryptedData: # sealed\n    # the first\n");
    fs::write(&path, format!("---\n{text}---\nkind: ConfigMap # of the same application\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    (folder, path)
}

fn merge(namespace: &str, controller: &Controller, path: &Path, args: &[&str]) -> Secretsafe {
    seal(namespace, controller, args).args(["--merge-into"]).args([path])
}

/// The line of a key.
fn line<'a>(text: &'a str, key: &str) -> &'a str {
    text.lines().find(|line| line.trim_start().starts_with(&format!("{key}: "))).unwrap()
}

#[test]
fn other_keys_and_comments_stay_to_the_byte_and_the_controller_opens_all() {
    let (controller, canary) = (Controller::new(), Canary::random());
    let namespace = ControlPlane::shared().namespace();
    let (folder, path) = file(&controller, &namespace);
    let before = fs::read_to_string(&path).unwrap();
    let run = merge(&namespace, &controller, &path, &["db", "b=stdin", "c=public:three"]).stdin(canary.text());
    let output = run.run().success();
    let shown = path.display();
    let said = ["b` replaced", "c` added"].map(|done| format!("sealedsecret.bitnami.com/db in {shown}: key `{done}\n"));
    assert_eq!(output.out(), said.concat());
    assert_absent(std::slice::from_ref(&canary), &[output.stdout, output.stderr].concat(), "merge");
    let after = fs::read_to_string(&path).unwrap();
    let added = format!("{}\n", line(&after, "c"));
    assert_eq!(after.replace(&added, "").replace(line(&after, "b"), line(&before, "b")), before);
    assert_ne!(line(&after, "b"), line(&before, "b"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let sealed = after.split("---\n").nth(1).unwrap();
    let opened = controller.opened(sealed.as_bytes());
    use base64::Engine;
    let encoded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    assert_eq!(opened["data"], json!({"a": encoded("one"), "b": encoded(canary.text()), "c": encoded("three")}));
    assert_eq!(opened["metadata"]["labels"], json!({"team": "x"}));
}

#[test]
fn what_does_not_belong_together_is_refused_and_the_file_stays() {
    let controller = Controller::new();
    let namespace = ControlPlane::shared().namespace();
    let (folder, path) = file(&controller, &namespace);
    let before = fs::read(&path).unwrap();
    let at = |name: &str| folder.path().join(name);
    symlink(&path, at("link")).unwrap();
    let wide = fs::read_to_string(&path).unwrap().replace(
        "metadata:\n  name: db\n",
        "metadata:\n  annotations:\n    sealedsecrets.bitnami.com/cluster-wide: \"true\"\n  name: db\n",
    );
    fs::write(at("wide"), &wide).unwrap();
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {a: not-a-real-password}\n";
    fs::write(at("plain"), secret).unwrap();
    fs::write(at("mixed"), [&before[..], b"---\n", secret.as_bytes()].concat()).unwrap();
    fs::write(at("elsewhere"), wide.replace(&namespace, "elsewhere")).unwrap();
    for (file, args, code, said) in [
        ("db.yaml", &["web", "a=generate"][..], 2, "there is no SealedSecret `web`"),
        ("db.yaml", &["db", "a=generate", "--scope", "cluster-wide"], 3, "add --scope strict"),
        ("wide", &["db", "a=generate"], 3, "add --scope cluster-wide"),
        ("elsewhere", &["db", "a=generate"], 3, "add -n elsewhere"),
        ("link", &["db", "a=generate"], 3, "is a link"),
        ("plain", &["db", "a=generate"], 2, "it is a Secret in plain text"),
        ("mixed", &["db", "a=generate"], 2, "it is a Secret in plain text"),
        ("none", &["db", "a=generate"], 2, "cannot be read"),
        ("", &["db", "a=generate"], 3, "is a folder"),
        ("db.yaml", &["db", "a=generate", "--label", "a=b"], 2, "--label"),
        ("db.yaml", &["db", "a=generate", "-o", "json"], 2, "--output"),
    ] {
        let output = merge(&namespace, &controller, &at(file), args).run().expect_code(code);
        assert!(output.err().contains(said), "{file} {args:?}: {}", output.err());
        assert!(output.stdout.is_empty() && !output.err().contains("not-a-real"), "{file}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
    merge(&namespace, &controller, &at("wide"), &["db", "a=generate", "--scope", "cluster-wide"]).run().success();
}

#[test]
fn a_file_that_changed_meanwhile_is_left_as_it_is() {
    let controller = Controller::new();
    let namespace = ControlPlane::shared().namespace();
    let (_folder, path) = file(&controller, &namespace);
    let run = merge(&namespace, &controller, &path, &["db", "a=prompt:once"]);
    let mut session = Terminal::spawn(&run.command());
    session.expect("hidden");
    fs::write(&path, "# somebody else's\n").unwrap();
    session.send("not-a-real-password\r");
    assert_eq!(session.wait().code(), Some(3), "{}", session.screen());
    assert!(session.screen().contains("was changed meanwhile"), "{}", session.screen());
    assert_eq!(fs::read_to_string(&path).unwrap(), "# somebody else's\n");
}

#[test]
fn cut_off_before_its_end_the_file_is_the_old_one() {
    let controller = Controller::new();
    let namespace = ControlPlane::shared().namespace();
    let (_folder, path) = file(&controller, &namespace);
    let before = fs::read(&path).unwrap();
    let run = || merge(&namespace, &controller, &path, &["db", "a=generate"]);
    let cut = run().env("SECRETSAFE_FAULT", "before-rename").env("SECRETSAFE_FAULT_KILLS", "1").run();
    assert_eq!((cut.code, fs::read(&path).unwrap()), (None, before));
    run().run().success();
}

#[test]
fn a_file_of_json_is_written_anew_and_that_is_said() {
    let controller = Controller::new();
    let (namespace, folder) = (ControlPlane::shared().namespace(), temp_folder("merging"));
    let path = folder.path().join("db.json");
    let made = seal(&namespace, &controller, &["db", "a=public:one", "-o", "json"]).run().success();
    fs::write(&path, &made.stdout).unwrap();
    let output = merge(&namespace, &controller, &path, &["db", "b=public:two"]).run().success();
    assert!(output.err().contains("comments and the order of its fields are not kept"), "{}", output.err());
    let after = fs::read(&path).unwrap();
    let [old, new]: [serde_json::Value; 2] = [&made.stdout, &after].map(|text| serde_json::from_slice(text).unwrap());
    assert_eq!(new["spec"]["encryptedData"]["a"], old["spec"]["encryptedData"]["a"]);
    assert_eq!(controller.opened(&after)["data"], json!({"a": "b25l", "b": "dHdv"}));
}
