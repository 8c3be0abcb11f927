//! `scan` in Git repositories: what is staged, what ever was, what is ignored, the hook, and the baseline of a commit.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::command::{Output, Secretsafe};
use crate::support::temp_folder;

mod hostile;
mod trees;

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: made-up-1\n";
const SAFE: &str = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: changeme\n";

/// A repository with an identity of its own.
fn repository() -> TempDir {
    let folder = temp_folder("scan-git");
    git(folder.path(), &["init", "--quiet", "--initial-branch=main"]);
    git(folder.path(), &["config", "user.name", "a"]);
    git(folder.path(), &["config", "user.email", "a@example.com"]);
    folder
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).args(args).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command.stdin(Stdio::null());
    command
}

fn git(folder: &Path, args: &[&str]) -> String {
    let output = command(folder, args).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn commit(folder: &Path) -> String {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--no-verify", "--allow-empty", "--message=x"]);
    git(folder, &["rev-parse", "HEAD"])
}

/// Runs in a folder, as a user does.
fn scan(folder: &Path, args: &[&str]) -> Output {
    scan_with(folder, args, &[])
}

fn scan_with(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let run = Secretsafe::new().args(["scan"]).args(args).envs(variables.iter().copied());
    let output = run.command().current_dir(folder).stdin(Stdio::null()).output().unwrap();
    Output { code: output.status.code(), stdout: output.stdout, stderr: output.stderr, ..Output::default() }
}

fn report(output: &Output) -> Value {
    serde_json::from_str(&output.out()).unwrap_or_else(|_| panic!("{}{}", output.out(), output.err()))
}

fn places(output: &Output) -> Vec<String> {
    let items = report(output)["items"].clone();
    let place = |item: &Value| format!("{}:{}", item["path"].as_str().unwrap(), item["line"]);
    items.as_array().unwrap().iter().map(place).collect()
}

#[test]
fn what_is_staged_counts_and_not_what_is_in_the_tree() {
    let folder = repository();
    let here = folder.path();
    write(here, "staged.yaml", SECRET);
    write(here, "safe.yaml", SAFE);
    git(here, &["add", "."]);
    write(here, "staged.yaml", SAFE);
    write(here, "safe.yaml", SECRET);
    write(here, "untracked.yaml", SECRET);
    let output = scan(here, &["--staged", "-o", "json"]).expect_code(1);
    assert_eq!(places(&output), ["staged.yaml:6"], "before the first commit");
    assert_eq!(places(&scan(here, &["-o", "json"])), ["safe.yaml:6", "untracked.yaml:6"]);
    git(here, &["commit", "--quiet", "--message=x"]);
    scan(here, &["--staged"]).success();
    // In a folder below, as Git itself names it.
    write(here, "below/new.yaml", SECRET);
    git(here, &["add", "below"]);
    assert_eq!(places(&scan(&here.join("below"), &["--staged", "-o", "json"])), ["below/new.yaml:6"]);
}

#[test]
fn a_kustomization_that_is_staged_makes_secrets_of_what_is_in_the_index() {
    let folder = repository();
    let here = folder.path();
    write(here, "app/token.txt", "made-up-2");
    commit(here);
    write(here, "app/kustomization.yaml", "secretGenerator:\n- name: db\n  files: [token.txt]\n");
    git(here, &["add", "."]);
    fs::remove_file(here.join("app/token.txt")).unwrap();
    assert_eq!(places(&scan(here, &["--staged", "-o", "json"]).expect_code(1)), ["app/token.txt:1"]);
}

#[test]
fn suppressions_of_what_is_staged_are_counted() {
    let folder = repository();
    let here = folder.path();
    write(here, "a.yaml", &SECRET.replace("made-up-1", "made-up-1 # secretsafe:allow a test"));
    write(here, "b.yaml", "token: made-up-2\n");
    commit(here);
    scan(here, &["--write-baseline", "base.json"]).success();
    write(here, "c", "x");
    git(here, &["rm", "--quiet", "--cached", "a.yaml", "b.yaml"]);
    git(here, &["commit", "--quiet", "--message=x"]);
    git(here, &["add", "--all"]);
    let output = scan(here, &["--staged", "--baseline", "base.json", "-o", "json"]).success();
    assert_eq!(report(&output)["suppressed"], serde_json::json!({"inline": 1, "baseline": 1}));
    let output = scan(here, &["--staged", "--no-suppressions", "-o", "json"]).expect_code(1);
    assert_eq!(places(&output), ["a.yaml:6", "b.yaml:1"]);
}

#[test]
fn a_history_names_the_first_commit_and_a_value_once() {
    let folder = repository();
    let here = folder.path();
    write(here, "a.yaml", SECRET);
    let first = commit(here);
    write(here, "a.yaml", &SECRET.replace("made-up-1", "made-up-2"));
    commit(here);
    write(here, "b.yaml", "token: made-up-3\n");
    fs::remove_file(here.join("a.yaml")).unwrap();
    let last = commit(here);
    let output = scan(here, &["--history", "-o", "json"]).expect_code(1);
    let report = report(&output);
    let seen: Vec<_> = report["items"].as_array().unwrap().iter().collect();
    assert_eq!((seen[0]["path"].as_str(), seen[0]["commit"].as_str()), (Some("a.yaml"), Some(first.as_str())));
    assert_eq!(seen[0]["contents"], 2, "it was changed, and is no other finding");
    assert_eq!((seen[1]["path"].as_str(), seen[1]["commit"].as_str()), (Some("b.yaml"), Some(last.as_str())));
    assert_eq!((seen.len(), &report["commits"]), (2, &Value::from(3)));
    let range = format!("{first}..HEAD");
    assert_eq!(places(&scan(here, &["--history", &range, "-o", "json"])), ["a.yaml:6", "b.yaml:1"]);
    assert_eq!(places(&scan(here, &["--history", "HEAD~1..", "-o", "json"])), ["b.yaml:1"]);
    for odd in ["nowhere", "HEAD..nowhere", "--output=x"] {
        let output = scan(here, &[&format!("--history={odd}")]).expect_code(2);
        assert!(output.err().contains("git log --oneline") && !output.err().contains("nowhere"), "{}", output.err());
    }
    let clone = temp_folder("shallow");
    let url = format!("file://{}", here.display());
    git(clone.path(), &["clone", "--quiet", "--depth=1", &url, "."]);
    let output = scan(clone.path(), &["--history"]).expect_code(1);
    assert!(output.err().contains("git fetch --unshallow"), "{}", output.err());
}

#[test]
fn ignored_files_are_left_out_unless_they_are_tracked() {
    let folder = repository();
    let here = folder.path();
    for path in ["out/a.yaml", "tracked.log.yaml", "other.log.yaml", "sub/out/b.yaml"] {
        write(here, path, SECRET);
    }
    write(here, ".gitignore", "out/\n*.log.yaml\n");
    write(here, "sub/kept", "x");
    git(here, &["add", "--force", "tracked.log.yaml", "sub/kept"]);
    let output = scan(here, &["-o", "json"]).expect_code(1);
    assert_eq!(places(&output), ["tracked.log.yaml:6"]);
    assert_eq!(report(&output)["leftOut"]["ignored"], 3);
    assert_eq!(places(&scan(here, &["--ignored", "-o", "json"])).len(), 4);
    // What is named is meant.
    assert_eq!(places(&scan(here, &["out", "-o", "json"])), ["out/a.yaml:6"]);
    assert_eq!(places(&scan(here, &["other.log.yaml", "sub", "-o", "json"])), ["other.log.yaml:6"]);
    let none = [("PATH", "/nowhere")];
    let output = scan_with(here, &["-o", "json"], &none).expect_code(1);
    assert_eq!(places(&output).len(), 4, "without Git nothing is ignored");
    assert!(output.err().contains("what Git ignores is looked at too: git is not there"), "{}", output.err());
    let output = scan_with(here, &["--staged"], &none).expect_code(2);
    assert!(output.err().contains("git is not there"), "{}", output.err());
}

#[test]
fn a_baseline_of_a_commit_is_not_that_of_the_tree() {
    let folder = repository();
    let here = folder.path();
    write(here, "a.yaml", SECRET);
    commit(here);
    scan(here, &["--write-baseline", "base.json"]).success();
    commit(here);
    write(here, "b.yaml", "token: made-up-3\n");
    git(here, &["add", "."]);
    scan(here, &["--write-baseline", "base.json"]).success();
    scan(here, &["--baseline", "base.json"]).success();
    let output = scan(here, &["--baseline", "base.json", "--baseline-from", "HEAD", "-o", "json"]).expect_code(1);
    assert_eq!(places(&output), ["b.yaml:1"]);
    for (file, revision) in [("base.json", "HEAD~1"), ("gone.json", "HEAD"), ("base.json", "nowhere")] {
        scan(here, &["--baseline", file, "--baseline-from", revision]).expect_code(2);
    }
}

#[test]
fn a_hook_keeps_a_secret_out_of_a_commit() {
    let folder = repository();
    let here = folder.path();
    let output = scan(here, &["--install-hook"]).success();
    assert_eq!(output.out(), "hook/pre-commit installed\n");
    assert!(output.err().contains(".git/hooks/pre-commit"), "{}", output.err());
    write(here, "a.yaml", SECRET);
    write(here, "b.yaml", SAFE);
    let path = Secretsafe::new().command();
    let path = path.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path).unwrap().to_owned();
    let try_it = |args: &[&str]| command(here, args).env("PATH", &path).output().unwrap();
    git(here, &["add", "."]);
    let refused = try_it(&["commit", "--message=x"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned() + &String::from_utf8_lossy(&refused.stdout);
    assert!(!refused.status.success() && said.contains("a.yaml:6") && !said.contains("made-up-1"), "{said}");
    // With `commit FILE`, Git hands the hook another index.
    let other = try_it(&["commit", "--quiet", "--message=x", "b.yaml"]);
    assert!(other.status.success(), "{}", String::from_utf8_lossy(&other.stderr));
    assert!(!try_it(&["commit", "--message=x", "a.yaml"]).status.success());
    assert!(try_it(&["commit", "--quiet", "--no-verify", "--message=x"]).status.success());
    fs::write(here.join(".git/hooks/pre-commit"), "#!/bin/sh\n").unwrap();
    let output = scan(here, &["--install-hook"]).expect_code(3);
    assert!(output.err().contains("kubectl-secretsafe scan --staged"), "{}", output.err());
    scan(temp_folder("none").path(), &["--install-hook"]).expect_code(2);
}

#[test]
fn outside_of_a_repository_there_is_nothing_staged() {
    let folder = temp_folder("none");
    for args in [&["--staged"][..], &["--history"]] {
        let output = scan(folder.path(), args).expect_code(2);
        assert!(output.err().contains("belongs to no Git repository"), "{}", output.err());
    }
}
