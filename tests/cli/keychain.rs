//! The keychain: a real gnome-keyring in a private D-Bus session, and the kernel's keyring.

use std::path::Path;
use std::process::Command;

use crate::create::live_value;
use crate::support::command::{Output, Secretsafe, run};
use crate::support::controlplane::ControlPlane;
use crate::support::keychain::Keyring;
use crate::support::kubeconfig::{Kubeconfig, Login};
use crate::support::random_hex;
use crate::support::terminal::Terminal;

fn secretsafe(keyring: &Keyring, args: &[&str]) -> Secretsafe {
    Secretsafe::new().args(args).envs(keyring.env()).kubeconfig(ControlPlane::shared().admin_kubeconfig())
}

fn set(keyring: &Keyring, args: &[&str], value: &str) -> Output {
    secretsafe(keyring, &["keychain", "set", "--stdin"]).args(args).stdin(value).run()
}

#[test]
fn a_value_stored_in_one_process_is_read_in_another() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let keyring = Keyring::secret_service();
    assert_eq!(set(&keyring, &["team/db"], "not-a-real-password\n").success().out(), "keychain/team/db set\n");
    // Another program finds it, and we find what another program stored.
    assert_eq!(keyring.lookup("team", "db").unwrap(), b"not-a-real-password");
    keyring.store("team", "theirs", b"not-a-real-token");
    let create = ["create", "generic", "db", "a=keychain:team/db", "b=keychain:team/theirs", "-n", &namespace];
    secretsafe(&keyring, &create).run().success();
    assert_eq!(live_value(plane, &namespace, "db", "a").unwrap(), b"not-a-real-password");
    assert_eq!(live_value(plane, &namespace, "db", "b").unwrap(), b"not-a-real-token");
}

#[test]
fn a_value_can_be_typed_and_is_asked_for_twice() {
    let keyring = Keyring::secret_service();
    let run = secretsafe(&keyring, &["keychain", "set", "team/typed"]);
    let mut session = Terminal::spawn(&run.command());
    session.expect("team/typed");
    session.expect_echo(false);
    session.send("not-a-real-password\n");
    session.expect("Again");
    session.send("not-a-real-passwort\n");
    session.expect("differ");
    session.expect("hidden");
    session.send("not-a-real-password\n");
    session.expect("Again");
    session.send("not-a-real-password\n");
    session.expect("keychain/team/typed set");
    assert!(session.wait().success());
    assert_eq!(keyring.lookup("team", "typed").unwrap(), b"not-a-real-password");
    assert!(!session.screen().contains("not-a-real"));
}

#[test]
fn an_existing_entry_is_replaced_only_when_that_is_said() {
    let keyring = Keyring::secret_service();
    set(&keyring, &["team/db"], "first-not-a-real-one").success();
    let refused = set(&keyring, &["team/db"], "second-not-a-real-one").expect_code(3);
    assert!(refused.err().contains("--yes"), "{}", refused.err());
    assert_eq!(keyring.lookup("team", "db").unwrap(), b"first-not-a-real-one");
    let replaced = set(&keyring, &["team/db", "--yes"], "second-not-a-real-one").success();
    assert_eq!(replaced.out(), "keychain/team/db replaced\n");
    assert_eq!(keyring.lookup("team", "db").unwrap(), b"second-not-a-real-one");
}

#[test]
fn entries_are_listed_renamed_and_deleted_by_name() {
    let keyring = Keyring::secret_service();
    for account in ["b", "a", "c/d"] {
        set(&keyring, &[&format!("secretsafe/{account}")], "not-a-real-password").success();
    }
    set(&keyring, &["team/other"], "not-a-real-password").success();
    let list = |format: &str| secretsafe(&keyring, &["keychain", "list", "-o", format]).run().success().out();
    assert_eq!(list("name"), "keychain/secretsafe/a\nkeychain/secretsafe/b\nkeychain/secretsafe/c/d\n");
    let json: serde_json::Value = serde_json::from_str(&list("json")).unwrap();
    assert_eq!((&json["kind"], &json["items"][0]["account"]), (&"KeychainList".into(), &"a".into()));
    assert!(list("table").starts_with("SERVICE"));

    secretsafe(&keyring, &["keychain", "rename", "secretsafe/a", "secretsafe/z"]).run().success();
    assert_eq!(keyring.lookup("secretsafe", "z").unwrap(), b"not-a-real-password");
    assert_eq!(keyring.lookup("secretsafe", "a"), None);
    let taken = secretsafe(&keyring, &["keychain", "rename", "secretsafe/z", "secretsafe/b"]).run().expect_code(3);
    assert!(taken.err().contains("exists already"), "{}", taken.err());

    let foreign = secretsafe(&keyring, &["keychain", "delete", "team/other", "--yes"]).run().expect_code(3);
    assert!(foreign.err().contains("--foreign"), "{}", foreign.err());
    secretsafe(&keyring, &["keychain", "delete", "secretsafe/z"]).run().expect_code(3);
    let deleted = secretsafe(&keyring, &["keychain", "delete", "secretsafe/z", "--yes"]).run().success();
    assert!(deleted.out() == "keychain/secretsafe/z deleted\n" && deleted.err().contains("copies may remain"));
    assert_eq!(keyring.lookup("secretsafe", "z"), None);
    let gone = secretsafe(&keyring, &["keychain", "delete", "secretsafe/z", "--yes"]).run().expect_code(4);
    assert!(gone.err().contains("no entry `secretsafe/z`"), "{}", gone.err());
}

