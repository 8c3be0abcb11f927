//! `exec` and its program as one job: exit codes, signals, the terminal, and what is left when they end.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::exec::{exec, planted, secret};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::wait_for;
use crate::support::terminal::{Session, Terminal};

const LIMIT: Duration = Duration::from_secs(20);

fn script(namespace: &str, script: &str) -> Secretsafe {
    exec(namespace, &["db", "a", "--file", "b=F"], &["sh", "-c", script])
}

fn on_terminal(namespace: &str, text: &str) -> (Secretsafe, Session) {
    let run = script(namespace, text);
    let session = Terminal::new().size(24, 80).run(&run.command()).start();
    (run, session)
}

/// The processes that `parent` has started and not waited for.
fn children(parent: i32) -> Vec<i32> {
    let listed = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    listed.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

#[test]
fn exit_codes_are_those_of_the_program() {
    let namespace = planted();
    for code in [0, 1, 7, 127, 255] {
        let output = script(&namespace, &format!("exit {code}")).run().expect_code(code);
        assert_eq!(output.err(), "");
    }
}

#[test]
fn death_by_a_signal_is_passed_on() {
    let namespace = planted();
    for signal in [libc::SIGTERM, libc::SIGKILL, libc::SIGSEGV, libc::SIGPIPE, libc::SIGINT, libc::SIGUSR1] {
        let output = script(&namespace, &format!("kill -{signal} $$")).run();
        assert_eq!((output.signal, output.code), (Some(signal), None), "{}", output.err());
        assert_eq!(output.err(), "");
    }
}

#[test]
fn signals_that_come_to_us_reach_the_program_which_decides() {
    let namespace = planted();
    for (name, signal) in [
        ("TERM", libc::SIGTERM),
        ("HUP", libc::SIGHUP),
        ("INT", libc::SIGINT),
        ("QUIT", libc::SIGQUIT),
        ("USR1", libc::SIGUSR1),
        ("USR2", libc::SIGUSR2),
    ] {
        let text = format!("trap 'echo got {name}; exit 5' {name}; echo ready; while :; do sleep 0.05; done");
        let mut command = script(&namespace, &text).command();
        default_signals(&mut command);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        send(i32::try_from(child.id()).unwrap(), signal);
        let status = child.wait().unwrap();
        let mut said = String::new();
        stdout.read_to_string(&mut said).unwrap();
        assert_eq!((status.code(), said.as_str()), (Some(5), format!("got {name}\n").as_str()));
    }
}

/// In a session of its own, without a terminal, and with nothing ignored, however the tests were started.
fn default_signals(command: &mut Command) {
    use std::os::unix::process::CommandExt;

    // SAFETY: both calls are async-signal-safe.
    unsafe {
        command.pre_exec(|| {
            libc::setsid();
            for signal in [libc::SIGINT, libc::SIGQUIT, libc::SIGHUP] {
                libc::signal(signal, libc::SIG_DFL);
            }
            Ok(())
        });
    }
}

fn send(pid: i32, signal: i32) {
    // SAFETY: kill takes no pointers; the process is a child of ours that was not waited for.
    assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
}

/// Says of each SIGINT who sent it: 128 is the kernel, which is the terminal, and 0 another process.
const COUNT: &str = r#"exec perl -e 'use POSIX; $| = 1;
  sigaction(SIGINT, POSIX::SigAction->new(sub { print "from $_[1]{code}.\n" }, POSIX::SigSet->new, SA_SIGINFO));
  print "ready\n"; until (defined($line = <STDIN>)) {} print "got $line"; exit 9'"#;

#[test]
fn ctrl_c_is_for_the_program() {
    let namespace = planted();
    let (_run, mut session) = on_terminal(&namespace, COUNT);
    session.expect("ready");
    for _ in 0..5 {
        session.send("\x03");
        session.expect("from 128.");
    }
    session.send("hello\n");
    session.expect("got hello");
    assert_eq!(session.wait().code(), Some(9));
    let shown = session.screen();
    assert_eq!((shown.matches("from 128.").count(), shown.matches("from 0.").count()), (5, 0), "each came once");
    for (key, signal) in [("\x03", libc::SIGINT), ("\x1c", libc::SIGQUIT)] {
        let (_run, mut session) = on_terminal(&namespace, "echo ready; exec sleep 60");
        session.expect("ready");
        session.send(key);
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&session.wait()), Some(signal));
    }
}

#[test]
fn the_window_is_the_programs() {
    let namespace = planted();
    let text = "trap 'stty size' WINCH; stty size; echo ready; while :; do read x && exit; done";
    let (_run, mut session) = on_terminal(&namespace, text);
    session.expect("24 80");
    session.expect("ready");
    session.resize(40, 132);
    session.expect("40 132");
    session.send("\n");
    assert_eq!(session.wait().code(), Some(0));
}

