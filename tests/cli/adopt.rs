//! `scan --adopt`: values of manifests move into a real keychain, documents without values stand in their places, and what is
//! stopped on the way has lost nothing (requirement S21).

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use crate::support::canary::{Canary, assert_absent};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::keychain::Keyring;
use crate::support::temp_folder;
use crate::support::terminal::Terminal;

struct Bed {
    keyring: Keyring,
    folder: TempDir,
    namespace: String,
    canary: Canary,
}

impl Bed {
    fn new() -> Self {
        let namespace = ControlPlane::shared().namespace();
        Self { keyring: Keyring::secret_service(), folder: temp_folder("adopt"), namespace, canary: Canary::random() }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn ours(&self, args: &[&str]) -> Secretsafe {
        let run = Secretsafe::new().args(args).args(["-n", &self.namespace]).envs(self.keyring.env());
        run.kubeconfig(ControlPlane::shared().admin_kubeconfig())
    }

    fn adopt(&self, args: &[&str]) -> Secretsafe {
        let folder = self.folder.path().to_str().unwrap();
        self.ours(&[&["scan", folder, "--adopt", "-v", "6"], args].concat())
    }

    /// Nothing of the value is in what comes out.
    fn check(&self, output: &Output) {
        assert_absent(
            std::slice::from_ref(&self.canary),
            &[output.stdout.clone(), output.stderr.clone()].concat(),
            "adopt",
        );
    }

    fn secret(&self, name: &str, key: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\n  labels: {{app: web}}\n  annotations: {{note: x}}\nstringData:\n  {key}: {}\n",
            self.canary.text()
        )
    }

    fn account(&self, name: &str, key: &str) -> Option<String> {
        let listed = self.ours(&["keychain", "list", "-o", "json"]).run().success().out();
        let found: serde_json::Value = serde_json::from_str(&listed).unwrap();
        let entries = found["items"].as_array().unwrap().iter();
        let mut accounts = entries.filter_map(|entry| entry["account"].as_str().map(str::to_owned));
        accounts.find(|account| account.ends_with(&format!("{}/{name}/{key}", self.namespace)))
    }

    fn kept(&self, name: &str, key: &str) -> bool {
        let Some(account) = self.account(name, key) else { return false };
        self.keyring.lookup("secretsafe", &account).is_some_and(|value| value == self.canary.bytes())
    }
}

#[test]
fn values_move_and_what_is_left_makes_the_same_secret() {
    let bed = Bed::new();
    let other = "# a settings file\nkind:  ConfigMap\napiVersion: v1\nmetadata: {name: settings}\ndata: {a: b}\n";
    let json = format!(
        r#"{{"apiVersion":"v1","kind":"Secret","metadata":{{"name":"api"}},"data":{{"token":"{}"}}}}"#,
        STANDARD.encode(bed.canary.bytes())
    );
    let (yaml, json) =
        (bed.file("db.yaml", &format!("{other}---\n{}", bed.secret("db", "password"))), bed.file("api.json", &json));
    fs::set_permissions(&yaml, fs::Permissions::from_mode(0o640)).unwrap();
    let values = bed.file("values.yaml", "database:\n  password: made-up-4711\n");
    let output = bed.adopt(&["--yes"]).run().success();
    bed.check(&output);
    assert!(
        output.out().contains("api.json adopted\n") && output.out().contains("db.yaml adopted\n"),
        "{}",
        output.out()
    );
    for said in [
        "1 finding is in files that are no manifests",
        "copies of the values may remain",
        "rotate db -n",
        "its annotations are left behind",
    ] {
        assert!(output.err().contains(said), "{said}: {}", output.err());
    }
    let text = fs::read_to_string(&yaml).unwrap();
    assert!(text.starts_with(&format!("{other}---\n# yaml-language-server")), "{text}");
    assert!(text.contains("kind: SecretSources") && text.contains("    from: keychain\n"), "{text}");
    assert!(text.contains("    app: web\n"), "{text}");
    assert_eq!(fs::metadata(&yaml).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::read_to_string(&json).unwrap().starts_with("{\n"));
    assert!(fs::read_to_string(&values).unwrap().contains("made-up-4711"), "another file stays as it is");
    assert!(bed.kept("db", "password") && bed.kept("api", "token"));
    // Git sees files without a value, and the cluster gets what it would have got.
    let folder = bed.folder.path().to_str().unwrap();
    let left = bed.ours(&["scan", folder, "-o", "json"]).run().expect_code(1).out();
    assert!(!left.contains("secret-value"), "{left}");
    bed.ours(&["apply", "-f", yaml.to_str().unwrap(), "-f", json.to_str().unwrap(), "--yes"]).run().success();
    for (name, key) in [("db", "password"), ("api", "token")] {
        let path = format!("-o=jsonpath={{.data.{key}}}");
        let stored = ControlPlane::shared().kubectl(&["get", "secret", name, "-n", &bed.namespace, &path]).success();
        assert_eq!(STANDARD.decode(stored.out()).unwrap(), bed.canary.bytes(), "{name}");
    }
    // There is nothing left to adopt.
    let again = bed.adopt(&["--yes"]).run().success();
    assert!(again.out().is_empty(), "{}", again.out());
    assert_eq!(fs::read_to_string(&yaml).unwrap(), text);
}

