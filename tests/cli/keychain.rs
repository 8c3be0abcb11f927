//! The keychain: a real gnome-keyring in a private D-Bus session, and the kernel's keyring.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::create::live_value;
use crate::support::command::{Output, Secretsafe, copy_program, run};
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::wait_for;
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

/// A terminal would show what is typed into `--stdin`.
#[test]
fn a_terminal_is_no_pipe() {
    let keyring = Keyring::secret_service();
    let run = secretsafe(&keyring, &["keychain", "set", "team/typed", "--stdin"]);
    let mut session = Terminal::spawn(&run.command());
    session.expect("stdin is the terminal");
    assert_eq!(session.wait().code(), Some(4));
    assert!(keyring.lookup("team", "typed").is_none());
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
    // Each run so far has begun a log of its own, whose first key is an entry too.
    let (logs, listed) = (list("name"), list("name"));
    let logs = logs.lines().filter(|name| name.starts_with("keychain/secretsafe/log/")).count();
    let listed: Vec<&str> = listed.lines().filter(|name| !name.starts_with("keychain/secretsafe/log/")).collect();
    assert_eq!(listed, ["keychain/secretsafe/a", "keychain/secretsafe/b", "keychain/secretsafe/c/d"]);
    assert_eq!(logs, 4);
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

/// Calls the program as an ordinary user with the kernel's keyring.
struct Ordinary {
    folder: tempfile::TempDir,
    user: u32,
}

impl Ordinary {
    fn new(user: u32) -> Self {
        let folder = crate::support::temp_folder("ordinary");
        let open = || std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open()).unwrap();
        let binary = folder.path().join("kubectl-secretsafe");
        copy_program(env!("CARGO_BIN_EXE_kubectl-secretsafe").as_ref(), &binary);
        std::fs::set_permissions(&binary, open()).unwrap();
        let ordinary = Self { folder, user };
        ordinary.forget();
        ordinary
    }

    /// Empties the user's keyring, which outlives a test that failed.
    fn forget(&self) {
        let mut clear = Command::new("keyctl");
        clear.args(["session", "-", "sh", "-c", "keyctl clear $(keyctl get_persistent @s)"]);
        self.run(clear, "");
        // The kernel gives the room back a moment later.
        let prefix = format!("{}:", self.user);
        let empty = || {
            let users = std::fs::read_to_string("/proc/key-users").unwrap();
            let line = users.lines().find(|line| line.trim_start().starts_with(&prefix));
            let used = line.and_then(|line| line.split_whitespace().last()?.split_once('/')?.0.parse::<usize>().ok());
            (used.unwrap_or(0) < 1000).then_some(())
        };
        wait_for(Duration::from_secs(10), empty);
    }

    fn keychain(&self, args: &[&str], stdin: &str) -> Output {
        let mut command = Command::new(self.folder.path().join("kubectl-secretsafe"));
        command.arg("keychain").args(args);
        self.run(command, stdin)
    }

    fn run(&self, mut command: Command, stdin: &str) -> Output {
        use std::os::unix::process::CommandExt;
        let (home, path) = (self.folder.path(), std::env::var_os("PATH").unwrap_or_default());
        command.env_clear().env("SECRETSAFE_KEYCHAIN", "keyutils").env("HOME", home).env("PATH", path);
        command.uid(self.user).gid(self.user);
        run(command, stdin.as_bytes())
    }
}

impl Drop for Ordinary {
    fn drop(&mut self) {
        self.forget();
    }
}

/// Without `pam_keyinit` an ordinary user's session keyring is the default one; we join another.
#[test]
fn the_kernels_keyring_works_for_an_ordinary_user() {
    let user = Ordinary::new(65_534);
    let (entry, other) = (format!("test-{}/db", random_hex(6)), format!("test-{}/db", random_hex(6)));
    user.keychain(&["set", &entry, "--stdin"], "not-a-real-password").success();
    user.keychain(&["rename", &entry, &other, "--foreign"], "").success();
    user.keychain(&["delete", &other, "--foreign", "--yes"], "").success();
}

/// Session keyrings belong to threads: a call on a thread without one failed now and then, and left the
/// value in the user's default keyring.
#[test]
fn the_kernels_keyring_works_on_every_thread_and_leaves_nothing_elsewhere() {
    let user = Ordinary::new(65_532);
    let entry = format!("test-{}/db", random_hex(6));
    for _ in 0..40 {
        user.keychain(&["set", &entry, "--stdin", "--yes"], "not-a-real-password").success();
    }
    let mut show = Command::new("keyctl");
    show.args(["show", "@us"]);
    let shown = user.run(show, "").success().out();
    assert!(!shown.contains(&entry[..10]), "{shown}");
    user.keychain(&["delete", &entry, "--yes", "--foreign"], "").success();
}

#[test]
fn the_kernels_quota_is_looked_at_before_a_write() {
    let user = Ordinary::new(65_533);
    let service = format!("test-{}", random_hex(6));
    let set = |account: &str, size: usize| {
        user.keychain(&["set", &format!("{service}/{account}"), "--stdin"], &"x".repeat(size))
    };
    // The quota is 20,000 bytes where nobody changed it.
    let full = (0..1000).map(|count| set(&count.to_string(), 15_000)).find(|output| output.code != Some(0));
    let full = full.expect("a quota").expect_code(4);
    assert!(full.err().contains("no room left") && full.err().contains("keychain delete"), "{}", full.err());
    // What fits is not refused.
    set("small", 1).success();
}

