//! `rotate --due` over 1,000 due Secrets in 100 namespaces: `make soak`. Beside it, in turns in the same run, a bare loop
//! that sends the same requests, and `kubectl apply --server-side` of as many objects; then a run that is interrupted half
//! way, and the next one. A bound that is not kept fails the run.
//!
//!     SECRETSAFE_SOAK_SECRETS      how many Secrets, 1,000 if not set
//!     SECRETSAFE_SOAK_NAMESPACES   over how many namespaces, 100 if not set
//!     SECRETSAFE_SOAK_ROUNDS       how often each is measured, 3 if not set
//!     SECRETSAFE_SOAK_PROFILE      `debug` measures the debug build; its figures say nothing

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

#[allow(dead_code, reason = "the other benchmark uses the rest")]
#[path = "../kubectl/measure.rs"]
mod measure;

mod field;
mod load;
mod stages;

use std::process::ExitCode;

fn main() -> ExitCode {
    if measure::is_asked_for() {
        return measure::measure_one();
    }
    let number = |name: &str, usual: usize| {
        let text = std::env::var(name).ok();
        text.map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
    };
    let (secrets, namespaces) = (number("SECRETSAFE_SOAK_SECRETS", 1000), number("SECRETSAFE_SOAK_NAMESPACES", 100));
    let field = field::Field::new(secrets, namespaces);
    let mut broken = stages::speed(&field, number("SECRETSAFE_SOAK_ROUNDS", 3).max(1));
    broken.extend(stages::interrupted(&field));
    broken.iter().for_each(|bound| eprintln!("not kept: {bound}"));
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
