//! `clip` with real desktops: what can be pasted, how it is marked, and that it is gone in every way a run can end.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, ExitStatus, Stdio};
use std::time::Duration;

use crate::exec::secret;
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::wait_for;
use crate::support::desktop::{Desktop, Wayland, X11};
use crate::support::terminal::Terminal;

const LIMIT: Duration = Duration::from_secs(20);
const HINT: &str = "x-kde-passwordManagerHint";
const VALUE: &str = "not-a-real-password";

/// A namespace with a Secret `db`.
pub(crate) fn planted() -> String {
    let namespace = ControlPlane::shared().namespace();
    secret(&namespace, "db", &[("a", VALUE.as_bytes()), ("lines", "é☃\n\ttwo\n".as_bytes()), ("bin", b"a\0b\xff")]);
    secret(&namespace, "odd", &[("empty", b""), ("escape", b"\x1b[2J"), ("nul", b"a\0b")]);
    namespace
}

/// A run of `clip` on this desktop.
pub(crate) fn clip(desktop: &dyn Desktop, namespace: &str, words: &[&str]) -> Secretsafe {
    let run = Secretsafe::new().args(["clip", "-n", namespace]).args(words).envs(desktop.env());
    run.kubeconfig(ControlPlane::shared().admin_kubeconfig())
}

/// A run that has put its value into the clipboard, without a terminal.
pub(crate) struct Held {
    _run: Secretsafe,
    child: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
}

impl Held {
    pub(crate) fn start(run: Secretsafe) -> Self {
        let mut command = run.command();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        // SAFETY: both calls are async-signal-safe.
        unsafe {
            command.pre_exec(|| {
                libc::setsid();
                libc::signal(libc::SIGINT, libc::SIG_DFL);
                Ok(())
            });
        }
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        stderr.read_line(&mut said).unwrap();
        assert!(said.contains(" is in the clipboard for "), "{said}");
        Self { _run: run, child, stderr, said }
    }

    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// The process that holds the value.
    pub(crate) fn holder(&self) -> i32 {
        let pid = self.pid();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        children.trim().parse().expect("one child")
    }

    pub(crate) fn send(pid: i32, signal: i32) {
        // SAFETY: kill takes no pointers; the process is ours, and was not waited for.
        assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
    }

    /// Waits for the end, and returns what was said after the first line.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap(), rest)
    }
}

/// Nothing can be pasted; the server may take a moment to see that a connection has ended.
fn assert_empty(desktop: &dyn Desktop, when: &str) {
    let empty = wait_for(LIMIT, || desktop.paste().is_none().then_some(()));
    assert!(empty.is_some(), "there is still something in the clipboard {when}");
}

fn desktops() -> Vec<(&'static str, Box<dyn Desktop>)> {
    vec![("X11", Box::new(X11::start())), ("Wayland", Box::new(Wayland::start()))]
}

#[test]
fn a_value_can_be_pasted_and_is_marked_as_secret() {
    let namespace = planted();
    for (name, desktop) in desktops() {
        for (key, value) in [("a", VALUE), ("lines", "é☃\n\ttwo\n")] {
            let held = Held::start(clip(&*desktop, &namespace, &["db", key, "--for", "10m"]));
            assert_eq!(held.said, format!("{key} of secret/db is in the clipboard for 600 s\n"));
            for _ in 0..3 {
                assert_eq!(desktop.paste().as_deref(), Some(value.as_bytes()), "{name}");
            }
            let kinds = desktop.kinds();
            for kind in [HINT, "UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "TEXT"] {
                assert!(kinds.lines().any(|line| line == kind), "{name}: {kind} is not in\n{kinds}");
            }
            assert_eq!(desktop.paste_as(HINT).as_deref(), Some(&b"secret"[..]), "{name}");
            assert_eq!(desktop.paste_as("text/plain;charset=utf-8").as_deref(), Some(value.as_bytes()), "{name}");
            assert_eq!(desktop.paste_as("image/png"), None, "{name}");
            Held::send(held.pid(), libc::SIGTERM);
            let (status, said) = held.end();
            assert_eq!((status.signal(), said.as_str()), (Some(libc::SIGTERM), "cleared\n"), "{name}");
            assert_empty(&*desktop, name);
        }
    }
}

#[test]
fn when_its_time_is_over_the_clipboard_is_empty() {
    let namespace = planted();
    for (name, desktop) in desktops() {
        let output = clip(&*desktop, &namespace, &["secret/db", "a", "--for", "1s"]).run().success();
        assert_eq!(output.err(), "a of secret/db is in the clipboard for 1 s\ncleared\n", "{name}");
        assert_eq!(output.out(), "");
        assert_empty(&*desktop, name);
        let quiet = clip(&*desktop, &namespace, &["db", "a", "--for", "1", "-q"]).run().success();
        assert_eq!(quiet.err(), "");
    }
}

