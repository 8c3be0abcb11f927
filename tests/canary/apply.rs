//! `apply -f`, `diff -f` of SecretSources and `scan --adopt`: every format, values in the places of sources, and every failure.

use std::fs;
use std::path::{Path, PathBuf};

use crate::planted::{Planted, check};
use crate::support::canary::Canary;
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::keychain::Keyring;
use crate::support::proxy::Proxy;
use crate::support::temp_folder;

/// A document with values from a pipe and from another Secret, one of them composed.
const SOURCES: &str = "apiVersion: secretsafe.dev/v1alpha1\nkind: SecretSources\nmetadata: {name: new, labels: {app: web}}\nkeys:\n  \
    piped: {from: stdin}\n  copied: {from: 'secret:db/plain-0'}\n  url: {template: 'postgres://app:{{ piped | url }}@db/app'}\n";

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn run(verb: &str, file: &Path, namespace: &str, more: &[&str]) -> Secretsafe {
    let yes: &[&str] = if verb == "apply" { &["--yes"] } else { &[] };
    Secretsafe::new()
        .args([verb, "-n", namespace, "-v", "9", "--allow-source", "stdin", "-f"])
        .args([file])
        .args(yes)
        .args(more)
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
}

fn sources(namespace: &str, planted: &Planted) -> String {
    let key = planted.values.iter().map(|(key, _)| key).next().unwrap();
    SOURCES.replace("secret:db/plain-0", &format!("secret:{namespace}/db/{key}"))
}

#[test]
fn nothing_comes_out_when_all_goes_well() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = Planted::applied(plane);
    let (folder, piped) = (temp_folder("apply"), Canary::random());
    let file = write(folder.path(), "new.yaml", &sources(&namespace, &planted));
    let canaries = || planted.canaries.iter().chain([&piped]).map(|one| Canary::of(one.bytes())).collect::<Vec<_>>();
    for format in ["table", "json", "yaml", "name"] {
        for (verb, more) in [
            ("diff", &[][..]),
            ("apply", &["--dry-run=client"]),
            ("apply", &["--dry-run=server"]),
            ("apply", &[]),
            ("apply", &["--renew", "piped"]),
            ("apply", &["--prune"]),
        ] {
            let run = run(verb, &file, &namespace, more).args(["-o", format]).stdin(piped.bytes());
            let output = run.run();
            assert!(matches!(output.code, Some(0 | 1)), "{verb} {more:?}: {:?} {}", output.code, output.err());
            check(&canaries(), &run, &output, &format!("{verb} {more:?} {format}"));
        }
        plane.kubectl(&["delete", "secret", "new", "-n", &namespace]).success();
    }
}

#[test]
fn nothing_comes_out_of_a_file_that_is_refused() {
    let namespace = ControlPlane::shared().namespace();
    let (folder, canary) = (temp_folder("refused"), Canary::random());
    let value = canary.text();
    let head = "apiVersion: secretsafe.dev/v1alpha1\nkind: SecretSources\nmetadata: {name: db}\n";
    for (number, text) in [
        format!("{head}keys: {{a: {value}}}\n"),
        format!("{head}keys: {{a: {{from: '{value}'}}}}\n"),
        format!("{head}keys: {{a: {{from: 'promt:{value}'}}}}\n"),
        format!("{head}keys: {{a: {{from: 'public:{value}'}}}}\n"),
        format!("{head}keys: {{password: {{from: 'public:{value}'}}}}\n"),
        format!("{head}keys: {{a: {{from: 'generate:{value}'}}}}\n"),
        format!("{head}keys: {{a: {{value: '{value}'}}}}\n"),
        format!("{head}keys: {{a: {{template: '{value}'}}}}\n"),
        format!("{head}keys: {{a: {{from: prompt, policy: {{every: '{value}'}}}}}}\n"),
        format!("{head}data: {{a: {value}}}\nkeys: {{a: {{from: prompt}}}}\n"),
        format!("{head}stringData: {value}\nkeys: {{a: {{from: prompt}}}}\n"),
        format!("{head}type: '{value} {value}'\nkeys: {{a: {{from: prompt}}}}\n"),
        format!("{head}immutable: {value}\nkeys: {{a: {{from: prompt}}}}\n"),
        format!("{head}keys: {{a: {{from: prompt}}}} {value}\n"),
        format!("{head}keys:\n\ta: {value}\n"),
        format!("{head}keys: {{a: {{from: *{value}}}}}\n"),
        format!("{head}{value}: x\n"),
        format!("{{\"apiVersion\": \"secretsafe.dev/v1alpha1\", \"kind\": \"SecretSources\", \"keys\": \"{value}"),
    ]
    .into_iter()
    .enumerate()
    {
        let file = write(folder.path(), &format!("{number}.yaml"), &text);
        for verb in ["apply", "diff"] {
            for format in ["table", "json"] {
                let run = run(verb, &file, &namespace, &["-o", format]);
                let output = run.run();
                assert!(matches!(output.code, Some(2 | 3)), "{verb} {number}: {:?} {}", output.code, output.err());
                check(std::slice::from_ref(&canary), &run, &output, &format!("{verb} of file {number}"));
            }
        }
    }
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let (namespace, planted) = Planted::applied(plane);
    let folder = temp_folder("apply");
    let file = write(folder.path(), "new.yaml", &sources(&namespace, &planted));
    let piped = Canary::random();
    std::thread::scope(|scope| {
        for (what, fault) in planted.faults() {
            let (namespace, planted, file, piped) = (&namespace, &planted, &file, &piped);
            scope.spawn(move || {
                for method in ["GET", "POST"] {
                    let proxy = Proxy::start(plane, vec![Rule::always(fault.clone()).method(method).path("/secrets")]);
                    let run = run("apply", file, namespace, &[])
                        .stdin(piped.bytes())
                        .kubeconfig(&proxy.kubeconfig(plane.admin_token()));
                    let output = run.run();
                    assert!(matches!(output.code, Some(0 | 3..=6)), "{what}: {:?} {}", output.code, output.err());
                    check(&planted.canaries, &run, &output, &format!("apply with {what} at {method}"));
                    check(std::slice::from_ref(piped), &run, &output, &format!("apply with {what} at {method}"));
                }
            });
        }
    });
}

#[test]
fn nothing_comes_out_of_files_that_are_adopted() {
    let plane = ControlPlane::shared();
    let (namespace, keyring, planted) = (plane.namespace(), Keyring::secret_service(), Planted::new());
    let folder = temp_folder("adopt");
    let secret = planted.secret("db", &namespace).to_string();
    for (name, text, code) in [
        ("good.json", secret.clone(), 0),
        ("cut.json", secret.get(..secret.len() / 2).unwrap().to_owned(), 0),
        ("list.json", format!(r#"{{"apiVersion":"v1","kind":"List","items":[{secret}]}}"#), 2),
    ] {
        let file = write(folder.path(), name, &text);
        for store in ["keyutils", "secret-service"] {
            let run = Secretsafe::new()
                .args(["scan", "--adopt", "--yes", "-v", "9", "-n", &namespace])
                .args([&file])
                .envs(keyring.env())
                .env("SECRETSAFE_KEYCHAIN", store)
                .kubeconfig(plane.admin_kubeconfig());
            let output = run.run();
            let expected = if store == "keyutils" && name == "good.json" { 3 } else { code };
            assert_eq!(output.code, Some(expected), "{name}: {}", output.err());
            check(&planted.canaries, &run, &output, &format!("{name} into {store}"));
        }
        fs::remove_file(file).unwrap();
    }
}
