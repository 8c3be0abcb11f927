//! `scan` over the corpus, beside the answers that were written before there was a detector: what is found, what is missed
//! and what is a false alarm, by kind. The bounds are what was reached; what is missed stands in docs/scan.md.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and this one says how good it is"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// Values that may be missed: each of them stands in docs/scan.md.
const MISSED: usize = 5;
/// False alarms that may be raised.
const FALSE_ALARMS: usize = 3;

/// A value, as the answers and the report have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Place {
    line: usize,
    kind: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scan")
}

fn answers() -> BTreeMap<String, Vec<Place>> {
    serde_yaml::from_str(&fs::read_to_string(folder().join("answers.yaml")).unwrap()).unwrap()
}

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() { files(&entry, all) } else { all.push(entry) }
    }
}

fn found() -> BTreeMap<String, Vec<Place>> {
    let corpus = folder().join("corpus");
    let output = Command::new(env!("CARGO_BIN_EXE_kubectl-secretsafe"))
        .args(["scan", "-o", "json", "--fail-on", "never"])
        .arg(&corpus)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut found: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for item in report["items"].as_array().unwrap() {
        let path = Path::new(item["path"].as_str().unwrap()).strip_prefix(&corpus).unwrap().to_str().unwrap();
        found.entry(path.to_owned()).or_default().push(serde_json::from_value(item.clone()).unwrap());
    }
    found
}

/// Takes what both have out of both.
fn differ(mut wanted: Vec<Place>, found: &[Place]) -> (usize, Vec<Place>, Vec<Place>) {
    let mut wrong = Vec::new();
    let all = wanted.len();
    for place in found {
        match wanted.iter().position(|other| other == place) {
            Some(index) => drop(wanted.swap_remove(index)),
            None => wrong.push(place.clone()),
        }
    }
    (all - wanted.len(), wanted, wrong)
}

#[test]
fn every_file_of_the_corpus_has_an_answer() {
    let mut all = Vec::new();
    files(&folder().join("corpus"), &mut all);
    let names = all.iter().map(|path| path.strip_prefix(folder().join("corpus")).unwrap().to_str().unwrap().to_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert_eq!(names, answers().into_keys().collect::<Vec<_>>());
}

#[test]
fn values_are_found_and_nothing_else() {
    let (mut found, mut hits) = (found(), 0);
    let (mut missed, mut wrong) = (Vec::new(), Vec::new());
    for (file, wanted) in answers() {
        let (hit, left, false_alarms) = differ(wanted, &found.remove(&file).unwrap_or_default());
        hits += hit;
        missed.extend(left.into_iter().map(|place| format!("{file}:{} {}", place.line, place.kind)));
        wrong.extend(false_alarms.into_iter().map(|place| format!("{file}:{} {}", place.line, place.kind)));
    }
    assert!(found.is_empty(), "no answer for {found:?}");
    let all = hits + missed.len();
    println!("recall {hits} of {all}; {} false alarms", wrong.len());
    assert!(missed.len() <= MISSED, "missed: {missed:#?}");
    assert!(wrong.len() <= FALSE_ALARMS, "false alarms: {wrong:#?}");
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scan.md")).unwrap();
    for miss in missed {
        assert!(docs.contains(&miss), "docs/scan.md does not list {miss}");
    }
    assert!(
        docs.contains(&format!("{hits} of {all} values")),
        "docs/scan.md says otherwise than {hits} of {all} values"
    );
}