/// Docker's seccomp profile answers to keyctl with EPERM.
#[test]
fn a_kernel_keyring_that_is_forbidden_is_not_its_own_way_out() {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o", "/dev/null", "-e", "inject=keyctl,add_key,request_key:error=EPERM"]);
    strace.arg(env!("CARGO_BIN_EXE_kubectl-secretsafe")).args(["keychain", "set", "team/db", "--stdin"]);
    let state = crate::support::temp_folder("state");
    strace.env("SECRETSAFE_KEYCHAIN", "keyutils").env("XDG_STATE_HOME", state.path());
    let output = run(strace, b"not-a-real-password").expect_code(4);
    assert!(output.err().contains("there is no kernel keyring here"), "{}", output.err());
    assert!(output.err().contains("KEY=stdin") && !output.err().contains("SECRETSAFE_KEYCHAIN"), "{}", output.err());
}

#[test]
fn a_store_whose_name_is_no_text_is_not_the_default_store() {
    use std::os::unix::ffi::OsStrExt;
    let name = std::ffi::OsStr::from_bytes(b"key\xffutils");
    let output = Secretsafe::new().args(["keychain", "list"]).env("SECRETSAFE_KEYCHAIN", name).run().expect_code(2);
    assert!(output.err().contains("is not known"), "{}", output.err());
}

#[test]
fn a_value_is_not_read_where_it_would_be_shown() {
    let keyring = Keyring::secret_service();
    let run = secretsafe(&keyring, &["keychain", "set", "team/db", "--stdin"]);
    let mut session = Terminal::spawn(&run.command());
    session.expect("stdin is the terminal, which would show the value");
    session.expect("leave out --stdin");
    assert_eq!(session.wait().code(), Some(4));
    assert_eq!(keyring.lookup("team", "db"), None);
}

/// Asks the Secret Service something that `secret-tool` cannot.
fn call<B>(keyring: &Keyring, method: &str, arguments: &B)
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
{
    let bus = keyring.env().into_iter().find(|(name, _)| name == "DBUS_SESSION_BUS_ADDRESS").unwrap().1;
    let connection = zbus::blocking::connection::Builder::address(bus.as_str()).unwrap().build().unwrap();
    let (service, interface) = (Some("org.freedesktop.secrets"), Some("org.freedesktop.Secret.Service"));
    connection.call_method(service, "/org/freedesktop/secrets", interface, method, arguments).unwrap();
}

fn collection(name: &str) -> zbus::zvariant::ObjectPath<'_> {
    format!("/org/freedesktop/secrets/collection/{name}").try_into().unwrap()
}

#[test]
fn a_locked_collection_is_said_and_the_ways_out_are_named() {
    let keyring = Keyring::secret_service();
    set(&keyring, &["team/db"], "not-a-real-password").success();
    call(&keyring, "Lock", &vec![collection("login")]);
    for args in [&["team/db", "--yes"][..], &["team/new"]] {
        let locked = set(&keyring, args, "not-a-real-password").expect_code(4);
        for word in ["is locked or denies access", "SECRETSAFE_KEYCHAIN=keyutils", "KEY=stdin"] {
            assert!(locked.err().contains(word), "{args:?}: {word}: {}", locked.err());
        }
    }
}

#[test]
fn a_collection_that_forgets_is_said() {
    let keyring = Keyring::secret_service();
    let quiet = set(&keyring, &["team/kept"], "not-a-real-password").success();
    assert!(!quiet.err().contains("forgets"), "{}", quiet.err());
    call(&keyring, "SetAlias", &("default", collection("session")));
    let volatile = set(&keyring, &["team/db"], "not-a-real-password").success();
    assert!(volatile.err().contains("forgets when you log out"), "{}", volatile.err());
}

/// The servers of a context are noted in an entry of ours; a value there would be lost.
#[test]
fn no_value_is_lost_to_our_own_notes() {
    let keyring = Keyring::secret_service();
    let refused = set(&keyring, &["secretsafe/bindings/bed"], "not-a-real-password").expect_code(2);
    assert!(refused.err().contains("another name"), "{}", refused.err());
    set(&keyring, &["secretsafe/db"], "not-a-real-password").success();
    let rename = ["keychain", "rename", "secretsafe/db", "secretsafe/bindings/bed"];
    secretsafe(&keyring, &rename).run().expect_code(2);
    // Another program was there first.
    keyring.store("secretsafe", "bindings/bed", b"not-a-real-token");
    let kept = set(&keyring, &["--for", "db/password"], "not-a-real-password").expect_code(4);
    assert!(kept.err().contains("keychain rename"), "{}", kept.err());
    assert_eq!(keyring.lookup("secretsafe", "bindings/bed").unwrap(), b"not-a-real-token");
    secretsafe(&keyring, &["keychain", "rename", "secretsafe/bindings/bed", "secretsafe/found"]).run().success();
    set(&keyring, &["--for", "db/password"], "not-a-real-password").success();
    assert_eq!(keyring.lookup("secretsafe", "found").unwrap(), b"not-a-real-token");
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
