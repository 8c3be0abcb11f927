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
