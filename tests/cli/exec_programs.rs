//! `exec` with the programs that it is for, as their users would type it: psql, ssh, redis-cli, kubectl.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::exec::{exec, secret};
use crate::support::binaries::{on_path, system};
use crate::support::command;
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::{Daemon, Feed, wait_for};
use crate::support::{temp_folder, write_private};

const LIMIT: Duration = Duration::from_secs(30);
const NOBODY: u32 = 65534;

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn listens(daemon: &Daemon, port: u16) {
    let up = wait_for(LIMIT, || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
    assert!(up.is_some(), "{}", daemon.last_words());
}

/// Debian keeps the server's programs out of PATH.
pub(crate) fn postgres(name: &str) -> PathBuf {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found = installed.map(|version| version.path().join("bin").join(name)).filter(|path| path.is_file());
    found.next().or_else(|| on_path(name)).unwrap_or_else(|| system(name, "postgresql"))
}

/// A PostgreSQL that lets `app` in with a password only.
pub(crate) fn database(password: &str) -> (Daemon, u16, TempDir) {
    let folder = temp_folder("postgres");
    let (data, word) = (folder.path().join("data"), folder.path().join("word"));
    write_private(&word, password.as_bytes());
    for path in [folder.path(), &word] {
        chown(path, Some(NOBODY), Some(NOBODY)).expect("root may give files away");
    }
    let as_nobody = |mut command: Command| {
        command.env_clear().env("LC_ALL", "C").current_dir("/").uid(NOBODY).gid(NOBODY);
        command
    };
    let mut make = Command::new(postgres("initdb"));
    make.args(["-A", "scram-sha-256", "-U", "app", "--no-sync", "-D"]).arg(&data).arg("--pwfile").arg(&word);
    command::run(as_nobody(make), b"").success();
    let port = free_port();
    let mut server = Command::new(postgres("postgres"));
    server.arg("-D").arg(&data).args([
        "-h",
        "127.0.0.1",
        "-p",
        &port.to_string(),
        "-c",
        "fsync=off",
        "-c",
        "log_statement=all",
        "-k",
        "",
    ]);
    let daemon = Daemon::start("postgres", as_nobody(server), Feed::Nothing, folder.path());
    listens(&daemon, port);
    (daemon, port, folder)
}

#[test]
fn psql_takes_a_password_file_or_a_variable() {
    system("psql", "postgresql-client");
    let password = "not-a-real-password";
    let (daemon, port, _folder) = database(password);
    let namespace = ControlPlane::shared().namespace();
    let line = format!("127.0.0.1:{port}:*:app:{password}\n");
    let wrong = line.replace(password, "wrong");
    secret(
        &namespace,
        "db",
        &[("pgpass", line.as_bytes()), ("wrong", wrong.as_bytes()), ("word", password.as_bytes())],
    );
    let port = port.to_string();
    let psql = ["psql", "-h", "127.0.0.1", "-p", &port, "-U", "app", "-d", "postgres", "-wAtc", "select 6 * 7"];
    let ready = wait_for(LIMIT, || {
        let output = exec(&namespace, &["db", "--file", "pgpass=PGPASSFILE"], &psql).run();
        (!output.err().contains("starting up")).then_some(output)
    });
    let file = ready.unwrap_or_else(|| panic!("{}", daemon.last_words())).success();
    assert_eq!((file.out().as_str(), file.err().as_str()), ("42\n", ""), "no complaint about the file's mode");
    let variable = exec(&namespace, &["db", "--env", "word=PGPASSWORD", "--allow-env"], &psql).run().success();
    assert_eq!(variable.out(), "42\n");
    exec(&namespace, &["db", "--file", "wrong=PGPASSFILE"], &psql).run().expect_code(2);
}

/// An SSH server that lets root in with this public key and always says the same.
fn ssh_server(public: &Path) -> (Daemon, u16, TempDir) {
    let folder = temp_folder("sshd");
    let host = folder.path().join("host");
    key(&host);
    let port = free_port();
    let config = folder.path().join("config");
    let text = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\n\
         StrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n\
         ForceCommand echo welcome\n",
        host.display(),
        public.display()
    );
    fs::write(&config, text).unwrap();
    // Where the server keeps its unprivileged half; Debian's service makes it.
    fs::create_dir_all("/run/sshd").expect("root may make it");
    let server = on_path("sshd").unwrap_or_else(|| "/usr/sbin/sshd".into());
    assert!(server.is_file(), "sshd is missing: install the package `openssh-server`, or run `tests/setup`");
    let mut command = Command::new(server);
    command.args(["-D", "-e", "-f"]).arg(&config);
    let daemon = Daemon::start("sshd", command, Feed::Nothing, folder.path());
    listens(&daemon, port);
    (daemon, port, folder)
}