#[test]
fn what_cannot_be_adopted_is_left_and_says_why() {
    let bed = Bed::new();
    let good = bed.file("good.yaml", &bed.secret("good", "a"));
    let list = bed.secret("b", "a").replace('\n', "\n  ");
    for (name, text, said) in [
        ("list.yaml", format!("apiVersion: v1\nkind: List\nitems:\n- {list}\n"), "list of objects"),
        ("half.yaml", bed.secret("half", "a") + "  b: ${PASSWORD}\n", "key `b` of secret `half` has no value"),
        (
            "far.yaml",
            bed.secret("far", "a").replace("  name:", "  namespace: elsewhere\n  name:"),
            "for namespace `elsewhere`",
        ),
        (
            "chart.yaml",
            bed.secret("chart", "a") + "  {{- if .Values.b }}\n  b: c\n  {{- end }}\n",
            "chart.yaml cannot be adopted",
        ),
    ] {
        let path = bed.file(name, &text);
        let output = bed.adopt(&["--yes"]).run();
        bed.check(&output);
        assert!(matches!(output.code, Some(2 | 3)), "{name}: {:?} {}", output.code, output.err());
        assert!(output.err().contains(said), "{name}: {}", output.err());
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "{name}");
        fs::remove_file(path).unwrap();
    }
    assert!(bed.kept("good", "a"), "one that cannot does not stop the others");
    assert!(fs::read_to_string(&good).unwrap().contains("SecretSources"));
}

#[test]
fn nothing_is_lost_on_the_way() {
    let bed = Bed::new();
    let text = bed.secret("db", "a");
    let path = bed.file("db.yaml", &text);
    let unchanged = || assert_eq!(fs::read_to_string(&path).unwrap(), text);
    // Nobody is there to agree; somebody says no.
    bed.adopt(&[]).run().expect_code(3);
    let mut session = Terminal::spawn(&bed.adopt(&[]).command());
    session.expect("Move 1 value into the keychain and change 1 file?");
    session.send("n");
    assert_eq!(session.wait().code(), Some(3));
    unchanged();
    // A store that forgets.
    let forgetful = bed.adopt(&["--yes"]).env("SECRETSAFE_KEYCHAIN", "keyutils").run().expect_code(3);
    assert!(forgetful.err().contains("does not keep values for good"), "{}", forgetful.err());
    unchanged();
    // Another value is there already.
    let set = bed.ours(&["keychain", "set", "--for", "db/a", "--stdin", "--yes"]);
    set.stdin("another").run().success();
    let refused = bed.adopt(&["--yes"]).run().expect_code(3);
    assert!(refused.err().contains("has another value") && refused.err().contains("--replace"), "{}", refused.err());
    unchanged();
    // Killed between the keychain and the file: the next run goes on.
    let killed =
        bed.adopt(&["--yes", "--replace"]).env("SECRETSAFE_FAULT", "before-adopt").env("SECRETSAFE_FAULT_KILLS", "1");
    assert_eq!(killed.run().signal, Some(9));
    unchanged();
    assert!(bed.kept("db", "a"));
    let output = bed.adopt(&["--yes"]).run().success();
    assert!(output.err().contains("unchanged"), "the next run says what it finds: {}", output.err());
    assert!(fs::read_to_string(&path).unwrap().contains("SecretSources"));
}

#[test]
fn no_file_is_changed_through_a_link() {
    let bed = Bed::new();
    let elsewhere = temp_folder("elsewhere");
    let (real, text) = (elsewhere.path().join("db.yaml"), bed.secret("db", "a"));
    fs::write(&real, &text).unwrap();
    let link = bed.folder.path().join("db.yaml");
    symlink(&real, &link).unwrap();
    let in_folder = bed.adopt(&["--yes"]).run().success();
    bed.check(&in_folder);
    let named = bed.ours(&["scan", link.to_str().unwrap(), "--adopt", "--yes"]).run();
    assert!(named.code != Some(0) || named.out().is_empty(), "{}", named.out());
    assert_eq!(fs::read_to_string(&real).unwrap(), text);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink() && bed.account("db", "a").is_none());
}
