//! `completion`: scripts for shells, and the file by which kubectl completes the plugin.

use std::path::PathBuf;

use crate::completion::{Installed, Script, install};
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::output;

/// Set up completion with TAB
///
/// kubectl completes `kubectl secretsafe` in every shell as soon as `kubectl_complete-secretsafe` is in PATH and
/// kubectl's own completion is set up: --install puts it there. The scripts are for those who type
/// `kubectl-secretsafe`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe completion --install
  kubectl secretsafe completion kubectl > ~/bin/kubectl_complete-secretsafe && chmod +x ~/bin/kubectl_complete-secretsafe
  source <(kubectl secretsafe completion bash)")]
pub(crate) struct CompletionArgs {
    /// Script to print
    #[arg(value_name = "SHELL", required_unless_present = "install", conflicts_with = "install")]
    script: Option<Script>,

    /// Put `kubectl_complete-secretsafe` next to the plugin, where kubectl finds it
    #[arg(long)]
    install: bool,

    /// Folder of PATH to put it into
    #[arg(long, value_name = "DIR", requires = "install")]
    dir: Option<PathBuf>,
}

/// Runs `completion`.
pub(crate) fn run(args: &CompletionArgs, ctx: &Context) -> Result<Outcome> {
    if let Some(script) = args.script {
        output::print(script.text())?;
        return Ok(Outcome::Done);
    }
    if !args.install {
        return Err(Error::usage("missing: SHELL").hint("type: kubectl secretsafe completion --install"));
    }
    let (path, did) = match install(args.dir.as_deref())? {
        Installed::Created(path) => (path, "created"),
        Installed::Replaced(path) => (path, "replaced"),
        Installed::Unchanged(path) => (path, "unchanged"),
    };
    output::say(&[format!("{} {did}", path.display())])?;
    ctx.ui.note(&format!("to remove it: rm {}", path.display()));
    Ok(Outcome::Done)
}