fn key(path: &Path) {
    let mut keygen = Command::new(system("ssh-keygen", "openssh-client"));
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path);
    command::run(keygen, b"").success();
}

#[test]
fn ssh_takes_a_key_as_a_file() {
    let folder = temp_folder("ssh");
    let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));
    key(&ours);
    key(&theirs);
    let (daemon, port, _server) = ssh_server(&ours.with_extension("pub"));
    let namespace = ControlPlane::shared().namespace();
    let keys = [("ssh-privatekey", fs::read(&ours).unwrap()), ("other", fs::read(&theirs).unwrap())];
    secret(&namespace, "deploy", &keys.each_ref().map(|(name, text)| (*name, text.as_slice())));
    // Neither is there a file for ssh to fall back on.
    for file in [&ours, &theirs] {
        fs::remove_file(file).unwrap();
    }
    let port = port.to_string();
    let options =
        ["-F", "/dev/null", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no"];
    let mut ssh = vec!["ssh", "-i", "{KEY}", "-p", &port, "-o", "UserKnownHostsFile=/dev/null", "-q"];
    ssh.extend(options);
    ssh.push("root@127.0.0.1");
    let output = exec(&namespace, &["deploy", "--file", "ssh-privatekey=KEY"], &ssh).run();
    assert_eq!(output.out(), "welcome\n", "{}\n{}", output.err(), daemon.last_words());
    output.success();
    exec(&namespace, &["deploy", "--file", "other=KEY"], &ssh).run().expect_code(255);
}

#[test]
fn redis_cli_takes_a_variable_and_standard_input() {
    let folder = temp_folder("redis");
    let port = free_port();
    let config = format!(
        "port {port}\nbind 127.0.0.1\nsave \"\"\nrequirepass not-a-real-password\ndir {}\n",
        folder.path().display()
    );
    let file = folder.path().join("config");
    write_private(&file, config.as_bytes());
    let mut server = Command::new(system("redis-server", "redis-server"));
    server.arg(&file);
    let daemon = Daemon::start("redis", server, Feed::Nothing, folder.path());
    listens(&daemon, port);
    let client = system("redis-cli", "redis-tools");
    let namespace = ControlPlane::shared().namespace();
    secret(&namespace, "cache", &[("password", b"not-a-real-password"), ("token", b"not-a-real-token")]);
    let port = port.to_string();
    let redis = |more: &[&str], words: &[&str]| {
        let login = [&["cache", "--env", "password=REDISCLI_AUTH", "--allow-env"], more].concat();
        let program = [&[client.to_str().unwrap(), "-p", &port], words].concat();
        exec(&namespace, &login, &program).run()
    };
    assert_eq!(redis(&[], &["ping"]).success().out(), "PONG\n");
    assert_eq!(redis(&["--stdin", "token"], &["-x", "set", "copy"]).success().out(), "OK\n");
    assert_eq!(redis(&[], &["get", "copy"]).success().out(), "not-a-real-token\n");
    let locked = exec(&namespace, &["cache", "password"], &[client.to_str().unwrap(), "-p", &port, "ping"]).run();
    assert!(locked.out().contains("NOAUTH"), "{}", locked.out());
}

#[test]
fn kubectl_takes_a_kubeconfig_as_a_file() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let config = fs::read(plane.admin_kubeconfig()).unwrap();
    secret(&namespace, "ci", &[("kubeconfig", &config)]);
    let kubectl = crate::support::binaries::path("kubectl");
    fs::metadata(&kubectl).map(|file| file.permissions().mode()).unwrap();
    let get = [kubectl.to_str().unwrap(), "get", "secret", "ci", "-n", &namespace, "-o", "name"];
    let output = exec(&namespace, &["ci", "--file", "kubeconfig=KUBECONFIG"], &get).run().success();
    assert_eq!(output.out(), "secret/ci\n");
}
