//! `keychain import`: values out of files into a real keychain, read back by a new process before a file is touched
//! (requirement S21).

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tempfile::TempDir;

use crate::support::canary::{Canary, assert_absent};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::keychain::Keyring;
use crate::support::terminal::Terminal;
use crate::support::{random_hex, temp_folder};

/// A keychain, and a folder with files.
struct Bed {
    keyring: Keyring,
    folder: TempDir,
    namespace: String,
}

impl Bed {
    fn new() -> Self {
        let namespace = ControlPlane::shared().namespace();
        Self { keyring: Keyring::secret_service(), folder: temp_folder("import"), namespace }
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn import(&self, files: &[&Path], args: &[&str]) -> Secretsafe {
        Secretsafe::new()
            .args(["keychain", "import", "-n", &self.namespace])
            .args(files)
            .args(args)
            .envs(self.keyring.env())
            .kubeconfig(ControlPlane::shared().admin_kubeconfig())
    }

    /// What a Secret gets from its default entry.
    fn used(&self, name: &str, key: &str) -> String {
        let secret = format!("made-{}", random_hex(4));
        let entry = self.entries().into_iter().find(|entry| entry.ends_with(&format!("/{name}/{key}"))).unwrap();
        Secretsafe::new()
            .args(["create", "generic", &secret, "-n", &self.namespace, &format!("v=keychain:{entry}")])
            .envs(self.keyring.env())
            .kubeconfig(ControlPlane::shared().admin_kubeconfig())
            .run()
            .success();
        let args = ["get", "secret", &secret, "-n", &self.namespace, "-o", "jsonpath={.data.v}"];
        let encoded = ControlPlane::shared().kubectl(&args).success().out();
        String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
    }

    fn entries(&self) -> Vec<String> {
        let list = Secretsafe::new().args(["keychain", "list", "-o", "name"]).envs(self.keyring.env());
        let out = list.run().success().out();
        let entries = out.lines().map(|line| line.trim_start_matches("keychain/").to_owned());
        // The first keys of the local logs of each run are none of what is imported.
        entries.filter(|entry| !entry.starts_with("secretsafe/log/")).collect()
    }
}

#[test]
fn manifests_env_files_and_single_values_are_found_by_their_secrets() {
    let bed = Bed::new();
    let canaries = [Canary::random(), Canary::random(), Canary::random()];
    let [one, two, three] = [0, 1, 2].map(|index: usize| canaries[index].text());
    let manifest = bed.file(
        "secrets.yaml",
        format!(
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {{name: db}}\n  data: {{password: {}}}\n",
            STANDARD.encode(one)
        ),
    );
    let env = bed.file(".env", format!("# of the web application\nTOKEN={two}\nURL=https://u:{two}@h/\n"));
    let value = bed.file("key.txt", format!("{three}\n"));
    let output = bed.import(&[&manifest], &["--yes"]).run().success();
    let said = [output.out(), output.err()].concat();
    assert!(said.contains("/db/password set") && said.contains("still has the values in plain text"), "{said}");
    let output = bed.import(&[&env, &value], &["--for", "web", "--yes", "--delete"]).run().success();
    let all = [said.as_bytes(), &output.stdout, &output.stderr, &output.log].concat();
    assert_absent(&canaries, &all, "keychain import");
    assert!(output.err().contains("deleted; copies may remain on disk, in backups and in Git"), "{}", output.err());
    assert!(output.err().contains("one trailing newline was dropped"), "{}", output.err());
    assert!(manifest.exists() && !env.exists() && !value.exists());
    assert_eq!(bed.used("db", "password"), one);
    assert_eq!(bed.used("web", "TOKEN"), two);
    assert_eq!(bed.used("web", "URL"), format!("https://u:{two}@h/"));
    assert_eq!(bed.used("web", "key.txt"), three);
    // `KEY=keychain` finds it by itself.
    Secretsafe::new()
        .args(["create", "generic", "db", "-n", &bed.namespace, "password=keychain"])
        .envs(bed.keyring.env())
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
        .run()
        .success();
}

#[test]
fn entries_of_a_service_of_ones_own_need_no_cluster() {
    let bed = Bed::new();
    let env = bed.file("app.env", "A=one\nQ=\"two\"\n");
    let json = bed.file(
        "s.json",
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"b": "two"}})
            .to_string(),
    );
    let run = Secretsafe::new().args(["keychain", "import", "--service", "team", "--yes"]).args([&env, &json]);
    let output = run.envs(bed.keyring.env()).run().success();
    assert_eq!(output.out(), "keychain/team/A set\nkeychain/team/Q set\nkeychain/team/db/b set\n");
    assert!(output.err().contains("the quotes around the value of Q are a part of it"), "{}", output.err());
    assert_eq!(bed.keyring.lookup("team", "Q").as_deref(), Some(&b"\"two\""[..]));
    assert_eq!(bed.keyring.lookup("team", "A").as_deref(), Some(&b"one"[..]));
    assert_eq!(bed.keyring.lookup("team", "db/b").as_deref(), Some(&b"two"[..]));
}

