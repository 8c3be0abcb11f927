//! `keychain`: every command and format, with a store and without one.

use crate::planted::{FORMATS, check};
use crate::support::canary::{Canary, assert_absent};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::keychain::Keyring;
use crate::support::random_hex;
use crate::support::terminal::Terminal;

fn run(keyring: &[(String, String)], args: &[&str], stdin: &[u8]) -> Secretsafe {
    Secretsafe::new()
        .args(["keychain"])
        .args(args)
        .args(["-v", "9"])
        .envs(keyring.iter().map(|(name, value)| (name, value)))
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
        .stdin(stdin)
}

#[test]
fn nothing_comes_out_of_the_secret_service() {
    let keyring = Keyring::secret_service();
    for (index, canary) in Canary::variants().iter().enumerate() {
        let entry = format!("secretsafe/{index}");
        let renamed = format!("secretsafe/{index}-new");
        let mut steps: Vec<Vec<&str>> = vec![
            vec!["set", &entry, "--stdin"],
            vec!["set", &entry, "--stdin"],
            vec!["set", &entry, "--stdin", "--yes"],
            vec!["set", "--for", "db/password", "--stdin", "--yes"],
            vec!["rename", &entry, &renamed],
            vec!["rename", &entry, &renamed],
            vec!["delete", &renamed],
            vec!["delete", &renamed, "--yes"],
            vec!["delete", &renamed, "--yes"],
        ];
        for format in FORMATS.iter().flatten() {
            steps.insert(3, vec!["list", "-o", format]);
        }
        for step in steps {
            let run = run(&keyring.env(), &step, canary.bytes());
            check(std::slice::from_ref(canary), &run, &run.run(), &format!("keychain {step:?}"));
        }
    }
}

#[test]
fn nothing_comes_out_when_there_is_no_store_or_it_refuses() {
    let canary = Canary::random();
    let nowhere = [("DBUS_SESSION_BUS_ADDRESS".to_owned(), "unix:path=/nonexistent/bus".to_owned())];
    let kernel = [("SECRETSAFE_KEYCHAIN".to_owned(), "keyutils".to_owned())];
    let large = canary.bytes().repeat(2000);
    let entry = format!("test-{}/x", random_hex(6));
    for (store, value, code) in [(&nowhere, canary.bytes(), 4), (&kernel, large.as_slice(), 4)] {
        let run = run(store, &["set", &entry, "--stdin"], value);
        let output = run.run().expect_code(code);
        check(std::slice::from_ref(&canary), &run, &output, "keychain set");
    }
}

#[test]
fn what_is_typed_is_not_on_the_screen() {
    let keyring = Keyring::secret_service();
    let canary = Canary::random();
    let run = run(&keyring.env(), &["set", "team/typed"], b"");
    let mut session = Terminal::spawn(&run.command());
    for question in ["team/typed", "Again"] {
        session.expect(question);
        session.expect_echo(false);
        session.send(format!("{}\n", canary.text()));
    }
    session.expect("keychain/team/typed set");
    session.wait();
    assert_absent(std::slice::from_ref(&canary), &session.screen_bytes(), "screen");
}

#[test]
fn nothing_comes_out_of_files_that_are_imported() {
    let (keyring, folder) = (Keyring::secret_service(), crate::support::temp_folder("import"));
    let canary = Canary::random();
    let text = canary.text();
    let yaml = format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: db}}\nstringData:\n  a: {text}\n");
    let files = [
        ("good.env", format!("A={text}\n")),
        ("line.env", format!("A=x\n{text}\n")),
        ("key.env", format!("{text} x=1\n")),
        ("twice.env", format!("A={text}\nA={text}\n")),
        ("value.txt", text.to_owned()),
        ("good.yaml", yaml.clone()),
        ("syntax.yaml", yaml.replace("  a:", "\ta")),
        ("list.yaml", yaml.replace("  a: ", "  a: - ")),
        ("data.yaml", yaml.replace("stringData", "data")),
        ("sops.yaml", format!("{yaml}sops: {{}}\n")),
    ];
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        for more in [&["--service", "team"][..], &["--service", "team", "--replace", "--delete"], &["--for", "db"], &[]]
        {
            let args = [&["import", path.to_str().unwrap(), "--yes"][..], more].concat();
            let run = run(&keyring.env(), &args, b"");
            check(std::slice::from_ref(&canary), &run, &run.run(), &format!("{name} {more:?}"));
        }
    }
    // The process that compares says nothing, whatever it gets.
    for entry in ["team/A", "team/none", "nonsense"] {
        let run = Secretsafe::new().args(["__same-in-keychain", entry]).envs(keyring.env()).stdin(canary.bytes());
        let output = run.run();
        check(std::slice::from_ref(&canary), &run, &output, entry);
        assert!(output.stdout.is_empty(), "{entry}");
    }
}
