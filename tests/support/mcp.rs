//! Sessions with `mcp` by the protocol's own client library (Python's official SDK, pinned in `tests/mcp`).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::binaries::build;
use super::command::run;

pub(super) static PYTHON: LazyLock<PathBuf> =
    LazyLock::new(|| build("the client library of the Model Context Protocol", "tests/mcp/build", "make mcp"));

/// Runs a session: the words behind the program's name, the environment, and the calls. Returns all that came back.
pub(crate) fn session(args: &[&str], env: &[(&str, &str)], calls: &[(&str, Value)]) -> Value {
    let calls: Vec<Value> =
        calls.iter().map(|(name, arguments)| json!({"name": name, "arguments": arguments})).collect();
    let state = super::temp_folder("state");
    let mut env: serde_json::Map<String, Value> =
        env.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    env.entry("XDG_STATE_HOME").or_insert_with(|| json!(state.path()));
    let given = json!({"command": env!("CARGO_BIN_EXE_kubectl-secretsafe"), "args": args, "env": env, "calls": calls});
    let mut client = Command::new(&*PYTHON);
    client.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mcp/client.py"));
    let output = run(client, given.to_string().as_bytes()).success();
    serde_json::from_str(&output.out()).expect("the client prints one JSON object")
}
