//! The process: core dumps, other processes of the user, signals, a closed stdout.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::command::{Secretsafe, copy_program};
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::wait_for;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;
use crate::support::temp_folder;
use crate::support::terminal::Terminal;

fn root_only(what: &str) {
    // SAFETY: geteuid has no preconditions.
    assert_eq!(unsafe { libc::geteuid() }, 0, "{what} needs root: run the tests as root, as CI does");
}

/// Puts the kernel's core pattern back.
struct CorePattern(String);

const CORE_PATTERN: &str = "/proc/sys/kernel/core_pattern";

impl CorePattern {
    fn set(pattern: &str) -> Self {
        let before = fs::read_to_string(CORE_PATTERN).unwrap();
        fs::write(CORE_PATTERN, pattern).expect("root may set the core pattern");
        Self(before)
    }
}

impl Drop for CorePattern {
    fn drop(&mut self) {
        let _ = fs::write(CORE_PATTERN, self.0.trim());
    }
}

/// A core pattern that pipes to a program ignores the size limit, so only an undumpable process is safe.
#[test]
fn a_crash_leaves_no_core_even_through_a_pipe() {
    root_only("setting the core pattern");
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let folder = temp_folder("core");
    let handler = folder.path().join("handler");
    fs::write(&handler, format!("#!/bin/sh\nhead -c 64 > {}/core.$1\n", folder.path().display())).unwrap();
    fs::set_permissions(&handler, fs::Permissions::from_mode(0o755)).unwrap();
    let _pattern = CorePattern::set(&format!("|{} %p", handler.display()));
    let core = |pid: u32| folder.path().join(format!("core.{pid}"));

    // The control: an ordinary process leaves one.
    let mut control = Command::new("sleep").arg("60").spawn().unwrap();
    kill(control.id(), libc::SIGABRT);
    control.wait().unwrap();
    assert!(appears(&core(control.id())), "the handler works");

    let run = Secretsafe::new()
        .args(["create", "generic", "db", "a=stdin", "b=prompt:once", "-n", &namespace])
        .kubeconfig(plane.admin_kubeconfig());
    let streams =
        crate::support::terminal::Streams { stdin: Some(b"not-a-real-password".to_vec()), ..Default::default() };
    let mut session = Terminal::new().run_with(&run.command(), streams).start();
    session.expect("`b`");
    let pid = u32::try_from(session.pid()).unwrap();
    session.signal(libc::SIGABRT);
    assert_eq!(session.wait().signal(), Some(libc::SIGABRT));
    assert!(!core(pid).exists(), "no core was written");
}

fn appears(path: &Path) -> bool {
    wait_for(Duration::from_secs(10), || path.exists().then_some(())).is_some()
}

fn kill(pid: u32, signal: libc::c_int) {
    // SAFETY: kill takes no pointers; the process is our own child.
    unsafe { libc::kill(i32::try_from(pid).unwrap(), signal) };
}

/// Another process of the same user can neither read our memory nor attach to us.
#[test]
fn the_same_user_cannot_read_our_memory() {
    root_only("starting processes as another user");
    let folder = temp_folder("reader");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let binary = folder.path().join("kubectl-secretsafe");
    copy_program(env!("CARGO_BIN_EXE_kubectl-secretsafe").as_ref(), &binary);
    // `view` against a server that never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = folder.path().join("config");
    let server = format!("http://{}", silent.local_addr().unwrap());
    fs::write(
        &config,
        serde_json::json!({"apiVersion": "v1", "kind": "Config", "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server}}], "users": [{"name": "u", "user": {}}]})
        .to_string(),
    )
    .unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o644)).unwrap();
    let nobody = 65534;
    let mut ours = Command::new(&binary)
        .args(["view", "db", "--kubeconfig"])
        .arg(&config)
        .env_clear()
        .uid(nobody)
        .gid(nobody)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (_connection, _) = silent.accept().unwrap(); // it runs, and waits for us
    let mut sleeper = Command::new("sleep").arg("60").uid(nobody).gid(nobody).spawn().unwrap();
    let reads = |pid: u32| {
        Command::new("dd")
            .arg(format!("if=/proc/{pid}/environ"))
            .arg("count=1")
            .uid(nobody)
            .gid(nobody)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
    };
    assert!(reads(sleeper.id()), "the control: the same user reads an ordinary process");
    assert!(!reads(ours.id()), "but not ours");
    let limits = fs::read_to_string(format!("/proc/{}/limits", ours.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().rev().nth(2), Some("0"), "{core}");
    for child in [&mut ours, &mut sleeper] {
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn signals_end_it_by_themselves_after_clean_up() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let proxy = Proxy::start(plane, vec![Rule::always(Fault::Delay(Duration::from_secs(30)))]);
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        let run =
            Secretsafe::new().args(["view", "db", "-n", &namespace]).kubeconfig(&proxy.kubeconfig(plane.admin_token()));
        let before = proxy.connections();
        let mut command = run.command();
        // The tests themselves may run under nohup, and what was started with it ignored leaves it so.
        // SAFETY: signal is async-signal-safe.
        unsafe {
            command.pre_exec(move || match libc::signal(signal, libc::SIG_DFL) {
                libc::SIG_ERR => Err(std::io::Error::last_os_error()),
                _ => Ok(()),
            });
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        wait_for(Duration::from_secs(20), || (proxy.connections() > before).then_some(())).expect("it is waiting");
        kill(child.id(), signal);
        let status = child.wait().unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(status.signal(), Some(signal), "{said}");
    }
}

#[test]
fn a_closed_stdout_is_141_and_silent() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let run = Secretsafe::new()
        .args(["create", "generic", "db", "a=public:x", "-n", &namespace])
        .kubeconfig(plane.admin_kubeconfig());
    let output = run
        .command()
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).code, 200, "what was done is done");
}

#[test]
fn without_protection_nothing_is_touched() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    for refused in ["core-limit", "dumpable"] {
        let proxy = Proxy::start(plane, Vec::new());
        let output = Secretsafe::new()
            .args(["create", "generic", "db", "a=stdin", "-n", &namespace])
            .env("SECRETSAFE_FAULT", refused)
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .stdin("not-a-real-password")
            .run()
            .expect_code(70);
        assert!(output.err().contains("cannot protect the memory"), "{}", output.err());
        assert_eq!(proxy.connections(), 0);
    }
}

/// Starting must stay cheap, and must touch neither network nor files of the user.
#[test]
fn version_and_help_connect_to_nothing() {
    let folder = temp_folder("strace");
    for flag in ["--version", "--help"] {
        let trace = folder.path().join("trace");
        let status = Command::new("strace")
            .args(["-f", "-qq", "-e", "trace=connect,openat,execve", "-o"])
            .arg(&trace)
            .arg(env!("CARGO_BIN_EXE_kubectl-secretsafe"))
            .arg(flag)
            .stdout(Stdio::null())
            .status()
            .expect("strace is missing: type tests/setup");
        assert!(status.success());
        let calls = fs::read_to_string(&trace).unwrap();
        assert!(!calls.contains("connect("), "{calls}");
        assert!(!calls.contains(".kube"), "{calls}");
    }
}
