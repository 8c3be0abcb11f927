//! The chain: what was done to the log by hand is found, and what a crash leaves is no alarm.

use std::fs;

use serde_json::Value;

use super::Machine;
use crate::support::keychain::Keyring;

/// What somebody does to the lines of a log, and what must be found.
type Tampering = (&'static str, fn(&mut Vec<String>), &'static [&'static str]);

const TAMPERINGS: &[Tampering] = &[
    ("one byte", |lines| lines[2] = lines[2].replace("view", "viev"), &["changed"]),
    ("one byte of the last line", |lines| lines[6] = lines[6].replace("view", "viev"), &["changed"]),
    ("one byte of the first line", |lines| lines[0] = lines[0].replace("\"v\":1", "\"v\":2"), &["changed"]),
    ("a digit of a MAC", |lines| lines[3] = flipped(&lines[3]), &["changed"]),
    ("a line removed", |lines| drop(lines.remove(3)), &["missing"]),
    ("three lines removed", |lines| drop(lines.drain(2..5)), &["missing"]),
    ("two lines swapped", |lines| lines.swap(2, 3), &["missing", "moved"]),
    ("a line twice", |lines| lines.insert(4, lines[3].clone()), &["moved"]),
    ("the last line cut off", |lines| drop(lines.pop()), &["tailCut"]),
    ("the last three cut off", |lines| lines.truncate(4), &["tailCut"]),
    ("all cut off", Vec::clear, &["tailCut"]),
    ("a line added", |lines| lines.insert(2, lines[2].replace("view", "exec")), &["changed"]),
    ("a line added at the end", |lines| lines.push(lines[6].replace("\"n\":6", "\"n\":7")), &["changed"]),
    ("a line that is none", |lines| lines.insert(2, "hello".to_owned()), &["changed"]),
];

/// Another last digit of the MAC.
fn flipped(line: &str) -> String {
    let (head, tail) = line.split_at(line.len() - 3);
    format!("{head}{}{}", if tail.starts_with('0') { '1' } else { '0' }, &tail[1..])
}

fn found(machine: &Machine, code: i32) -> Vec<String> {
    let output = machine.run(&["log", "--verify", "-o", "json"]).run().expect_code(code);
    let report: Value = serde_json::from_str(&output.out()).unwrap();
    assert_eq!(report["whole"], code == 0, "{report}");
    report["findings"].as_array().unwrap().iter().map(|it| it["flaw"].as_str().unwrap().to_owned()).collect()
}

fn every_change_is_found(machine: &Machine) {
    for _ in 0..3 {
        machine.view();
    }
    let (lines, state) = (machine.lines(), fs::read(machine.state_path()).unwrap());
    assert_eq!(lines.len(), 7);
    assert!(found(machine, 0).is_empty());
    for (what, change, expected) in TAMPERINGS {
        let mut changed = lines.clone();
        change(&mut changed);
        let text: String = changed.iter().map(|line| format!("{line}\n")).collect();
        fs::write(machine.path(), text).unwrap();
        assert_eq!(found(machine, 1), *expected, "{what}");
        // It stays known when lines are added to it.
        machine.view();
        assert!(!found(machine, 1).is_empty(), "{what}, and two lines behind it");
        fs::write(machine.path(), lines.join("\n") + "\n").unwrap();
        fs::write(machine.state_path(), &state).unwrap();
        assert!(found(machine, 0).is_empty(), "{what} undone");
    }
}

#[test]
fn every_change_of_a_keyed_log_is_found() {
    let keyring = Keyring::secret_service();
    let machine = Machine::alone().with(keyring.env());
    every_change_is_found(&machine);
    let output = machine.run(&["log", "--verify", "--require-keyed"]).run().success();
    assert_eq!((output.out().as_str(), output.err().as_str()), ("7 lines as they were written\n", ""));
}

#[test]
fn accidents_are_found_without_a_keychain_too_and_that_is_said() {
    let machine = Machine::alone();
    every_change_is_found(&machine);
    assert!(machine.verify().success().err().contains("unkeyed: finds accidents only"));
    machine.run(&["log", "--verify", "--require-keyed"]).run().expect_code(1);
}

/// Docs: only the API server's audit log is evidence.
#[test]
fn both_files_rolled_back_together_are_not_seen_and_one_alone_is() {
    let keyring = Keyring::secret_service();
    let machine = Machine::alone().with(keyring.env());
    machine.view();
    let (log, state) = (fs::read(machine.path()).unwrap(), fs::read(machine.state_path()).unwrap());
    machine.view();
    let newer = (fs::read(machine.path()).unwrap(), fs::read(machine.state_path()).unwrap());
    fs::write(machine.state_path(), &state).unwrap();
    assert_eq!(found(&machine, 1), ["stateOlder"]);
    fs::write(machine.path(), &log).unwrap();
    assert!(found(&machine, 0).is_empty(), "as docs/log.md says");
    fs::write(machine.state_path(), &newer.1).unwrap();
    assert_eq!(found(&machine, 1), ["tailCut"]);
    fs::write(machine.path(), &newer.0).unwrap();
    fs::remove_file(machine.state_path()).unwrap();
    assert_eq!(found(&machine, 1), ["stateLost"]);
}

/// Who has the log and its state, and no keychain, cannot make an old line fit.
#[test]
fn the_state_has_the_key_of_the_next_line_only() {
    let keyring = Keyring::secret_service();
    let machine = Machine::alone().with(keyring.env());
    machine.view();
    let first = fs::read_to_string(machine.state_path()).unwrap();
    machine.view();
    let second = fs::read_to_string(machine.state_path()).unwrap();
    let key = |state: &str| state.split(' ').nth(6).unwrap().to_owned();
    assert_eq!((key(&first).len(), first.len()), (64, second.len()));
    assert!(key(&first) != key(&second) && !second.contains(&key(&first)));
    // The keychain holds what the first key is made from, and it is in no file of ours.
    let id = first.split(' ').nth(2).unwrap();
    let seed = keyring.lookup("secretsafe", &format!("log/{id}")).expect("the entry of the log");
    for text in [first, second, fs::read_to_string(machine.path()).unwrap()] {
        assert!(!text.contains(std::str::from_utf8(&seed).unwrap()));
    }
}

#[test]
fn the_keychain_is_asked_once_in_the_life_of_a_log() {
    let keyring = Keyring::secret_service();
    let machine = Machine::alone().with(keyring.env());
    machine.view();
    // From here on there is no keychain to be asked.
    drop(keyring);
    machine.view();
    assert_eq!(machine.lines().len(), 5);
    assert!(machine.lines()[0].contains("\"keyed\":true"));
    let output = machine.verify().expect_code(4);
    assert!(output.err().contains("keychain"), "{}", output.err());
}

#[test]
fn a_key_that_is_gone_is_said() {
    let keyring = Keyring::secret_service();
    let machine = Machine::alone().with(keyring.env());
    machine.view();
    let state = fs::read_to_string(machine.state_path()).unwrap();
    let id = state.split(' ').nth(2).unwrap();
    machine.run(&["keychain", "delete", &format!("secretsafe/log/{id}"), "--yes"]).run().success();
    let output = machine.verify().expect_code(4);
    assert!(output.err().contains("has no key for this log"), "{}", output.err());
}

#[test]
fn a_crash_between_the_two_writes_is_no_alarm() {
    let keyring = Keyring::secret_service();
    for machine in [Machine::alone(), Machine::alone().with(keyring.env())] {
        // Behind the first line of all, and behind one of a log that goes on.
        for expected in [3, 6] {
            let run = machine.run(&["view", "db"]).env("SECRETSAFE_FAULT", "log-between");
            assert_eq!(run.env("SECRETSAFE_FAULT_KILLS", "1").run().signal, Some(9));
            let state = fs::read_to_string(machine.state_path()).unwrap();
            assert!(state.contains(&format!(" {:020} ", machine.lines().len() - 1)), "one line behind: {state}");
            assert!(found(&machine, 0).is_empty());
            machine.view();
            assert!(found(&machine, 0).is_empty());
            assert_eq!(machine.lines().len(), expected);
        }
        // What was begun and killed is told as such.
        let results: Vec<_> = machine.entries().iter().map(|entry| entry["result"].clone()).collect();
        assert_eq!(results, ["failed", "begun", "failed"]);
    }
}

#[test]
fn half_a_line_is_no_alarm_and_is_removed() {
    let machine = Machine::alone();
    machine.view();
    let whole = fs::read_to_string(machine.path()).unwrap();
    fs::write(machine.path(), format!("{whole}{{\"v\":1,\"n\":3,\"at\"")).unwrap();
    assert!(found(&machine, 0).is_empty());
    machine.view();
    assert!(found(&machine, 0).is_empty());
    assert!(machine.lines()[3].contains("\"found\":\"torn\""), "{}", machine.lines()[3]);
    assert_eq!(machine.lines().len(), 5);
}

#[test]
fn a_log_without_its_state_is_put_aside() {
    let machine = Machine::alone();
    machine.view();
    let old = machine.lines();
    for state in ["", "nonsense"] {
        fs::write(machine.state_path(), state).unwrap();
        machine.view();
        assert_eq!(machine.lines().len(), 3);
        assert_eq!(found(&machine, 1), ["restarted"]);
    }
    let aside = fs::read_to_string(machine.path().with_file_name("log.jsonl.1")).unwrap();
    assert_eq!(aside.lines().collect::<Vec<_>>(), old);
    assert!(machine.path().with_file_name("log.jsonl.2").exists());
}
