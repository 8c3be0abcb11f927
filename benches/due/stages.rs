//! What is measured, and which bounds we promise to keep.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::field::Field;
use crate::load::{self, Connections};
use crate::measure::{Contender, Sample, run};

/// What `rotate --due` reaches of the bare loop, at least.
const RATIO: f64 = 0.7;
/// Its memory at the peak, in KiB.
const PEAK: u64 = 64 * 1024;

/// Measures in turns, each round on Secrets of its own, and returns the bounds that were not kept.
pub(crate) fn speed(field: &Field, rounds: usize) -> Vec<String> {
    let [mut ours, mut fresh, mut kept, mut apply] = std::array::from_fn(|_| Vec::new());
    let mut peak = 0;
    for round in 0..rounds {
        eprintln!("soak: round {} of {rounds}, {} Secrets each", round + 1, field.secrets);
        let group = |name: &str| {
            let group = format!("{name}-{round}");
            field.plant(&group);
            group
        };
        let sample = measured(field.ours(&group("ours")), "rotate --due", field);
        peak = peak.max(sample.peak);
        ours.push(sample.wall);
        assert_eq!(field.written(&format!("ours-{round}")), BTreeMap::from([(2, field.secrets)]), "all, each once");
        fresh.push(load::run(field, &group("fresh"), Connections::Fresh));
        kept.push(load::run(field, &group("kept"), Connections::Kept));
        let applied = group("apply");
        let manifest = field.manifest(&applied);
        let arguments = ["apply", "--server-side", "--force-conflicts", "-f", manifest.to_str().unwrap()];
        apply.push(measured(field.kubectl(&arguments), "kubectl apply", field).wall);
    }
    let ours = median(&mut ours);
    let ratio = |other: Duration| other.as_secs_f64() / ours.as_secs_f64();
    let per_second = |time: Duration| field.secrets as f64 / time.as_secs_f64();
    let (fresh, kept, apply) = (median(&mut fresh), median(&mut kept), median(&mut apply));
    println!("| {} Secrets, medians of {rounds} | wall | Secrets/s | rotate --due reaches |", field.secrets);
    println!("| --- | ---: | ---: | ---: |");
    println!("| `rotate --due -A` ({:.1} MiB) | {ours:.2?} | {:.0} | |", peak as f64 / 1024.0, per_second(ours));
    for (name, time) in [
        ("bare loop, a connection for each request", fresh),
        ("bare loop, 16 connections kept open", kept),
        ("`kubectl apply --server-side`", apply),
    ] {
        println!("| {name} | {time:.2?} | {:.0} | {:.2} |", per_second(time), ratio(time));
    }
    let mut broken = Vec::new();
    if ratio(kept) < RATIO {
        broken.push(format!("rotate --due reaches {:.2} of the bare loop, not {RATIO}", ratio(kept)));
    }
    if peak >= PEAK {
        broken.push(format!("rotate --due took {peak} KiB of memory"));
    }
    broken
}

/// Interrupts a run about half way; the next one does the rest, and none is rotated twice.
pub(crate) fn interrupted(field: &Field) -> Vec<String> {
    field.plant("half");
    let started = Instant::now();
    let mut child = field.ours("half").stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let half = loop {
        let done = field.written("half").get(&2).copied().unwrap_or_default();
        if done >= field.secrets / 3 || child.try_wait().unwrap().is_some() {
            break done;
        }
    };
    // SAFETY: kill takes no pointers; the process is our own child.
    unsafe { libc::kill(i32::try_from(child.id()).unwrap(), libc::SIGINT) };
    let ended = child.wait().unwrap();
    let left = field.written("half");
    println!(
        "\nInterrupted after {:.2?} ({ended}), with {half} seen as rotated: {left:?} by number of writes",
        started.elapsed()
    );
    measured(field.ours("half"), "the next run", field);
    let all = field.written("half");
    println!("After the next run: {all:?}");
    let mut broken = Vec::new();
    if !left.contains_key(&1) {
        broken.push("the run was over before it could be interrupted".to_owned());
    }
    if all != BTreeMap::from([(2, field.secrets)]) {
        broken.push(format!("after the next run not every Secret was written once: {all:?}"));
    }
    broken
}

fn measured(command: Command, shown: &str, field: &Field) -> Sample {
    run(&Contender { shown: shown.to_owned(), command, lines: 0 }, field.folder.path()).0
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
