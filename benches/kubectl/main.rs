//! What a command costs, beside what kubectl's own costs: `make bench`. Both are run in turns against one real
//! control plane, and the medians go to `docs/benchmarks.md`. A bound that we promise and do not keep fails the run.
//!
//!     SECRETSAFE_BENCH_SECRETS      how many Secrets, 20,000 if not set; other numbers are shown, not written
//!     SECRETSAFE_BENCH_NAMESPACES   over how many namespaces `list -A` finds them, 200 if not set

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark shows what it found and may stop at the first surprise"
)]

#[allow(unreachable_pub, missing_docs, reason = "each test binary uses a part of the bed")]
#[path = "../../tests/support/mod.rs"]
mod support;

mod bed;
mod measure;
mod report;
mod stages;

use std::path::Path;
use std::process::ExitCode;

/// How much there is to work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) secrets: usize,
    pub(crate) namespaces: usize,
}

/// Most Secrets in one namespace, for TAB and the picker.
const MOST_IN_ONE: usize = 5000;

impl Sizes {
    /// The sizes that `docs/benchmarks.md` is about.
    const DOCUMENTED: Self = Self { secrets: 20_000, namespaces: 200 };

    /// How many Secrets are in one namespace.
    pub(crate) fn crowd(self) -> usize {
        self.secrets.min(MOST_IN_ONE)
    }

    /// How many Pods use a Secret.
    pub(crate) fn pods(self) -> usize {
        self.secrets / 4
    }

    /// How many Deployments do.
    pub(crate) fn deployments(self) -> usize {
        self.secrets / 20
    }

    fn asked_for() -> Self {
        let number = |name: &str, usual: usize| {
            let text = std::env::var(name).ok();
            text.map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
        };
        Self {
            secrets: number("SECRETSAFE_BENCH_SECRETS", Self::DOCUMENTED.secrets),
            namespaces: number("SECRETSAFE_BENCH_NAMESPACES", Self::DOCUMENTED.namespaces),
        }
    }
}

fn main() -> ExitCode {
    if measure::is_asked_for() {
        return measure::measure_one();
    }
    let sizes = Sizes::asked_for();
    let bed = bed::Bed::new(sizes);
    let stages = stages::all(&bed);
    let report = report::text(&bed, &stages);
    println!("{report}");
    if sizes == Sizes::DOCUMENTED {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/benchmarks.md");
        // What `make bench-scan` has written stays.
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        let scan = old.find("\n# Scan\n").map_or("", |at| &old[at..]);
        std::fs::write(&path, report + scan).expect("docs/benchmarks.md can be written");
    }
    let broken: Vec<&String> = stages.iter().flat_map(|stage| &stage.broken).collect();
    broken.iter().for_each(|bound| eprintln!("not kept: {bound}"));
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
