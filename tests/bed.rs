//! Proves that each part of the test bed works, so that other tests can rely on it.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use support::daemon::wait_for;
use support::keychain::Keyring;
use support::terminal::{Streams, Terminal};

mod support;

fn shell(script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]);
    shell
}

fn is_gone(pid: i32) -> bool {
    let gone = || (!Path::new("/proc").join(pid.to_string()).exists()).then_some(());
    wait_for(Duration::from_secs(10), gone).is_some()
}

// The terminal

#[test]
fn terminal_shows_and_takes_text_and_tells_the_exit_code() {
    let mut session = Terminal::spawn(&shell("printf 'name: '; read -r name; echo \"hello $name\"; exit 130"));
    session.expect("name: ");
    assert!(session.echo_is_on());
    session.send("tester\n");
    session.expect("hello tester");
    let status = session.wait();
    assert_eq!((status.code(), status.signal()), (Some(130), None));
    assert_eq!(session.screen(), "name: tester\r\nhello tester\r\n");
}

#[test]
fn terminal_tells_whether_echo_is_on() {
    let mut session = Terminal::spawn(&shell("stty -echo; printf 'hidden: '; read -r x; stty echo; echo; read -r x"));
    session.expect("hidden: ");
    assert!(!session.echo_is_on());
    session.send("not shown\n");
    session.expect_echo(true);
    session.expect("\r\n"); // or what is typed would stand before it
    session.send("shown\n");
    assert!(session.wait().success());
    assert_eq!(session.screen(), "hidden: \r\nshown\r\n");
}

#[test]
fn terminal_interrupts_stops_and_continues() {
    let mut session = Terminal::spawn(&Command::new("cat"));
    session.send("one\n");
    session.expect("one\r\none\r\n");
    session.send([0x1a]); // ctrl-Z
    assert_eq!(session.wait_stopped(), libc::SIGTSTP);
    session.resume();
    session.send("two\n");
    session.expect("two\r\ntwo\r\n");
    session.signal(libc::SIGSTOP);
    assert_eq!(session.wait_stopped(), libc::SIGSTOP);
    session.resume();
    session.send("three\n");
    session.expect("three\r\nthree\r\n"); // it is in the foreground again
    session.send([0x03]); // ctrl-C
    let status = session.wait();
    assert_eq!((status.code(), status.signal()), (None, Some(libc::SIGINT)));
    for signal in [libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT] {
        let mut session = Terminal::spawn(&Command::new("cat"));
        // Until it runs, it ignores signals as its leader does.
        session.send("up\n");
        session.expect("up\r\nup\r\n");
        session.signal(signal);
        assert_eq!(session.wait().signal(), Some(signal));
    }
}

#[test]
fn terminal_stays_the_terminal_when_the_streams_are_pipes() {
    let script = "read -r piped; printf 'typed: ' >/dev/tty; read -r typed </dev/tty; \
        echo \"$piped $typed\"; echo talk >&2; test ! -t 0 && test ! -t 1 && test ! -t 2";
    let streams = Streams { stdin: Some(b"from a pipe\n".to_vec()), capture_stdout: true, capture_stderr: true };
    let mut session = Terminal::new().run_with(&shell(script), streams).start();
    session.expect("typed: ");
    session.send("and by hand\n");
    assert!(session.wait().success());
    assert_eq!(session.stdout(), b"from a pipe and by hand\n");
    assert_eq!(session.stderr(), b"talk\n");
    assert_eq!(session.screen(), "typed: and by hand\r\n");
}

#[test]
fn terminal_shows_what_a_program_left_unread() {
    let start = || Terminal::new().run(&shell("printf '> '; read -r x")).run_leftover_probe().start();
    for (typed, left) in [("a\nb\nc\n", "leftover=[b\r\nc]"), ("a\n", "leftover=[]"), ("a\nb", "leftover=[b]")] {
        let mut session = start();
        session.expect("> ");
        assert_eq!(session.send(typed), typed.len());
        assert!(session.wait().success());
        session.next();
        session.expect(left);
        assert!(session.wait().success());
    }
}

#[test]
fn terminal_has_a_size_that_can_change() {
    let script = "trap 'stty size; exit 0' WINCH; stty size; while :; do read -r x; done";
    let mut session = Terminal::new().size(30, 100).run(&shell(script)).start();
    session.expect("30 100");
    session.resize(40, 120);
    session.expect("40 120");
    assert!(session.wait().success());
}

#[test]
fn terminal_takes_a_large_paste_even_if_nobody_reads_it() {
    let paste = vec![b'x'; 2 << 20];
    let mut session = Terminal::spawn(&shell("stty raw -echo; printf '> '; wc -c"));
    session.expect("> ");
    assert_eq!(session.send(&paste), paste.len());
    session.signal(libc::SIGTERM);
    session.wait();
    let mut session =
        Terminal::spawn(&shell("stty raw -echo; printf '> '; head -c 5000 >/dev/null; stty cooked; exit 4"));
    session.expect("> ");
    assert!(session.send(&paste) < paste.len());
    assert_eq!(session.wait().code(), Some(4));
}

#[test]
fn terminal_gives_a_program_no_environment_but_its_own() {
    let mut env = Command::new("env");
    env.env("SET", "by the test").env("TERM", "dumb");
    let mut session = Terminal::spawn(&env);
    assert!(session.wait().success());
    let mut names: Vec<String> =
        session.screen().lines().map(|line| line.split('=').next().unwrap().to_owned()).collect();
    names.sort();
    assert_eq!(names, ["PATH", "SET", "TERM"]);
}

#[test]
fn terminal_ends_what_runs_on_it() {
    let session = Terminal::spawn(&shell("sleep 1000; true"));
    let pid = session.pid();
    assert!(!is_gone_now(pid));
    drop(session);
    assert!(is_gone(pid));
}

fn is_gone_now(pid: i32) -> bool {
    !Path::new("/proc").join(pid.to_string()).exists()
}

// The keychain

#[test]
fn keyring_keeps_values_from_one_program_to_the_next() {
    let keyring = Keyring::secret_service();
    keyring.store("secretsafe", "bed/ns/name/key", b"not-a-real-password");
    assert_eq!(keyring.lookup("secretsafe", "bed/ns/name/key"), Some(b"not-a-real-password".to_vec()));
    assert_eq!(keyring.lookup("secretsafe", "another"), None);
    let other = Keyring::secret_service();
    assert_eq!(other.lookup("secretsafe", "bed/ns/name/key"), None);
}

#[test]
fn keyring_ends_its_programs() {
    let keyring = Keyring::secret_service();
    let pids = keyring.pids();
    let folder = keyring.folder().to_owned();
    assert_eq!(pids.len(), 2);
    drop(keyring);
    assert!(pids.into_iter().all(is_gone));
    assert!(!folder.exists());
}
