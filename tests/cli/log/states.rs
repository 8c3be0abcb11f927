//! Logs with every word that a line can have, and with every flaw, for the test of all reports.

use std::fs;

use serde_json::{Value, json};

use super::Machine;

/// What is run on a log, and how it ends.
type Run = (i32, Machine, Vec<&'static str>);

/// Returns logs in every state, with the commands that tell of them. There is a Secret `db` with a key `a`.
pub(crate) fn in_all_states(namespace: &str) -> Vec<Run> {
    let mut runs =
        vec![(0, with_every_word(namespace), vec!["log"]), (0, with_every_word(namespace), vec!["history", "db"])];
    let unreadable = Machine::new();
    fs::write(unreadable.state.path().join("secretsafe"), "no folder").unwrap();
    runs.push((0, unreadable, vec!["history", "db"]));
    runs.push((0, Machine::new(), vec!["log", "--verify"]));
    runs.extend(flawed().into_iter().map(|(code, machine)| (code, machine, vec!["log", "--verify"])));
    runs
}

/// Takes a line that a run has written, and makes of it one for each word.
fn with_every_word(namespace: &str) -> Machine {
    let machine = Machine::new();
    machine.run(&["rotate", "db", "a=generate", "--yes", "-n", namespace]).env("LOGNAME", "alice").run().success();
    let line: Value = serde_json::from_str(machine.lines().last().unwrap()).unwrap();
    let mut text = fs::read_to_string(machine.path()).unwrap() + "nonsense\n";
    let words = ["begun", "done", "declined", "refused", "failed", "unfinished", "interrupted"];
    let lines = words.iter().map(|word| json!({"result": word})).chain(
        ["read", "write", "readWrite"].iter().map(|word| json!({"access": word, "dryRun": true, "moreKeys": 7})),
    );
    for (index, fields) in lines.enumerate() {
        let mut line = line.clone();
        let id = json!({"id": format!("0-{index}"), "n": index + 10, "reason": "a test"});
        for (name, value) in fields.as_object().unwrap().iter().chain(id.as_object().unwrap()) {
            line[name] = value.clone();
        }
        text.push_str(&format!("{line}\n"));
    }
    fs::write(machine.path(), text).unwrap();
    machine
}

fn flawed() -> Vec<(i32, Machine)> {
    let fresh = || {
        let machine = Machine::alone();
        machine.view();
        machine.view();
        machine
    };
    let edited = |edit: fn(&mut Vec<String>)| {
        let machine = fresh();
        let mut lines = machine.lines();
        edit(&mut lines);
        fs::write(machine.path(), lines.join("\n") + "\n").unwrap();
        (1, machine)
    };
    let torn = fresh();
    fs::write(torn.path(), torn.lines().join("\n") + "\n{\"v\":1").unwrap();
    let lost = fresh();
    fs::remove_file(lost.state_path()).unwrap();
    let restarted = fresh();
    fs::remove_file(restarted.state_path()).unwrap();
    restarted.view();
    let older = Machine::alone();
    older.view();
    let state = fs::read(older.state_path()).unwrap();
    older.view();
    fs::write(older.state_path(), state).unwrap();
    vec![
        edited(|lines| lines[1] = lines[1].replace("view", "viev")),
        edited(|lines| drop(lines.remove(1))),
        edited(|lines| lines.swap(1, 2)),
        edited(|lines| drop(lines.pop())),
        (0, torn),
        (1, lost),
        (1, restarted),
        (1, older),
    ]
}
