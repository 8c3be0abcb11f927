//! What is compared with what, how often, and which bounds we promise to keep.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::bed::{Bed, CROWDED, READ, SINGLE, UNREAD};
use crate::measure::{Contender, Sample, in_turns, median};
use crate::support::kubeconfig::{Kubeconfig, Login};
use crate::support::terminal::Terminal;

/// What TAB may compute, in our own process.
const TAB_CPU: Duration = Duration::from_millis(150);
/// How long TAB may take when the server says nothing: its limit, and what starting and ending take.
const TAB_SILENT: Duration = Duration::from_millis(1700);
/// What `list -A` may take, of the time of `kubectl get secrets -A`.
const LIST_SHARE: f64 = 0.15;
/// How many times as long as `list -A` an audit may take.
const AUDIT_TIMES: f64 = 3.0;
/// What either may need, in bytes.
const MEMORY: u64 = 64 * 1024 * 1024;
/// How long the picker may take from the first letter typed to the answer.
const PICKER: Duration = Duration::from_millis(500);

/// One comparison.
pub(crate) struct Stage {
    pub(crate) title: String,
    /// What the rows are to be read with.
    pub(crate) note: String,
    pub(crate) rows: Vec<Row>,
    /// The bounds that were not kept.
    pub(crate) broken: Vec<String>,
}

/// The medians of one contender.
pub(crate) struct Row {
    pub(crate) shown: String,
    pub(crate) wall: Duration,
    /// CPU time and peak memory, where the kernel was asked.
    pub(crate) cost: Option<(Duration, u64)>,
}

/// Runs every comparison.
pub(crate) fn all(bed: &Bed) -> Vec<Stage> {
    let mut stages = vec![startup(bed), one_secret(bed)];
    eprintln!("bench: making {} Secrets, spread", bed.sizes.secrets);
    bed.spread();
    stages.push(list(bed));
    let (pods, deployments) = (bed.sizes.pods(), bed.sizes.deployments());
    eprintln!("bench: making {pods} Pods and {deployments} Deployments");
    bed.employ();
    stages.push(audit(bed));
    eprintln!("bench: making {} Secrets in one namespace", bed.sizes.crowd());
    bed.crowd();
    stages.extend([tab(bed), silent(bed), picker(bed)]);
    stages
}

fn startup(bed: &Bed) -> Stage {
    let contenders = [
        contender("kubectl-secretsafe --version", bed.ours(&["--version"]), 1),
        contender("kubectl version --client", bed.kubectl(&["version", "--client"]), 1),
        contender("kubectl secretsafe --version", bed.kubectl(&["secretsafe", "--version"]), 1),
    ];
    stage(bed, "Startup", "", &contenders, 20)
}

fn one_secret(bed: &Bed) -> Stage {
    let ours = |arguments: &[&str]| bed.ours(&[arguments, &["-n", SINGLE]].concat());
    let kubectl = |arguments: &[&str]| bed.kubectl(&[arguments, &["-n", SINGLE]].concat());
    let contenders = [
        contender("kubectl-secretsafe view db", ours(&["view", READ]), 3),
        contender("kubectl-secretsafe view db --metadata-only", ours(&["view", UNREAD, "--metadata-only"]), 3),
        contender("kubectl get secret db -o yaml", kubectl(&["get", "secret", READ, "-o", "yaml"]), 3),
        contender("kubectl describe secret db", kubectl(&["describe", "secret", READ]), 3),
    ];
    let note =
        "Three keys, two of 2 KiB. `view` reads the values to tell facts about them; `--metadata-only` does not.";
    stage(bed, "One Secret", note, &contenders, 20)
}

fn list(bed: &Bed) -> Stage {
    let many = bed.sizes.secrets;
    let contenders = [
        contender("kubectl-secretsafe list -A", bed.ours(&["list", "-A"]), many),
        contender("kubectl-secretsafe list -A -o json", bed.ours(&["list", "-A", "-o", "json"]), many),
        contender("kubectl get secrets -A", bed.kubectl(&["get", "secrets", "-A"]), many),
        contender("kubectl get secrets -A -o json", bed.kubectl(&["get", "secrets", "-A", "-o", "json"]), many),
    ];
    let title = format!("All Secrets: {many} of 2 KiB in {} namespaces", bed.sizes.namespaces);
    let note = format!(
        "No request of `list` returns a value, in any format; `kubectl get -o json` returns all of them. Bounds: `list -A` in \
         {LIST_SHARE} of kubectl's time, and below 64 MiB."
    );
    let mut stage = stage(bed, &title, &note, &contenders, 3);
    let [ours, _, theirs, _] = &stage.rows[..] else { unreachable!("as many as contenders") };
    let share = ours.wall.as_secs_f64() / theirs.wall.as_secs_f64();
    let broken =
        [(share > LIST_SHARE).then(|| format!("`list -A` took {share:.2} of kubectl's time")), too_large(ours)];
    stage.broken.extend(broken.into_iter().flatten());
    stage
}

