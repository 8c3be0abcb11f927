//! Hooks that do not do what they should: what they print is not shown, what they leave is put back, and all is said.

use std::fs;
use std::time::Duration;

use crate::support::command::Output;
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::wait_for;
use crate::support::terminal::Terminal;

use super::bed::{Bed, NEW, OLD, TAKES};

fn silent_about_values(output: &Output) {
    let all = format!("{}{}", output.out(), output.err());
    for value in [OLD, NEW] {
        let reversed: String = value.chars().rev().collect();
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, value);
        for form in [value, reversed.as_str(), encoded.as_str()] {
            assert!(!all.contains(form), "{all}");
        }
    }
}

#[test]
fn a_hook_changes_the_outside_system_first() {
    let bed = Bed::new(ControlPlane::shared());
    let output = bed.hooked(&["password=stdin"]).run().success();
    assert!(output.out().starts_with("secret/db rotated\n"), "{}", output.out());
    bed.agree_on(NEW, "a hook that works");
    assert_eq!(bed.steps(), ["set"]);
    let steps = fs::read_to_string(bed.file("steps")).unwrap();
    assert_eq!(steps.trim(), format!("set {}/db/password", bed.namespace));
}

#[test]
fn it_runs_once_for_each_key_and_is_undone_the_other_way_round() {
    let bed = Bed::new(ControlPlane::shared());
    bed.hook(&format!("{TAKES}if [ \"$SECRETSAFE_KEY\" = second ] && [ $step = set ]; then exit 7; fi\n"));
    let output = bed.hooked(&["password=stdin", "second=generate", "--add-keys"]).run().expect_code(5);
    assert!(output.err().contains("did not change key `second`"), "{}", output.err());
    assert!(output.err().contains("exit code 7, and wrote nothing"), "{}", output.err());
    assert!(output.err().contains("the old values are in place again"), "{}", output.err());
    let steps = fs::read_to_string(bed.file("steps")).unwrap();
    let keys: Vec<&str> = steps.lines().map(|line| line.rsplit('/').next().unwrap()).collect();
    assert_eq!(bed.steps(), ["set", "set", "undo", "undo"]);
    assert_eq!(keys, ["password", "second", "second", "password"]);
    bed.agree_on(OLD, "a key that failed");
    assert!(bed.value("second").is_none());
}

#[test]
fn what_it_prints_is_counted_and_not_shown() {
    let prints = [
        "cat /dev/fd/3",
        "printf not-a-real-successor; printf not-a-real-password >&2",
        "printf not-a-real-successor | base64; printf not-a-real-successor | rev",
        "printf not-a-real-successor | fold -w1",
        "head -c 300000 /dev/zero",
    ];
    for script in prints {
        let bed = Bed::new(ControlPlane::shared());
        bed.hook(&format!("{script}\n{TAKES}"));
        let output = bed.hooked(&["password=stdin", "-v=9"]).run().success();
        silent_about_values(&output);
        bed.agree_on(NEW, script);
        let bed = Bed::new(ControlPlane::shared());
        bed.hook(&format!("{TAKES}if [ $step = set ]; then {script}\nexit 3; fi\n"));
        let output = bed.hooked(&["password=stdin", "-v=9"]).run().expect_code(5);
        assert!(output.err().contains("exit code 3, and wrote "), "{}", output.err());
        silent_about_values(&output);
        bed.agree_on(OLD, script);
    }
}

#[test]
fn one_that_hangs_is_killed_with_its_children() {
    let bed = Bed::new(ControlPlane::shared());
    bed.hook(&format!("{TAKES}if [ $step = set ]; then sleep 600 & echo $! > \"$dir/child\"; wait; fi\n"));
    let output = bed.hooked(&["password=stdin", "--hook-timeout=2s"]).run().expect_code(5);
    assert!(output.err().contains("it was not done after 2 s, and was killed"), "{}", output.err());
    let child = fs::read_to_string(bed.file("child")).unwrap();
    let gone = wait_for(Duration::from_secs(5), || {
        let state = fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
        (state.is_empty() || state.contains(") Z ")).then_some(())
    });
    assert!(gone.is_some(), "the child of the hook lives");
    bed.agree_on(OLD, "a hook that hangs");
}

