//! `exec`: a program uses values that its user never sees.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::sync::Arc;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::plaintext::SecretValue;
use crate::plan::Target;
use crate::plan::edit::absent;
use crate::process::child::{Ended, Launch};
use crate::process::program;

use super::pick;

mod loan;
mod plan;

use loan::{First, KeyOf, Named, OnPipe};
use plan::{Loan, Wanted, Way};

/// Run a program that uses values, without showing them
///
/// The program gets each value in the way that you choose, byte for byte, and nothing else of the Secret. It runs
/// in this terminal, and its exit code or signal is that of this command. Every KEY may be NAME/KEY, a key of another
/// Secret. What the program does with a value is up to the program: it can print it.
#[derive(clap::Args, Debug)]
#[command(
    override_usage = "kubectl secretsafe exec [OPTIONS] [NAME] [KEY[=N]]... -- <CMD> [ARG]...",
    after_help = "Examples:
  kubectl secretsafe exec pull --stdin password -- docker login ghcr.io --username ci --password-stdin
  kubectl secretsafe exec db --file pgpass=PGPASSFILE -- psql -h db.example.com -U app
  kubectl secretsafe exec deploy --file ssh-privatekey=KEY -- ssh -i {KEY} git@example.com
  kubectl secretsafe exec backup passphrase=3 -- gpg --batch --pinentry-mode loopback --passphrase-fd 3 -d b.gpg
  kubectl secretsafe exec ci --file kubeconfig=KUBECONFIG -- kubectl get pods
  kubectl secretsafe exec cache --env password=REDISCLI_AUTH --allow-env -- redis-cli -h cache.example.com"
)]
pub(crate) struct ExecArgs {
    /// Name of the Secret; without one, pick from a list
    #[arg(value_name = "NAME")]
    name: Option<First>,

    /// Keys to lend, each on a pipe whose number the program finds in SECRETSAFE_FD_KEY: the key in upper case,
    /// with `_` for all but letters and digits
    ///
    /// With =N the number is N, from 3 to 99. A pipe can be read once, and not sought in.
    #[arg(value_name = "KEY[=N]")]
    keys: Vec<OnPipe>,

    /// Key to lend on the program's standard input, to its end
    #[arg(long, value_name = "KEY")]
    stdin: Option<KeyOf>,

    /// Key to lend on a pipe, as KEY alone does; may be repeated
    #[arg(long, value_name = "KEY[=N]")]
    fd: Vec<OnPipe>,

    /// Key to lend as a file; its path stands in VARIABLE, and for {VARIABLE} in the program's arguments; may be repeated
    ///
    /// On Linux it is a file in memory, with mode 0600, that can be opened again and sought in, and that nobody can
    /// change. It is gone when the program ends. Elsewhere it is a pipe, to be read once.
    #[arg(long, value_name = "KEY=VARIABLE")]
    file: Vec<Named>,

    /// Key to lend in the program's environment, which is the weakest way: with --allow-env only; may be repeated
    ///
    /// Whatever the program starts inherits it; other programs of the same user read it in /proc/PID/environ;
    /// crash reports, debug pages and `docker inspect` show it.
    #[arg(long, value_name = "KEY=VARIABLE")]
    env: Vec<Named>,

    /// Accept what --env costs
    #[arg(long)]
    allow_env: bool,

    /// Program to run, and its arguments
    #[arg(value_name = "CMD", last = true, required = true, num_args = 1..)]
    command: Vec<OsString>,
}

