//! stdout is data and stderr is talk: one document or nothing, also where a command fails; `-q` is silent unless it does.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::keychain::Keyring;
use crate::support::proxy::Proxy;

fn planted(plane: &ControlPlane) -> String {
    let namespace = plane.namespace();
    // kubectl's annotation, Helm's label and base64 text are things to warn of.
    let object = json!({"metadata": {"name": "db", "labels": {"app.kubernetes.io/managed-by": "Helm"},
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "meta.helm.sh/release-name": "x"}},
        "stringData": {"a": "not-a-real-one", "b": "not-a-real-two"}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    namespace
}

/// Commands that fail, and how.
const FAIL: &[(&[&str], i32)] = &[
    (&["view", "gone"], 5),
    (&["view", "gone", "gone-too"], 5),
    (&["view", "UPPER"], 2),
    (&["list", "-l", "a=b=c"], 5),
    (&["list", "--sort-by", ".nowhere"], 2),
    (&["diff", "db", "--with", "gone"], 5),
    (&["diff", "db", "a=generate"], 2),
    (&["create", "generic", "db", "a=generate"], 5),
    (&["create", "generic", "new", "a=generate:length=4"], 3),
    (&["create", "generic", "new", "a=env:NOT_THERE"], 4),
    (&["create", "generic", "new", "a=not-a-real-value"], 2),
    (&["rotate", "db", "a=generate"], 3),
    (&["rotate", "gone", "a=generate", "--yes"], 5),
    (&["rotate", "db", "nothing=generate", "--yes"], 2),
    (&["set", "gone", "a=generate", "--yes"], 5),
    (&["unset", "db", "nothing", "--yes"], 2),
    (&["rename-key", "db", "a", "b", "--yes"], 3),
    (&["copy", "gone", "--to", "default", "--yes"], 5),
    (&["copy", "db", "--to", "default"], 3),
];

#[test]
fn with_json_a_failure_leaves_stdout_empty_and_says_why_on_stderr() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    for (args, code) in FAIL {
        let output = super::run(&namespace, args).args(["-o", "json"]).run();
        let said = output.err();
        assert_eq!(output.code, Some(*code), "{args:?}: {said}");
        assert!(output.stdout.is_empty() && said.contains("error: "), "{args:?}: {}{said}", output.out());
    }
    let nowhere = Secretsafe::new().args(["keychain", "list", "-o", "json"]);
    let output = nowhere.env("SECRETSAFE_KEYCHAIN", "keyutils").run().expect_code(4);
    assert!(output.stdout.is_empty(), "{}", output.out());
}

/// A list is printed as it comes, so what was printed before a failure is no document: a script looks at the exit code.
#[test]
fn a_list_that_is_cut_off_is_no_json() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &json!({"metadata": {"name": "other"}}));
    let refused = Fault::Status { code: 403, reason: "Forbidden", quote: String::new(), retry_after: None };
    let proxy = Proxy::start(plane, vec![Rule::nth(1, refused)]);
    let list = |more: &[&str]| -> Output {
        let args = ["list", "-n", &namespace, "-o", "json", "--chunk-size", "1"];
        Secretsafe::new().args(args).args(more).kubeconfig(&proxy.kubeconfig(plane.admin_token())).run()
    };
    let cut = list(&[]).expect_code(5);
    assert!(serde_json::from_str::<Value>(&cut.out()).is_err(), "{}", cut.out());
    proxy.set_rules(vec![Rule::nth(
        1,
        Fault::Status { code: 403, reason: "Forbidden", quote: String::new(), retry_after: None },
    )]);
    // With an order, nothing is printed before all is there.
    assert!(list(&["--sort-by=.metadata.name"]).expect_code(5).stdout.is_empty());
}

/// Commands that succeed, most of them with something to say.
const SUCCEED: &[&[&str]] = &[
    &["create", "generic", "new", "a=stdin", "k=generate:ssh-ed25519"],
    &["create", "generic", "new", "c=generate", "--apply"],
    &["create", "generic", "twice", "a=env:TWICE"],
    &["create", "generic", "new", "c=generate", "--apply"],
    &["rotate", "db", "a=stdin", "--yes"],
    &["set", "db", "new=public:aB3dE6gH9jK2mN5pQ8sT", "--public-ok", "new", "--yes"],
    &["rename-key", "db", "new", "newer", "--yes"],
    &["unset", "db", "newer", "--yes"],
    &["rotate", "db", "a=generate", "--dry-run=client"],
    &["rotate", "db", "a=generate", "--dry-run=server", "--yes"],
    &["view", "db", "new"],
    &["view", "db", "--metadata-only"],
    &["list"],
    &["list", "-l", "app=nothing"],
    &["diff", "db", "--with", "db"],
    &["copy", "db", "--to", "NAMESPACE/copied", "--yes"],
    &["copy", "-l", "app=nothing", "--to", "default", "--yes"],
    &["keychain", "set", "secretsafe/team", "--stdin"],
    &["keychain", "list"],
    &["keychain", "list", "--service", "nobody"],
    &["keychain", "rename", "secretsafe/team", "secretsafe/other"],
    &["keychain", "delete", "secretsafe/other", "--yes"],
    &["completion", "bash"],
];

#[test]
fn quiet_is_silent_on_stderr_unless_something_fails() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let keyring = Keyring::secret_service();
    let mut talked = 0;
    for quiet in [false, true] {
        let namespace = if quiet { planted(plane) } else { namespace.clone() };
        for args in SUCCEED {
            let args: Vec<String> = args.iter().map(|arg| arg.replace("NAMESPACE", &namespace)).collect();
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let run = super::run(&namespace, &args).envs(keyring.env()).env("TWICE", "bm90LWEtcmVhbC1wYXNzd29yZA==");
            let run = run.stdin("not-a-real-password\n").args(if quiet { &["-q"][..] } else { &[] });
            let output = run.run();
            assert_eq!(output.code, Some(0), "{args:?}: {}", output.err());
            talked += usize::from(!output.stderr.is_empty());
            assert!(!quiet || output.stderr.is_empty(), "{args:?}: {}", output.err());
        }
    }
    assert!(talked > 8, "the same commands had something to say without it: {talked}");
    let failed = super::run(&namespace, &["view", "gone", "-q"]).run().expect_code(5);
    assert!(failed.err().contains("error: ") && failed.err().contains("hint: "), "{}", failed.err());
}

/// Each code of docs/exit-codes.md that a script can meet; 6, 70, signals and 141 need faults, and have tests of their own.
#[test]
fn exit_codes_are_those_of_the_page() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let code = |args: &[&str]| super::run(&namespace, args).stdin("not-a-real-password").run().code.unwrap();
    assert_eq!(code(&["diff", "db", "--with", "db"]), 0);
    assert_eq!(code(&["diff", "db", "a=stdin"]), 1);
    assert_eq!(code(&["view"]), 2);
    assert_eq!(code(&["unset", "db", "a"]), 3);
    assert_eq!(code(&["create", "generic", "new", "a=env:NOT_THERE"]), 4);
    assert_eq!(code(&["view", "gone"]), 5);
    let folder = crate::support::temp_folder("codes");
    let program = folder.path().join("seven");
    fs::write(&program, "#!/bin/sh\nexit 7\n").unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    assert_eq!(code(&["exec", "db", "a", "--", program.to_str().unwrap()]), 7);
}
