//! `mcp`: the value-free part of this program for assistants, over the Model Context Protocol on stdio.
//!
//! Each call runs this program once more, with words that are built here and no terminal: what it reads is gone when
//! it ends, and no tool can do what the command line cannot. The protocol is rmcp's business.

use clap::CommandFactory;
use rmcp::ServiceExt;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Outcome, Result};

use super::Cli;

mod call;
mod parameters;
mod server;
mod tools;
mod words;

use server::Server;
use words::Fixed;

/// Serve what can be said about Secrets to an assistant, over the Model Context Protocol
///
/// The protocol runs on stdin and stdout; a client starts this command. No tool returns a value, and none takes
/// one. Without --allow-writes nothing can be changed; with it, new values come from a generator or the keychain
/// only. --context and -n, if given here, cannot be changed by the client.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe mcp --context staging
  kubectl secretsafe mcp --context staging -n web --allow-writes")]
pub(crate) struct McpArgs {
    /// Let the client create Secrets and change keys, with values from a generator or the keychain
    #[arg(long)]
    allow_writes: bool,
}

/// Runs `mcp` until the client hangs up.
pub(crate) async fn run(args: McpArgs, ctx: &Context) -> Result<Outcome> {
    if ctx.global.connection.token.is_some() {
        return Err(Error::usage("`--token` cannot be used with `mcp`")
            .because("it would stand on the command line of every call")
            .hint("name a kubeconfig that has it: --kubeconfig FILE"));
    }
    let program = std::env::current_exe()
        .map_err(|err| Error::bug("the path of this program is not known").because(err.kind().to_string()))?;
    let fixed = Fixed::of_this_run(&Cli::command())?;
    let server = Server::new(program, fixed, args.allow_writes);
    let failed = || {
        Error::new(ErrorKind::Usage, "the client does not speak the Model Context Protocol")
            .hint("this command is started by an assistant: see docs/automation.md for its configuration")
    };
    let running = server.serve(rmcp::transport::stdio()).await.map_err(|_| failed())?;
    running.waiting().await.map_err(|_| Error::bug("the server ended on its own"))?;
    Ok(Outcome::Done)
}