/// Runs `exec`.
pub(crate) async fn run(args: ExecArgs, ctx: &Context) -> Result<Outcome> {
    let mut arguments = args.command.into_iter();
    let program = program::find(&arguments.next().unwrap_or_default(), "--")?;
    if let Some(named) = args.env.first().filter(|_| !args.allow_env) {
        return Err(Error::refused(format!("key `{}` is not lent in the environment", named.of))
            .because("what the program starts inherits it, and other programs, crash reports and inspectors see it")
            .hint(format!("if the program can read a file, write --file {}=VARIABLE", named.of))
            .hint("if it takes nothing else, add --allow-env"));
    }
    let (name, first) = match args.name {
        Some(First::Secret(name)) => (Some(name), None),
        Some(First::Key(key)) => (None, Some(key)),
        None => (None, None),
    };
    let pipes = first.into_iter().chain(args.keys).chain(args.fd).collect();
    let mut wanted = Wanted { stdin: args.stdin, pipes, files: args.file, variables: args.env };
    let name = if name.is_none() && wanted.needs_name() {
        match pick::secret(None, FORM, ctx).await? {
            Ok(name) => Some(name),
            Err(outcome) => return Ok(outcome),
        }
    } else {
        name
    };
    if let Some(name) = name.as_ref().filter(|_| wanted.is_empty()) {
        match pick::key(name, "KEY", &FORM.replace("NAME", name.as_str()), ctx).await? {
            Ok(key) => wanted.pipes.push(OnPipe::anywhere(KeyOf { secret: None, key })),
            Err(outcome) => return Ok(outcome),
        }
    }
    let loans = wanted.plan()?;
    let mut launch = Launch::new(&program, arguments.collect());
    lend(loans, name.as_ref(), &mut launch, ctx).await?;
    ctx.ui.trace(1, || format!("running {}", program.display()));
    Ok(match launch.run().await? {
        Ended::Code(code) => Outcome::Child(code),
        Ended::BySignal(signal) => Outcome::ChildBySignal(signal),
    })
}

const FORM: &str = "exec NAME KEY -- CMD";

/// The keys of one Secret.
type Keys = BTreeMap<KeyName, Arc<SecretValue>>;

/// Reads each Secret once, and hands what is lent to the launch, which is all that holds it afterwards.
async fn lend(loans: Vec<Loan>, name: Option<&SecretName>, launch: &mut Launch, ctx: &Context) -> Result<()> {
    let secret_of = |of: &KeyOf| of.secret.clone().or_else(|| name.cloned());
    let secrets: BTreeSet<SecretName> = loans.iter().filter_map(|loan| secret_of(&loan.of)).collect();
    for name in &secrets {
        let keys = loans.iter().filter(|loan| secret_of(&loan.of).as_ref() == Some(name)).map(|loan| &loan.of.key);
        ctx.journal.about(&ctx.target(name.clone()).await?, keys);
    }
    ctx.confirm_protected().await?;
    let cluster = ctx.cluster().await?;
    let requests = secrets.into_iter().map(async |name| {
        let target = ctx.target(name.clone()).await?;
        let values = cluster.secret(&target).await?.object.values;
        let keys: Keys = values.into_iter().map(|(key, value)| (key, Arc::new(value))).collect();
        Ok::<_, Error>((name, (target, keys)))
    });
    let found: BTreeMap<SecretName, (Target, Keys)> =
        futures::future::try_join_all(requests).await?.into_iter().collect();
    let mut all = Vec::new();
    for Loan { of, way } in loans {
        let secret = secret_of(&of).and_then(|name| found.get(&name));
        let (target, keys) = secret.ok_or_else(|| Error::bug("a Secret was not fetched"))?;
        let value = keys.get(&of.key).ok_or_else(|| absent(&of.key, keys.keys(), target))?;
        all.push((of, way, Arc::clone(value)));
    }
    // Nothing is lent before all of it is known to be there; from here on only the carriers hold values.
    drop(found);
    for (of, way, value) in all {
        let lent = match way {
            Way::Stdin => launch.on_stdin(value),
            Way::Pipe { number, variable } => launch.on_pipe(value, number, &variable),
            Way::File { number, variable } => launch.as_file(&value, number, variable),
            Way::Variable(variable) => launch.as_variable(&value, variable),
        };
        lent.map_err(|reason| reason.explain(&of.to_string()))?;
    }
    Ok(())
}