#[test]
fn without_a_secret_service_the_ways_out_are_named() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    for args in [
        &["create", "generic", "db", "a=keychain:a/b", "-n", &namespace][..],
        &["keychain", "list"],
        &["keychain", "set", "a/b", "--stdin"],
    ] {
        let output = Secretsafe::new()
            .args(args)
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .kubeconfig(plane.admin_kubeconfig())
            .stdin("not-a-real-password")
            .run()
            .expect_code(4);
        for way in ["Secret Service", "SECRETSAFE_KEYCHAIN=keyutils", "KEY=stdin"] {
            assert!(output.err().contains(way), "{args:?}: {way}: {}", output.err());
        }
    }
    let missing =
        Secretsafe::new().args(["keychain", "list"]).env("SECRETSAFE_KEYCHAIN", "nosuch").run().expect_code(2);
    assert!(missing.err().contains("secret-service, keyutils"), "{}", missing.err());
}

#[test]
fn the_kernels_keyring_keeps_values_between_processes_and_says_what_it_cannot() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let keyring = Keyring::keyutils();
    let entry = format!("test-{}/db", random_hex(6));
    let stored = set(&keyring, &[&entry], "not-a-real-password").success();
    assert!(stored.err().contains("forgets at reboot"), "{}", stored.err());
    secretsafe(&keyring, &["create", "generic", "db", &format!("a=keychain:{entry}"), "-n", &namespace])
        .run()
        .success();
    assert_eq!(live_value(plane, &namespace, "db", "a").unwrap(), b"not-a-real-password");
    let large = set(&keyring, &[&entry, "--yes"], &"x".repeat(32_768)).expect_code(4);
    assert!(large.err().contains("at most 32767 bytes"), "{}", large.err());
    let list = secretsafe(&keyring, &["keychain", "list"]).run().expect_code(4);
    assert!(list.err().contains("cannot list its entries"), "{}", list.err());
    secretsafe(&keyring, &["keychain", "delete", &entry, "--yes", "--foreign"]).run().success();
    let gone =
        secretsafe(&keyring, &["create", "generic", "x", &format!("a=keychain:{entry}"), "-n", &namespace]).run();
    assert!(gone.expect_code(4).err().contains("no entry `db`"));
}

/// Without `pam_keyinit` an ordinary user's session keyring is the default one; we join another.
#[test]
fn the_kernels_keyring_works_for_an_ordinary_user() {
    let folder = crate::support::temp_folder("nobody");
    let binary = folder.path().join("kubectl-secretsafe");
    std::fs::copy(env!("CARGO_BIN_EXE_kubectl-secretsafe"), &binary).unwrap();
    let open = || std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open()).unwrap();
    std::fs::set_permissions(&binary, open()).unwrap();
    let entry = format!("test-{}/db", random_hex(6));
    let call = |args: &[&str], stdin: &str| {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new(&binary);
        command
            .args(args)
            .env_clear()
            .env("SECRETSAFE_KEYCHAIN", "keyutils")
            .env("HOME", folder.path())
            .uid(65534)
            .gid(65534);
        run(command, stdin.as_bytes())
    };
    call(&["keychain", "set", &entry, "--stdin"], "not-a-real-password").success();
    call(&["keychain", "rename", &entry, &format!("{entry}-2"), "--foreign"], "").success();
    call(&["keychain", "delete", &format!("{entry}-2"), "--foreign", "--yes"], "").success();
}

fn context(folder: &Path, server: &str) -> std::path::PathBuf {
    let inner = folder.join(random_hex(4));
    crate::support::private_folder(&inner);
    let text = Kubeconfig::new(server, ControlPlane::shared().ca_pem(), Login::Nothing).text();
    let path = inner.join("config");
    crate::support::write_private(&path, text.as_bytes());
    path
}

/// Requirement S4: two clusters whose contexts have the same name.
#[test]
fn an_entry_is_bound_to_its_cluster() {
    let folder = crate::support::temp_folder("contexts");
    let keyring = Keyring::secret_service();
    let first = ControlPlane::shared();
    let second = ControlPlane::start();
    let namespace = first.namespace();
    second.create("/api/v1/namespaces", &serde_json::json!({"metadata": {"name": namespace}}));
    let on = |plane: &ControlPlane, args: &[&str]| {
        Secretsafe::new().args(args).args(["-n", &namespace]).envs(keyring.env()).kubeconfig(plane.admin_kubeconfig())
    };
    on(first, &["keychain", "set", "--for", "db/password", "--stdin"]).stdin("not-a-real-password").run().success();
    on(first, &["create", "generic", "db", "password=keychain"]).run().success();
    assert_eq!(live_value(first, &namespace, "db", "password").unwrap(), b"not-a-real-password");
    // The same name, another server: refused, both are named.
    let create = ["create", "generic", "db", "password=keychain"];
    let refused = on(&second, &create).run().expect_code(3);
    for url in [first.server_url(), second.server_url()] {
        assert!(refused.err().contains(&url), "{url}: {}", refused.err());
    }
    assert!(refused.err().contains("keychain rebind --for db/password"), "{}", refused.err());
    // A person says that it is the same cluster.
    let rebind = on(&second, &["keychain", "rebind", "--for", "db/password"]);
    rebind.run().expect_code(3);
    let mut session = Terminal::spawn(&rebind.command());
    session.expect("Type");
    session.send("bed\r");
    session.wait();
    let listed = on(&second, &["keychain", "list", "-o", "name"]).run().success().out();
    assert!(session.screen().contains("bound to") || listed.contains("bed@"), "{}", session.screen());
    on(&second, &create).run().success();
    // A context that never had an entry: simply missing.
    let elsewhere = context(folder.path(), "https://127.0.0.1:1");
    let missing = Secretsafe::new()
        .args(["keychain", "rebind", "--for", "other/key"])
        .envs(keyring.env())
        .kubeconfig(&elsewhere)
        .run();
    assert!(missing.expect_code(4).err().contains("no entry"));
}
