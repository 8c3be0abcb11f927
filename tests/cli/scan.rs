//! `scan` of files: what is looked at and what is left out, what a team lets stand, SARIF, and that nothing is connected to
//! or run.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::{Output, Secretsafe};
use crate::support::{schema, temp_folder};

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: made-up-1\n";

fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = temp_folder("scan");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Runs in a folder, as a user does.
fn run_in(folder: &Path, args: &[&str]) -> Output {
    let run = Secretsafe::new().args(["scan"]).args(args);
    let mut command = run.command();
    let output = command.current_dir(folder).stdin(Stdio::null()).output().unwrap();
    Output { code: output.status.code(), stdout: output.stdout, stderr: output.stderr, ..Output::default() }
}

fn report(output: &Output) -> Value {
    serde_json::from_str(&output.out()).unwrap_or_else(|_| panic!("{}{}", output.out(), output.err()))
}

fn places(report: &Value) -> Vec<String> {
    let place = |item: &Value| {
        format!("{}:{} {}", item["path"].as_str().unwrap(), item["line"], item["kind"].as_str().unwrap())
    };
    report["items"].as_array().unwrap().iter().map(place).collect()
}

fn git(folder: &Path, args: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"];
    let status = Command::new("git").current_dir(folder).args(identity).args(args).stdout(Stdio::null()).status();
    assert!(status.unwrap().success(), "git {args:?}");
}

#[test]
fn what_is_found_decides_the_exit_code() {
    let folder = tree(&[("a.yaml", SECRET), ("values.yaml", "token: made-up-2\n"), ("b/c.txt", "nothing")]);
    let all = run_in(folder.path(), &["-o", "json"]).expect_code(1);
    assert_eq!(places(&report(&all)), ["a.yaml:6 secret-value", "values.yaml:1 values"]);
    for (args, code) in [
        (&["values.yaml"][..], 1),
        (&["values.yaml", "--fail-on", "high"], 0),
        (&["a.yaml", "--fail-on", "high"], 1),
        (&["--fail-on", "never"], 0),
        (&["b"], 0),
        (&["nowhere.yaml"], 2),
    ] {
        run_in(folder.path(), args).expect_code(code);
    }
    let silent = run_in(folder.path(), &["b"]).success();
    assert_eq!((silent.out(), silent.err()), (String::new(), String::new()));
    // Under a name without an extension, what begins like a manifest is one.
    Secretsafe::new().args(["scan", "/dev/stdin"]).stdin(SECRET).run().expect_code(1);
}

#[test]
fn links_are_not_followed_and_are_counted() {
    let elsewhere = tree(&[("a.yaml", SECRET)]);
    let folder =
        tree(&[("b.yaml", "a: b\n"), ("k/kustomization.yaml", "secretGenerator:\n- files: [link.txt, ../out.txt]\n")]);
    fs::write(folder.path().join("out.txt"), "made-up").unwrap();
    symlink(elsewhere.path().join("a.yaml"), folder.path().join("link.yaml")).unwrap();
    symlink(elsewhere.path(), folder.path().join("folder")).unwrap();
    symlink(elsewhere.path().join("a.yaml"), folder.path().join("k/link.txt")).unwrap();
    let report = report(&run_in(folder.path(), &["-o", "json"]).success());
    assert_eq!((places(&report), &report["leftOut"]["links"]), (vec![], &json!(3)), "{report:#}");
    // What the user names may be one.
    run_in(folder.path(), &["link.yaml"]).expect_code(1);
}

#[test]
fn a_generator_makes_secrets_of_files() {
    let kustomization = "secretGenerator:\n- envs: [.env]\n  files: [a/key.pem, token.txt]\n";
    let folder = tree(&[
        ("k/kustomization.yaml", kustomization),
        ("k/.env", "USER=made-up\nDB_PASSWORD=made-up\n"),
        ("k/token.txt", "made-up\n"),
        ("k/a/key.pem", "changeme\n"),
        ("k/other.txt", "made-up\n"),
    ]);
    let report = report(&run_in(folder.path(), &["-o", "json"]).expect_code(1));
    let wanted = ["k/.env:1 generator-file", "k/.env:2 generator-file", "k/token.txt:1 generator-file"];
    assert_eq!(places(&report), wanted);
}

