//! The config file: what it changes before the command line is read, and what it says when it is wrong.

use serde_json::Value;

use crate::create::live_value;
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::keychain::Keyring;

const GENERATE: &str = "generate:\n  default: passphrase\n  password: length=32,charset=symbols\n";

/// What the plan says about each source.
fn planned(config: &str, sources: &[&str]) -> Vec<String> {
    let run = Secretsafe::new()
        .args(["create", "generic", "db", "--dry-run=client", "-o", "json"])
        .args(sources)
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
        .config(config);
    let plan: Value = serde_json::from_str(&run.run().success().out()).unwrap();
    let create = plan["steps"].as_array().unwrap().iter().find(|step| step["action"]["kind"] == "create").unwrap();
    let keys = create["action"]["keys"].as_array().unwrap();
    keys.iter().map(|key| key["source"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn generators_take_what_is_not_written_from_the_file() {
    let sources = planned(GENERATE, &["a=generate", "b=generate:password", "c=generate:length=40", "d=generate:hex"]);
    assert!(sources[0].starts_with("generate:passphrase"), "{sources:?}");
    assert!(sources[1].contains("32 characters") && sources[2].contains("40 characters"), "{sources:?}");
    let symbols = |text: &str| text.split(" from ").nth(1).unwrap().split(',').next().unwrap().to_owned();
    assert_eq!(symbols(&sources[1]), symbols(&sources[2]));
    assert_ne!(symbols(&sources[1]), "62", "the set of characters comes from the file");
    assert!(sources[3].starts_with("generate:hex"), "{sources:?}");
}

/// What the file asks for is no permission (requirement S12).
#[test]
fn a_weak_default_is_refused_like_a_weak_source() {
    let run = Secretsafe::new()
        .args(["create", "generic", "db", "a=generate:password", "--dry-run=client"])
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
        .config("generate: {password: length=4}");
    assert!(run.run().expect_code(3).err().contains("too weak"));
}

#[test]
fn what_is_wrong_in_the_file_is_said_and_help_comes_all_the_same() {
    for (config, word) in [
        ("generate: {default: hunter2}", "it takes `default`, and the kinds: password"),
        ("generate: {password: hunter2=1}", "known options: length"),
        ("generate: {rsa: 4096}", "`generate`"),
        ("keychainService: a/b", "`keychainService`"),
    ] {
        let run = |args: &[&str]| {
            Secretsafe::new().args(args).kubeconfig(ControlPlane::shared().admin_kubeconfig()).config(config).run()
        };
        let error = run(&["list"]).expect_code(2).err();
        assert!(error.contains(word) && error.contains("config"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
        assert!(run(&["list", "--help"]).success().out().contains("Examples:"));
    }
}

#[test]
fn own_entries_of_the_keychain_can_be_kept_under_another_service() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let keyring = Keyring::secret_service();
    let run = |args: &[&str]| {
        Secretsafe::new()
            .args(args)
            .envs(keyring.env())
            .kubeconfig(plane.admin_kubeconfig())
            .config("keychainService: team-x")
    };
    run(&["keychain", "set", "--for", "db/password", "--stdin", "-n", &namespace])
        .stdin("not-a-real-password")
        .run()
        .success();
    run(&["create", "generic", "db", "password=keychain", "-n", &namespace]).run().success();
    assert_eq!(live_value(plane, &namespace, "db", "password").unwrap(), b"not-a-real-password");
    let listed = run(&["keychain", "list", "-o", "name"]).run().success().out();
    let entry = listed.lines().find(|line| line.ends_with("/db/password")).unwrap();
    assert!(entry.starts_with("keychain/team-x/"), "{listed}");
    let word = entry.strip_prefix("keychain/").unwrap();
    let candidates = run(&["__complete", "keychain", "delete", ""]).run().success().out();
    assert!(candidates.contains(word), "{candidates}");
    run(&["keychain", "delete", word, "--yes"]).run().success();
    assert!(!run(&["keychain", "list", "-o", "name"]).run().success().out().contains(word));
}