#[test]
fn another_value_is_not_replaced_without_saying_so() {
    let bed = Bed::new();
    let env = bed.file(".env", "A=one\nB=two\n");
    bed.keyring.store("team", "A", b"other");
    let refused = bed.import(&[&env], &["--service", "team", "--yes", "--delete"]).run().expect_code(3);
    assert!(refused.err().contains("`team/A` has another value") && refused.err().contains("--replace"));
    assert_eq!((bed.keyring.lookup("team", "A"), bed.keyring.lookup("team", "B")), (Some(b"other".to_vec()), None));
    assert!(env.exists());
    let output = bed.import(&[&env], &["--service", "team", "--yes", "--replace"]).run().success();
    assert_eq!(output.out(), "keychain/team/A replaced\nkeychain/team/B set\n");
    assert!(output.err().contains("the old one will be gone"), "{}", output.err());
    // Again: nothing is to be written, so nothing is asked.
    let output = bed.import(&[&env], &["--service", "team"]).run().success();
    assert_eq!(output.out(), "keychain/team/A unchanged\nkeychain/team/B unchanged\n");
}

#[test]
fn what_cannot_be_imported_is_refused_before_anything_is_written() {
    let bed = Bed::new();
    let canary = Canary::random();
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n";
    let env = bed.file(".env", format!("A={}\nexport B\n", canary.text()));
    let good = bed.file("good.env", "A=one\nEMPTY=\n");
    let yaml = bed.file("a.yaml", format!("{secret}stringData: {{a: [{}]}}\n", canary.text()));
    let mixed = bed.file("mixed.yaml", format!("{secret}stringData: {{a: one}}\n---\nkind: ConfigMap\n"));
    let elsewhere = bed.file("b.yaml", secret.replace("db", "db, namespace: elsewhere") + "stringData: {a: one}\n");
    let large = bed.file("large", vec![b'x'; 1024 * 1024 + 1]);
    let binary = bed.file("binary.env", [b"A=", &[0xff, 0xfe][..]].concat());
    let link = bed.folder.path().join("link.env");
    symlink(&good, &link).unwrap();
    let folder = bed.folder.path().to_owned();
    for (file, args, code, said) in [
        (&env, &["--for", "db"][..], 2, "line 2 has no `=`"),
        (&good, &[], 2, "--for NAME"),
        (&good, &["--service", ""], 2, "cannot be the name of a service"),
        (&good, &["--service", "a/b"], 2, "cannot be the name of a service"),
        (&good, &["--for", "db", "--delete"], 3, "is not deleted"),
        (&yaml, &[], 2, "must be quoted"),
        (&yaml, &["--for", "db"], 2, "leave --for out"),
        (&mixed, &["--delete"], 3, "is not deleted"),
        (&elsewhere, &[], 3, "add -n elsewhere"),
        (&large, &["--for", "db"], 2, "more than 1 MiB"),
        (&binary, &["--for", "db"], 2, "line 1 is not UTF-8"),
        (&link, &["--for", "db"], 3, "is a link"),
        (&folder, &["--for", "db"], 3, "is a folder"),
        (&bed.folder.path().join("none.env"), &["--for", "db"], 2, "cannot be read"),
    ] {
        let output = bed.import(&[file], &[args, &["--yes"]].concat()).run().expect_code(code);
        assert!(output.err().contains(said), "{}: {}", file.display(), output.err());
        assert_absent(std::slice::from_ref(&canary), &output.stderr, said);
    }
    let twice = bed.import(&[&good, &good], &["--service", "team", "--yes"]).run().expect_code(2);
    assert!(twice.err().contains("two of the values would become `team/A`"), "{}", twice.err());
    let nobody = bed.import(&[&good], &["--service", "team"]).run().expect_code(3);
    assert!(nobody.err().contains("--yes"), "{}", nobody.err());
    assert_eq!(bed.entries(), Vec::<String>::new());
    assert!(good.exists() && mixed.exists());
    // More than the values that are moved is never offered for deletion.
    let output = bed.import(&[&mixed], &["--yes"]).run().success();
    assert!(output.err().contains("and more than that"), "{}", output.err());
}

#[test]
fn a_store_that_forgets_is_refused_and_then_no_file_goes() {
    let folder = temp_folder("import");
    let path = folder.path().join(".env");
    fs::write(&path, "A=not-a-real-password\n").unwrap();
    let service = format!("test-{}", random_hex(6));
    let keyring = Keyring::keyutils();
    let run = |args: &[&str]| {
        Secretsafe::new()
            .args(["keychain", "import", "--service", &service, "--yes"])
            .args([&path])
            .args(args)
            .envs(keyring.env())
            .run()
    };
    let refused = run(&["--delete"]).expect_code(3);
    assert!(
        refused.err().contains("forgets at reboot") && refused.err().contains("--forgetful-ok"),
        "{}",
        refused.err()
    );
    let usage = run(&["--delete", "--forgetful-ok"]).expect_code(2);
    assert!(usage.err().contains("together with another flag"), "{}", usage.err());
    let output = run(&["--forgetful-ok"]).success();
    assert!(output.err().contains("forgets at reboot"), "{}", output.err());
    assert!(path.exists());
    let delete = ["keychain", "delete", &format!("{service}/A"), "--foreign", "--yes"];
    Secretsafe::new().args(delete).envs(keyring.env()).run().success();
}

