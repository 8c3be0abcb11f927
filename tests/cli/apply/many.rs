//! Many documents: a second run makes no write, and an interrupted one loses nothing.

use std::fmt::Write as _;
use std::time::Duration;

use super::*;

const COUNT: usize = 500;

fn documents(count: usize) -> String {
    let mut text = String::new();
    for index in 0..count {
        let keys = "  user: {from: 'public:app'}\n  password: {from: generate}\n";
        writeln!(text, "{}---", document(&format!("db-{index}"), keys)).unwrap();
    }
    text
}

fn count(output: &Output, word: &str) -> usize {
    output.out().lines().filter(|line| line.ends_with(word)).count()
}

/// Values of all Secrets, with their versions.
fn stored(plane: &ControlPlane, namespace: &str) -> Vec<Value> {
    let list = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets")).json();
    list["items"].as_array().unwrap().clone()
}

#[test]
fn the_second_run_of_500_documents_makes_no_write() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let all = documents(COUNT);
    let first = apply(&namespace, &all, &[]).success();
    assert_eq!(count(&first, " created"), COUNT);
    let (before, made) = (stored(plane, &namespace), writes(plane, &namespace));
    assert_eq!((before.len(), made), (COUNT, COUNT), "one write each");
    let second = apply(&namespace, &all, &[]).success();
    assert_eq!(count(&second, " unchanged"), COUNT);
    assert_eq!(writes(plane, &namespace), made, "no write");
    assert_eq!(stored(plane, &namespace), before);
}

#[test]
fn a_run_that_is_cut_short_is_finished_by_the_next() {
    let plane = ControlPlane::shared();
    for fault in ["after-fill", "between-documents", "before-patch"] {
        let namespace = planted(plane);
        let all = format!("{}---\n{}", document("db", "  c: {from: generate}\n"), documents(8));
        let folder = temp_folder("apply");
        let path = write(folder.path(), "a.yaml", &all);
        let killed = Secretsafe::new()
            .args(["apply", "-f", &path, "-n", &namespace, "--yes", "--parallel", "1"])
            .kubeconfig(plane.admin_kubeconfig())
            .env("SECRETSAFE_FAULT", fault)
            .env("SECRETSAFE_FAULT_KILLS", "1")
            .run();
        assert!(killed.signal.is_some(), "{fault}");
        let before = stored(plane, &namespace);
        let output = run(&namespace, &["apply", "-f", &path, "--yes"], "").success();
        assert_eq!(output.out().lines().count(), 9, "{}", output.out());
        let after = stored(plane, &namespace);
        assert_eq!(after.len(), 9, "{fault}");
        // What the first run has made stays as it was, and what was there before it too.
        for secret in &before {
            let name = &secret["metadata"]["name"];
            let now = after.iter().find(|now| now["metadata"]["name"] == *name).unwrap();
            for (key, value) in secret["data"].as_object().unwrap() {
                assert_eq!(&now["data"][key], value, "{fault}: {name}/{key}");
            }
        }
        assert_eq!(count(&run(&namespace, &["apply", "-f", &path, "--yes"], "").success(), " unchanged"), 9);
    }
}

#[test]
fn a_signal_ends_it_and_the_next_run_goes_on() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let folder = temp_folder("apply");
    let path = write(folder.path(), "a.yaml", &documents(300));
    let mut command = Secretsafe::new()
        .args(["apply", "-f", &path, "-n", &namespace, "--yes", "--parallel", "1"])
        .kubeconfig(plane.admin_kubeconfig())
        .command();
    let mut child = command.spawn().unwrap();
    while stored(plane, &namespace).len() < 5 {
        std::thread::sleep(Duration::from_millis(20));
    }
    // SAFETY: the process is a child of ours that was not waited for.
    unsafe { libc::kill(i32::try_from(child.id()).unwrap(), libc::SIGINT) };
    assert!(!child.wait().unwrap().success());
    let before = stored(plane, &namespace);
    assert!(before.len() < 300, "it was cut short");
    let output = run(&namespace, &["apply", "-f", &path, "--yes"], "").success();
    assert_eq!(count(&output, " unchanged"), before.len());
    assert_eq!(count(&output, " created"), 300 - before.len());
}