#[test]
fn when_the_program_stops_so_do_we() {
    let namespace = planted();
    // By ctrl-Z; it goes on with what it was lent.
    let (_run, mut session) = on_terminal(&namespace, "echo ready; read x; echo got $x; cat <&3; cat $F");
    session.expect("ready");
    session.send("\x1a");
    assert_eq!(session.wait_stopped(), libc::SIGTSTP);
    session.resume();
    session.send("hello\n");
    session.expect("got hello");
    session.expect("value-avalue-b");
    assert_eq!(session.wait().code(), Some(0));
    // By itself alone, as some programs do on ctrl-Z.
    let (_run, mut session) = on_terminal(&namespace, "echo ready; kill -STOP $$; echo again; exit 3");
    assert_eq!(session.wait_stopped(), libc::SIGSTOP);
    session.resume();
    session.expect("again");
    assert_eq!(session.wait().code(), Some(3));
    // One that does not care is not left alone with the terminal.
    let (_run, mut session) = on_terminal(&namespace, "trap '' TSTP; echo ready; read x; echo got $x");
    session.expect("ready");
    session.send("\x1a");
    session.send("hello\n");
    session.expect("got hello");
    assert_eq!(session.wait().code(), Some(0));
}

#[test]
fn a_shell_has_it_as_a_job() {
    let namespace = planted();
    let run = exec(&namespace, &["db", "--stdin", "a"], &["true"]);
    let mut shell = Command::new("bash");
    shell.args(["--norc", "--noprofile", "-i"]).env_clear().env("PS1", "$ ").env("TERM", "dumb");
    shell.envs(run.command().get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut session = Terminal::spawn(&shell);
    session.expect("$ ");
    let program = "sh -c 'echo re\"\"ady; read x; echo got $x; exit 6'";
    session.send(format!("kubectl-secretsafe exec db a --file b=F -n {namespace} -- {program}\n"));
    session.expect("ready");
    session.send("\x1a");
    session.expect("Stopped");
    session.send("jobs\n");
    session.expect("Stopped");
    session.send("fg\n");
    session.expect("kubectl-secretsafe");
    session.send("hello\n");
    session.expect("got hello");
    session.send("echo code=$?\n");
    session.expect("code=6");
    session.send("exit\n");
    session.wait();
}

#[test]
fn nothing_is_left_running_or_open() {
    let namespace = planted();
    let (_run, mut session) = on_terminal(&namespace, "echo F=$F.; read x; exit 0");
    session.expect("F=/proc/");
    let keeper = session.expect("/fd/");
    let ours = session.pid();
    let found = wait_for(LIMIT, || (children(ours).len() == 2).then(|| children(ours)));
    let found = found.expect("the program, and who keeps the file");
    assert!(found.contains(&keeper.parse().unwrap()));
    let open = |pid: i32| std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
    assert_eq!(open(keeper.parse().unwrap()), 3, "stdin, stderr and the file");
    let pipes = std::fs::read_dir(format!("/proc/{ours}/fd")).unwrap().filter(|entry| {
        let link = std::fs::read_link(entry.as_ref().unwrap().path()).unwrap_or_default();
        link.to_string_lossy().contains("memfd")
    });
    assert_eq!(pipes.count(), 0, "we do not hold the file ourselves");
    session.send("\n");
    session.wait();
    for pid in found {
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "{pid} is gone");
    }
}

#[test]
fn a_killed_run_takes_the_file_with_it() {
    let namespace = planted();
    let (_run, mut session) = on_terminal(&namespace, "echo F=$F.; read x; exit 0");
    session.expect("F=");
    let path = session.expect(".");
    let keeper: i32 = path.split('/').nth(2).unwrap().parse().unwrap();
    send(session.pid(), libc::SIGKILL);
    session.wait();
    let gone = wait_for(LIMIT, || (!std::path::Path::new(&format!("/proc/{keeper}/fd/3")).exists()).then_some(()));
    assert!(gone.is_some(), "who kept the file ends with us");
}

#[test]
fn without_a_name_there_is_a_picker() {
    let namespace = ControlPlane::shared().namespace();
    secret(&namespace, "only", &[("k", b"value-k")]);
    let run = exec(&namespace, &[], &["sh", "-c", "cat <&3"]);
    let mut session = Terminal::spawn(&run.command());
    session.expect("Secret");
    session.send("\r");
    session.expect("Key");
    session.send("\r");
    session.expect("value-k");
    assert_eq!(session.wait().code(), Some(0));
}
