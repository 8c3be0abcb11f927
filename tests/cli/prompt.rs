//! The hidden prompt on a real pseudo-terminal (requirement S13).

use std::os::unix::process::ExitStatusExt;

use crate::create::live_value;
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::terminal::{Session, Streams, Terminal};

fn create(namespace: &str, keys: &[&str]) -> Secretsafe {
    Secretsafe::new()
        .args(["create", "generic", "db", "-n", namespace])
        .args(keys)
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
}

fn code(session: &mut Session) -> i32 {
    session.wait().code().expect("an exit code")
}

/// Starts it, and waits until it asks for `a` and hides what is typed.
fn asked(run: &Secretsafe) -> Session {
    let mut session = Terminal::spawn(&run.command());
    session.expect("`a`");
    session.expect_echo(false);
    session
}

#[test]
fn it_works_with_stdin_piped_and_output_elsewhere() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let run = create(&namespace, &["a=prompt", "b=stdin"]);
    let streams = Streams { stdin: Some(b"not-a-real-token".to_vec()), capture_stdout: true, capture_stderr: true };
    let mut session = Terminal::new().run_with(&run.command(), streams).start();
    for question in ["Value for key `a` of secret/db in namespace", "Again"] {
        session.expect(question);
        session.expect_echo(false);
        session.send("not-a-real-password\r");
    }
    assert_eq!(code(&mut session), 0);
    assert_eq!(session.stdout(), b"secret/db created\n");
    assert_eq!(live_value(plane, &namespace, "db", "a").unwrap(), b"not-a-real-password");
    assert_eq!(live_value(plane, &namespace, "db", "b").unwrap(), b"not-a-real-token");
    assert!(session.echo_is_on());
}

#[test]
fn several_lines_spill_neither_into_the_next_question_nor_into_the_shell() {
    let namespace = ControlPlane::shared().namespace();
    for paste in ["a\nb\nc\n", "\u{1b}[200~a\nb\nc\n\u{1b}[201~", "\u{1b}[200~a\rb\rc\r\u{1b}[201~\r"] {
        let run = create(&namespace, &["a=prompt:once", "b=prompt:once"]);
        let mut session = Terminal::new().run(&run.command()).run_leftover_probe().start();
        session.expect("`a`");
        session.expect_echo(false);
        session.send(paste);
        assert_eq!(code(&mut session), 4, "{}", session.screen());
        let screen = session.screen();
        assert!(screen.contains("several lines were pasted") && screen.contains("a=prompt:multiline"), "{screen}");
        assert!(!screen.contains("`b`"), "the next question was never asked: {screen}");
        assert!(session.echo_is_on());
        session.next();
        session.expect("leftover=[]");
    }
}

#[test]
fn long_lines_are_whole_and_too_long_ones_are_refused() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let line = "0123456789".repeat(500);
    let run = create(&namespace, &["a=prompt:once"]);
    let mut session = asked(&run);
    session.send(format!("{line}\n"));
    assert_eq!(code(&mut session), 0, "{}", session.screen());
    assert_eq!(live_value(plane, &namespace, "db", "a").unwrap(), line.as_bytes(), "5,000 bytes, none cut");

    let run = create(&namespace, &["a=prompt:once"]);
    let mut session = Terminal::new().run(&run.command()).run_leftover_probe().start();
    session.expect("`a`");
    session.expect_echo(false);
    session.send("x".repeat(2 * 1024 * 1024));
    assert_eq!(code(&mut session), 4);
    assert!(session.screen().contains("more than 1 MiB"), "{}", session.screen());
    session.next();
    session.expect("leftover=[]");
}

#[test]
fn many_lines_are_kept_as_they_are() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let run = create(&namespace, &["a=prompt:multiline"]);
    let mut session = Terminal::spawn(&run.command());
    session.expect("Ctrl-D");
    session.expect_echo(false);
    session.send("line 1\nline 2 é\n");
    session.send("\u{4}");
    assert_eq!(code(&mut session), 0, "{}", session.screen());
    assert_eq!(live_value(plane, &namespace, "db", "a").unwrap(), "line 1\nline 2 é\n".as_bytes());
}

#[test]
fn two_different_answers_are_asked_for_again_and_then_given_up() {
    let namespace = ControlPlane::shared().namespace();
    let run = create(&namespace, &["a"]);
    let mut session = Terminal::spawn(&run.command());
    for _ in 0..3 {
        session.expect("hidden");
        session.expect_echo(false);
        session.send("one-not-real\n");
        session.expect("Again");
        session.expect_echo(false);
        session.send("two-not-real\n");
    }
    assert_eq!(code(&mut session), 4);
    assert!(session.screen().contains("3 times two different answers"), "{}", session.screen());
}

#[test]
fn control_bytes_and_nothing_are_refused() {
    let namespace = ControlPlane::shared().namespace();
    for (typed, word) in
        [("a\u{1}", "control character"), ("\u{1b}[A", "control character"), ("\u{4}", "with nothing"), ("\n", "empty")]
    {
        let run = create(&namespace, &["a=prompt:once"]);
        let mut session = asked(&run);
        session.send(typed);
        assert_eq!(code(&mut session), 4, "{typed:?}");
        assert!(session.screen().contains(word), "{typed:?}: {}", session.screen());
        assert!(session.echo_is_on());
    }
}

#[test]
fn backspace_and_ctrl_u_edit_what_nobody_sees() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let run = create(&namespace, &["a=prompt:once"]);
    let mut session = asked(&run);
    session.send("wrong\u{15}righté\u{7f}\n");
    assert_eq!(code(&mut session), 0, "{}", session.screen());
    assert_eq!(live_value(plane, &namespace, "db", "a").unwrap(), b"right");
}

#[test]
fn signals_leave_the_terminal_as_it_was() {
    let namespace = ControlPlane::shared().namespace();
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT] {
        let run = create(&namespace, &["a"]);
        let mut session = asked(&run);
        session.send("half-not-real");
        session.signal(signal);
        assert_eq!(session.wait().signal(), Some(signal), "{}", session.screen());
        assert!(session.echo_is_on(), "signal {signal}");
        assert!(session.screen().contains("[?2004l"), "paste marks are off again");
    }
    // Ctrl-C as a key.
    let run = create(&namespace, &["a"]);
    let mut session = asked(&run);
    session.send("\u{3}");
    assert_eq!(session.wait().signal(), Some(libc::SIGINT));
    assert!(session.echo_is_on());
}

#[test]
fn a_stop_shows_the_terminal_as_it_was_and_going_on_hides_again() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let run = create(&namespace, &["a=prompt:once"]);
    let mut session = asked(&run);
    session.send("not-a-real-");
    session.signal(libc::SIGTSTP);
    assert_eq!(session.wait_stopped(), libc::SIGTSTP);
    assert!(session.echo_is_on(), "the shell gets a terminal that shows what is typed");
    session.resume();
    session.expect("`a`");
    session.expect_echo(false);
    session.send("password\n");
    assert_eq!(code(&mut session), 0, "{}", session.screen());
    assert_eq!(
        live_value(plane, &namespace, "db", "a").unwrap(),
        b"not-a-real-password",
        "what was typed before counts"
    );
}

#[test]
fn without_a_terminal_the_way_out_is_named() {
    let namespace = ControlPlane::shared().namespace();
    let output = create(&namespace, &["a"]).run().expect_code(4);
    assert!(output.err().contains("no terminal") && output.err().contains("a=stdin"), "{}", output.err());
}
