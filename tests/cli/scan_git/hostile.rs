//! A repository that somebody else has prepared: nothing that its config names is run, and nothing is connected to
//! (requirement S22).

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::{SECRET, commit, git, repository, scan, write};
use crate::support::command::Secretsafe;
use crate::support::temp_folder;

/// A repository whose every way to run a program leaves a mark.
struct Trap {
    repository: TempDir,
    marks: TempDir,
}

impl Trap {
    fn set() -> Self {
        let trap = Self { repository: repository(), marks: temp_folder("marks") };
        let here = trap.here();
        write(here, "a.yaml", SECRET);
        write(here, "gone.yaml", "token: made-up-3\n");
        write(
            here,
            "base.json",
            "{\"apiVersion\":\"secretsafe.dev/v1alpha1\",\"kind\":\"ScanBaseline\",\"findings\":[]}",
        );
        commit(here);
        write(here, "b.yaml", "token: made-up-5\n");
        write(here, "gone.yaml", "token: made-up-4\n");
        commit(here);
        write(here, "c.yaml", SECRET);
        git(here, &["add", "."]);
        write(here, "a.yaml", "changed: in the tree\n");
        let gone = git(here, &["rev-parse", "HEAD~1:gone.yaml"]);
        fs::remove_file(here.join(format!(".git/objects/{}/{}", &gone[..2], &gone[2..]))).unwrap_or_default();
        for attributes in [".gitattributes", ".git/info/attributes"] {
            write(here, attributes, "* filter=t diff=t merge=t\n");
        }
        for hook in ["pre-commit", "post-index-change", "fsmonitor-watchman", "reference-transaction", "post-checkout"]
        {
            for folder in [".git/hooks", "hooks"] {
                trap.program(&format!("{folder}/{hook}"), &format!("hook-{hook}"));
            }
        }
        let aliases = ["ls-files", "rev-parse", "rev-list", "cat-file", "diff-index", "diff-tree", "config"];
        let aliases: String =
            aliases.iter().map(|name| format!("\t{name} = \"!{}\"\n", trap.names(&format!("alias-{name}")))).collect();
        let names = |name: &str| trap.names(name);
        write(here, ".git/included", &format!("[core]\n\tfsmonitor = \"{}\"\n", names("included")));
        let config = format!(
            "[core]\n\trepositoryformatversion = 1\n\tfsmonitor = \"{fsmonitor}\"\n\tsshCommand = \"{ssh}\"\n\tpager = \"{pager}\"\n\
             \teditor = \"{editor}\"\n\taskPass = \"{ask}\"\n\tgitProxy = \"{proxy}\"\n\talternateRefsCommand = \"{refs}\"\n\
             \thooksPath = hooks\n[pager]\n\trev-list = \"{pager}\"\n\tdiff-tree = true\n\
             [diff]\n\texternal = \"{external}\"\n[diff \"t\"]\n\ttextconv = \"{textconv}\"\n\tcommand = \"{external}\"\n\
             [filter \"t\"]\n\tclean = \"{clean}\"\n\tsmudge = \"{smudge}\"\n\tprocess = \"{process}\"\n\trequired = true\n\
             [merge \"t\"]\n\tdriver = \"{clean}\"\n[gpg]\n\tprogram = \"{gpg}\"\n[log]\n\tshowSignature = true\n\
             [credential]\n\thelper = \"!{credential}\"\n[include]\n\tpath = included\n[protocol]\n\tallow = always\n\
             [protocol \"ext\"]\n\tallow = always\n[protocol \"ssh\"]\n\tallow = always\n[protocol \"http\"]\n\tallow = always\n\
             [extensions]\n\tpartialClone = origin\n\
             [remote \"origin\"]\n\turl = \"ext::{fetch}\"\n\tpromisor = true\n\tpartialclonefilter = blob:none\n\
             [remote \"other\"]\n\turl = http://127.0.0.1:9/x\n\tpromisor = true\n\
             [remote \"third\"]\n\turl = ssh://127.0.0.1/x\n\tpromisor = true\n\tuploadpack = \"{fetch}\"\n\
             [alias]\n{aliases}",
            fsmonitor = names("fsmonitor"),
            ssh = names("ssh"),
            pager = names("pager"),
            editor = names("editor"),
            ask = names("ask"),
            proxy = names("proxy"),
            refs = names("refs"),
            external = names("external"),
            textconv = names("textconv"),
            clean = names("clean"),
            smudge = names("smudge"),
            process = names("process"),
            gpg = names("gpg"),
            credential = names("credential"),
            fetch = names("fetch"),
        );
        fs::write(here.join(".git/config"), config).unwrap();
        trap
    }

    fn here(&self) -> &Path {
        self.repository.path()
    }

