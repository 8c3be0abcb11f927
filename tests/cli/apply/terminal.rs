//! `apply -f` on a terminal: one plan for all documents, one question, prompts one at a time.

use super::*;
use crate::support::terminal::Terminal;

#[test]
fn the_plan_is_shown_and_prompts_come_one_at_a_time() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let folder = temp_folder("apply");
    let all = format!(
        "{}---\n{}---\n{}",
        document("db", "  a: {from: generate}\n  c: {from: 'prompt:once'}\n"),
        document("two", "  k: {from: 'prompt:once'}\n"),
        document("three", "  k: {from: generate}\n")
    );
    let path = write(folder.path(), "a.yaml", &all);
    let run = Secretsafe::new().args(["apply", "-f", &path, "-n", &namespace]).kubeconfig(plane.admin_kubeconfig());
    let mut session = Terminal::spawn(&run.command());
    let plan = session.expect("Go on?");
    for words in ["configure secret/db", "add c from prompt:once", "create secret/two", "add k from generate"] {
        assert!(plan.contains(words), "{words}: {plan}");
    }
    session.send("n");
    assert_eq!(session.wait().code(), Some(3));
    assert_eq!(writes(plane, &namespace), 0);

    let mut session = Terminal::spawn(&run.command());
    session.expect("Go on?");
    session.send("y");
    for (secret, key) in [("db", "c"), ("two", "k")] {
        session.expect(&format!("`{key}` of secret/{secret}"));
        session.expect_echo(false);
        session.send(format!("typed-{secret}\r"));
    }
    assert_eq!(session.wait().code(), Some(0), "{}", session.screen());
    assert_eq!(text(plane, &namespace, "c").as_deref(), Some("typed-db"));
    // All is there: nobody is asked again, and there is nothing to go on with.
    let mut session = Terminal::spawn(&run.command());
    assert_eq!(session.wait().code(), Some(0), "{}", session.screen());
    assert!(session.screen().contains("secret/two unchanged"), "{}", session.screen());
}