#[test]
fn a_collection_that_ends_with_the_session_is_refused() {
    let bed = Bed::new();
    let env = bed.file(".env", "A=not-a-real-password\n");
    bed.keyring.make_volatile();
    let refused = bed.import(&[&env], &["--service", "team", "--yes", "--delete"]).run().expect_code(3);
    assert!(refused.err().contains("it forgets when you log out"), "{}", refused.err());
    assert!(env.exists() && bed.keyring.lookup("team", "A").is_none());
    bed.import(&[&env], &["--service", "team", "--yes", "--forgetful-ok"]).run().success();
    assert!(env.exists() && bed.keyring.lookup("team", "A").is_some());
}

/// A store that says yes to a write and has forgotten it when a new process asks.
#[test]
fn a_value_that_a_new_process_does_not_find_leaves_the_file_alone() {
    let bed = Bed::new();
    let env = bed.file(".env", "A=not-a-real-password\n");
    // The new process reads the user's config file, and that leads it to another store.
    let run = bed.import(&[&env], &["--service", "team", "--delete"]);
    let mut session = Terminal::spawn(&run.command());
    session.expect("into the keychain?");
    let config = bed.keyring.folder().join("config/secretsafe");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("config.yaml"), "keychain: keyutils\n").unwrap();
    session.send("y");
    assert_eq!(session.wait().code(), Some(4), "{}", session.screen());
    assert!(session.screen().contains("a new process does not find"), "{}", session.screen());
    assert!(env.exists());
}

#[test]
fn cut_off_anywhere_no_value_is_lost_and_another_run_ends_it() {
    let bed = Bed::new();
    for point in ["after-keychain", "before-delete"] {
        let name = format!("s{}", random_hex(4));
        let env = bed.file(".env", "A=not-a-real-password\nB=two\n");
        let args = ["--service", name.as_str(), "--yes", "--delete"];
        let cut = bed.import(&[&env], &args).env("SECRETSAFE_FAULT", point).env("SECRETSAFE_FAULT_KILLS", "1").run();
        assert_eq!(cut.code, None, "{point}: {}", cut.err());
        assert_eq!(fs::read(&env).unwrap(), b"A=not-a-real-password\nB=two\n", "{point}");
        assert!(bed.keyring.lookup(&name, "A").is_some(), "{point}");
        let output = bed.import(&[&env], &args).run().success();
        assert!(output.out().contains(&format!("keychain/{name}/A unchanged")) && !env.exists(), "{}", output.out());
        assert_eq!(bed.keyring.lookup(&name, "B").as_deref(), Some(&b"two"[..]));
    }
}

#[test]
fn on_a_terminal_the_plan_and_then_the_deletion_are_asked_about() {
    let bed = Bed::new();
    for (answers, code, kept, stored) in
        [(&["n"][..], 3, true, false), (&["y", "n"], 0, true, true), (&["y", "y"], 0, false, true)]
    {
        let name = format!("s{}", random_hex(4));
        let env = bed.file(".env", "A=not-a-real-password\n");
        let run = bed.import(&[&env], &["--service", &name]);
        let mut session = Terminal::spawn(&run.command());
        let said = session.expect("Move 1 value into the keychain?");
        assert!(said.contains(&format!("keychain/{name}/A is new")), "{said}");
        session.send(answers[0]);
        if let Some(answer) = answers.get(1) {
            session.expect("All of its values are in the keychain");
            assert!(bed.keyring.lookup(&name, "A").is_some(), "stored before it is asked");
            session.send(answer);
        }
        assert_eq!(session.wait().code(), Some(code), "{}", session.screen());
        assert_eq!((env.exists(), bed.keyring.lookup(&name, "A").is_some()), (kept, stored), "{answers:?}");
    }
}

#[test]
fn a_file_that_changed_meanwhile_is_not_deleted() {
    let bed = Bed::new();
    let env = bed.file(".env", "A=not-a-real-password\n");
    let run = bed.import(&[&env], &["--service", "team", "--delete"]);
    let mut session = Terminal::spawn(&run.command());
    session.expect("into the keychain?");
    fs::write(&env, "A=another\n").unwrap();
    session.send("y");
    assert_eq!(session.wait().code(), Some(3), "{}", session.screen());
    assert!(session.screen().contains("was changed meanwhile"), "{}", session.screen());
    assert_eq!(fs::read(&env).unwrap(), b"A=another\n");
}
