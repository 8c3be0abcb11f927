//! The main job, run before the user's eyes: `make demo`. It is a test as well: each step must do what
//! it says, and no planted value may be on the screen.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a demo shows what it does and may stop at the first surprise"
)]

#[allow(unreachable_pub, missing_docs, reason = "each test binary uses a part of the bed")]
#[path = "../support/mod.rs"]
mod support;

mod page;
mod picture;
mod script;

use std::path::PathBuf;

use script::Stage;

/// How the demo was called; what the test runner passes along is ignored.
struct Call {
    show: bool,
    picture: Option<PathBuf>,
    /// Only the picture of the page of `audit -o html`.
    page: Option<PathBuf>,
}

fn call() -> Call {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |flag: &str| arguments.iter().position(|a| a == flag).and_then(|at| arguments.get(at + 1));
    Call {
        show: arguments.iter().any(|a| a == "--show"),
        picture: after("--picture").map(PathBuf::from),
        page: after("--page").map(PathBuf::from),
    }
}

fn main() {
    let call = call();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    if let Some(path) = call.page {
        return page::write(&root.join(path));
    }
    let mut stage = Stage::set(call.show);
    script::play(&mut stage);
    if let Some(path) = call.picture {
        picture::write(&root.join(path), &stage.pictured());
    }
    stage.close();
}
