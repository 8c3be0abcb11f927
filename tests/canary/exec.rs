//! `exec`: a value is where it was lent, and nowhere else; faults on the way to it show nothing.

use std::fs;

use serde_json::json;

use crate::planted::{Planted, check};
use crate::support::canary::{Canary, assert_absent, find};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;
use crate::support::temp_folder;

/// Writes down what can be seen (its own text must not pass for a heading) of itself, of us, and of who keeps the file, and then what it was lent.
const LOOK: &str = r#"
see() { echo "ar""gv of $1:"; cat /proc/$1/cmdline; echo "environ""ment of $1:"; cat /proc/$1/environ; ls -l /proc/$1/fd; }
{ see $$; see $PPID; for other in $(cat /proc/$PPID/task/$PPID/children); do see $other; done; } > "$SEEN"
{ case $WAY in stdin) cat;; pipe) cat <&$SECRETSAFE_FD_A;; file) cat "$F";; env) printenv A;; esac; } > "$GOT"
"#;

#[test]
fn a_value_is_only_where_it_was_lent() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let (lent, other) = (Canary::random(), Canary::random());
    let object = json!({"metadata": {"name": "db"}, "stringData": {"a": lent.text(), "b": other.text()}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    for (way, words) in [
        ("stdin", &["--stdin", "a"][..]),
        ("pipe", &["a"]),
        ("pipe", &["--fd", "a=8"]),
        ("file", &["--file", "a=F"]),
        ("env", &["--env", "a=A", "--allow-env"]),
    ] {
        let folder = temp_folder("seen");
        let (seen, got) = (folder.path().join("seen"), folder.path().join("got"));
        let run = Secretsafe::new()
            .args(["exec", "db", "-n", &namespace, "-v", "9"])
            .args(words)
            .args(["--", "sh", "-c", LOOK])
            .env("SEEN", &seen)
            .env("GOT", &got)
            .env("WAY", way)
            .kubeconfig(plane.admin_kubeconfig());
        let output = run.run().success();
        let (seen, got) = (fs::read(&seen).unwrap(), fs::read(&got).unwrap());
        assert_eq!(got.strip_suffix(b"\n").unwrap_or(&got), lent.bytes(), "{way}: the program has it");
        let both = [lent.clone(), other.clone()];
        check(&both, &run, &output, way);
        assert_absent(&both[1..], &seen, "the key that was not lent");
        let text = String::from_utf8_lossy(&seen).into_owned();
        assert!(text.matches("argv of").count() >= 3, "itself, us, and our children: {way}");
        if way == "env" {
            // In the environment of the program, which stands twice: as itself and as our child. Nowhere else.
            let places = text.split("argv of ").filter(|part| find(&both[..1], part.as_bytes()).is_some());
            for place in places {
                let (arguments, environment) = place.split_once("environment of ").unwrap();
                assert_absent(&both, arguments.as_bytes(), "arguments");
                assert!(environment.contains("WAY=env"), "only the program's own environment");
                assert!(arguments.contains("sh\0-c\0"), "and the program's it is");
            }
        } else {
            assert_absent(&both, &seen, &format!("what is to be seen while {way} is lent"));
        }
    }
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let planted = Planted::new();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &planted.secret("db", &namespace));
    for (what, fault) in planted.faults() {
        let proxy = Proxy::start(plane, vec![Rule::always(fault.clone())]);
        for words in [&["--stdin", "plain-0"][..], &["plain-1", "--file", "plain-6=F"]] {
            let run = Secretsafe::new()
                .args(["exec", "db", "-n", &namespace, "-v", "9"])
                .args(words)
                .args(["--", "true"])
                .kubeconfig(&proxy.kubeconfig(plane.admin_token()));
            let output = run.run();
            assert!(matches!(output.code, Some(0 | 2 | 5)), "{what}: {:?} {}", output.code, output.err());
            check(&planted.canaries, &run, &output, &format!("exec {words:?} with {what}"));
        }
    }
    for words in [&["plain-00"][..], &["--env", "plain-6=A", "--allow-env"], &["nothing/plain-0"]] {
        let run = Secretsafe::new()
            .args(["exec", "db", "-n", &namespace, "-v", "9"])
            .args(words)
            .args(["--", "true"])
            .kubeconfig(plane.admin_kubeconfig());
        let output = run.run();
        assert!(matches!(output.code, Some(2 | 5)), "{words:?}: {}", output.err());
        check(&planted.canaries, &run, &output, &format!("exec {words:?}"));
    }
}
