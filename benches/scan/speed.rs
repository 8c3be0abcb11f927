//! How fast, and in how much memory: a large tree, and the small commit that a hook looks at.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::measure::{self, Contender, Sample, in_turns, median};
use crate::support::{command, temp_folder};
use crate::tools::Tools;
use crate::tree::{self, Extent, Tree};
use crate::words::Words;

/// How many times as long as ripgrep ours may take for the tree.
const TIMES_RIPGREP: f64 = 4.0;
/// How many times as long as ours gitleaks must take for it.
const TIMES_GITLEAKS: f64 = 5.0;
/// What ours may need, in KiB.
const MEMORY: u64 = 128 * 1024;
/// How long `scan --staged` may take.
const STAGED: Duration = Duration::from_millis(50);
/// Files of the repository, and of the commit.
const FILES: usize = 400;
const IN_COMMIT: usize = 5;

/// One comparison.
pub(crate) struct Stage {
    pub(crate) title: String,
    pub(crate) note: String,
    pub(crate) rows: Vec<Row>,
    pub(crate) broken: Vec<String>,
}

/// The medians of one program.
pub(crate) struct Row {
    pub(crate) shown: String,
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    /// In KiB.
    pub(crate) peak: u64,
}

/// Makes the tree and measures ours, ripgrep and gitleaks on it.
pub(crate) fn of_tree(tools: &Tools, extent: Extent) -> Stage {
    let folder = temp_folder("bench-tree");
    eprintln!("bench: making {} files", extent.files);
    let tree = tree::make(folder.path(), extent);
    let path = tree.root.to_str().expect("a path of ours");
    let report = tools.home.path().join("tree.json");
    let ours = tools.ours(&["scan", "--fail-on", "never", "-o", "json", path]);
    let quick = [
        // At least one line for each Secret: a program that fails is quick.
        contender("kubectl-secretsafe scan TREE", ours, tree.leaking),
        contender(
            "rg -c 'kind: *Secret' TREE",
            tools.other("bin/rg", &["-c", "kind: *Secret", path]),
            tree.leaking / 2,
        ),
    ];
    eprintln!("bench: ours and ripgrep");
    let mut rows = measured(&quick, 7, tools.home.path());
    eprintln!("bench: gitleaks, once: it takes minutes, and the cache is warm");
    let slow = contender("gitleaks dir TREE", tools.gitleaks(&tree.root, &report), 0);
    let (sample, _) = measure::run(&slow, tools.home.path());
    rows.push(row(&slow, &[sample]));
    let findings = fs::read_to_string(&report).expect("a report").matches("\"RuleID\"").count();
    assert!(findings > 0, "gitleaks found nothing");
    Stage { title: title(&tree), note: note(&tree, findings), broken: broken(&rows), rows }
}

fn title(tree: &Tree) -> String {
    format!("A tree of {} files", tree.files)
}

fn note(tree: &Tree, findings: usize) -> String {
    format!(
        "{:.2} GiB, {} manifests among them, {} of these Secrets in the clear; the rest is source code, documents, pictures and \
         data, all made up. Warm cache. ripgrep only counts lines: what it takes is what opening and reading takes. gitleaks \
         reported {findings} findings there, once for each match. Bounds: {TIMES_RIPGREP} times ripgrep, a \
         {TIMES_GITLEAKS}th of gitleaks, {} MiB.",
        tree.bytes as f64 / f64::from(1 << 30),
        tree.manifests,
        tree.leaking,
        MEMORY / 1024,
    )
}

fn broken(rows: &[Row]) -> Vec<String> {
    let [ours, ripgrep, gitleaks] = rows else { unreachable!("as many as contenders") };
    let times = |one: &Row, other: &Row| one.wall.as_secs_f64() / other.wall.as_secs_f64();
    let (slower, faster) = (times(ours, ripgrep), times(gitleaks, ours));
    let found = [
        (slower > TIMES_RIPGREP).then(|| format!("`scan` took {slower:.1} times as long as ripgrep")),
        (faster < TIMES_GITLEAKS).then(|| format!("gitleaks took only {faster:.1} times as long as `scan`")),
        (ours.peak >= MEMORY).then(|| format!("`scan` needed {} MiB", ours.peak / 1024)),
    ];
    found.into_iter().flatten().collect()
}

/// What a hook does before a small commit.
pub(crate) fn of_commit(tools: &Tools) -> Stage {
    let folder = temp_folder("bench-commit");
    repository(folder.path());
    let staged = tools.ours(&["scan", "--staged", "--fail-on", "never", "-o", "json"]);
    let arguments = ["git", "--staged", "--no-banner", "--log-level", "error", "--exit-code", "0"];
    let contenders = [
        contender("kubectl-secretsafe scan --staged", staged, 1),
        contender("gitleaks git --staged", tools.other("bin/gitleaks", &arguments), 0),
    ];
    eprintln!("bench: a small commit");
    let rows = measured(&contenders, 20, folder.path());
    let wall = rows[0].wall;
    let broken = if wall < STAGED { Vec::new() } else { vec![format!("`scan --staged` took {} ms", wall.as_millis())] };
    let note = format!(
        "A repository of {FILES} files, of which {IN_COMMIT} are changed and staged; one is a Secret in the clear. Bound: {} ms.",
        STAGED.as_millis()
    );
    Stage { title: "A small commit".to_owned(), note, rows, broken }
}

/// Makes a repository with a commit, and stages another.
fn repository(folder: &Path) {
    let mut words = Words::new();
    let mut write = |number: usize| {
        let (name, content) = match number % 8 {
            0 => (format!("values-{number}.yaml"), words.settings(2000)),
            1 => (format!("app-{number}.yaml"), words.manifest(number, 2000)),
            _ => (format!("file-{number}.go"), words.source(6000)),
        };
        fs::write(folder.join(name), content).expect("a file of ours");
    };
    (0..FILES).for_each(&mut write);
    git(folder, &["init", "--quiet"]);
    git(folder, &["add", "."]);
    git(folder, &["-c", "user.name=bench", "-c", "user.email=bench@example.com", "commit", "--quiet", "-m", "All"]);
    (0..IN_COMMIT - 1).for_each(&mut write);
    fs::write(folder.join("secret.yaml"), words.leaking(1, 500)).expect("a file of ours");
    git(folder, &["add", "."]);
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut program = Command::new("git");
    program.args(arguments).current_dir(folder).env_clear();
    program.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", folder);
    command::run(program, b"").success();
}

fn contender(shown: &str, command: Command, lines: usize) -> Contender {
    Contender { shown: shown.to_owned(), command, lines }
}

fn measured(contenders: &[Contender], rounds: usize, folder: &Path) -> Vec<Row> {
    let samples = in_turns(contenders, rounds, folder);
    contenders.iter().zip(&samples).map(|(contender, samples)| row(contender, samples)).collect()
}

fn row(contender: &Contender, samples: &[Sample]) -> Row {
    Row {
        shown: contender.shown.clone(),
        wall: median(samples, |sample| sample.wall),
        cpu: median(samples, |sample| sample.cpu),
        peak: median(samples, |sample| sample.peak),
    }
}
