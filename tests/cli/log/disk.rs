//! The files: who may read them, several writers, a full disk, a disk that cannot be written, and links.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::Command;

use super::Machine;
use crate::support::command::{Output, run};
use crate::support::controlplane::ControlPlane;

#[test]
fn the_files_are_private_and_stay_so() {
    let machine = Machine::alone();
    machine.view();
    let folder = machine.path().parent().unwrap().to_owned();
    let modes =
        || [&folder, &machine.path(), &machine.state_path()].map(|path| fs::metadata(path).unwrap().mode() & 0o777);
    assert_eq!(modes(), [0o700, 0o600, 0o600]);
    for path in [&folder, &machine.path(), &machine.state_path()] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    }
    machine.view();
    assert_eq!(modes(), [0o700, 0o600, 0o600]);
}

#[test]
fn many_processes_write_one_log() {
    let machine = Machine::alone();
    // One shell starts them: a test that starts many from several threads lends them files of other tests.
    let ours = machine.run(&[]);
    let ours = ours.command();
    let script = "for i in $(seq 20); do (for j in 1 2 3; do \"$1\" view db; done) & done; wait";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]).arg(ours.get_program()).env_clear();
    shell.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = run(shell, b"").success();
    assert!(!output.err().contains("warning"), "{}", output.err());
    assert_eq!(machine.lines().len(), 1 + 20 * 3 * 2);
    assert_eq!(machine.verify().success().out(), "121 lines as they were written\n");
    assert_eq!(machine.entries().len(), 60);
}

/// A writer that is stopped with the lock in its hands does not stop the others.
#[test]
fn a_lock_that_is_held_for_long_is_said_and_does_not_stop_the_run() {
    let machine = Machine::alone();
    machine.view();
    let state = fs::File::open(machine.state_path()).unwrap();
    state.lock().unwrap();
    let output = machine.view();
    assert!(output.err().contains("is locked by another process"), "{}", output.err());
    machine.run(&["view", "db", "--require-log"]).run().expect_code(3);
    state.unlock().unwrap();
    assert_eq!(machine.lines().len(), 3);
}

/// Runs a script as root of a mount namespace of its own, with a small disk where the log goes. In it `$1` is that disk,
/// and `$2` the program.
fn on_small_disk(machine: &Machine, script: &str) -> Output {
    let ours = machine.run(&[]);
    let ours = ours.command();
    let mut command = Command::new("unshare");
    command.args(["--mount", "--", "sh", "-euc", &format!("mount -t tmpfs -o size=32k tmpfs \"$1\"; {script}"), "sh"]);
    command.arg(machine.state.path()).arg(ours.get_program()).env_clear();
    command.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    run(command, b"")
}

#[test]
fn a_full_disk_is_a_warning_and_leaves_a_log_that_goes_on() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let machine = Machine::new();
    machine.run(&["create", "generic", "db", "a=generate", "-n", &namespace]).run().success();
    let view = format!("\"$2\" view db -n {namespace} -o name");
    // The last page of the log has room for some more lines.
    let script = format!(
        "{view}; cat /dev/zero > \"$1/full\" || true; for i in 1 2 3 4 5 6 7 8; do {view}; done;
         {view} --require-log || echo code $?; rm \"$1/full\"; {view}; \"$2\" log --verify; \"$2\" log -o name"
    );
    let output = on_small_disk(&machine, &script);
    let (out, err) = (output.clone().success().out(), output.err());
    let (before, after) = out.split_once(" lines as they were written\n").expect("a log that is whole");
    assert_eq!(before.matches("secret/db").count(), 10, "{out}{err}");
    assert!(before.contains("code 3"), "{out}{err}");
    let noted = after.matches("secret/db").count();
    assert!((2..10).contains(&noted), "{out}{err}");
    assert!(err.contains("warning: this run is not in the local log, or not to its end"), "{err}");
    assert!(err.contains("nothing is done without a line in the local log"), "{err}");
}

#[test]
fn a_disk_that_cannot_be_written_is_a_warning_unless_the_log_is_required() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let machine = Machine::new();
    machine.run(&["create", "generic", "db", "a=generate", "-n", &namespace]).run().success();
    let view = format!("\"$2\" view db -n {namespace} -o name");
    let script =
        format!("mount -o remount,ro \"$1\"; {view}; {view} --require-log || echo code $?; {view} --no-log --quiet");
    let output = on_small_disk(&machine, &script).success();
    assert_eq!(output.out(), "secret/db\ncode 3\nsecret/db\n", "{}", output.err());
    assert_eq!(output.err().matches("warning:").count(), 1, "{}", output.err());
}

#[test]
fn nothing_is_written_through_a_link_or_into_what_is_no_file() {
    for (name, make) in [
        ("log.jsonl", "link"),
        ("log.state", "link"),
        ("log.jsonl", "pipe"),
        ("log.jsonl", "folder"),
        ("", "link to a folder"),
    ] {
        let machine = Machine::alone();
        let folder = machine.path().parent().unwrap().to_owned();
        let elsewhere = machine.state.path().join("elsewhere");
        fs::create_dir(&folder).unwrap();
        let path = folder.join(name);
        match make {
            "link" => {
                fs::write(&elsewhere, "theirs").unwrap();
                symlink(&elsewhere, &path).unwrap();
            }
            "pipe" => assert!(Command::new("mkfifo").arg(&path).status().unwrap().success()),
            "folder" => fs::create_dir(&path).unwrap(),
            _ => {
                fs::remove_dir(&folder).unwrap();
                fs::create_dir(&elsewhere).unwrap();
                symlink(&elsewhere, &folder).unwrap();
            }
        }
        let output = machine.view();
        assert!(output.err().contains("warning: this run is not in the local log"), "{make}: {}", output.err());
        machine.run(&["view", "db", "--require-log"]).run().expect_code(3);
        if elsewhere.is_file() {
            assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "theirs", "{name}");
        } else if elsewhere.is_dir() {
            assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
        }
    }
}

#[test]
fn without_a_home_there_is_no_log_and_that_is_said() {
    let machine = Machine::alone();
    let run = machine.run(&["view", "db"]);
    let mut command = run.command();
    command.env_remove("HOME").env_remove("XDG_STATE_HOME");
    let output = crate::support::command::run(command, b"").expect_code(5);
    assert!(output.err().contains("neither XDG_STATE_HOME nor HOME names a folder"), "{}", output.err());
}
