//! Who finds what in the corpus: the findings of each program beside the answers that were written before there was a detector.
//!
//! A value counts as found if a finding of its file has its line; a finding that goes over several lines has each of them. A
//! finding is a false alarm if no value stands on its lines. How a program calls what it found does not matter here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::tools::Scanner;

/// One wanted answer.
#[derive(Debug, Deserialize)]
struct Answer {
    line: usize,
}

/// The lines on which values stand, for each file.
type Answers = BTreeMap<String, Vec<Answer>>;

/// One finding of a program: a file and the lines from the first to the last.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) file: String,
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// How a program did.
#[derive(Debug)]
pub(crate) struct Score {
    pub(crate) shown: String,
    /// Values that it found.
    pub(crate) values: usize,
    /// Files with values in which it found one.
    pub(crate) files: usize,
    pub(crate) findings: usize,
    pub(crate) false_alarms: usize,
    /// Files without a value in which it found one.
    pub(crate) safe_files: usize,
    /// The values that it did not find, as `file:line`.
    pub(crate) missed: Vec<String>,
    /// Its false alarms, as `file:line`.
    pub(crate) wrong: Vec<String>,
}

/// The corpus.
#[derive(Debug)]
pub(crate) struct Corpus {
    folder: PathBuf,
    answers: Answers,
}

impl Corpus {
    /// Reads the answers.
    pub(crate) fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scan");
        let text = fs::read_to_string(folder.join("answers.yaml")).expect("the answers");
        let answers = serde_yaml::from_str(&text).expect("a list of answers for each file");
        Self { folder: folder.join("corpus"), answers }
    }

    /// How many files there are.
    pub(crate) fn files(&self) -> usize {
        self.answers.len()
    }

    /// How many of them have a value in the clear.
    pub(crate) fn leaking(&self) -> usize {
        self.answers.values().filter(|wanted| !wanted.is_empty()).count()
    }

    /// How many values there are.
    pub(crate) fn values(&self) -> usize {
        self.answers.values().map(Vec::len).sum()
    }

    /// Runs a program over the corpus and counts.
    pub(crate) fn judge(&self, scanner: Scanner) -> Score {
        self.count(scanner.shown, &scanner.findings(&self.folder))
    }

    fn count(&self, shown: &str, findings: &[Finding]) -> Score {
        let found = |file: &str, line: usize| {
            findings.iter().any(|found| found.file == file && (found.first..=found.last).contains(&line))
        };
        let wanted = |found: &Finding| {
            let answers =
                self.answers.get(&found.file).unwrap_or_else(|| panic!("no file of the corpus: {}", found.file));
            answers.iter().any(|answer| (found.first..=found.last).contains(&answer.line))
        };
        let all = || self.answers.iter().flat_map(|(file, lines)| lines.iter().map(move |answer| (file, answer.line)));
        let missed: Vec<String> =
            all().filter(|(file, line)| !found(file, *line)).map(|(file, line)| format!("{file}:{line}")).collect();
        let wrong: Vec<String> = findings
            .iter()
            .filter(|found| !wanted(found))
            .map(|found| format!("{}:{}", found.file, found.first))
            .collect();
        let touched = |safe: bool| {
            let hit = |file: &String| findings.iter().any(|found| &found.file == file);
            self.answers.iter().filter(|(file, lines)| lines.is_empty() == safe && hit(file)).count()
        };
        Score {
            shown: shown.to_owned(),
            values: self.values() - missed.len(),
            files: touched(false),
            findings: findings.len(),
            false_alarms: wrong.len(),
            safe_files: touched(true),
            missed,
            wrong,
        }
    }
}

/// Where a report keeps what: pointers to the file and to the first and the last line of a finding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    pub(crate) file: &'static str,
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
}

impl Fields {
    /// Reads a finding; paths are cut off at the folder that was looked at.
    pub(crate) fn read(&self, finding: &Value, below: &Path) -> Finding {
        let at = |pointer: &str| finding.pointer(pointer).unwrap_or_else(|| panic!("a finding without {pointer}"));
        let line = |pointer: &str| at(pointer).as_u64().and_then(|line| usize::try_from(line).ok()).expect("a line");
        let path = Path::new(at(self.file).as_str().expect("a path"));
        let path = path.strip_prefix(below).or_else(|_| path.strip_prefix(".")).unwrap_or(path);
        Finding {
            file: path.to_str().expect("a path of ours").to_owned(),
            first: line(self.first),
            last: line(self.last),
        }
    }
}
