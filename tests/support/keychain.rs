//! Keychains of our own: a private Secret Service on a private D-Bus, or the kernel's keyring.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::binaries;
use super::command::{self, Output};
use super::daemon::{Daemon, Feed, wait_for};

const START_LIMIT: Duration = Duration::from_secs(30);

/// Only our programs on this bus, and no service that it starts by itself: a locked collection must
/// not bring up a password dialog.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=BUS_PATH</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A keychain for one test. Its programs end when this is dropped.
pub(crate) struct Keyring {
    /// The keyring before the bus that it is on.
    daemons: Vec<Daemon>,
    folder: TempDir,
    env: Vec<(String, String)>,
}

impl Keyring {
    /// Starts a D-Bus session with an unlocked gnome-keyring; its login collection is the default.
    pub(crate) fn secret_service() -> Self {
        let folder = super::temp_folder("keyring");
        let at = |name: &str| folder.path().join(name);
        for name in ["home", "run", "data", "config", "cache"] {
            super::private_folder(&at(name));
        }
        let env: Vec<(String, String)> = [
            ("HOME", at("home").display().to_string()),
            ("XDG_RUNTIME_DIR", at("run").display().to_string()),
            ("XDG_DATA_HOME", at("data").display().to_string()),
            ("XDG_CONFIG_HOME", at("config").display().to_string()),
            ("XDG_CACHE_HOME", at("cache").display().to_string()),
            ("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", at("bus").display())),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();

        let bus = start_bus(folder.path(), &env);
        let keyring = start_keyring(folder.path(), &env);
        let ring = Self { daemons: vec![keyring, bus], folder, env };
        ring.wait_until_unlocked();
        ring
    }

    /// Chooses the kernel's keyring. It is one for all processes of this user and outlives the test
    /// binary, so entries need random names and the test deletes them.
    pub(crate) fn keyutils() -> Self {
        let folder = super::temp_folder("keyutils");
        let env = vec![("SECRETSAFE_KEYCHAIN".to_owned(), "keyutils".to_owned())];
        Self { daemons: Vec::new(), folder, env }
    }

    /// Returns the environment that leads a program to this keychain.
    pub(crate) fn env(&self) -> Vec<(String, String)> {
        self.env.clone()
    }

    /// Returns where the keychain keeps its own files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the process ids of the keychain's programs.
    pub(crate) fn pids(&self) -> Vec<i32> {
        self.daemons.iter().map(Daemon::pid).collect()
    }

    /// Runs `secret-tool`, which is another program than ours, against the Secret Service.
    pub(crate) fn secret_tool(&self, args: &[&str], stdin: &[u8]) -> Output {
        let mut tool = self.program("secret-tool", "libsecret-tools");
        tool.args(args);
        command::run(tool, stdin)
    }

    /// Stores an entry as our program does: attributes `service` and `username`.
    pub(crate) fn store(&self, service: &str, account: &str, value: &[u8]) {
        let label = format!("{service}/{account}");
        let attributes = ["service", service, "username", account];
        let args = [&["store", "--label", &label][..], &attributes].concat();
        self.secret_tool(&args, value).success();
    }

    /// Looks an entry up; `None` when there is none.
    pub(crate) fn lookup(&self, service: &str, account: &str) -> Option<Vec<u8>> {
        let found = self.secret_tool(&["lookup", "service", service, "username", account], b"");
        (found.code == Some(0)).then_some(found.stdout)
    }

    /// Makes the collection that ends with the log-in session the default one.
    pub(crate) fn make_volatile(&self) {
        let mut send = self.program("dbus-send", "dbus");
        send.args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"]);
        send.args(["org.freedesktop.Secret.Service.SetAlias", "string:default"]);
        send.arg("objpath:/org/freedesktop/secrets/collection/session");
        command::run(send, b"").success();
    }

    fn program(&self, name: &str, package: &str) -> Command {
        let mut command = Command::new(binaries::system(name, package));
        command.env_clear().env("LC_ALL", "C.UTF-8").envs(self.env.iter().map(|(n, v)| (n, v)));
        command
    }

    /// The daemon answers on the bus a moment before its collection is open.
    fn wait_until_unlocked(&self) {
        let mut said = String::new();
        let ready = wait_for(START_LIMIT, || {
            let args = ["store", "--label", "probe", "bed", "probe"];
            let stored = self.secret_tool(&args, b"probe");
            said = stored.err();
            (stored.code == Some(0)).then_some(())
        });
        let words: Vec<String> = self.daemons.iter().map(Daemon::last_words).collect();
        assert!(ready.is_some(), "the keyring does not open: {said}\n{}", words.join("\n"));
        self.secret_tool(&["clear", "bed", "probe"], b"").success();
    }
}

fn start_bus(folder: &Path, env: &[(String, String)]) -> Daemon {
    let socket = folder.join("bus");
    let length = socket.as_os_str().len();
    assert!(length < 108, "no Unix socket can have the path {}: shorten TMPDIR", socket.display());
    let config = folder.join("bus.conf");
    let text = BUS.replace("BUS_PATH", &socket.display().to_string());
    super::write_private(&config, text.as_bytes());
    let mut command = Command::new(binaries::system("dbus-daemon", "dbus"));
    command
        .env_clear()
        .envs(env.iter().map(|(name, value)| (name, value)))
        .arg(format!("--config-file={}", config.display()))
        .args(["--nofork", "--nopidfile"]);
    let bus = Daemon::start("dbus-daemon", command, Feed::Nothing, folder);
    let listening = wait_for(START_LIMIT, || socket.exists().then_some(()));
    assert!(listening.is_some(), "no D-Bus session: {}", bus.last_words());
    bus
}

fn start_keyring(folder: &Path, env: &[(String, String)]) -> Daemon {
    let installed = binaries::system("gnome-keyring-daemon", "gnome-keyring");
    let mut command = Command::new(without_capabilities(&installed, folder));
    command
        .env_clear()
        .envs(env.iter().map(|(name, value)| (name, value)))
        .args(["--foreground", "--unlock", "--components=secrets"])
        .arg(format!("--control-directory={}", folder.join("run").display()));
    Daemon::start("gnome-keyring-daemon", command, Feed::Text("not-a-real-password"), folder)
}

/// Copies the daemon: the installed file may carry a capability, and for such files the kernel
/// forgets the promise to kill the program when we die.
fn without_capabilities(installed: &Path, folder: &Path) -> PathBuf {
    let copy = folder.join("gnome-keyring-daemon");
    command::copy_program(installed, &copy);
    copy
}