#[test]
fn one_that_reads_nothing_or_is_killed_leaves_nothing_behind() {
    for (script, reason) in
        [("exec 3<&- 4<&-; exit 9", "exit code 9"), ("kill -TERM $$", "ended by signal 15"), ("exit 1", "exit code 1")]
    {
        let bed = Bed::new(ControlPlane::shared());
        // The head of a usual hook reads both; this one does not.
        bed.write("hook", &format!("#!/bin/sh\nif [ $SECRETSAFE_STEP = set ]; then {script}\nfi\n"));
        let output = bed.hooked(&["password=stdin"]).run().expect_code(5);
        assert!(output.err().contains(reason), "{}", output.err());
        bed.agree_on(OLD, script);
    }
}

#[test]
fn one_that_is_not_there_is_found_out_before_anything() {
    let bed = Bed::new(ControlPlane::shared());
    let nowhere = bed.folder().join("nowhere");
    let run = |args: &[&std::ffi::OsStr]| bed.run(&["password=stdin", "--hook"]).args(args).run();
    assert!(run(&[nowhere.as_os_str()]).expect_code(2).err().contains("behind `--hook` is not there"));
    assert!(run(&["./hook".as_ref()]).expect_code(2).err().contains("relative path"));
    let open = bed.file("open");
    fs::write(&open, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&open, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    assert!(run(&[open.as_os_str()]).expect_code(3).err().contains("anyone may write"));
    // The system finds out only when it starts: nothing has happened by then.
    bed.write("hook", "#!/nowhere/at/all\n");
    let output = bed.hooked(&["password=stdin"]).run().expect_code(5);
    assert!(output.err().contains("it did not start"), "{}", output.err());
    bed.agree_on(OLD, "no interpreter");
}

#[test]
fn one_that_can_neither_go_on_nor_back_leaves_both_values_safe() {
    let bed = Bed::new(ControlPlane::shared());
    bed.hook("exit 1\n");
    let output = bed.hooked(&["password=stdin"]).run().expect_code(6);
    assert!(output.err().contains("is not finished") && output.err().contains("--abort --hook …"), "{}", output.err());
    assert_eq!(bed.names(), ["db", "db.secretsafe-pending"]);
    // The hook is not forgotten, and never read from the cluster.
    assert!(bed.run(&["--abort"]).run().expect_code(2).err().contains("has a hook"));
    bed.hook(TAKES);
    bed.hooked(&["--abort"]).run().success();
    bed.agree_on(OLD, "a hook that was mended");
}

#[test]
fn a_write_that_is_refused_undoes_the_hook() {
    let plane = ControlPlane::shared();
    let bed = Bed::new(plane);
    // While the hook runs, somebody else changes the key.
    let kubectl = format!(
        "if [ $step = set ]; then '{}' --kubeconfig '{}' -n {} patch secret db -p '{{\"stringData\":{{\"password\":\"third\"}}}}'; fi\n",
        crate::support::binaries::path("kubectl").display(),
        plane.admin_kubeconfig().display(),
        bed.namespace
    );
    bed.hook(&format!("{TAKES}{kubectl}"));
    let output = bed.hooked(&["password=stdin"]).run().expect_code(5);
    assert!(output.err().contains("was changed in between"), "{}", output.err());
    assert_eq!(bed.value("password").unwrap(), b"third");
    assert_eq!(bed.steps(), ["set", "undo"]);
    bed.nothing_is_left("a third value");
}

#[test]
fn its_output_is_shown_on_a_terminal_only() {
    let bed = Bed::new(ControlPlane::shared());
    bed.hook(&format!("echo the hook speaks\n{TAKES}"));
    let shows = |bed: &Bed<'_>| bed.hooked(&["password=generate", "--show-child-output"]);
    assert!(shows(&bed).run().expect_code(3).err().contains("stderr is no terminal"));
    let mut session = Terminal::spawn(&shows(&bed).command());
    session.expect("may hold values");
    session.expect("the hook speaks");
    assert_eq!(session.wait().code(), Some(0));
}

#[test]
fn ctrl_c_in_the_middle_says_how_to_go_on() {
    let bed = Bed::new(ControlPlane::shared());
    bed.hook(&format!(
        "{TAKES}if [ $step = set ] && [ ! -e \"$dir/once\" ]; then touch \"$dir/once\"; sleep 600; fi\n"
    ));
    let mut session = Terminal::spawn(&bed.hooked(&["password=generate"]).command());
    let waits = wait_for(Duration::from_secs(20), || bed.file("once").exists().then_some(()));
    assert!(waits.is_some(), "the hook never ran: {}", session.screen());
    session.send(b"\x03");
    session.expect("is not finished");
    session.expect("--resume --hook");
    session.wait();
    bed.hooked(&["--resume"]).run().success();
    assert_eq!(bed.steps(), ["set", "set"]);
    bed.nothing_is_left("ctrl-C");
}
