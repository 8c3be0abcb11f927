//! The programs that are compared, and how each is asked for its findings. None may verify what it finds: that sends it away.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::judge::{Fields, Finding};
use crate::support::{command, temp_folder};

/// Where the programs are, and a home for them.
pub(crate) struct Tools {
    folder: PathBuf,
    ours: PathBuf,
    pub(crate) home: TempDir,
}

/// A program, and how its findings are read.
pub(crate) struct Scanner {
    pub(crate) shown: &'static str,
    command: Command,
    /// Where its report is, if not on stdout.
    report: Option<PathBuf>,
    list: fn(Value) -> Vec<Value>,
    fields: Fields,
}

impl Tools {
    /// Builds what is not there yet.
    pub(crate) fn built() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let output =
            Command::new(root.join("tests/scan/build")).stderr(Stdio::inherit()).output().expect("tests/scan/build");
        assert!(output.status.success(), "tests/scan/build failed");
        let folder = String::from_utf8(output.stdout).expect("a path").trim_end().into();
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let ours = target.join("release/kubectl-secretsafe");
        assert!(ours.is_file(), "{} is missing: type `make bench-scan`, which builds it", ours.display());
        Self { folder, ours, home: temp_folder("bench-scan") }
    }

    /// Returns our program with arguments.
    pub(crate) fn ours(&self, arguments: &[&str]) -> Command {
        self.command(&self.ours, arguments)
    }

    /// Returns another program of the folder with arguments.
    pub(crate) fn other(&self, name: &str, arguments: &[&str]) -> Command {
        self.command(&self.folder.join(name), arguments)
    }

    /// Returns gitleaks, told to look at a folder, and to end well whatever it finds.
    pub(crate) fn gitleaks(&self, folder: &Path, report: &Path) -> Command {
        let [folder, report] = [folder, report].map(|path| path.to_str().expect("a path of ours"));
        self.other(
            "bin/gitleaks",
            &["dir", "--no-banner", "--log-level", "error", "--exit-code", "0", "-f", "json", "-r", report, folder],
        )
    }

    /// Returns every program that is compared, ours first.
    pub(crate) fn scanners(&self) -> Vec<Scanner> {
        let report = |name: &str| self.home.path().join(name);
        let (gitleaks, betterleaks) = (report("gitleaks.json"), report("betterleaks.json"));
        let [to_gitleaks, to_betterleaks] =
            [&gitleaks, &betterleaks].map(|path| path.to_str().expect("a path").to_owned());
        vec![
            Scanner {
                shown: "kubectl-secretsafe scan",
                command: self.ours(&["scan", "--fail-on", "never", "-o", "json", "."]),
                report: None,
                list: |mut report| array(report["items"].take()),
                fields: Fields { file: "/path", first: "/line", last: "/line" },
            },
            Scanner {
                shown: "gitleaks dir",
                command: self.gitleaks(Path::new("."), Path::new(&to_gitleaks)),
                report: Some(gitleaks),
                list: array,
                fields: Fields { file: "/File", first: "/StartLine", last: "/EndLine" },
            },
            Scanner {
                shown: "betterleaks auto",
                command: self.other(
                    "python/bin/betterleaks",
                    &[
                        "auto",
                        "--no-banner",
                        "--no-color",
                        "-l",
                        "error",
                        "--exit-code",
                        "0",
                        "-o",
                        &to_betterleaks,
                        ".",
                    ],
                ),
                report: Some(betterleaks),
                list: |mut report| array(report["findings"].take()),
                fields: Fields { file: "/location/path", first: "/location/start_line", last: "/location/end_line" },
            },
            Scanner {
                shown: "detect-secrets scan",
                command: self.other("python/bin/detect-secrets", &["scan", "--all-files", "--no-verify", "."]),
                report: None,
                list: |mut report| match report["results"].take() {
                    Value::Object(files) => files.into_iter().flat_map(|(_, found)| array(found)).collect(),
                    other => panic!("no results: {other}"),
                },
                fields: Fields { file: "/filename", first: "/line_number", last: "/line_number" },
            },
        ]
    }

    /// Returns the versions of the programs, as they say them or as they are pinned.
    pub(crate) fn versions(&self) -> String {
        let said =
            |command: Command| command::run(command, b"").success().out().lines().next().unwrap_or_default().to_owned();
        format!(
            "{}, gitleaks {}, betterleaks {}, detect-secrets {}, {}.",
            said(self.ours(&["--version"])),
            said(self.other("bin/gitleaks", &["version"])),
            said(self.other("python/bin/betterleaks", &["--version"])),
            said(self.other("python/bin/detect-secrets", &["--version"])),
            said(self.other("bin/rg", &["--version"])),
        )
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.env_clear().args(arguments).env("HOME", self.home.path()).env("LC_ALL", "C.UTF-8");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }
}

impl Scanner {
    /// Returns what it finds below a folder.
    pub(crate) fn findings(mut self, folder: &Path) -> Vec<Finding> {
        self.command.current_dir(folder);
        // Without a limit: detect-secrets may take minutes.
        let output =
            self.command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().expect("a program that starts");
        assert!(output.status.success(), "`{}` ended with {}", self.shown, output.status);
        let text = self.report.as_ref().map_or(output.stdout, |path| fs::read(path).expect("a report"));
        let report = serde_json::from_slice(&text).unwrap_or_else(|_| panic!("`{}` wrote no JSON", self.shown));
        (self.list)(report).iter().map(|finding| self.fields.read(finding, folder)).collect()
    }
}

fn array(value: Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list,
        // What gitleaks writes where it finds nothing.
        Value::Null => Vec::new(),
        other => panic!("no list: {other}"),
    }
}