#[test]
fn what_was_copied_meanwhile_stays() {
    let namespace = planted();
    for (name, desktop) in desktops() {
        let held = Held::start(clip(&*desktop, &namespace, &["db", "a"]));
        assert_eq!(held.said, "a of secret/db is in the clipboard for 30 s\n");
        desktop.copy("from elsewhere");
        let (status, said) = held.end();
        assert_eq!(said, "left alone: something else was copied meanwhile\n", "{name}");
        assert!(status.success());
        assert_eq!(desktop.paste().as_deref(), Some(&b"from elsewhere"[..]), "{name}");
        // And what was there before is replaced.
        let held = Held::start(clip(&*desktop, &namespace, &["db", "a"]));
        assert_eq!(desktop.paste().as_deref(), Some(VALUE.as_bytes()), "{name}");
        held.killed();
        assert_empty(&*desktop, name);
    }
}

impl Held {
    /// Ends it in the way that nobody can answer.
    fn killed(self) -> ExitStatus {
        Self::send(self.pid(), libc::SIGKILL);
        let (status, said) = self.end();
        assert_eq!(said, "", "nothing can be said any more");
        status
    }
}

#[test]
fn whoever_is_killed_nothing_is_left() {
    let namespace = planted();
    for (name, desktop) in desktops() {
        let held = Held::start(clip(&*desktop, &namespace, &["db", "a", "--for", "10m"]));
        let holder = held.holder();
        assert_eq!(held.killed().signal(), Some(libc::SIGKILL));
        assert_empty(&*desktop, name);
        let gone = wait_for(LIMIT, || (!std::path::Path::new(&format!("/proc/{holder}")).exists()).then_some(()));
        assert!(gone.is_some(), "{name}: the holder has gone with it");

        let held = Held::start(clip(&*desktop, &namespace, &["db", "a", "--for", "10m"]));
        Held::send(held.holder(), libc::SIGKILL);
        let (status, said) = held.end();
        assert_eq!(said, "cleared: the desktop, or what held the value for it, went away\n");
        assert!(status.success());
        assert_empty(&*desktop, name);
    }
}

#[test]
fn a_desktop_that_goes_away_takes_the_value_along() {
    let namespace = planted();
    let desktop = X11::start();
    let held = Held::start(clip(&desktop, &namespace, &["db", "a", "--for", "10m"]));
    desktop.stop();
    let (status, said) = held.end();
    assert_eq!(said, "cleared: the desktop, or what held the value for it, went away\n");
    assert!(status.success());
}

#[test]
fn on_a_terminal_the_time_runs_down_and_ctrl_c_clears() {
    let namespace = planted();
    for (name, desktop) in desktops() {
        let run = clip(&*desktop, &namespace, &["db", "a", "--for", "10m"]);
        let mut session = Terminal::spawn(&run.command());
        session.expect("is in the clipboard for 600 s");
        session.expect("600 s left, ctrl-C ends it now");
        session.expect("599 s left");
        assert_eq!(desktop.paste().as_deref(), Some(VALUE.as_bytes()), "{name}");
        session.send("\x03");
        session.expect("\r\u{1b}[2Kcleared");
        assert_eq!(session.wait().signal(), Some(libc::SIGINT));
        assert_empty(&*desktop, name);
        assert!(!session.screen().contains(VALUE));
    }
}

#[test]
fn a_command_that_is_stopped_holds_the_value_no_longer_than_asked() {
    let namespace = planted();
    let desktop = X11::start();
    let run = clip(&desktop, &namespace, &["db", "a", "--for", "5s"]);
    let mut session = Terminal::spawn(&run.command());
    session.expect("is in the clipboard for 5 s");
    session.send("\x1a");
    assert_eq!(session.wait_stopped(), libc::SIGTSTP);
    assert_empty(&desktop, "though the command is stopped");
    session.resume();
    session.expect("cleared");
    assert!(session.wait().success());
}

#[test]
fn large_values_are_pasted_whole() {
    let namespace = ControlPlane::shared().namespace();
    let large: String = (0..90_000).map(|number| format!("{number:09}\n")).collect();
    secret(&namespace, "big", &[("a", large.as_bytes())]);
    for (name, desktop) in desktops() {
        let held = Held::start(clip(&*desktop, &namespace, &["big", "a"]));
        assert!(desktop.paste().as_deref() == Some(large.as_bytes()), "{name}");
        held.killed();
    }
}

#[test]
fn name_and_key_are_picked_on_a_terminal() {
    let namespace = planted();
    let desktop = X11::start();
    let run = clip(&desktop, &namespace, &[]);
    let mut session = Terminal::spawn(&run.command());
    session.expect("db");
    session.send("db\r");
    session.expect("lines");
    session.send("lines\r");
    session.expect("lines of secret/db is in the clipboard for 30 s");
    assert_eq!(desktop.paste().as_deref(), Some("é☃\n\ttwo\n".as_bytes()));
    session.send("\x03");
    session.wait();
}