    /// Makes a program that leaves a mark, and returns its path.
    fn names(&self, mark: &str) -> String {
        self.program(&format!(".git/traps/{mark}"), mark).to_str().unwrap().to_owned()
    }

    fn program(&self, path: &str, mark: &str) -> PathBuf {
        write(self.here(), path, &format!("#!/bin/sh\n: > {}/{mark}\n", self.marks.path().display()));
        let path = self.here().join(path);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Returns what was run since the last time.
    fn marks(&self) -> Vec<String> {
        let found = fs::read_dir(self.marks.path()).unwrap().map(|entry| entry.unwrap());
        let found: Vec<_> = found.inspect(|entry| fs::remove_file(entry.path()).unwrap()).collect();
        found.iter().map(|entry| entry.file_name().into_string().unwrap()).collect()
    }

    /// Runs a command of git as nobody should.
    fn carelessly(&self, args: &[&str]) {
        let mut git = Command::new("git");
        git.current_dir(self.here()).args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = git.status();
    }
}

#[test]
fn nothing_of_a_hostile_repository_is_run() {
    let trap = Trap::set();
    // That the traps work at all: what a careless program would run.
    trap.carelessly(&["diff", "--cached"]);
    trap.carelessly(&["status"]);
    trap.carelessly(&["cat-file", "-p", "HEAD~1:gone.yaml"]);
    let marks = trap.marks();
    for mark in ["process", "fetch"] {
        assert!(marks.iter().any(|seen| seen == mark), "{mark} is no trap: {marks:?}");
    }
    assert!(marks.iter().any(|seen| seen == "fsmonitor" || seen == "included"), "{marks:?}");

    let runs: &[(&[&str], i32)] = &[
        (&["scan"], 1),
        (&["scan", "--ignored"], 1),
        (&["scan", "--staged"], 1),
        (&["scan", "--history"], 1),
        (&["scan", "--history", "HEAD~1..HEAD"], 1),
        (&["scan", "--write-baseline", "new.json"], 0),
        (&["scan", "--baseline", "base.json", "--baseline-from", "HEAD"], 1),
        (&["scan", "--install-hook"], 3),
    ];
    let git = which_git();
    for (args, code) in runs {
        let folder = temp_folder("trace");
        let trace = folder.path().join("trace");
        let plain = Secretsafe::new().args(*args);
        let command = plain.command();
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-s", "4096", "-e", "trace=connect,execve", "-o"]).arg(&trace);
        strace.arg(command.get_program()).args(command.get_args()).env_clear().current_dir(trap.here());
        strace.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = strace.stdin(Stdio::null()).output().expect("strace is missing: type tests/setup");
        let (said, calls) = (String::from_utf8_lossy(&output.stderr), fs::read_to_string(&trace).unwrap());
        assert_eq!(output.status.code(), Some(*code), "{args:?}: {said}");
        assert_eq!(trap.marks(), Vec::<String>::new(), "{args:?}: {calls}");
        assert!(!calls.contains("connect("), "{args:?}: {calls}");
        let mut gits = 0;
        for call in calls.lines().filter(|line| line.contains("execve(")) {
            let ours = call.contains(&format!("execve(\"{}\"", command.get_program().display()));
            let is_git = call.contains(&format!("execve(\"{git}\"")) && call.contains("\"core.fsmonitor=\"");
            assert!(ours || is_git, "{args:?}: {call}");
            gits += usize::from(is_git);
        }
        assert_eq!(gits > 0, !args.contains(&"--ignored"), "{args:?}: {calls}");
    }
    let output = scan(trap.here(), &["--history", "-o", "json"]);
    assert_eq!(super::report(&output)["leftOut"]["missing"], 1, "what is not here is counted, and not fetched");
}

fn which_git() -> String {
    let path = std::env::var_os("PATH").unwrap();
    let found = std::env::split_paths(&path).map(|folder| folder.join("git")).find(|file| file.is_file());
    found.expect("git is missing: type tests/setup").to_str().unwrap().to_owned()
}

#[test]
fn a_repository_of_somebody_else_is_not_opened() {
    let folder = repository();
    write(folder.path(), "a.yaml", SECRET);
    git(folder.path(), &["add", "."]);
    // SAFETY: geteuid takes nothing.
    assert_eq!(unsafe { libc::geteuid() }, 0, "only root can give a file away");
    for place in ["", ".git"] {
        chown(folder.path().join(place), Some(65534), Some(65534)).unwrap();
    }
    let output = scan(folder.path(), &["--staged"]).expect_code(3);
    assert!(output.err().contains("it belongs to another user"), "{}", output.err());
    assert!(output.err().contains("git config --global --add safe.directory"), "{}", output.err());
    let output = scan(folder.path(), &["-o", "json"]).expect_code(1);
    assert_eq!(super::places(&output), ["a.yaml:6"]);
    assert!(output.err().contains("what Git ignores is looked at too"), "{}", output.err());
}