/// Everything that is wrong, beside the list alone.
fn audit(bed: &Bed) -> Stage {
    let contenders = [
        contender("kubectl-secretsafe list -A", bed.ours(&["list", "-A"]), bed.sizes.secrets),
        contender(
            "kubectl-secretsafe audit -A",
            bed.ours(&["audit", "-A", "--fail-on", "never"]),
            bed.sizes.deployments(),
        ),
    ];
    let title = format!("Audit: the same Secrets, {} Pods, {} Deployments", bed.sizes.pods(), bed.sizes.deployments());
    let note = format!(
        "All rules that need no values; no request returns one. Bounds: {AUDIT_TIMES} times the list, and below 64 MiB."
    );
    let mut stage = stage(bed, &title, &note, &contenders, 5);
    let [list, audit] = &stage.rows[..] else { unreachable!("as many as contenders") };
    let times = audit.wall.as_secs_f64() / list.wall.as_secs_f64();
    let broken =
        [(times > AUDIT_TIMES).then(|| format!("`audit -A` took {times:.2} times the list")), too_large(audit)];
    stage.broken.extend(broken.into_iter().flatten());
    stage
}

fn too_large(row: &Row) -> Option<String> {
    let peak = row.cost.expect("measured").1;
    (peak > MEMORY).then(|| format!("`{}` needed {} MiB", row.shown, peak >> 20))
}

fn tab(bed: &Bed) -> Stage {
    let many = bed.sizes.crowd();
    let (name, key) = (["view", "-n", CROWDED, "secret-"], ["rotate", "-n", CROWDED, "secret-00042", ""]);
    let direct = |words: &[&str]| bed.ours(&[&["__complete"], words].concat());
    let through = |words: &[&str]| bed.kubectl(&[&["__complete", "secretsafe"], words].concat());
    let get = bed.kubectl(&["__complete", "get", "secrets", "-n", CROWDED, "secret-"]);
    let contenders = [
        contender("kubectl-secretsafe __complete view secret-", direct(&name), many),
        contender("kubectl-secretsafe __complete rotate secret-00042 ''", direct(&key), 2),
        contender("kubectl __complete secretsafe view secret-", through(&name), many),
        contender("kubectl __complete secretsafe rotate secret-00042 ''", through(&key), 2),
        contender("kubectl __complete get secrets secret-", get, many),
    ];
    let title = format!("TAB, {many} Secrets in the namespace");
    let note = format!(
        "Names, and the keys of one Secret. Bound: {} of our own CPU time; with `kubectl` in front, kubectl's is in it.",
        milliseconds(TAB_CPU)
    );
    let mut stage = stage(bed, &title, &note, &contenders, 10);
    for row in &stage.rows[..2] {
        let cpu = row.cost.expect("measured").0;
        if cpu >= TAB_CPU {
            stage.broken.push(format!("`{}` took {} of CPU time", row.shown, milliseconds(cpu)));
        }
    }
    stage
}

/// TAB when somebody takes the connection and says nothing.
fn silent(bed: &Bed) -> Stage {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let config = Kubeconfig::new(&url, bed.plane.ca_pem(), Login::Token("none".into()));
    let mut command = bed.ours(&["__complete", "view", ""]);
    command.env("KUBECONFIG", config.write_into(bed.folder.path()));
    let contenders = [contender("kubectl-secretsafe __complete view ''", command, 1)];
    let note = format!("Bound: {} until the shell has its prompt back.", milliseconds(TAB_SILENT));
    let mut stage = stage(bed, "TAB, and the server says nothing", &note, &contenders, 3);
    let wall = stage.rows[0].wall;
    if wall >= TAB_SILENT {
        stage.broken.push(format!("TAB took {} with a silent server", milliseconds(wall)));
    }
    stage
}

/// Five letters into the picker, on a terminal.
fn picker(bed: &Bed) -> Stage {
    let wanted = bed.sizes.crowd() - 1;
    let mut walls: Vec<Duration> = (0..5)
        .map(|_| {
            let mut session = Terminal::spawn(&bed.ours(&["view", "--metadata-only", "-n", CROWDED]));
            session.expect("secret-00000");
            let started = Instant::now();
            session.send(format!("{wanted:05}"));
            session.expect(&format!("{wanted:05}"));
            session.send("\r");
            session.expect(&format!("secret/secret-{wanted:05}"));
            let took = started.elapsed();
            assert!(session.wait().success());
            took
        })
        .collect();
    walls.sort_unstable();
    let wall = walls[walls.len() / 2];
    let shown = "kubectl-secretsafe view --metadata-only".to_owned();
    Stage {
        title: format!("The picker, {} Secrets in the namespace", bed.sizes.crowd()),
        note: format!("From the first of five letters to the report. Bound: {}.", milliseconds(PICKER)),
        rows: vec![Row { shown, wall, cost: None }],
        broken: if wall < PICKER { Vec::new() } else { vec![format!("the picker took {}", milliseconds(wall))] },
    }
}

fn contender(shown: &str, command: Command, lines: usize) -> Contender {
    Contender { shown: shown.to_owned(), command, lines }
}

fn stage(bed: &Bed, title: &str, note: &str, contenders: &[Contender], rounds: usize) -> Stage {
    eprintln!("bench: {title}");
    let samples = in_turns(contenders, rounds, bed.folder.path());
    let rows = contenders.iter().zip(&samples).map(|(contender, samples)| row(contender, samples)).collect();
    Stage { title: title.to_owned(), note: note.to_owned(), rows, broken: Vec::new() }
}

fn row(contender: &Contender, samples: &[Sample]) -> Row {
    let cost = (median(samples, |sample| sample.cpu), median(samples, |sample| sample.peak));
    Row { shown: contender.shown.clone(), wall: median(samples, |sample| sample.wall), cost: Some(cost) }
}

/// Writes a time as whole milliseconds, or with a tenth below ten.
pub(crate) fn milliseconds(time: Duration) -> String {
    let exact = time.as_secs_f64() * 1000.0;
    if exact < 10.0 { format!("{exact:.1} ms") } else { format!("{exact:.0} ms") }
}