#[test]
fn a_comment_with_a_reason_lets_a_value_stand() {
    let text = "password: made-up # secretsafe:allow a test server\n# secretsafe:allow\ntoken: made-up\n";
    let folder = tree(&[("values.yaml", text)]);
    let report = report(&run_in(folder.path(), &["-o", "json"]).expect_code(1));
    assert_eq!(
        (places(&report), &report["suppressed"]["inline"]),
        (vec!["values.yaml:3 values".to_owned()], &json!(1))
    );
    assert_eq!(report["withoutReason"], json!([{"path": "values.yaml", "line": 2}]));
    let said = run_in(folder.path(), &[]).expect_code(1).err();
    assert!(said.contains("values.yaml:2: secretsafe:allow without a reason") && said.contains("1 allowed"), "{said}");
    let all = run_in(folder.path(), &["--no-suppressions", "-o", "json"]).expect_code(1);
    assert!(all.out().contains("values.yaml") && all.out().contains("\"inline\": 0"), "{}", all.out());
}

#[test]
fn a_baseline_leaves_out_what_is_known_until_the_file_changes() {
    let folder = tree(&[("a.yaml", SECRET), ("b.yaml", SECRET)]);
    let here = folder.path();
    git(here, &["init", "-q"]);
    git(here, &["add", "a.yaml"]);
    let written = run_in(here, &["--write-baseline", "known.json"]).success();
    assert!(written.err().contains("1 of 2 findings") && written.err().contains("1 are not"), "{}", written.err());
    let text = fs::read_to_string(here.join("known.json")).unwrap();
    assert!(text.contains("a.yaml") && text.contains("secret-value") && !text.contains("b.yaml"), "{text}");
    let left = report(&run_in(here, &["--baseline", "known.json", "-o", "json"]).expect_code(1));
    assert_eq!((places(&left), &left["suppressed"]["baseline"]), (vec!["b.yaml:6 secret-value".to_owned()], &json!(1)));
    fs::write(here.join("a.yaml"), format!("{SECRET}  more: made-up-2\n")).unwrap();
    let left = run_in(here, &["--baseline", "known.json", "-o", "json"]).expect_code(1);
    assert_eq!(places(&report(&left)).len(), 3);
    assert!(left.err().contains("1 in the baseline were not found"), "{}", left.err());
    // That of an audit is another one.
    fs::write(
        here.join("other.json"),
        "{\"apiVersion\":\"secretsafe.dev/v1alpha1\",\"kind\":\"AuditBaseline\",\"findings\":[]}",
    )
    .unwrap();
    run_in(here, &["--baseline", "other.json"]).expect_code(2);
}

#[test]
fn sarif_is_what_its_schema_says() {
    let folder = tree(&[
        ("a b.yaml", SECRET),
        ("values.yaml", "passwords: [made-up-1, made-up-2]\n"),
        ("c.yaml", "a: b: c\ntoken: [\n"),
    ]);
    let log: Value = report(&run_in(folder.path(), &["-o", "sarif"]).expect_code(1));
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs/sarif-2.1.0.json");
    assert_eq!(schema::complaints_of(&log, &spec), Vec::<String>::new());
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!((&place["artifactLocation"]["uri"], &place["region"]["startLine"]), (&json!("a%20b.yaml"), &json!(6)));
    let prints: std::collections::BTreeSet<String> =
        results.iter().map(|result| result["partialFingerprints"].to_string()).collect();
    assert_eq!((prints.len(), results.len()), (3, 3));
    assert_eq!(run["properties"]["suppressed"], json!({"inline": 0, "baseline": 0}));
    assert!(run["invocations"][0]["toolExecutionNotifications"].to_string().contains("c.yaml:1"), "{run:#}");
}

/// Requirement S27: nothing is connected to. Outside of a repository nothing is run either, and in one only git.
#[test]
fn a_scan_connects_to_nothing_and_runs_nothing_but_git() {
    let kustomization = "secretGenerator:\n- envs: [a.env]\n";
    let folder = tree(&[("a.yaml", SECRET), ("k/kustomization.yaml", kustomization), ("k/a.env", "A=made-up\n")]);
    let trace = temp_folder("trace").path().join("trace");
    fs::create_dir_all(trace.parent().unwrap()).unwrap();
    let calls = || {
        let status = Command::new("strace")
            .args(["-f", "-qq", "-s", "999", "-e", "trace=connect,execve,bind,sendto", "-o"])
            .arg(&trace)
            .arg(env!("CARGO_BIN_EXE_kubectl-secretsafe"))
            .args(["scan", "-o", "json"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("strace is missing: type tests/setup");
        assert_eq!(status.code(), Some(1));
        let calls = fs::read_to_string(&trace).unwrap();
        assert!(!calls.contains("connect(") && !calls.contains("bind(") && !calls.contains("sendto("), "{calls}");
        calls.lines().filter(|line| line.contains("execve(")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(calls().len(), 1);
    git(folder.path(), &["init", "-q"]);
    let run = calls();
    assert!(run.len() > 1 && run.iter().skip(1).all(|call| call.contains("/git\", [\"")), "{run:#?}");
}
